//! The program: arguments in, exit code out. What it does is in [`cloudbase_graphql::cli`].

use std::process::ExitCode;

use clap::Parser;
use cloudbase_graphql::cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run()
}
