//! `mirror`: whether the database and the gateway give the same to whoever asks.
//!
//! - `loopback.rs`: both sides in this process

mod loopback;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use tokio_util::sync::CancellationToken;

pub use self::loopback::Loopback;
use super::model_file;
use super::process::{Signals, run_until_done, start_logging, told_twice};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, Flags, Log};
use crate::mirror::{self, Finding, Options, Permissions, Report};

/// Try callers × documents × operations on the database and on the gateway, and tell what one gives and the other does not.
///
/// Exit code 0 if there is no difference, 1 if there is one, 2 if the command line or a file that it names cannot be
/// understood, 3 if one of the sides could not be asked.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many cases are tried
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000)]
    cases: u64,
    /// The same number tries the same cases
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// The first case: with `--cases 1`, one that was told is tried again
    #[arg(long = "case", value_name = "NUMBER", default_value_t = 0)]
    first: u64,
    /// Only this collection
    #[arg(long, value_name = "NAME")]
    collection: Option<String>,
    /// The model file [default: schema.graphql]
    #[arg(long, value_name = "FILE")]
    schema: Option<String>,
    /// What the database allows, as a JSON file: {"orders": {"AclTag": "CUSTOM", "Rule": {…}}} [default: what the schema says]
    #[arg(long, value_name = "FILE")]
    permissions: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// A TOML file with further settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// A file that is named cannot be understood.
const USAGE: u8 = 2;

/// One of the sides could not be asked.
const UNASKED: u8 = 3;

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let flags = Flags {
        config: args.config.clone(),
        schema: args.schema.clone(),
        ..Flags::default()
    };
    let config = super::configuration(&flags)?;
    start_logging(&quiet(&config.log))?;
    run_until_done(try_all(args, config))
}

/// Without a line for each request, and for each document written: there are thousands.
fn quiet(log: &Log) -> Log {
    Log {
        filter: format!("{},audit=warn,cloudbase_graphql::emulator=warn", log.filter),
        format: log.format,
    }
}

async fn try_all(args: &Args, config: Config) -> Result<ExitCode> {
    let (options, model, permissions) = match understood(args, &config) {
        Ok(understood) => understood,
        Err(error) => return Ok(failed(&error, USAGE)),
    };
    let outcome = async {
        let both = Loopback::start(model, permissions).await?;
        ask(args, &options, &both.sides).await
    };
    match outcome.await {
        Ok(report) => {
            print(args, &report)?;
            Ok(match report.findings.is_empty() {
                true => ExitCode::SUCCESS,
                false => ExitCode::FAILURE,
            })
        }
        Err(error) => Ok(failed(&error, UNASKED)),
    }
}

fn failed(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(code)
}

type Understood = (Options, std::sync::Arc<crate::model::Model>, Permissions);

fn understood(args: &Args, config: &Config) -> Result<Understood> {
    let model = model_file::load(&config.schema)?;
    let mut permissions = Permissions::of_model(&model);
    if let Some(path) = &args.permissions {
        permissions = with_file(permissions, path)?;
    }
    let named = |name: &String| {
        let known = model.collections.iter().find(|it| it.name.as_str() == name);
        let known = known.map(|it| it.name.clone());
        known.ok_or_else(|| anyhow!("the schema has no collection `{name}`"))
    };
    let options = Options {
        seed: args.seed,
        cases: args.cases,
        first: args.first,
        only: args.collection.as_ref().map(named).transpose()?,
        until_first: false,
        now: SystemClock.now_ms(),
    };
    Ok((options, model, permissions))
}

fn with_file(permissions: Permissions, path: &Path) -> Result<Permissions> {
    let place = || format!("`{}`", path.display());
    let text = fs::read_to_string(path).with_context(place)?;
    permissions
        .with_file(&text)
        .map_err(|problem| anyhow!("{}: {problem}", place()))
}

/// Until all is tried, or somebody stops it: then what was tried by then is told.
async fn ask(args: &Args, options: &Options, sides: &mirror::Sides) -> Result<Report> {
    let stop = CancellationToken::new();
    let signals = Signals::listen().context("signals cannot be awaited")?;
    let tell = |finding: &Finding| {
        if !args.json {
            eprint!("{finding}");
            finding.examples.iter().for_each(|it| eprintln!("{it}"));
        }
    };
    tokio::select! {
        report = mirror::run(sides, options, &stop, tell) => Ok(report?),
        () = told_twice(signals, stop.clone()) => Err(anyhow!("stopped at once; what was put there may still be there")),
    }
}

fn print(args: &Args, report: &Report) -> Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut out, report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(())
}
