//! How many subscribers there are, and what was done for them.

use std::sync::atomic::AtomicU64;

/// Shared by all subscriptions of an executor.
#[derive(Debug, Default)]
pub struct Counters {
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
    pub fn counts(&self) -> Counts {
        unimplemented!("cohort helper")
    }
}
