//! The commands, as a user runs them: what they print, where, and the exit code.

mod cloud;
mod doctor;
mod documents;
mod explain;
mod kill;
mod matches;
mod mirror;
mod serve;
mod testing;

use std::path::Path;
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cloudbase-graphql");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");

/// The program with none of our environment, in this directory.
fn program(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(args)
        .current_dir(directory)
        .env_clear()
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null());
    command
}

fn run(directory: &Path, args: &[&str]) -> Output {
    program(directory, args).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A directory with the shop's schema in it.
fn shop_directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::copy(SHOP, directory.path().join("schema.graphql")).expect("a schema");
    directory
}

#[test]
fn the_commands_are_those_there_are() {
    let directory = tempfile::tempdir().expect("a directory");
    let help = run(directory.path(), &["--help"]);
    assert!(help.status.success());
    let help = text(&help.stdout);
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        commands,
        [
            "serve", "check", "schema", "emulate", "doctor", "mirror", "explain", "test", "help"
        ]
    );
    assert!(!help.contains("demo-orders"));
}

#[test]
fn the_page_tells_every_flag() {
    let page = include_str!("../../../docs/configuration.md");
    let directory = tempfile::tempdir().expect("a directory");
    for command in [
        "serve", "check", "schema", "explain", "emulate", "doctor", "mirror",
    ] {
        let row = format!("\n| `{command}` | ");
        let (_, row) = page.split_once(&row).expect("a row for the command");
        let (row, _) = row.split_once('\n').expect("the end of the row");
        let help = text(&run(directory.path(), &[command, "--help"]).stdout);
        let words = help.split(|letter: char| letter != '-' && !letter.is_ascii_lowercase());
        for flag in words.filter(|word| word.starts_with("--") && *word != "--help") {
            assert!(row.contains(&format!("`{flag}")), "`{command}` {flag}");
        }
    }
}

#[test]
fn a_command_line_that_cannot_be_understood_exits_with_2() {
    let directory = tempfile::tempdir().expect("a directory");
    for args in [
        &[][..],
        &["nothing"],
        &["serve", "--nothing"],
        &["explain", "--op", "read", "--on", "Order"],
        &["explain", "--as", "none", "--op", "see", "--on", "Order"],
    ] {
        let output = run(directory.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}
