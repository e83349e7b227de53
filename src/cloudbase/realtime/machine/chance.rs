//! What must differ from one gateway to the next, and from one message to the next: pauses, and names.

use std::time::Duration;

use smol_str::{SmolStr, format_smolstr};
use tokio::time::Instant;

/// Numbers that look random, always the same ones for one seed (`SplitMix64`).
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// This long, give or take a quarter.
    pub(super) fn about(&mut self, usual: Duration) -> Duration {
        usual.mul_f64(0.75 + 0.5 * self.share())
    }

    /// This long, or up to a tenth less.
    pub(super) fn nearly(&mut self, most: Duration) -> Duration {
        most.mul_f64(1.0 - 0.1 * self.share())
    }

    /// A number from 0 to 1.
    fn share(&mut self) -> f64 {
        let number = u32::try_from(self.number() >> 32).expect("half of the bits are left");
        f64::from(number) / f64::from(u32::MAX)
    }
}

/// Names of requests and watches, as the cloud's own clients make them: milliseconds since 1970, and chance.
#[derive(Debug)]
pub(super) struct Names {
    /// A moment on both clocks.
    began: (Instant, i64),
    last: u64,
}

impl Names {
    pub(super) fn new(now: Instant, now_ms: i64) -> Self {
        Self {
            began: (now, now_ms),
            last: 0,
        }
    }

    pub(super) fn request(&mut self, now: Instant, chance: &mut Chance) -> SmolStr {
        let passed = now.saturating_duration_since(self.began.0).as_millis();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        // A count goes with it, since chance alone could repeat itself.
        self.last = self.last.wrapping_add(1);
        let (ms, random) = (self.began.1.saturating_add(passed), chance.number() >> 40);
        format_smolstr!("{ms}_0.{random:08}{:06}", self.last)
    }

    pub(super) fn watch(&mut self, now: Instant, chance: &mut Chance) -> SmolStr {
        format_smolstr!("watchid_{}", self.request(now, chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_tell_the_time() {
        let now = Instant::now();
        let (mut names, mut chance) = (Names::new(now, 1_700_000_000_000), Chance::new(1));
        let first = names.request(now, &mut chance);
        let later = now + Duration::from_millis(1_001);
        let second = names.watch(later, &mut chance);
        assert!(first.starts_with("1700000000000_0."), "{first}");
        assert!(second.starts_with("watchid_1700000001001_0."), "{second}");
    }

    #[test]
    fn pauses_stay_within_their_bounds() {
        let mut chance = Chance::new(7);
        let usual = Duration::from_secs(100);
        for _ in 0..1_000 {
            let about = chance.about(usual).as_secs_f64();
            let nearly = chance.nearly(usual).as_secs_f64();
            assert!((75.0..=125.0).contains(&about), "{about}");
            assert!((90.0..=100.0).contains(&nearly), "{nearly}");
        }
    }
}
