//! `test`: permission tests. Each case has a store of its own, and all of them run at once.
//!
//! Seeding and looking at a store afterwards happens here, in the command, because [`crate::testing`] is pure and
//! nothing but the gateway may lead a caller to a document: what is put in before there is a gateway, and compared after
//! it has answered, is nobody's request.

mod load;
mod stage;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio_util::task::TaskTracker;

use self::load::Ready;
use super::model_file;
use crate::model::Model;
use crate::testing::{Outcome, Report};

/// Run permission tests: exit code 0 if all passed, 1 if some failed, 2 if something cannot be read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files of cases, or directories of them
    #[arg(value_name = "DIR|FILE", default_value = "permissions")]
    paths: Vec<PathBuf>,
    /// The model file
    #[arg(long, value_name = "FILE", default_value = "schema.graphql")]
    schema: PathBuf,
    /// Only cases whose file and name have this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How many cases run at once [default: one for each core]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<NonZeroUsize>,
    /// Print the outcome of each case as JSON
    #[arg(long)]
    json: bool,
    /// Write the outcomes into a file as JUnit does
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Of a command that could not do what it was asked.
const UNREADABLE: u8 = 2;

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    tried(args).or_else(|error| {
        eprintln!("error: {error:#}");
        Ok(ExitCode::from(UNREADABLE))
    })
}

fn tried(args: &Args) -> Result<ExitCode> {
    let model = model_file::load(&args.schema)?;
    let mut cases = load::cases(&args.paths, &model)?;
    if let Some(part) = &args.filter {
        cases.retain(|ready| ready.file.contains(part) || ready.case.name.contains(part));
    }
    ensure!(
        !cases.is_empty(),
        "there are no cases to run: name a directory or a file that has `cases`, or another --filter"
    );
    let cores = || thread::available_parallelism().map_or(2, NonZeroUsize::get);
    let jobs = args.jobs.map_or_else(cores, NonZeroUsize::get);
    let outcomes = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start")?
        .block_on(all(cases, &model, jobs))?;
    let report = Report(outcomes);
    if let Some(path) = &args.junit {
        let written = std::fs::write(path, report.junit());
        written.with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    tell(&report, args.json)?;
    Ok(ExitCode::from(u8::from(report.failed() > 0)))
}

/// Runs the cases, so many at once; the outcomes are in their order.
async fn all(cases: Vec<Ready>, model: &Arc<Model>, jobs: usize) -> Result<Vec<Outcome>> {
    // Each case is a task, so that all cores work; none outlives this function, which waits for every one.
    let tasks = TaskTracker::new();
    let run = |ready| {
        let task = tasks.spawn(stage::run(ready, Arc::clone(model)));
        async { task.await.context("a case was broken off")? }
    };
    stream::iter(cases)
        .map(run)
        .buffered(jobs)
        .try_collect()
        .await
}

fn tell(report: &Report, json: bool) -> io::Result<()> {
    let text = if json {
        format!("{:#}\n", report.json())
    } else {
        report.text()
    };
    io::stdout().write_all(text.as_bytes())
}
