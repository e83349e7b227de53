//! How many subscribers there are, and what was done for them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Shared by all subscriptions of an executor.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) subscribers: AtomicU64,
    pub(super) cohorts: AtomicU64,
    pub(super) renders: AtomicU64,
    pub(super) delivered: AtomicU64,
    pub(super) resyncs: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Subscriptions that are open.
    pub subscribers: u64,
    /// Groups of subscribers that share their payloads.
    pub cohorts: u64,
    /// Payloads rendered since the start, each for however many subscribers.
    pub renders: u64,
    /// Payloads handed to subscribers since the start.
    pub delivered: u64,
    /// Lists sent anew since the start, to subscribers who lagged behind.
    pub resyncs: u64,
}

impl Counters {
    pub(super) fn counts(&self) -> Counts {
        Counts {
            subscribers: self.subscribers.load(Ordering::Relaxed),
            cohorts: self.cohorts.load(Ordering::Relaxed),
            renders: self.renders.load(Ordering::Relaxed),
            delivered: self.delivered.load(Ordering::Relaxed),
            resyncs: self.resyncs.load(Ordering::Relaxed),
        }
    }
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// One less of what there is at the moment.
pub(super) fn discount(gauge: &AtomicU64) {
    gauge.fetch_sub(1, Ordering::Relaxed);
}
