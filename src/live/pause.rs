//! How long to wait: never exactly what others wait, so that many do not come at once.

use std::time::Duration;

/// Before a read that failed is tried again for the first time.
const SHORTEST: Duration = Duration::from_millis(100);

/// Before a read that failed many times is tried again.
const LONGEST: Duration = Duration::from_secs(5);

/// This long, give or take a fifth.
pub(super) fn about(usual: Duration) -> Duration {
    // Without randomness all wait the same, which is no error.
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    usual.mul_f64(0.8 + 0.4 * f64::from(random) / f64::from(u32::MAX))
}

/// Pauses between attempts, each twice as long as the one before, up to an end.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Backoff {
    pub(super) fn new() -> Self {
        Self(SHORTEST)
    }

    pub(super) fn next(&mut self) -> Duration {
        let pause = about(self.0);
        self.0 = (self.0 * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_an_end() {
        let mut backoff = Backoff::new();
        let pauses: Vec<Duration> = (0..20).map(|_| backoff.next()).collect();
        assert!(pauses[0] >= SHORTEST.mul_f64(0.79) && pauses[0] <= SHORTEST.mul_f64(1.21));
        assert!(pauses[3] > pauses[0] * 4);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST.mul_f64(1.21)));
    }
}
