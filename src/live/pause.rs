//! How long to wait: never exactly what others wait, so that many do not come at once.

use std::time::Duration;

use futures_util::future::pending;
use tokio::time::{Instant, sleep_until};

use crate::store::{Error, Store};

/// Before a read that failed is tried again for the first time.
const SHORTEST: Duration = Duration::from_millis(100);

/// Before a read that failed many times is tried again.
const LONGEST: Duration = Duration::from_secs(5);

/// The most that is added because the store says when it will be back.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(10);

/// This long, give or take a fifth.
pub fn about(usual: Duration) -> Duration {
    usual.mul_f64(0.8 + 0.4 * random())
}

/// Any part of this.
pub(super) fn part_of(most: Duration) -> Duration {
    most.mul_f64(random())
}

/// From 0 to 1.
fn random() -> f64 {
    // Without randomness all wait the same, which is no error.
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX)
}

/// Pauses between attempts, each about twice as long as the one before, up to an end. Half more or less, since all who
/// ask one store fail at the same time.
#[derive(Debug)]
pub struct Backoff(Duration);

impl Backoff {
    /// Before the first attempt that failed.
    pub fn new() -> Self {
        Self(SHORTEST)
    }

    /// How long to wait after this failure: not before the store says that it is back.
    pub fn after(&mut self, error: &Error) -> Duration {
        let asked_for = match error {
            Error::Unavailable { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        asked_for.min(LONGEST_ASKED_FOR) + self.pause()
    }

    /// How long to wait after a failure of which nothing more is known.
    pub fn pause(&mut self) -> Duration {
        let pause = self.0.mul_f64(0.5 + random());
        self.0 = (self.0 * 2).min(LONGEST);
        pause
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

/// The moments at which those look again who want to know of more commits than a shared store tells of.
#[derive(Debug)]
pub(super) struct Poll {
    interval: Duration,
    next: Instant,
}

impl Poll {
    /// `None` of a store that is not shared.
    pub(super) fn of(store: &dyn Store, interval: Duration) -> Option<Self> {
        store.is_shared().then(|| Self {
            interval,
            next: Instant::now() + about(interval),
        })
    }

    /// Waits for the next one; there is none where nobody polls. Dropping the future loses nothing.
    pub(super) async fn next(poll: &mut Option<Self>) {
        let Some(poll) = poll else {
            return pending().await;
        };
        sleep_until(poll.next).await;
        poll.next = Instant::now() + about(poll.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_an_end() {
        let mut backoff = Backoff::new();
        let error = Error::unavailable("it is away");
        let pauses: Vec<Duration> = (0..20).map(|_| backoff.after(&error)).collect();
        assert!(pauses[0] >= SHORTEST.mul_f64(0.49) && pauses[0] <= SHORTEST.mul_f64(1.51));
        assert!(pauses[4] > pauses[0] * 4);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST.mul_f64(1.51)));
    }

    #[test]
    fn a_store_that_says_when_it_is_back_is_not_asked_before() {
        let asked_for = [(0, 0), (3, 3), (10, 10), (86_400, 10)];
        for (asked_for, least) in asked_for {
            let error = Error::Unavailable {
                reason: "it is away".to_owned(),
                retry_after: Some(Duration::from_secs(asked_for)),
            };
            let mut backoff = Backoff::new();
            let pauses: Vec<Duration> = (0..20).map(|_| backoff.after(&error)).collect();
            let least = Duration::from_secs(least);
            assert!(pauses.iter().all(|pause| *pause > least));
            assert!(
                pauses
                    .iter()
                    .all(|pause| *pause <= least + LONGEST.mul_f64(1.51))
            );
            // Many who wait for the same moment come one after the other in the end.
            let last = &pauses[10..];
            let spread = *last.iter().max().unwrap() - *last.iter().min().unwrap();
            assert!(spread > Duration::from_millis(500), "{spread:?}");
        }
    }
}
