//! What a session did, for `extensions.plan` and for the promises about reads.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use smol_str::SmolStr;

use crate::data::Filter;
use crate::store::errand::metered;

/// The steps of one session so far.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Calls of the store that read.
    pub reads: u64,
    pub steps: Vec<Step>,
    /// The filters that decisions added to the caller's own.
    pub filters: Vec<AddedFilter>,
}

/// What the calls of the store took. Unlike a [`Trace`] it is another each time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// Time that was waited for the store, all calls added up, also those that were made at the same time.
    pub waited: Duration,
    /// Requests that were sent for them to wherever documents live, if that is not this process.
    pub requests: u64,
}

/// One call of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub action: Action,
    pub collection: SmolStr,
    /// How many keys a read for several parents was about.
    pub keys: Option<usize>,
    /// How many documents came back or were written; 0 for [`Action::Get`] and [`Action::Locate`], whose documents are
    /// not the caller's to know of.
    pub documents: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Find,
    FindPerKey,
    Count,
    CountPerKey,
    /// A find of documents that a rule asked for with `get()`.
    Get,
    /// A look at a document that a decision is to be made about.
    Locate,
    Insert,
    Update,
    Delete,
}

/// A row filter that a decision added.
#[derive(Clone, Debug, PartialEq)]
pub struct AddedFilter {
    /// `Order`, or `Order.phone` for the readers of one field.
    pub coordinate: String,
    pub operation: &'static str,
    /// `None` if a rule looked at other documents for it: what they hold is not the caller's to know.
    pub filter: Option<Filter>,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Find => "find",
            Action::FindPerKey => "findPerKey",
            Action::Count => "count",
            Action::CountPerKey => "countPerKey",
            Action::Get => "get",
            Action::Locate => "locate",
            Action::Insert => "insert",
            Action::Update => "update",
            Action::Delete => "delete",
        }
    }

    pub fn is_read(self) -> bool {
        !matches!(self, Action::Insert | Action::Update | Action::Delete)
    }
}

/// Collects the trace; shared by a session and its loaders.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    trace: Mutex<Trace>,
    costs: Mutex<Costs>,
}

impl Recorder {
    /// Waits for the store, and notes what that took: but not for what rules ask for, since that would tell that they
    /// did.
    pub(super) async fn wait<T>(&self, action: Action, call: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let (outcome, requests) = metered(call).await;
        if action != Action::Get {
            let mut costs = lock(&self.costs);
            costs.waited += begun.elapsed();
            costs.requests += requests;
        }
        outcome
    }

    pub(super) fn step(&self, step: Step) {
        let mut trace = lock(&self.trace);
        trace.reads += u64::from(step.action.is_read());
        trace.steps.push(step);
    }

    /// Equal filters are noted once.
    pub(super) fn filter(&self, added: AddedFilter) {
        let mut trace = lock(&self.trace);
        if !trace.filters.contains(&added) {
            trace.filters.push(added);
        }
    }

    pub(super) fn trace(&self) -> Trace {
        lock(&self.trace).clone()
    }

    pub(super) fn costs(&self) -> Costs {
        *lock(&self.costs)
    }
}

/// Notes are added whole: what a panicking thread left behind is a true beginning.
fn lock<T>(notes: &Mutex<T>) -> MutexGuard<'_, T> {
    notes.lock().unwrap_or_else(PoisonError::into_inner)
}
