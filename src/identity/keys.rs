//! The keys of the environment: fetched when somebody first shows a token, and again when they are old or one is
//! missing.
//!
//! While nobody answers, old keys are used for a day. An unknown name of a key is looked for at most once a minute, so
//! that nobody can make this process a nuisance by inventing names.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::clock::Clock;

use super::TokenError;
use super::endpoint::{Answer, Endpoint};
use super::flight::{Flight, launch};
use super::jwks::{self, Key, KeySet};

/// Where the cloud publishes them.
const PATH: &str = "/auth/v1/certs";

/// How long keys may be used that cannot be fetched anew, in milliseconds.
const MAX_STALE: i64 = 24 * 60 * 60 * 1000;

/// Milliseconds between two fetches while there are keys, and while there are none.
const PAUSE: i64 = 60_000;
const PAUSE_WITHOUT_KEYS: i64 = 1_000;

#[derive(Debug)]
pub(super) struct Keys {
    shelf: Arc<Shelf>,
    /// Fetches that are under way.
    tasks: TaskTracker,
}

/// What is known, shared with the task that fetches.
#[derive(Debug)]
struct Shelf {
    endpoint: Arc<Endpoint>,
    clock: Arc<dyn Clock>,
    /// Milliseconds after which keys are fetched anew.
    max_age: i64,
    /// Held for look-ups only.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: KeySet,
    /// When they were asked for, in milliseconds since 1970; `None`: never, with success.
    fetched: Option<i64>,
    /// When keys were asked for last.
    tried: Option<i64>,
    flight: Option<Flight<()>>,
}

/// What is known of a key.
enum Known {
    Key(Arc<Key>),
    /// There is no such key, or nobody knows.
    Not(TokenError),
    /// It is being found out.
    Wait(Flight<()>),
}

impl Keys {
    pub(super) fn new(endpoint: Arc<Endpoint>, clock: Arc<dyn Clock>, max_age: Duration) -> Self {
        let shelf = Shelf {
            endpoint,
            clock,
            max_age: i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX),
            state: Mutex::default(),
        };
        Self {
            shelf: Arc::new(shelf),
            tasks: TaskTracker::new(),
        }
    }

    /// The key of this name.
    ///
    /// # Errors
    /// `UnknownKey`: the environment has none; `Unavailable`: nobody knows whether it has.
    pub(super) async fn get(&self, kid: &str) -> Result<Arc<Key>, TokenError> {
        match self.known(kid) {
            Known::Key(key) => Ok(key),
            Known::Not(why) => Err(why),
            Known::Wait(flight) => {
                flight.await;
                self.shelf.state().settled(kid, self.shelf.clock.now_ms())
            }
        }
    }

    fn known(&self, kid: &str) -> Known {
        let now = self.shelf.clock.now_ms();
        let mut state = self.shelf.state();
        let settled = state.settled(kid, now);
        if state.is_fresh(now, self.shelf.max_age)
            && let Ok(key) = settled
        {
            return Known::Key(key);
        }
        // One that panicked is over too.
        let flight = state.flight.as_ref();
        let flight = flight.filter(|flight| flight.peek().is_none()).cloned();
        match (settled, flight) {
            // Whoever can do with an old key need not wait for what somebody else fetches.
            (Ok(key), Some(_)) => Known::Key(key),
            (Err(_), Some(flight)) => Known::Wait(flight),
            (settled, None) if !state.may_try(now) => settled.map_or_else(Known::Not, Known::Key),
            (_, None) => {
                let flight = launch(&self.tasks, fetch(Arc::clone(&self.shelf)));
                state.flight = Some(flight.clone());
                Known::Wait(flight)
            }
        }
    }
}

impl Shelf {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is to be said of a key without asking again.
    fn settled(&self, kid: &str, now: i64) -> Result<Arc<Key>, TokenError> {
        let usable = self.is_usable(now);
        match self.keys.get(kid) {
            Some(key) if usable => Ok(Arc::clone(key)),
            // Asked for, and answered without it.
            None if usable && self.tried == self.fetched => Err(TokenError::UnknownKey),
            _ => Err(TokenError::Unavailable {
                retry_after: self.pause_left(now),
            }),
        }
    }

    fn is_usable(&self, now: i64) -> bool {
        self.fetched
            .is_some_and(|at| now.saturating_sub(at) < MAX_STALE)
    }

    /// A clock that was set back makes keys old: nobody knows how old.
    fn is_fresh(&self, now: i64, max_age: i64) -> bool {
        self.fetched
            .is_some_and(|at| (0..max_age).contains(&now.saturating_sub(at)))
    }

    fn may_try(&self, now: i64) -> bool {
        self.tried
            .is_none_or(|at| now < at || now.saturating_sub(at) >= self.pause(now))
    }

    fn pause(&self, now: i64) -> i64 {
        match self.is_usable(now) {
            true => PAUSE,
            false => PAUSE_WITHOUT_KEYS,
        }
    }

    fn pause_left(&self, now: i64) -> Duration {
        let passed = self.tried.map_or(0, |at| now.saturating_sub(at));
        let left = self.pause(now).saturating_sub(passed).max(1);
        Duration::from_millis(left.unsigned_abs())
    }
}

/// Asks for the keys, and keeps what came.
async fn fetch(shelf: Arc<Shelf>) {
    let begun = shelf.clock.now_ms();
    let answer = shelf.endpoint.get(PATH, None).await;
    let keys = answer.and_then(|answer| read(&answer));
    let mut state = shelf.state();
    state.flight = None;
    state.tried = Some(begun);
    match keys {
        Ok(keys) => {
            state.keys = keys;
            state.fetched = Some(begun);
        }
        Err(why) => {
            let what = "the keys of access tokens cannot be fetched";
            shelf.endpoint.complain(begun, what, &why);
        }
    }
}

fn read(answer: &Answer) -> Result<KeySet, String> {
    match answer.status {
        200 => jwks::parse(&answer.body).map_err(|why| format!("the answer is no key set: {why}")),
        status => Err(format!("the answer has status {status}")),
    }
}
