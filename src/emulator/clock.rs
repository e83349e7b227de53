//! The time, which tests and rehearsals may set.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::clock::Clock;

/// The machine's clock until it is told otherwise.
#[derive(Debug)]
pub(crate) struct SetClock {
    real: Arc<dyn Clock>,
    fixed: AtomicBool,
    at: AtomicI64,
}

impl SetClock {
    pub(crate) fn new(real: Arc<dyn Clock>) -> Self {
        Self {
            real,
            fixed: AtomicBool::new(false),
            at: AtomicI64::new(0),
        }
    }

    /// Stands still at this moment, or goes with the machine's again.
    pub(crate) fn set(&self, at: Option<i64>) {
        self.at.store(at.unwrap_or(0), Ordering::SeqCst);
        self.fixed.store(at.is_some(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> i64 {
        if self.fixed.load(Ordering::SeqCst) {
            self.at.load(Ordering::SeqCst)
        } else {
            self.real.now_ms()
        }
    }
}
