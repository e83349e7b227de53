//! When to try again: soon after a failure, much later after many.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::chance::Chance;
use crate::cloudbase::realtime::Timing;

/// Pauses between attempts, each about twice as long as the one before.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(super) fn next(&mut self, timing: &Timing, chance: &mut Chance) -> Duration {
        let doubled = 2_u32.saturating_pow(self.failures);
        let usual = timing.shortest_pause.saturating_mul(doubled);
        self.failures = self.failures.saturating_add(1);
        let pause = chance.about(usual.min(timing.longest_pause));
        pause.min(timing.longest_pause)
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// How long to wait after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    Short(Duration),
    /// It failed too often.
    Rest(Duration),
}

/// Keeps a watch from being tried again and again.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    /// The last failures, the oldest first; never more than make it open.
    failures: VecDeque<Instant>,
    backoff: Backoff,
    /// Whether the next attempt is one to see if things are better: if it fails, they are not.
    is_probing: bool,
}

impl Circuit {
    /// What may pass by itself.
    pub(super) fn failed(&mut self, now: Instant, timing: &Timing, chance: &mut Chance) -> Pause {
        self.failures.push_back(now);
        let is_old = |at: &Instant| now.saturating_duration_since(*at) > timing.trouble_within;
        while self.failures.front().is_some_and(is_old) {
            self.failures.pop_front();
        }
        if self.is_probing || self.failures.len() >= timing.max_troubles {
            return Pause::Rest(self.refused(timing, chance));
        }
        Pause::Short(self.backoff.next(timing, chance))
    }

    /// What will not pass soon: how long to wait.
    pub(super) fn refused(&mut self, timing: &Timing, chance: &mut Chance) -> Duration {
        self.failures.clear();
        self.backoff.reset();
        self.is_probing = true;
        chance.about(timing.rest)
    }

    pub(super) fn succeeded(&mut self) {
        self.is_probing = false;
        self.backoff.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(count: u64) -> Duration {
        Duration::from_secs(60 * count)
    }

    #[test]
    fn pauses_grow_up_to_an_end() {
        let (timing, mut chance) = (Timing::default(), Chance::new(1));
        let mut backoff = Backoff::default();
        let pauses: Vec<Duration> = (0..100)
            .map(|_| backoff.next(&timing, &mut chance))
            .collect();
        assert!(pauses[0] >= Duration::from_millis(375) && pauses[0] <= Duration::from_millis(625));
        assert!(pauses[3] > pauses[0] * 4);
        assert!(pauses.iter().all(|pause| *pause <= timing.longest_pause));
        assert!(pauses[99] >= timing.longest_pause.mul_f64(0.74));
        backoff.reset();
        assert!(backoff.next(&timing, &mut chance) < Duration::from_secs(1));
    }

    #[test]
    fn the_third_failure_in_five_minutes_makes_it_rest() {
        let (timing, mut chance) = (Timing::default(), Chance::new(1));
        let start = Instant::now();
        // When failures come, in minutes, and which of them make the watch rest.
        let cases: [(&[u64], &[bool]); 4] = [
            (&[0, 1, 2], &[false, false, true]),
            (&[0, 3, 6, 9, 12], &[false, false, false, false, false]),
            (&[0, 4, 6, 8], &[false, false, false, true]),
            // The attempt after a rest is a probe.
            (&[0, 0, 0, 10, 20], &[false, false, true, true, true]),
        ];
        for (at, rests) in cases {
            let mut circuit = Circuit::default();
            for (at, rests) in at.iter().zip(rests) {
                let pause = circuit.failed(start + minutes(*at), &timing, &mut chance);
                assert_eq!(
                    matches!(pause, Pause::Rest(_)),
                    *rests,
                    "{at} min: {pause:?}"
                );
            }
        }
    }

    #[test]
    fn a_probe_that_succeeds_closes_it() {
        let (timing, mut chance) = (Timing::default(), Chance::new(1));
        let now = Instant::now();
        let mut circuit = Circuit::default();
        assert!(circuit.refused(&timing, &mut chance) > minutes(5));
        circuit.succeeded();
        let pause = circuit.failed(now, &timing, &mut chance);
        assert!(matches!(pause, Pause::Short(_)), "{pause:?}");
    }
}
