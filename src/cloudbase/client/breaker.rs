//! Leaves an upstream alone that fails, so that it can recover and whoever asks is told at once.
//!
//! Closed, calls pass and their outcomes are counted. Once at least half of at least twenty within ten seconds failed it is
//! open, and nothing passes for five seconds. Then it is half open: one call passes, and its outcome decides.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::health::Health;
use super::window::{Counts, Window};

/// Fewer calls than this tell nothing.
const MIN_CALLS: u64 = 20;

/// How long nothing passes once it is open.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Held for a few instructions, never across an await.
    state: Mutex<State>,
    /// When a call was answered last. Held likewise.
    answered: Mutex<Option<Instant>>,
}

#[derive(Debug)]
enum State {
    Closed(Window),
    /// Until then nothing passes; from then on one call does.
    Open(Instant),
    /// The probe that was let through at that moment.
    Probing(Instant),
}

impl Default for State {
    fn default() -> Self {
        Self::Closed(Window::default())
    }
}

/// A call that was let through. Dropped without an outcome it counts for nothing.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    /// When it was let through, if it is a probe.
    probe: Option<Instant>,
}

impl Breaker {
    /// Whether a call would be let through, without letting it.
    ///
    /// # Errors
    ///
    /// It is open; for how long still.
    pub(super) fn check(&self, now: Instant) -> Result<(), Duration> {
        self.state().check(now)
    }

    /// Lets a call through.
    ///
    /// # Errors
    ///
    /// It is open; for how long still.
    pub(super) fn admit(&self, now: Instant) -> Result<Pass<'_>, Duration> {
        let mut state = self.state();
        state.check(now)?;
        let probe = matches!(*state, State::Open(_)).then_some(now);
        if probe.is_some() {
            *state = State::Probing(now);
        }
        Ok(Pass {
            breaker: self,
            probe,
        })
    }

    /// Whether calls are held back.
    pub(super) fn is_open(&self) -> bool {
        !matches!(*self.state(), State::Closed(_))
    }

    /// Whether a call was answered after that moment: then the upstream was there, and who was not answered asked for
    /// something slow.
    pub(super) fn has_answered_since(&self, moment: Instant) -> bool {
        self.answered().is_some_and(|at| at > moment)
    }

    fn answered(&self) -> MutexGuard<'_, Option<Instant>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A count that is off by one after a panic is still a count.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check(&self, now: Instant) -> Result<(), Duration> {
        match *self {
            State::Open(until) if now < until => Err(until - now),
            // Whoever comes while the probe is under way comes again when it may be back.
            State::Probing(_) => Err(PAUSE),
            State::Closed(_) | State::Open(_) => Ok(()),
        }
    }
}

impl Pass<'_> {
    /// Takes the outcome of the call; whether the breaker opened by it.
    pub(super) fn report(self, health: Health, now: Instant) -> bool {
        if health == Health::Good {
            *self.breaker.answered() = Some(now);
        }
        let mut state = self.breaker.state();
        match (&mut *state, health) {
            (_, Health::Unknown) => return false,
            (State::Closed(window), _) => {
                let some = u64::from(health == Health::Bad);
                window.add(now, Counts { all: 1, some });
                let Counts { all, some } = window.sum(now);
                // A call that went well may be the first after an outage: it opens nothing, however many failed before.
                if health == Health::Good || all < MIN_CALLS || some * 2 < all {
                    return false;
                }
            }
            // Only the probe decides, not those that were let through before it opened.
            (State::Probing(since), _) if self.probe == Some(*since) => {
                if health == Health::Good {
                    *state = State::default();
                    return false;
                }
            }
            _ => return false,
        }
        *state = State::Open(now + PAUSE);
        true
    }
}

impl Drop for Pass<'_> {
    /// A probe that came back without an outcome, or never: the next call is one.
    fn drop(&mut self) {
        let mut state = self.breaker.state();
        match (&*state, self.probe) {
            (State::Probing(since), Some(probe)) if *since == probe => *state = State::Open(probe),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(breaker: &Breaker, health: Health, now: Instant) -> bool {
        breaker
            .admit(now)
            .expect("it is not open")
            .report(health, now)
    }

    /// One that has just opened.
    fn opened(now: Instant) -> Breaker {
        let breaker = Breaker::default();
        for call in 1..=MIN_CALLS {
            assert_eq!(report(&breaker, Health::Bad, now), call == MIN_CALLS);
        }
        breaker
    }

    #[test]
    fn it_opens_at_half_of_twenty() {
        let now = Instant::now();
        let breaker = Breaker::default();
        for call in 0..10 {
            assert!(!report(&breaker, Health::Good, now), "{call}");
            assert!(!report(&breaker, Health::Unknown, now), "{call}");
        }
        for call in 0..9 {
            assert!(!report(&breaker, Health::Bad, now), "{call}");
        }
        assert!(!breaker.is_open());
        assert!(report(&breaker, Health::Bad, now));
        assert!(breaker.is_open());
        assert_eq!(breaker.admit(now).err(), Some(PAUSE));
    }

    #[test]
    fn a_call_that_goes_well_does_not_open_it() {
        let now = Instant::now();
        let breaker = Breaker::default();
        for _ in 1..MIN_CALLS {
            assert!(!report(&breaker, Health::Bad, now));
        }
        assert!(!report(&breaker, Health::Good, now));
        assert!(report(&breaker, Health::Bad, now));
    }

    #[test]
    fn failures_of_long_ago_do_not_count() {
        let start = Instant::now();
        let breaker = Breaker::default();
        for second in 0..60 {
            let now = start + Duration::from_secs(second);
            assert!(!report(&breaker, Health::Bad, now), "{second}");
        }
    }

    #[test]
    fn one_probe_decides() {
        let start = Instant::now();
        let later = start + PAUSE;
        for (health, open) in [(Health::Good, false), (Health::Bad, true)] {
            let breaker = opened(start);
            let probe = breaker.admit(later).expect("one may try");
            assert!(breaker.admit(later).is_err());
            probe.report(health, later);
            assert_eq!(breaker.is_open(), open);
            assert_eq!(breaker.admit(later).is_err(), open);
            assert!(breaker.admit(later + PAUSE).is_ok());
        }
    }

    #[test]
    fn a_probe_that_is_lost_is_followed_by_another() {
        let start = Instant::now();
        let later = start + PAUSE;
        let breaker = opened(start);
        drop(breaker.admit(later).expect("one may try"));
        let probe = breaker.admit(later).expect("another one may");
        probe.report(Health::Unknown, later);
        assert!(breaker.is_open());
        assert!(breaker.admit(later).is_ok());
    }

    #[test]
    fn calls_from_before_it_opened_decide_nothing() {
        let start = Instant::now();
        let breaker = Breaker::default();
        let early = breaker.admit(start).expect("it is closed");
        for _ in 0..MIN_CALLS {
            report(&breaker, Health::Bad, start);
        }
        let _probe = breaker.admit(start + PAUSE).expect("one may try");
        early.report(Health::Good, start + PAUSE);
        assert!(breaker.is_open());
    }

    #[test]
    fn an_answer_shows_that_the_upstream_was_there() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let breaker = Breaker::default();
        report(&breaker, Health::Bad, later);
        assert!(!breaker.has_answered_since(start));
        report(&breaker, Health::Good, later);
        assert!(breaker.has_answered_since(start));
        assert!(!breaker.has_answered_since(later));
    }
}
