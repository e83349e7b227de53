//! What is said of all cases: lines for people, JSON and JUnit's XML for programs.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::pattern::Mismatch;

/// What became of one case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// As it was named on the command line, or found below it.
    pub file: String,
    pub line: usize,
    pub name: String,
    pub took: Duration,
    /// `None` if all was as expected.
    pub failure: Option<Failure>,
}

/// The first step that was not as expected; those after it were not run.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Where the step stands, and its number if it is not the only one.
    pub line: usize,
    pub step: Option<usize>,
    pub mismatches: Vec<Mismatch>,
}

/// All outcomes, in the order of the files.
#[derive(Clone, Debug)]
pub struct Report(pub Vec<Outcome>);

impl Report {
    pub fn failed(&self) -> usize {
        self.0
            .iter()
            .filter(|outcome| outcome.failure.is_some())
            .count()
    }

    /// Each failed case with what was different, and how many there are of each.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for outcome in &self.0 {
            if let Some(failure) = &outcome.failure {
                text += &failed(outcome, failure);
            }
        }
        let failed = self.failed();
        let passed = self.0.len() - failed;
        text + &format!("{passed} passed, {failed} failed\n")
    }

    /// The same for programs.
    pub fn json(&self) -> Json {
        let failed = self.failed();
        let cases: Vec<Json> = self.0.iter().map(to_json).collect();
        json!({"passed": self.0.len() - failed, "failed": failed, "cases": cases})
    }

    /// As JUnit writes it, which CI systems read: a suite for each file.
    pub fn junit(&self) -> String {
        let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
        for outcomes in self.0.chunk_by(|a, b| a.file == b.file) {
            xml += &suite(outcomes);
        }
        xml + "</testsuites>\n"
    }
}

fn failed(outcome: &Outcome, failure: &Failure) -> String {
    let Outcome { file, name, .. } = outcome;
    let step = failure
        .step
        .map_or_else(String::new, |step| format!(", step {step}"));
    let mut text = format!("FAIL {file}:{} {name}{step}\n", failure.line);
    for Mismatch {
        path,
        expected,
        actual,
    } in &failure.mismatches
    {
        writeln!(
            text,
            "  {path}\n    expected  {expected}\n    actual    {actual}"
        )
        .expect("a text takes all");
    }
    text
}

fn to_json(outcome: &Outcome) -> Json {
    let mismatch =
        |Mismatch {
             path,
             expected,
             actual,
         }: &Mismatch| { json!({"path": path, "expected": expected, "actual": actual}) };
    let mut case = json!({
        "file": outcome.file,
        "line": outcome.line,
        "name": outcome.name,
        "passed": outcome.failure.is_none(),
    });
    if let Some(failure) = &outcome.failure {
        case["failure"] = json!({
            "line": failure.line,
            "step": failure.step,
            "mismatches": failure.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
        });
    }
    case
}

fn suite(outcomes: &[Outcome]) -> String {
    let failures = outcomes
        .iter()
        .filter(|outcome| outcome.failure.is_some())
        .count();
    let file = outcomes.first().map_or("", |outcome| outcome.file.as_str());
    let mut xml = format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\">\n",
        escaped(file),
        outcomes.len()
    );
    for outcome in outcomes {
        let (name, seconds) = (escaped(&outcome.name), outcome.took.as_secs_f64());
        let opening = format!(
            "    <testcase classname=\"{}\" name=\"{name}\" time=\"{seconds:.3}\"",
            escaped(file)
        );
        let case = match &outcome.failure {
            None => format!("{opening}/>\n"),
            Some(failure) => {
                let text = escaped(&failed(outcome, failure));
                format!("{opening}>\n      <failure>{text}</failure>\n    </testcase>\n")
            }
        };
        xml += &case;
    }
    xml + "  </testsuite>\n"
}

/// Text as XML takes it; what XML has no way to write is left out.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => xml += "&amp;",
            '<' => xml += "&lt;",
            '>' => xml += "&gt;",
            '"' => xml += "&quot;",
            '\n' | '\t' => xml.push(character),
            control if control.is_control() || matches!(control, '\u{FFFE}' | '\u{FFFF}') => {}
            other => xml.push(other),
        }
    }
    xml
}
