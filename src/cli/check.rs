//! `check`: all problems of a model file, or what it declares.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;

use crate::access::{FieldPolicy, Grant, Rules};
use crate::gateway::Abilities;
use crate::graphql::MatchesOperator;
use crate::graphql::api::Api;
use crate::model::{Checked, Diagnostic, Model, Severity, Shape};

/// Report every problem of a model file.
///
/// Problems go to standard error, a summary of a good model to standard output.
/// Exit code 1 if there is any error; warnings alone are none.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The model file.
    #[arg(long, value_name = "FILE", default_value = "schema.graphql")]
    pub schema: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let source = read(&args.schema)?;
    let report = Report::of(&args.schema, &source);
    io::stderr().write_all(report.problems.as_bytes())?;
    io::stdout().write_all(report.summary.as_bytes())?;
    Ok(report.exit_code)
}

/// The text of a model file; the error says what to do.
pub fn read(schema: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(schema).with_context(|| {
        format!(
            "cannot read the model file `{}`: name another with `--schema FILE`, or run this where it is",
            schema.display()
        )
    })
}

/// What the command says.
#[derive(Debug)]
pub struct Report {
    /// All problems rendered; empty if there is none.
    pub problems: String,
    /// One line about the model; empty if it has errors.
    pub summary: String,
    pub exit_code: ExitCode,
}

impl Report {
    pub fn of(schema: &Path, source: &str) -> Self {
        let file_name = schema.display().to_string();
        let Checked { model, warnings } = match Model::parse(source) {
            Ok(checked) => checked,
            Err(found) => return Self::failure(render(&found, &file_name, source)),
        };
        let warnings = render(&warnings, &file_name, source);
        let summary = format!("{file_name}: {}\n", summary(&model));
        // What passes the check can be served: the API is built as `serve` does it.
        let abilities = Abilities::of_anyone(Arc::new(model)).with_tickets();
        match Api::of(&abilities, MatchesOperator::Staff) {
            Ok(_) => Self {
                problems: warnings,
                summary,
                exit_code: ExitCode::SUCCESS,
            },
            Err(clashes) => {
                let clashes = clashes.iter().map(|clash| format!("error: {clash}\n"));
                Self::failure(warnings + &clashes.collect::<String>())
            }
        }
    }

    fn failure(problems: String) -> Self {
        Self {
            problems,
            summary: String::new(),
            exit_code: ExitCode::FAILURE,
        }
    }
}

/// The problems one below the other, and how many there are.
pub fn render(problems: &[Diagnostic], file_name: &str, source: &str) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let rendered = problems
        .iter()
        .map(|problem| problem.render(file_name, source));
    let text = rendered.collect::<Vec<_>>().join("\n");
    let is_error = |problem: &&Diagnostic| problem.severity == Severity::Error;
    let errors = problems.iter().filter(is_error).count();
    let warnings = problems.len() - errors;
    let counts = [(errors, "error"), (warnings, "warning")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, noun)| counted(count, noun)).collect();
    text + &format!("\n{file_name}: {}\n", counts.join(", "))
}

/// `4 collections, 49 fields, 3 relations, 53 rules, 4 roles`.
fn summary(model: &Model) -> String {
    let collections = model.collections.iter().map(|collection| &collection.shape);
    let embedded = model.embedded.iter().map(|embedded| &embedded.shape);
    let shapes: Vec<&Shape> = collections.chain(embedded).collect();
    let fields = shapes.iter().map(|shape| shape.fields.len()).sum();
    let relations = shapes.iter().map(|shape| shape.relations.len()).sum();
    [
        counted(model.collections.len(), "collection"),
        counted(fields, "field"),
        counted(relations, "relation"),
        counted(rule_count(model), "rule"),
        counted(model.roles.len(), "role"),
    ]
    .join(", ")
}

fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// How many decisions the rules and grants of a model name, on types and on fields.
fn rule_count(model: &Model) -> usize {
    let collections = model.collections.iter();
    let on_types = collections
        .clone()
        .map(|collection| clauses(&collection.policy.rules, &collection.policy.grants));
    let fields = collections.flat_map(|collection| &collection.shape.fields);
    let on_fields = fields.map(|field| {
        let FieldPolicy { rules, grants } = &field.policy;
        clauses(rules, grants)
    });
    on_types.chain(on_fields).sum()
}

fn clauses(rules: &Rules, grants: &[Grant]) -> usize {
    let granted = grants.iter().map(|grant| named(&grant.rules));
    named(rules) + granted.sum::<usize>()
}

fn named(rules: &Rules) -> usize {
    let all = [&rules.read, &rules.create, &rules.update, &rules.delete];
    all.into_iter().flatten().count()
}
