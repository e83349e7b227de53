//! How much is asked of the upstream at once, and how much waits.
//!
//! Whoever wants to send waits for one of the places, first come, first served, then for the beat: requests do not begin
//! faster than so many a second. The number of places halves when the upstream says that it is too much, and grows by one a
//! second while requests succeed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::cloudbase::Limits;
use crate::cloudbase::error::{Error, Result};

/// The number of places changes at most this often in one direction: what many requests are told at once is told once.
const STEP: Duration = Duration::from_secs(1);

/// How much of a second's requests may begin at once after a quiet time.
const BURST: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Limiter {
    /// One permit for each place that is free; its queue is fair.
    places: Semaphore,
    /// Those in the queue of `places`.
    waiting: AtomicUsize,
    max_queue: usize,
    per_second: u32,
    /// Held for a few instructions, never across an await.
    pace: Mutex<Pace>,
}

/// How many may be under way, and when the next may begin.
#[derive(Debug)]
struct Pace {
    /// Places there are, taken ones included.
    places: usize,
    max_places: usize,
    /// Places that were given up while they were taken: whoever leaves one takes it along.
    excess: usize,
    changed: Instant,
    /// When the next request would begin if they came evenly.
    next: Instant,
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    limiter: &'a Limiter,
    /// `None` once it is given back.
    permit: Option<SemaphorePermit<'a>>,
}

impl Limiter {
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        let places = limits.max_concurrent.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            places: Semaphore::new(places),
            waiting: AtomicUsize::new(0),
            max_queue: limits.max_queue,
            per_second: limits.per_second.max(1),
            pace: Mutex::new(Pace {
                places,
                max_places: places,
                excess: 0,
                changed: now,
                next: now,
            }),
        }
    }

    /// Waits until a request may begin.
    ///
    /// # Errors
    ///
    /// `Busy`: too many wait already. `TooLate`: its turn does not come before the deadline.
    pub(super) async fn enter(&self, deadline: Instant) -> Result<Place<'_>> {
        let permit = match self.places.try_acquire() {
            Ok(permit) => permit,
            Err(_) => self.queue(deadline).await?,
        };
        let place = Place {
            limiter: self,
            permit: Some(permit),
        };
        let now = Instant::now();
        let begin = self.pace().reserve(self.beat(), now, deadline)?;
        // Timers tick in milliseconds: nobody who may begin at once waits for one.
        if begin > now {
            sleep_until(begin).await;
        }
        Ok(place)
    }

    /// The upstream says that it is too much: half as many places. Whether there are fewer now.
    pub(super) fn shrink(&self, now: Instant) -> bool {
        let mut pace = self.pace();
        if pace.places == 1 || now < pace.changed + STEP {
            return false;
        }
        let fewer = pace.places / 2;
        let given_up = pace.places - fewer;
        let free = self.places.forget_permits(given_up);
        pace.excess += given_up - free;
        pace.places = fewer;
        pace.changed = now;
        true
    }

    /// A request succeeded: one more place, if some were given up and this was not done just now.
    pub(super) fn grow(&self, now: Instant) {
        let mut pace = self.pace();
        if pace.places == pace.max_places || now < pace.changed + STEP {
            return;
        }
        pace.places += 1;
        pace.changed = now;
        match pace.excess {
            0 => self.places.add_permits(1),
            _ => pace.excess -= 1,
        }
    }

    async fn queue(&self, deadline: Instant) -> Result<SemaphorePermit<'_>> {
        let _waiting = Waiting::count(self)?;
        match timeout_at(deadline, self.places.acquire()).await {
            Ok(permit) => Ok(permit.expect("the semaphore is never closed")),
            Err(_) => Err(Error::TooLate),
        }
    }

    /// The time between requests that come evenly.
    fn beat(&self) -> Duration {
        Duration::from_secs(1) / self.per_second
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // Every change of it is complete before the lock is released.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    /// The moment at which the next request may begin.
    ///
    /// # Errors
    ///
    /// `TooLate`: that is not before the deadline; nothing is reserved.
    fn reserve(&mut self, beat: Duration, now: Instant, deadline: Instant) -> Result<Instant> {
        let even = self.next.max(now.checked_sub(BURST).unwrap_or(now));
        let begin = even.max(now);
        if begin >= deadline {
            return Err(Error::TooLate);
        }
        self.next = even + beat;
        Ok(begin)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut pace = self.limiter.pace();
        match self.permit.take() {
            Some(permit) if pace.excess > 0 => {
                pace.excess -= 1;
                permit.forget();
            }
            permit => drop(permit),
        }
    }
}

/// Somebody in the queue, counted until this is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn count(limiter: &'a Limiter) -> Result<Self> {
        let ahead = limiter.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Self(&limiter.waiting);
        if ahead < limiter.max_queue {
            return Ok(waiting);
        }
        let queue = u32::try_from(limiter.max_queue).unwrap_or(u32::MAX);
        Err(Error::Busy {
            reason: "too many requests wait for their turn",
            // How long the queue takes at best.
            retry_after: limiter.beat().saturating_mul(queue).max(STEP),
        })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    fn limiter(max_concurrent: usize, per_second: u32, max_queue: usize) -> Limiter {
        let limits = Limits {
            max_concurrent,
            per_second,
            max_queue,
            ..Limits::default()
        };
        Limiter::new(&limits, Instant::now())
    }

    /// How many can begin without waiting for a place.
    async fn free(limiter: &Limiter) -> usize {
        let mut taken = Vec::new();
        while let Some(Ok(place)) = limiter.enter(Instant::now() + LONG).now_or_never() {
            taken.push(place);
        }
        taken.len()
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_given_in_order() {
        let limiter = limiter(1, u32::MAX, 10);
        let place = limiter
            .enter(Instant::now() + LONG)
            .await
            .expect("it is free");
        let order = Mutex::new(Vec::new());
        let visit = async |name: u32| {
            let _place = limiter.enter(Instant::now() + LONG).await.expect("in time");
            order.lock().expect("no panic").push(name);
        };
        let leave = async { drop(place) };
        tokio::join!(visit(1), visit(2), visit(3), leave);
        assert_eq!(order.into_inner().expect("no panic"), [1, 2, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded_and_ends_at_the_deadline() {
        let limiter = limiter(1, u32::MAX, 1);
        let soon = Instant::now() + Duration::from_millis(50);
        let place = limiter.enter(soon).await.expect("it is free");
        let mut waiting = Box::pin(limiter.enter(soon));
        assert!((&mut waiting).now_or_never().is_none());
        let refused = limiter.enter(soon).await.expect_err("the queue is full");
        assert!(matches!(refused, Error::Busy { .. }), "{refused}");
        assert!(matches!(waiting.await, Err(Error::TooLate)));
        let mut again = Box::pin(limiter.enter(Instant::now() + LONG));
        assert!((&mut again).now_or_never().is_none());
        drop(place);
        assert!(again.await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn requests_begin_at_a_beat() {
        let limiter = limiter(1_000, 10, 0);
        let begun = Instant::now();
        for _ in 0..41 {
            limiter.enter(begun + LONG).await.expect("in time");
        }
        let took = begun.elapsed();
        // One at once, one more that the quiet time before allows.
        assert!((3_900..=4_000).contains(&took.as_millis()), "{took:?}");
        let soon = Instant::now() + Duration::from_millis(50);
        assert!(matches!(limiter.enter(soon).await, Err(Error::TooLate)));
        // Who was refused took no turn.
        let before = Instant::now();
        limiter.enter(before + LONG).await.expect("in time");
        assert!(before.elapsed() <= Duration::from_millis(101));
    }

    #[tokio::test(start_paused = true)]
    async fn places_halve_and_come_back_one_by_one() {
        let limiter = limiter(8, u32::MAX, 0);
        let mut now = Instant::now() + STEP;
        assert!(limiter.shrink(now));
        assert!(!limiter.shrink(now), "many are told at once");
        assert_eq!(free(&limiter).await, 4);
        for left in [2, 1] {
            now += STEP;
            assert!(limiter.shrink(now));
            assert_eq!(free(&limiter).await, left);
        }
        now += STEP;
        assert!(!limiter.shrink(now), "one is left");
        for places in [2, 3, 4, 5, 6, 7, 8, 8] {
            now += STEP;
            limiter.grow(now);
            limiter.grow(now);
            assert_eq!(free(&limiter).await, places);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn places_that_are_taken_are_given_up_when_they_are_left() {
        let limiter = limiter(4, u32::MAX, 0);
        let later = Instant::now() + LONG;
        let mut taken = Vec::new();
        for _ in 0..4 {
            taken.push(limiter.enter(later).await.expect("it is free"));
        }
        assert!(limiter.shrink(later));
        for free_now in [0, 0, 1, 2] {
            taken.pop();
            assert_eq!(free(&limiter).await, free_now);
        }
        limiter.grow(later + STEP);
        assert_eq!(free(&limiter).await, 3);
    }
}
