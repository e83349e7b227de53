//! What goes beyond a caller's limits: counted, told to the operator, and refused unless it is only measured.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use super::level::Level;
use super::limits::Mode;
use crate::gateway::{Rate, Throttle};
use crate::graphql::error::{Code, Error};
use crate::graphql::trusted::DocumentId;

/// Lines of the log for each limit: a flood is told by its count.
const LINES: Rate = Rate {
    per_second: NonZeroU32::MIN,
    burst: NonZeroU32::new(10).expect("not zero"),
};

/// One of the limits that callers have, by the name of its setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    Bytes,
    Tokens,
    Depth,
    Aliases,
    RootFields,
    Directives,
    Selections,
    Complexity,
    Page,
    Batch,
    Answer,
    Rate,
    Concurrent,
    Timeout,
    AddressRate,
    AddressSockets,
}

impl Limit {
    pub fn name(self) -> &'static str {
        match self {
            Limit::Bytes => "bytes",
            Limit::Tokens => "tokens",
            Limit::Depth => "depth",
            Limit::Aliases => "aliases",
            Limit::RootFields => "root_fields",
            Limit::Directives => "directives",
            Limit::Selections => "selections",
            Limit::Complexity => "complexity",
            Limit::Page => "page",
            Limit::Batch => "batch",
            Limit::Answer => "answer",
            Limit::Rate => "rate",
            Limit::Concurrent => "concurrent",
            Limit::Timeout => "timeout",
            Limit::AddressRate => "address_rate",
            Limit::AddressSockets => "address_sockets",
        }
    }

    /// What a caller is told who goes beyond it.
    fn message(self, measured: u64, allowed: u64) -> String {
        let (what, advice) = match self {
            Limit::Bytes => ("a document of this many bytes", "ask for less"),
            Limit::Tokens => ("a document of this many tokens", "ask for less"),
            Limit::Depth => ("this many levels of fields", "nest less"),
            Limit::Aliases => ("this many aliases", "ask for less at once"),
            Limit::RootFields => ("this many fields at its root", "ask for less at once"),
            Limit::Directives => ("this many directives", "use fewer"),
            Limit::Selections => ("this many selections", "ask for less at once"),
            Limit::Complexity => (
                "an answer that could have this many fields, were every page full",
                "select fewer or ask for smaller pages",
            ),
            Limit::Page => ("a page of this many documents", "ask for smaller pages"),
            Limit::Batch => ("to write this many documents at once", "write fewer"),
            Limit::Answer => ("an answer of this many bytes", "ask for less"),
            Limit::Timeout => ("this many milliseconds", "ask for less at once"),
            Limit::Rate | Limit::AddressRate => {
                return format!("too many operations: {allowed} in a second are taken, try later");
            }
            Limit::Concurrent => {
                return format!("{allowed} of your operations run already: wait for one to end");
            }
            Limit::AddressSockets => {
                return format!("{allowed} sockets from here have not said yet who they speak for");
            }
        };
        format!(
            "the operation asks for too much, {what}: {measured}, and at most {allowed} are allowed; {advice}"
        )
    }
}

/// One operation that goes beyond a limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excess<'a> {
    pub(super) limit: Limit,
    pub(super) level: &'a Level,
    pub(super) measured: u64,
    pub(super) allowed: u64,
    /// The document, where there is one.
    pub(super) document: Option<&'a str>,
}

impl Excess<'_> {
    pub(super) fn refusal(&self) -> Error {
        let message = self.limit.message(self.measured, self.allowed);
        Error::new(Code::LimitExceeded, message)
    }
}

/// How often each limit was exceeded by callers of each level.
#[derive(Debug, Default)]
pub(super) struct Excesses {
    /// As many entries as there are limits and levels. A plain lock: it is held for one look-up.
    counts: Mutex<BTreeMap<(Limit, Level), u64>>,
    lines: Throttle<Limit>,
}

impl Excesses {
    pub(super) fn counts(&self) -> BTreeMap<(Limit, Level), u64> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }

    /// Counts one, and says so in the log: by the hash of its document, so that it can be found again and nothing of it
    /// is told.
    pub(super) fn tell(&self, excess: &Excess<'_>, mode: Mode) {
        let key = (excess.limit, excess.level.clone());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(key).or_default() += 1;
        drop(counts);
        if self.lines.pass(excess.limit, LINES).is_err() {
            return;
        }
        tracing::warn!(
            target: "limits",
            limit = excess.limit.name(),
            level = %excess.level,
            measured = excess.measured,
            allowed = excess.allowed,
            operation = excess.document.map(|text| DocumentId::of(text).to_string()),
            refused = mode == Mode::Enforce,
            "an operation goes beyond a limit"
        );
    }
}
