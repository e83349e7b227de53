//! How far the cloud's clock is from ours. Signatures are good for minutes only, and a machine's clock may be wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::clock::Clock;

/// Differences up to this are told by the way of an answer and the roundness of its date; in seconds.
const TOLERANCE: i64 = 5;

/// The time as the cloud has it, as far as we were told.
#[derive(Debug)]
pub(super) struct CloudTime {
    clock: Arc<dyn Clock>,
    /// Seconds to add to ours.
    skew: AtomicI64,
}

impl CloudTime {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            skew: AtomicI64::new(0),
        }
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        let skew = self.skew.load(Ordering::Relaxed);
        self.here().saturating_add(skew)
    }

    /// Takes over the time that an answer is dated with (the `date` header), after it said that a signature is not good.
    pub(super) fn correct(&self, date: &str) {
        let Ok(there) = OffsetDateTime::parse(date, &Rfc2822) else {
            return;
        };
        let skew = there.unix_timestamp().saturating_sub(self.here());
        let known = self.skew.load(Ordering::Relaxed);
        if skew.abs_diff(known) > TOLERANCE.unsigned_abs() {
            self.skew.store(skew, Ordering::Relaxed);
            tracing::warn!(
                clock.skew_s = skew,
                "this machine's clock is not the cloud's: signing with the cloud's time"
            );
        }
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn here(&self) -> i64 {
        self.clock.now_ms().div_euclid(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Stopped;

    impl Clock for Stopped {
        fn now_ms(&self) -> i64 {
            784_111_777_999
        }
    }

    #[test]
    fn the_date_of_an_answer_is_taken_over() {
        let time = CloudTime::new(Arc::new(Stopped));
        assert_eq!(time.now(), 784_111_777);
        for (date, now) in [
            ("Sun, 06 Nov 1994 08:49:39 GMT", 784_111_777),
            ("Sun, 06 Nov 1994 09:49:37 GMT", 784_115_377),
            ("no date", 784_115_377),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ] {
            time.correct(date);
            assert_eq!(time.now(), now, "{date}");
        }
    }
}
