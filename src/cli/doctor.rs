//! `doctor`: whether the cloud is what the schema says, and what is missing there.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};

use super::model_file;
use super::process::{run_until_done, start_logging};
use crate::clock::SystemClock;
use crate::cloudbase::Client;
use crate::config::{Config, Flags, Store};
use crate::doctor::{self, KEY_PAIR, Remedy, Report, State};
use crate::model::Model;

/// Compare the cloud with the schema: collections, indexes, permissions.
///
/// Exit code 0 if all of it is as the schema says, 1 if something is different (or the command failed), 3 if something
/// could not be looked at and nothing else is different.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The model file [default: schema.graphql]
    #[arg(long, value_name = "FILE")]
    schema: Option<String>,
    /// Where documents live: only the cloud can differ from the schema
    #[arg(long, value_name = "cloudbase")]
    store: Option<String>,
    /// A TOML file with further settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Create collections and indexes that are missing, after showing which; nothing is ever dropped or changed
    #[arg(long)]
    apply: bool,
    /// Create them without asking
    #[arg(long, requires = "apply")]
    yes: bool,
}

/// Nothing is different, and not everything is known.
const UNKNOWN: u8 = 3;

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let flags = Flags {
        config: args.config.clone(),
        schema: args.schema.clone(),
        store: args.store.clone(),
        ..Flags::default()
    };
    let config = super::configuration(&flags)?;
    start_logging(&config.log)?;
    run_until_done(compare(args, config))
}

async fn compare(args: &Args, config: Config) -> Result<ExitCode> {
    let model = model_file::load(&config.schema)?;
    let Store::Cloudbase(settings) = &config.store else {
        eprintln!(
            "there is nothing to compare: the store is a file, whose collections and indexes are made to fit the schema; \
             for the cloud, give `--store cloudbase`"
        );
        return Ok(ExitCode::from(UNKNOWN));
    };
    let client = Client::new(settings.client.clone(), Arc::new(SystemClock))?;
    let client = Arc::new(client);
    let mut report = doctor::examine(&client, &model).await;
    if args.apply {
        // A program reads one document; people like to see what there was before.
        if !args.json {
            print(&report, false)?;
        }
        report = apply(args, &client, &model, report).await?;
    }
    print(&report, args.json)?;
    Ok(match report.verdict {
        State::Ok => ExitCode::SUCCESS,
        State::Different => ExitCode::FAILURE,
        State::Unknown => ExitCode::from(UNKNOWN),
    })
}

fn print(report: &Report, as_json: bool) -> Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        serde_json::to_writer_pretty(&mut out, report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(())
}

/// Creates what is missing, if that is wanted, and looks again.
async fn apply(args: &Args, client: &Arc<Client>, model: &Model, report: Report) -> Result<Report> {
    ensure!(
        client.credentials().key_pair.is_some(),
        "nothing can be created: {KEY_PAIR}"
    );
    let plan = report.remedies();
    if plan.is_empty() {
        eprintln!("nothing is missing that can be created");
        return Ok(report);
    }
    eprintln!("what is missing, and will be created:");
    for remedy in &plan {
        eprintln!("  {remedy}");
    }
    if !args.yes {
        confirm()?;
    }
    let outcomes = Remedy::apply(&plan, client).await;
    for (remedy, outcome) in plan.iter().zip(outcomes) {
        match outcome {
            Ok(()) => eprintln!("done: {remedy}"),
            Err(error) => eprintln!("failed: {remedy}: {error}"),
        }
    }
    Ok(doctor::examine(client, model).await)
}

/// Asks whoever sits at the terminal. Nothing else goes on in this process that could wait for the answer.
fn confirm() -> Result<()> {
    if !io::stdin().is_terminal() {
        bail!("nothing was created: nobody is there to confirm it, so give --yes");
    }
    eprint!("create all of it? [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let agreed = ["y", "yes"].contains(&answer.trim().to_lowercase().as_str());
    ensure!(agreed, "nothing was created");
    Ok(())
}
