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
        let begin = self.pace().reserve(self.beat(), deadline)?;
        sleep_until(begin).await;
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
    fn reserve(&mut self, beat: Duration, deadline: Instant) -> Result<Instant> {
        let now = Instant::now();
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
        let permit = self.permit.take();
        if pace.excess > 0
            && let Some(permit) = permit
        {
            pace.excess -= 1;
            permit.forget();
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
            retry_after: (limiter.beat().saturating_mul(queue)).max(Duration::from_secs(1)),
        })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
