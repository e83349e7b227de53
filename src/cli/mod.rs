//! The command line: one file per command.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 done; 1 failed, or `check`
//! found errors, `doctor` or `mirror` differences or `test` failures; 2 the command line itself cannot be
//! understood, the files of a `test`, or a file that `mirror` is to read; 3 `doctor` could not look at everything, or
//! `mirror` not ask both sides.
#![expect(
    clippy::print_stderr,
    reason = "the one place that talks to a terminal"
)]

pub mod check;
mod cloud;
mod demo;
mod doctor;
mod documents;
mod emulate;
mod explain;
mod files;
mod follow;
pub mod mirror;
mod model_file;
mod process;
pub mod schema;
mod serve;
mod store;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};

use crate::config::{Config, Flags};

/// A GraphQL admin gateway for WeChat cloud development: one schema file, permissions to the single field.
#[derive(Debug, Parser)]
#[command(name = "cloudbase-graphql", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API of a schema over HTTP.
    Serve(serve::Args),
    /// Check a schema file: every problem with its place and what to do.
    Check(check::Args),
    /// Print the served SDL, whole or as a role sees it.
    Schema(schema::Args),
    /// Serve the database's own protocols, so that the cloud's SDKs work against this machine.
    Emulate(emulate::Args),
    /// Compare the cloud with the schema: collections, indexes, permissions.
    Doctor(doctor::Args),
    /// Compare what the database and the gateway give, by asking both.
    Mirror(mirror::Args),
    /// Say which clause of a policy allows or refuses something, with the values it saw.
    Explain(explain::Args),
    /// Run permission tests: cases in YAML, each with a store of its own.
    Test(test::Args),
}

impl Cli {
    /// Does what was asked. Errors are printed here, nowhere else.
    pub fn run(self) -> ExitCode {
        let outcome = match self.command {
            Command::Serve(args) => serve::run(&args),
            Command::Check(args) => check::run(&args),
            Command::Schema(args) => schema::run(&args),
            Command::Emulate(args) => emulate::run(&args),
            Command::Doctor(args) => doctor::run(&args),
            Command::Mirror(args) => mirror::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Test(args) => test::run(&args),
        };
        outcome.unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        })
    }
}

/// The configuration of this process; its problems are printed, each on a line.
fn configuration(flags: &Flags) -> Result<Config> {
    match Config::load(flags) {
        Ok(config) => Ok(config),
        Err(problems) => {
            for problem in &problems {
                eprintln!("error: {problem}");
            }
            bail!("the configuration has problems, so nothing was done");
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
