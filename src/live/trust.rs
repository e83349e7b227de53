//! Whether word of others' commits is believed. Pure: whoever asks says what time it is.
//!
//! Who tells of commits to a store far away may miss some and not know it. That
//! shows when a look finds a difference of which there was no word. Then a list is
//! looked at for a while as if nobody told.

use std::time::Duration;

use tokio::time::Instant;

/// How long word of a commit may take after the commit itself can be read.
const GRACE: Duration = Duration::from_secs(5);

/// How long word is not believed after it was missing.
const DISBELIEF: Duration = Duration::from_secs(600);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trust {
    #[default]
    Believed,
    /// A difference was found; word of it may be on its way until then.
    Suspected {
        until: Instant,
    },
    Disbelieved {
        until: Instant,
    },
}

impl Trust {
    /// There is word: what was found is explained by it.
    pub(super) fn hear(&mut self) {
        if matches!(self, Trust::Suspected { .. }) {
            *self = Trust::Believed;
        }
    }

    /// A look found a difference of which there was no word.
    pub(super) fn wonder(&mut self, now: Instant) {
        if *self == Trust::Believed {
            *self = Trust::Suspected { until: now + GRACE };
        }
    }

    /// What has become of it by now; tells whether it was lost at this moment.
    pub(super) fn judge(&mut self, now: Instant) -> bool {
        match *self {
            Trust::Suspected { until } if until <= now => {
                *self = Trust::Disbelieved {
                    until: now + DISBELIEF,
                };
                true
            }
            Trust::Disbelieved { until } if until <= now => {
                *self = Trust::Believed;
                false
            }
            _ => false,
        }
    }

    /// When it must be judged again.
    pub(super) fn next(&self) -> Option<Instant> {
        match *self {
            Trust::Believed => None,
            Trust::Suspected { until } | Trust::Disbelieved { until } => Some(until),
        }
    }

    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Trust::Disbelieved { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Act {
        Hear,
        Wonder,
        Judge,
    }

    #[test]
    fn it_is_lost_when_no_word_comes_in_time_and_returns() {
        use Act::{Hear, Judge, Wonder};
        let last = (GRACE + DISBELIEF).as_secs();
        // What happens at which second, and whether trust is lost after it.
        let cases: [&[(u64, Act, bool)]; 5] = [
            &[(0, Judge, false), (0, Hear, false), (9_999, Judge, false)],
            &[(0, Wonder, false), (4, Judge, false), (5, Judge, true)],
            &[(0, Wonder, false), (4, Hear, false), (5, Judge, false)],
            &[
                (0, Wonder, false),
                (3, Wonder, false),
                (5, Judge, true),
                (6, Hear, true),
                (7, Wonder, true),
                (last - 1, Judge, true),
                (last, Judge, false),
            ],
            &[
                (0, Wonder, false),
                (5, Judge, true),
                (last, Judge, false),
                (last, Wonder, false),
                (last + 5, Judge, true),
            ],
        ];
        let start = Instant::now();
        for (case, steps) in cases.iter().enumerate() {
            let mut trust = Trust::default();
            for (second, act, lost) in *steps {
                let now = start + Duration::from_secs(*second);
                let before = trust.is_lost();
                let told = match act {
                    Hear => {
                        trust.hear();
                        false
                    }
                    Wonder => {
                        trust.wonder(now);
                        false
                    }
                    Judge => trust.judge(now),
                };
                assert_eq!(trust.is_lost(), *lost, "case {case} at {second}");
                assert_eq!(
                    told,
                    *lost && !before,
                    "it is told once: {case} at {second}"
                );
            }
        }
    }
}
