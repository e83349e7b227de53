//! How often something may happen, for each of however many.
//!
//! Each name has a bucket that fills at a steady rate, and each time takes one drop. Of a bucket only the moment is kept
//! at which it will be full again, so a full one need not be kept at all. (The generic cell rate algorithm.)
//!
//! Names come from outside, as many as somebody likes to make up: the buckets that are kept are limited, and whoever finds
//! no place for their own shares one with all others who find none.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Buckets that are kept for one [`Throttle`]: some megabytes.
const BUCKETS: usize = 65_536;

/// How often full buckets are looked for, at most: that looks at all of them.
const SWEEP: Duration = Duration::from_secs(1);

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: NonZeroU32,
    /// At one moment, after a quiet time.
    pub burst: NonZeroU32,
}

/// Who did something how often.
#[derive(Debug)]
pub struct Throttle<K> {
    /// A plain lock: it is held for one look-up, and once in a while for a sweep.
    state: Mutex<State<K>>,
    most: usize,
}

#[derive(Debug)]
struct State<K> {
    /// When each bucket will be full; those that are full already may be missing.
    full_at: HashMap<K, Instant>,
    /// Of all who found no place.
    shared_full_at: Option<Instant>,
    swept_at: Option<Instant>,
}

impl<K: Hash + Eq> Default for Throttle<K> {
    fn default() -> Self {
        Self::with_buckets(BUCKETS)
    }
}

impl<K: Hash + Eq> Throttle<K> {
    fn with_buckets(most: usize) -> Self {
        Self {
            state: Mutex::new(State {
                full_at: HashMap::new(),
                shared_full_at: None,
                swept_at: None,
            }),
            most,
        }
    }

    /// Counts one time, now.
    ///
    /// # Errors
    /// It is too often, and was not counted: after how long it would not be.
    pub fn pass(&self, who: K, rate: Rate) -> Result<(), Duration> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let known = state.full_at.get(&who).copied();
        if known.is_some() || state.has_room(self.most, now) {
            let full_at = rate.after_one_more(known, now)?;
            state.full_at.insert(who, full_at);
        } else {
            state.shared_full_at = Some(rate.after_one_more(state.shared_full_at, now)?);
        }
        Ok(())
    }
}

impl<K: Hash + Eq> State<K> {
    /// Whether there is a place for one more bucket, now that those that are full may have gone.
    fn has_room(&mut self, most: usize, now: Instant) -> bool {
        let is_due = self.swept_at.is_none_or(|at| now - at >= SWEEP);
        if self.full_at.len() >= most && is_due {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept_at = Some(now);
        }
        self.full_at.len() < most
    }
}

impl Rate {
    /// When a bucket will be full from which one more drop is taken.
    ///
    /// # Errors
    /// It is empty: how long until there is a drop.
    fn after_one_more(self, full_at: Option<Instant>, now: Instant) -> Result<Instant, Duration> {
        let drop = Duration::from_secs(1) / self.per_second.get();
        let full_at = full_at.map_or(now, |full_at| full_at.max(now)) + drop;
        let missing = full_at - now;
        match missing.checked_sub(drop * self.burst.get()) {
            None | Some(Duration::ZERO) => Ok(full_at),
            Some(wait) => Err(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn rate(per_second: u32, burst: u32) -> Rate {
        let number = |number| NonZeroU32::new(number).expect("not zero");
        Rate {
            per_second: number(per_second),
            burst: number(burst),
        }
    }

    fn passes(throttle: &Throttle<u32>, who: u32, rate: Rate) -> usize {
        (0..1_000)
            .take_while(|_| throttle.pass(who, rate).is_ok())
            .count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_and_then_a_steady_rate() {
        let throttle = Throttle::default();
        let four = rate(4, 10);
        assert_eq!(passes(&throttle, 1, four), 10);
        let wait = throttle.pass(1, four).expect_err("too often");
        assert_eq!(wait, Duration::from_millis(250));
        assert_eq!(passes(&throttle, 2, four), 10, "another has their own");
        advance(wait).await;
        assert_eq!(passes(&throttle, 1, four), 1);
        advance(Duration::from_secs(1)).await;
        assert_eq!(passes(&throttle, 1, four), 4);
        advance(Duration::from_secs(3600)).await;
        assert_eq!(passes(&throttle, 1, four), 10, "no more than a burst");
        assert!(throttle.pass(1, rate(8, 100)).is_ok(), "asked with more");
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_names_share_one_bucket_and_no_memory() {
        let throttle = Throttle::with_buckets(3);
        let two = rate(1, 2);
        for who in 0..3 {
            assert!(throttle.pass(who, two).is_ok());
        }
        let others = (3..1_000).filter(|who| throttle.pass(*who, two).is_ok());
        assert_eq!(others.count(), 2);
        assert_eq!(throttle.state.lock().unwrap().full_at.len(), 3);
        assert_eq!(passes(&throttle, 0, two), 1, "who has one keeps it");
        advance(Duration::from_secs(2)).await;
        assert_eq!(passes(&throttle, 1_000, two), 2, "full ones make room");
        assert_eq!(throttle.state.lock().unwrap().full_at.len(), 1);
    }
}
