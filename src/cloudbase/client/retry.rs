//! When something is tried again, and after how long.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::request::Request;
use super::window::{Counts, Window};
use crate::cloudbase::error::{Error, Retry};

/// Within ten seconds, one request in so many is tried again: more would multiply the load of an upstream that is down.
const ONE_IN: u64 = 10;

/// So many may be tried again within ten seconds even of few requests.
const FLOOR: u64 = 10;

/// The first pause; it doubles with each attempt.
const PAUSE: Duration = Duration::from_millis(200);

/// The first pause where the upstream asks for less.
const LONG_PAUSE: Duration = Duration::from_secs(1);

/// How many attempts after the first there may be, for the whole client.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Requests, and how many of them are attempts after the first. Held for a few instructions, never across an await.
    sent: Mutex<Window>,
}

impl Budget {
    /// A call begins.
    pub(super) fn begin(&self, now: Instant) {
        self.with(|sent| sent.add(now, Counts { all: 1, some: 0 }));
    }

    /// Takes one further attempt out of the budget; whether there was one.
    pub(super) fn spend(&self, now: Instant) -> bool {
        self.with(|sent| {
            let Counts { all, some } = sent.sum(now);
            let left = some < FLOOR.max(all / ONE_IN);
            if left {
                sent.add(now, Counts { all: 0, some: 1 });
            }
            left
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Window) -> T) -> T {
        // A count that is off by one after a panic is still a count.
        act(&mut self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The attempts of one call that failed.
#[derive(Debug)]
pub(super) struct Attempts<'a> {
    request: &'a Request,
    pub(super) failed: u32,
    /// Whether a fresh signature was tried.
    signed_again: bool,
    /// What the call fails with if there are no more attempts.
    verdict: Option<Error>,
}

impl<'a> Attempts<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        Self {
            request,
            failed: 0,
            signed_again: false,
            verdict: None,
        }
    }

    /// Takes in a failure; how long to wait before the next attempt, `None`: there is no use in one.
    pub(super) fn after(
        &mut self,
        failure: Error,
        signed: bool,
        max_retries: u32,
    ) -> Option<Duration> {
        let pause = self.pause(&failure, signed, max_retries);
        self.failed += 1;
        if self
            .verdict
            .as_ref()
            .is_none_or(|verdict| self.yields(verdict, &failure))
        {
            self.verdict = Some(failure);
        }
        pause
    }

    /// What the call failed with.
    pub(super) fn verdict(self) -> Error {
        self.verdict
            .expect("a call ends with a failure only after one")
    }

    /// Whether a later failure says more than an earlier one. What we refuse ourselves says less than what the upstream
    /// said; and once it is open whether something was changed, no later failure takes that back.
    fn yields(&self, verdict: &Error, failure: &Error) -> bool {
        let ours = matches!(failure, Error::Busy { .. } | Error::TooLate);
        let open =
            verdict.retry() == Retry::Ambiguous && self.request.class().may_change_something();
        !ours && !open
    }

    fn pause(&mut self, failure: &Error, signed: bool, max_retries: u32) -> Option<Duration> {
        let base = match (failure.retry(), failure) {
            // Our own refusals are final, and an answer that makes no sense makes none the next time either.
            (_, Error::Busy { .. } | Error::Malformed(_)) | (Retry::Never, _) => return None,
            (Retry::Credential, _) => {
                let first = signed && !std::mem::replace(&mut self.signed_again, true);
                return first.then_some(Duration::ZERO);
            }
            (Retry::Ambiguous, _) if !self.request.repeatable => return None,
            (Retry::Ambiguous | Retry::Safe, _) => PAUSE,
            (Retry::Slower, _) => LONG_PAUSE,
        };
        (self.failed < max_retries).then(|| jittered(base, self.failed))
    }
}

/// The pause before an attempt: between half and all of `base` doubled so many times, so that those who failed together do
/// not come back together.
fn jittered(base: Duration, doublings: u32) -> Duration {
    let all = base.saturating_mul(1 << doublings.min(6));
    let chance = getrandom::u32().unwrap_or(u32::MAX);
    let share = 0.5 + 0.5 * f64::from(chance) / f64::from(u32::MAX);
    all.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::request::{Authentication, Host, Label, Method};
    use super::*;
    use crate::cloudbase::{Code, Refusal};

    fn request(operation: &'static str, repeatable: bool) -> Request {
        Request {
            method: Method::Post,
            target: "/admin".to_owned(),
            host: Host::Admin,
            headers: Vec::new(),
            body: Bytes::new(),
            authentication: Authentication::Admin,
            repeatable,
            label: Label {
                operation,
                subject: "todos".to_owned(),
            },
        }
    }

    fn refused(word: &str) -> Error {
        Error::Refused(Refusal {
            code: Code::parse(word),
            word: word.to_owned(),
            message: String::new(),
            request_id: None,
        })
    }

    fn lost() -> Error {
        Error::Lost("x".to_owned())
    }

    fn busy() -> Error {
        Error::Busy {
            reason: "x",
            retry_after: PAUSE,
        }
    }

    #[test]
    fn one_in_ten_is_tried_again_and_a_few_in_any_case() {
        let start = Instant::now();
        for (requests, retries) in [(1, 10), (100, 10), (1_000, 100)] {
            let budget = Budget::default();
            for _ in 0..requests {
                budget.begin(start);
            }
            let spent = (0..1_000).filter(|_| budget.spend(start)).count();
            assert_eq!(spent, retries, "{requests}");
            assert!(budget.spend(start + super::super::window::LENGTH));
        }
    }

    #[test]
    fn what_may_be_tried_again_and_when() {
        let (short, long) = (PAUSE.as_millis(), LONG_PAUSE.as_millis());
        for (failure, repeatable, pauses) in [
            (refused("INVALID_PARAM"), true, vec![]),
            (busy(), true, vec![]),
            (Error::TooLate, true, vec![]),
            (Error::Malformed("x".to_owned()), true, vec![]),
            (refused("SYS_ERR"), true, vec![short, 2 * short, 4 * short]),
            (refused("SYS_ERR"), false, vec![]),
            (lost(), true, vec![short, 2 * short, 4 * short]),
            (lost(), false, vec![]),
            (
                Error::Unreachable("x".to_owned()),
                false,
                vec![short, 2 * short, 4 * short],
            ),
            (
                refused("EXCEED_RATELIMIT"),
                false,
                vec![long, 2 * long, 4 * long],
            ),
            (refused("SIGN_PARAM_INVALID"), false, vec![0]),
        ] {
            let request = request("update", repeatable);
            let mut attempts = Attempts::of(&request);
            for most in &pauses {
                let pause = attempts
                    .after(failure.clone(), true, 3)
                    .expect("another attempt");
                assert!(
                    (most / 2..=*most).contains(&pause.as_millis()),
                    "{failure}: {pause:?}"
                );
            }
            assert_eq!(attempts.after(failure.clone(), true, 3), None, "{failure}");
            assert_eq!(attempts.verdict().to_string(), failure.to_string());
        }
        let request = request("find", true);
        let unsigned = Attempts::of(&request).after(refused("SIGN_PARAM_INVALID"), false, 3);
        assert_eq!(unsigned, None, "the same key again");
    }

    #[test]
    fn the_verdict_is_the_failure_that_says_most() {
        for (operation, failures, verdict) in [
            ("find", [lost(), refused("INVALID_ENV")], 1),
            ("update", [lost(), refused("INVALID_ENV")], 0),
            ("update", [lost(), Error::Unreachable("y".to_owned())], 0),
            ("update", [refused("EXCEED_RATELIMIT"), lost()], 1),
            ("find", [lost(), busy()], 0),
            (
                "update",
                [Error::Unreachable("y".to_owned()), Error::TooLate],
                0,
            ),
        ] {
            let request = request(operation, true);
            let mut attempts = Attempts::of(&request);
            for failure in &failures {
                attempts.after(failure.clone(), true, 3);
            }
            assert_eq!(
                attempts.verdict().to_string(),
                failures[verdict].to_string()
            );
        }
    }
}
