//! Every file of `cases/bad_schemas` with what `check` says about it: the
//! `.snap` beside the file.

use std::fs;
use std::path::{Path, PathBuf};

use cloudbase_graphql::cli::check::Report;

#[test]
fn each_bad_schema_is_explained() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for case in cases() {
        let source = fs::read_to_string(&case).expect("the cases are readable");
        let name = case
            .file_stem()
            .expect("a case has a name")
            .to_string_lossy();
        let report = Report::of(Path::new("schema.graphql"), &source);
        assert!(!report.problems.is_empty(), "`{name}` has no problem");
        settings.bind(|| insta::assert_snapshot!(name.as_ref(), report.problems));
    }
}

/// A message that points nowhere or repeats another helps nobody.
#[test]
fn each_problem_has_a_place_of_its_own() {
    for case in cases() {
        let source = fs::read_to_string(&case).expect("the cases are readable");
        let problems = match cloudbase_graphql::model::Model::parse(&source) {
            Ok(checked) => checked.warnings,
            Err(problems) => problems,
        };
        for (at, problem) in problems.iter().enumerate() {
            let line = source.lines().nth(problem.line - 1).unwrap_or("");
            let name = case.display();
            assert!(
                problem.column <= line.chars().count() + 1,
                "{name}: {problem:?} is outside the file"
            );
            let again = |other: &&_| *other == problem;
            assert!(
                !problems[..at].iter().any(|other| again(&other)),
                "{name}: {problem:?} is said twice"
            );
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/bad_schemas")
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the cases are readable");
    let paths = entries.map(|entry| entry.expect("the cases are readable").path());
    let mut cases: Vec<PathBuf> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "graphql")
        })
        .collect();
    cases.sort();
    assert!(cases.len() >= 30, "the folder of bad schemas is complete");
    cases
}
