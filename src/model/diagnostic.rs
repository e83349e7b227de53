//! Problems of a model file: collected all at once, rendered for people.

use std::fmt::Write;

use async_graphql_parser::Pos;

/// One problem of a model file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// 1-based; columns count characters.
    pub line: usize,
    pub column: usize,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The model cannot be served.
    Error,
    /// The model can be served, but hardly as it was meant.
    Warning,
}

/// How many characters of a source line are shown at most.
const SHOWN: usize = 240;

impl Diagnostic {
    /// Message, place, source line with a caret, and hint; several lines, each ended by a newline.
    ///
    /// ```text
    /// error: unknown type `Sting`
    ///   --> schema.graphql:12:10
    ///    |
    /// 12 |   title: Sting!
    ///    |          ^
    ///    = hint: did you mean `String`?
    /// ```
    pub fn render(&self, file_name: &str, source: &str) -> String {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let mut text = format!(
            "{severity}: {}\n{margin}--> {file_name}:{}:{}\n",
            self.message, self.line, self.column
        );
        if let Some(line) = source.split('\n').nth(self.line.saturating_sub(1)) {
            // A tab is one column here, so that the caret stands below the character it means.
            let line = line.trim_end().replace(['\t', '\r'], " ");
            let (line, before) = excerpt(&line, self.column.saturating_sub(1));
            let indent: String = line.chars().take(before).map(blank).collect();
            let _ = write!(
                text,
                "{margin} |\n{number} | {line}\n{margin} | {indent}^\n"
            );
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "{margin} = hint: {hint}");
        }
        text
    }
}

/// What is shown of a line, and how many characters of that stand before the one meant: a file without line breaks
/// must not fill the screen.
fn excerpt(line: &str, before: usize) -> (String, usize) {
    let start = before.saturating_sub(SHOWN / 2);
    let mut rest = line.chars().skip(start);
    let mut shown: String = rest.by_ref().take(SHOWN).collect();
    if rest.next().is_some() {
        shown.push('…');
    }
    match start {
        0 => (shown, before),
        _ => (format!("…{shown}"), before - start + 1),
    }
}

/// The blank as wide as a character: terminals give CJK characters two columns.
fn blank(character: char) -> char {
    const IDEOGRAPHIC_SPACE: char = '\u{3000}';
    match character {
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' => {
            IDEOGRAPHIC_SPACE
        }
        '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' => {
            IDEOGRAPHIC_SPACE
        }
        _ => ' ',
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Diagnostic>,
}

impl Problems {
    pub(super) fn error(&mut self, at: Pos, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, at, message.into())
    }

    pub(super) fn warning(&mut self, at: Pos, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Warning, at, message.into())
    }

    pub(super) fn add(&mut self, severity: Severity, at: Pos, message: String) -> &mut Diagnostic {
        self.found.push(Diagnostic {
            severity,
            line: at.line,
            column: at.column,
            message,
            hint: None,
        });
        self.found
            .last_mut()
            .expect("a problem was pushed just above")
    }

    pub(super) fn any_error(&self) -> bool {
        let mut severities = self.found.iter().map(|problem| problem.severity);
        severities.any(|severity| severity == Severity::Error)
    }

    /// In the order of the file, each once.
    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found
            .sort_by_key(|problem| (problem.line, problem.column, problem.severity));
        self.found.dedup();
        self.found
    }
}

impl Diagnostic {
    pub(super) fn hint(&mut self, hint: impl Into<String>) {
        self.hint = Some(hint.into());
    }

    pub(super) fn hint_if(&mut self, hint: Option<String>) {
        self.hint = hint;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_line_the_surroundings_are_shown() {
        let source = format!("{}Sting{}", "x".repeat(10_000), "y".repeat(10_000));
        let mut problems = Problems::default();
        let at = Pos {
            line: 1,
            column: 10_001,
        };
        problems.error(at, "unknown type");
        let told = problems.into_sorted()[0].render("a.graphql", &source);
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines[3].starts_with("1 | …xxx") && lines[3].ends_with("yyy…"));
        assert!(lines.iter().all(|line| line.chars().count() < 260));
        let caret = lines[4].chars().position(|letter| letter == '^');
        let meant = lines[3].chars().position(|letter| letter == 'S');
        assert_eq!(caret, meant);
    }
}
