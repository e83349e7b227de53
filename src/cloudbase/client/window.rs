//! How much of something there was within the last ten seconds.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How far back is counted.
pub(super) const LENGTH: Duration = Duration::from_secs(10);

/// How fine is counted: what is older than the window is forgotten in steps of this.
const STEP: Duration = Duration::from_secs(1);

/// Two counts that belong together: all of something, and some of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) all: u64,
    pub(super) some: u64,
}

/// Counts of the last ten seconds, one bucket a step: never more than eleven.
#[derive(Debug, Default)]
pub(super) struct Window {
    buckets: VecDeque<(Instant, Counts)>,
    /// The sum of the buckets.
    sum: Counts,
}

impl Window {
    pub(super) fn add(&mut self, now: Instant, counts: Counts) {
        self.forget(now);
        self.sum.all += counts.all;
        self.sum.some += counts.some;
        match self.buckets.back_mut() {
            Some((begun, bucket)) if now < *begun + STEP => {
                bucket.all += counts.all;
                bucket.some += counts.some;
            }
            _ => self.buckets.push_back((now, counts)),
        }
    }

    pub(super) fn sum(&mut self, now: Instant) -> Counts {
        self.forget(now);
        self.sum
    }

    fn forget(&mut self, now: Instant) {
        while let Some((begun, old)) = self.buckets.front().copied() {
            if now < begun + LENGTH {
                break;
            }
            self.buckets.pop_front();
            self.sum.all -= old.all;
            self.sum.some -= old.some;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_is_forgotten() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let one = Counts { all: 1, some: 0 };
        let both = Counts { all: 1, some: 1 };
        let mut window = Window::default();
        for (ms, counts) in [(0, one), (500, both), (1_500, both), (9_900, one)] {
            window.add(at(ms), counts);
        }
        for (ms, all, some) in [
            (9_900, 4, 2),
            (10_000, 2, 1),
            (11_499, 2, 1),
            (11_500, 1, 0),
            (20_000, 0, 0),
        ] {
            assert_eq!(window.sum(at(ms)), Counts { all, some }, "{ms}");
        }
    }
}
