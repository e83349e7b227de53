//! Whether the database and the gateway give the same to whoever asks, found out by asking both.
//!
//! The gateway decides by the model with an administrator's credentials, and the database never looks at what it does. So
//! that it gives nobody more than the database itself would is a promise, and this is its proof for one model: callers ×
//! documents × operations, made of what the rules themselves compare, are tried on both sides, and each document that one
//! gives and the other does not is told.
//!
//! - `cast.rs`: who asks, and `sign_in.rs`: with which tokens
//! - `trial.rs`: what is tried; `generate/`: making it up, always the same from one seed
//! - `ask/`: the database as one of its clients, and the gateway as one of its callers
//! - `condition.rs`: conditions in both languages; `permissions.rs`: what the database is said to allow
//! - `compare.rs`: what both said, case by case; `shrink.rs`, `example.rs`: a difference as small and clear as can be
//! - `report.rs`: what was found
//!
//! Only what both have is compared: permissions and rules, for callers without staff roles. Grants, fields' own rules and
//! constraints are the gateway's alone; it may go further there, which is counted and is no difference.

mod ask;
mod cast;
mod compare;
mod condition;
mod example;
mod generate;
mod permissions;
mod report;
mod shrink;
mod sign_in;
mod trial;

use tokio_util::sync::CancellationToken;

pub use self::ask::{DatabaseClient, Error, Sides};
pub use self::cast::cast;
pub use self::permissions::Permissions;
pub use self::report::{Counts, Coverage, Direction, Example, Finding, Report, Side};
pub use self::sign_in::{SignInError, sign_in};
pub use self::trial::Member;
use crate::data::CollectionName;

use self::compare::{Comparison, Difference, Judged, Verdict};
use self::generate::Generator;
use self::trial::Round;

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct Options {
    /// The same seed makes the same cases of the same model, permissions and cast.
    pub seed: u64,
    /// How many cases.
    pub cases: u64,
    /// The number of the first: to try one again.
    pub first: u64,
    /// Only this collection.
    pub only: Option<CollectionName>,
    /// Whether the first difference ends it.
    pub until_first: bool,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// Tries all of it. `tell` hears of each new finding, with its first example, at once. Ends early, after the round that is
/// under way, if `stop` is cancelled: documents are never left behind.
///
/// # Errors
/// One of the sides cannot be asked.
pub async fn run(
    sides: &Sides,
    options: &Options,
    stop: &CancellationToken,
    mut tell: impl FnMut(&Finding),
) -> Result<Report, Error> {
    let generator = Generator {
        model: sides.gateway.model(),
        permissions: &sides.permissions,
        cast: &sides.cast,
        seed: options.seed,
        now: options.now,
        only: options.only.as_ref(),
    };
    let end = options.first.saturating_add(options.cases);
    let mut report = Report::of(options.seed);
    for round in generator.rounds().take_while(|round| round.first < end) {
        if stop.is_cancelled() {
            break;
        }
        if round.first + round.cases() <= options.first {
            continue;
        }
        let round = round.within(options.first, end);
        let outcome = try_round(sides, &round, options, &mut report, &mut tell).await;
        if outcome.is_err() {
            // What was put there must not stay; that this fails too would say nothing new.
            let _ = sides.take_away(&round).await;
        }
        outcome?;
        if options.until_first && !report.findings.is_empty() {
            break;
        }
    }
    Ok(report)
}

async fn try_round(
    sides: &Sides,
    round: &Round,
    options: &Options,
    report: &mut Report,
    tell: &mut impl FnMut(&Finding),
) -> Result<(), Error> {
    let comparison = Comparison {
        round,
        collection: sides.collection(round),
        policies: sides.policies(round),
    };
    let heard = sides.ask(round).await?;
    let cases = options.first..options.first.saturating_add(options.cases);
    let mut judged: Vec<Judged> = heard.iter().flat_map(|it| comparison.judge(it)).collect();
    judged.retain(|judged| cases.contains(&judged.case));
    judged.sort_by_key(|judged| judged.case);
    for judged in &judged {
        let operation = round.probes[judged.probe].act.operation().to_string();
        report.count(judged, sides.name(round).as_str(), &operation);
        if let Verdict::Different(found) = &judged.verdict {
            tell_of(sides, round, judged, found, options.now, report, tell).await?;
        }
    }
    Ok(())
}

async fn tell_of(
    sides: &Sides,
    round: &Round,
    judged: &Judged,
    found: &Difference,
    now: i64,
    report: &mut Report,
    tell: &mut impl FnMut(&Finding),
) -> Result<(), Error> {
    let finding = report.finding(example::finding(sides, round, judged, found));
    finding.cases += 1;
    if !finding.wants_example() {
        return Ok(());
    }
    let is_new = finding.examples.is_empty();
    let small = match is_new {
        true => shrink::shrink(sides, round, judged, found).await?,
        false => None,
    };
    let example = match &small {
        Some((round, judged)) => example::example(sides, round, judged, found, now),
        None => example::example(sides, round, judged, found, now),
    };
    finding.examples.push(example);
    if is_new {
        tell(finding);
    }
    Ok(())
}
