//! What was asked of the upstream, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What was asked of the upstream since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Requests sent, attempts included.
    pub requests: u64,
    /// Of these, second and further attempts.
    pub retries: u64,
    /// Requests that the limiter or the breaker refused.
    pub refused: u64,
    /// Time that requests were under way, in microseconds, all added up.
    pub waited_us: u64,
}

/// The same while it is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: AtomicU64,
    retries: AtomicU64,
    refused: AtomicU64,
    waited_us: AtomicU64,
}

impl Counters {
    pub(super) fn sent(&self, is_retry: bool) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.retries
            .fetch_add(u64::from(is_retry), Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn waited(&self, time: Duration) {
        let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.waited_us.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Statistics {
        Statistics {
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            waited_us: self.waited_us.load(Ordering::Relaxed),
        }
    }
}
