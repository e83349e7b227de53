//! When a list of a shared store is looked at again. Pure: whoever asks says what time it is.
//!
//! By time: often while nobody tells of others' commits, seldom while somebody
//! does. By word: soon after it, but what comes close together is one look.

use std::time::Duration;

use tokio::time::Instant;

use super::Config;
use super::pause;
use super::trust::Trust;
use crate::store::Notice;

#[derive(Debug)]
pub(super) struct Schedule {
    poll_interval: Duration,
    reconcile_interval: Duration,
    notice_pace: Duration,
    /// When the last look began.
    last: Instant,
    /// When the next one is due, whether or not there is word.
    next: Instant,
    /// What was heard last.
    notice: Notice,
    /// Whether there was word since the last look began.
    is_told: bool,
    /// Whether somebody has been watching since before the last look began, so that whatever happened after it had to
    /// be told.
    is_covered: bool,
    trust: Trust,
}

/// A look that has begun.
#[derive(Clone, Copy, Debug)]
#[must_use = "the next one is due once it is over"]
pub(super) struct Look {
    /// Whether whatever it finds had to be told, and was not.
    is_quiet: bool,
}

impl Schedule {
    /// After a look that begins now, with what was heard before it.
    pub(super) fn new(config: &Config, notice: Notice, now: Instant) -> Self {
        let mut schedule = Self {
            poll_interval: config.poll_interval,
            reconcile_interval: config.reconcile_interval,
            notice_pace: config.notice_pace,
            last: now,
            next: now,
            notice,
            is_told: false,
            is_covered: notice.attentive,
            trust: Trust::default(),
        };
        schedule.next = now + schedule.interval();
        schedule
    }

    /// When there is something to do next: a look, or to [`Schedule::judge`].
    pub(super) fn wake(&self) -> Instant {
        let judged = self.trust.next();
        judged.map_or(self.due(), |judged| judged.min(self.due()))
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.due() <= now
    }

    fn due(&self) -> Instant {
        match self.is_told {
            true => self.next.min(self.last + self.notice_pace),
            false => self.next,
        }
    }

    /// Takes in the latest word.
    pub(super) fn hear(&mut self, notice: Notice, now: Instant) {
        let before = std::mem::replace(&mut self.notice, notice);
        if notice.count != before.count {
            self.is_told = true;
            self.trust.hear();
        }
        if before.attentive && !notice.attentive {
            self.poll(now);
        }
    }

    /// What has become of the trust in what is told; tells whether it was lost at this moment.
    pub(super) fn judge(&mut self, now: Instant) -> bool {
        let lost = self.trust.judge(now);
        if lost {
            self.poll(now);
        }
        lost
    }

    /// From now on only looking tells. Many lists learn this at once, so they spread over the whole interval.
    fn poll(&mut self, now: Instant) {
        self.is_covered = false;
        self.next = self.next.min(now + pause::part_of(self.poll_interval));
    }

    /// A look begins: its reads come after this.
    pub(super) fn begin(&mut self, now: Instant) -> Look {
        let look = Look {
            is_quiet: self.is_covered && !self.is_told,
        };
        self.last = now;
        self.is_told = false;
        self.is_covered = self.notice.attentive;
        look
    }

    /// The look is over. `is_surprised`: others changed what is shown.
    pub(super) fn end(&mut self, look: Look, is_surprised: bool, now: Instant) {
        if is_surprised && look.is_quiet && self.is_covered && !self.is_told {
            self.trust.wonder(now);
        }
        self.next = now + self.interval();
    }

    fn interval(&self) -> Duration {
        pause::about(match self.notice.attentive && !self.trust.is_lost() {
            true => self.reconcile_interval,
            false => self.poll_interval,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Duration = Duration::from_secs(2);
    const RECONCILE: Duration = Duration::from_secs(60);
    const PACE: Duration = Duration::from_millis(250);

    struct Run {
        start: Instant,
        schedule: Schedule,
    }

    impl Run {
        fn new(attentive: bool) -> Self {
            let config = Config {
                poll_interval: POLL,
                reconcile_interval: RECONCILE,
                notice_pace: PACE,
                ..Config::default()
            };
            let notice = Notice {
                count: 7,
                attentive,
            };
            let start = Instant::now();
            Self {
                start,
                schedule: Schedule::new(&config, notice, start),
            }
        }

        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        fn hear(&mut self, ms: u64, count: u64, attentive: bool) {
            let now = self.at(ms);
            self.schedule.hear(Notice { count, attentive }, now);
        }

        fn look(&mut self, ms: u64, is_surprised: bool) {
            let now = self.at(ms);
            let look = self.schedule.begin(now);
            self.schedule.end(look, is_surprised, now);
        }

        /// Whether the next look is due so long after this moment, give or take a fifth.
        fn waits(&self, since: u64, interval: Duration) -> bool {
            let wait = self.schedule.due() - self.at(since);
            (interval.mul_f64(0.79)..=interval.mul_f64(1.21)).contains(&wait)
        }

        fn due(&self) -> u64 {
            let due = self.schedule.due() - self.start;
            u64::try_from(due.as_millis()).expect("a test is short")
        }
    }

    #[test]
    fn time_alone_calls_for_a_look_often_or_seldom() {
        let mut run = Run::new(false);
        assert!(run.waits(0, POLL));
        run.look(2_000, true);
        assert!(run.waits(2_000, POLL));
        let mut run = Run::new(true);
        assert!(run.waits(0, RECONCILE));
        run.look(60_000, false);
        assert!(run.waits(60_000, RECONCILE));
    }

    #[test]
    fn word_calls_for_a_look_soon_and_what_comes_together_for_one() {
        let mut run = Run::new(true);
        run.hear(10_000, 8, true);
        assert!(
            run.schedule.is_due(run.at(10_000)),
            "long after the last look: at once"
        );
        run.look(10_000, true);
        assert!(!run.schedule.is_due(run.at(10_000)));
        for count in 9..30 {
            run.hear(10_010 + count, count, true);
            assert_eq!(run.due(), 10_250);
        }
        run.look(10_250, true);
        assert!(run.waits(10_250, RECONCILE));
    }

    #[test]
    fn when_nobody_is_watching_any_more_looks_are_spread_over_the_interval() {
        let mut run = Run::new(true);
        run.hear(30_000, 7, false);
        let due = run.due();
        assert!((30_000..=32_000).contains(&due), "{due}");
        run.look(due, true);
        assert!(run.waits(due, POLL));
        // Back again: what happened in between is found by the look that was due anyway.
        run.hear(due + 100, 7, true);
        assert!(run.waits(due, POLL));
        run.look(due + 2_000, true);
        assert!(run.waits(due + 2_000, RECONCILE));
        assert!(run.schedule.trust.next().is_none(), "nobody had to tell");
    }

    #[test]
    fn word_that_is_missing_is_not_believed_any_more() {
        let mut run = Run::new(true);
        run.look(60_000, true);
        assert_eq!(run.schedule.wake(), run.at(65_000));
        assert!(!run.schedule.judge(run.at(64_999)));
        assert!(run.schedule.judge(run.at(65_000)));
        let due = run.due();
        assert!((65_000..=67_000).contains(&due), "{due}");
        run.look(due, true);
        assert!(run.waits(due, POLL));
        // Word is still a reason to look.
        run.hear(due + 1_000, 8, true);
        assert_eq!(run.due(), due + 1_000 - 750);
        // Ten minutes later it counts again.
        assert!(!run.schedule.judge(run.at(665_000)));
        run.look(666_000, false);
        assert!(run.waits(666_000, RECONCILE));
    }

    #[test]
    fn what_is_explained_is_no_surprise() {
        // Word before, during and after the look; nobody watching before it; nothing found.
        let acts: [fn(&mut Run); 5] = [
            |run| {
                run.hear(59_999, 8, true);
                run.look(60_000, true);
            },
            |run| {
                let now = run.at(60_000);
                let look = run.schedule.begin(now);
                run.hear(60_010, 8, true);
                run.schedule.end(look, true, run.at(60_020));
            },
            |run| {
                run.look(60_000, true);
                run.hear(60_500, 8, true);
            },
            |run| {
                run.hear(50_000, 7, false);
                run.hear(50_100, 7, true);
                run.look(52_000, true);
            },
            |run| run.look(60_000, false),
        ];
        for (case, act) in acts.into_iter().enumerate() {
            let mut run = Run::new(true);
            act(&mut run);
            assert!(!run.schedule.judge(run.at(100_000)), "case {case}");
        }
    }
}
