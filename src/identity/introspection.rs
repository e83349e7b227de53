//! Whether staff are still signed in, as the server says that they signed in at.
//!
//! Answers are remembered by a hash of the token for a minute, so that one who signs out is found out by then. Nobody
//! who answers means that nobody vouches: staff wait, end users are never asked about.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lru::LruCache;
use ring::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use serde_json::Value;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::data::User;
use crate::gateway::{Proof, Silent, Vouched};

use super::administrator;
use super::endpoint::{Answer, Endpoint};
use super::flight::{Flight, launch};
use super::unique;

/// Where the cloud tells of a token.
const PATH: &str = "/auth/v1/token/introspect";

/// How many tokens are remembered: those of so many staff.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");

/// For how long nobody is asked again about a token about which nobody answered, in milliseconds.
const PAUSE: i64 = 1_000;

type Hash = [u8; SHA256_OUTPUT_LEN];

#[derive(Debug)]
pub(super) struct Introspection {
    memory: Arc<Memory>,
    /// Questions that are under way.
    tasks: TaskTracker,
}

/// What is known, shared with the tasks that ask.
#[derive(Debug)]
struct Memory {
    endpoint: Arc<Endpoint>,
    clock: Arc<dyn Clock>,
    /// Milliseconds for which an answer holds.
    max_age: i64,
    /// Held for look-ups only.
    tokens: Mutex<LruCache<Hash, Entry>>,
}

#[derive(Clone, Debug)]
enum Entry {
    Told(Told),
    Asking(Flight<Told>),
}

/// What was told of a token.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// When it was asked, in milliseconds since 1970.
    at: i64,
    login: Login,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Login {
    Open,
    Over,
    /// Nobody answered.
    Unknown,
}

impl Introspection {
    pub(super) fn new(endpoint: Arc<Endpoint>, clock: Arc<dyn Clock>, max_age: Duration) -> Self {
        let memory = Memory {
            endpoint,
            clock,
            max_age: i64::try_from(max_age.as_millis()).unwrap_or(i64::MAX),
            tokens: Mutex::new(LruCache::new(REMEMBERED)),
        };
        Self {
            memory: Arc::new(memory),
            tasks: TaskTracker::new(),
        }
    }

    pub(super) async fn vouch(&self, user: &User, proof: &Proof) -> Result<Vouched, Silent> {
        let told = match self.entry(user, proof) {
            Entry::Told(told) => Some(told),
            Entry::Asking(flight) => flight.await,
        };
        let retry_after = Duration::from_millis(PAUSE.unsigned_abs());
        match told {
            Some(told) if told.login == Login::Open => {
                Ok(Vouched::Until(told.at.saturating_add(self.memory.max_age)))
            }
            Some(told) if told.login == Login::Over => Ok(Vouched::SignedOut),
            _ => Err(Silent { retry_after }),
        }
    }

    /// What was told of this token lately, or the question about it.
    fn entry(&self, user: &User, proof: &Proof) -> Entry {
        let now = self.memory.clock.now_ms();
        let hash = hash(proof);
        let mut tokens = self.memory.tokens();
        match tokens.get(&hash) {
            Some(Entry::Told(told)) if told.holds(now, self.memory.max_age) => {
                return Entry::Told(*told);
            }
            // One that panicked is over, and told nothing.
            Some(Entry::Asking(flight)) if flight.peek().is_none() => {
                return Entry::Asking(flight.clone());
            }
            _ => {}
        }
        let asking = ask(Arc::clone(&self.memory), user.clone(), proof.clone(), hash);
        let entry = Entry::Asking(launch(&self.tasks, asking));
        tokens.put(hash, entry.clone());
        entry
    }
}

impl Memory {
    fn tokens(&self) -> MutexGuard<'_, LruCache<Hash, Entry>> {
        // Nothing panics under the lock.
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn holds(&self, now: i64, max_age: i64) -> bool {
        let max_age = match self.login {
            Login::Open | Login::Over => max_age,
            Login::Unknown => PAUSE,
        };
        (0..max_age).contains(&now.saturating_sub(self.at))
    }
}

fn hash(proof: &Proof) -> Hash {
    let digest = digest(&SHA256, proof.expose().as_bytes());
    digest
        .as_ref()
        .try_into()
        .expect("the digest has the length of its algorithm")
}

/// Asks about a token, and remembers what was told.
async fn ask(memory: Arc<Memory>, user: User, proof: Proof, hash: Hash) -> Told {
    let at = memory.clock.now_ms();
    let answer = memory.endpoint.get(PATH, Some(proof.expose())).await;
    let login = answer.and_then(|answer| read(&answer, user.uid.as_deref()));
    let login = login.unwrap_or_else(|why| {
        let what = "whether staff are still signed in cannot be found out";
        memory.endpoint.complain(at, what, &why);
        Login::Unknown
    });
    let told = Told { at, login };
    memory.tokens().put(hash, Entry::Told(told));
    told
}

/// What an answer says of the login of a user. As documented a token that is not good is described by `{}`.
///
/// # Errors
/// It says nothing of it.
fn read(answer: &Answer, uid: Option<&str>) -> Result<Login, String> {
    match answer.status {
        200 => {}
        // The token opens nothing any more.
        401 => return Ok(Login::Over),
        status => return Err(format!("the answer has status {status}")),
    }
    let members = unique::object(&answer.body);
    let members = members.map_err(|_| "the answer is no JSON object".to_owned())?;
    let is_theirs = members.get("sub").and_then(Value::as_str) == uid && uid.is_some();
    let scope = members.get("scope");
    let is_anonymous = administrator::words(scope).any(|word| word == "anonymous");
    match is_theirs && !is_anonymous && !administrator::is_scope(scope) {
        true => Ok(Login::Open),
        false => Ok(Login::Over),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_opens_only_the_login_of_its_own_user() {
        for (status, body, login) in [
            (
                200,
                r#"{"sub":"u1","scope":"","client_id":"e"}"#,
                Some(Login::Open),
            ),
            (200, r#"{"sub":"u1"}"#, Some(Login::Open)),
            (200, "{}", Some(Login::Over)),
            (200, r#"{"sub":"u2"}"#, Some(Login::Over)),
            (200, r#"{"sub":null}"#, Some(Login::Over)),
            (
                200,
                r#"{"sub":"u1","scope":"client_credentials"}"#,
                Some(Login::Over),
            ),
            (
                200,
                r#"{"sub":"u1","scope":"anonymous"}"#,
                Some(Login::Over),
            ),
            (401, "", Some(Login::Over)),
            (200, "[]", None),
            (200, "<html>", None),
            (200, r#"{"sub":"u2","sub":"u1"}"#, None),
            (302, r#"{"sub":"u1"}"#, None),
            (404, r#"{"sub":"u1"}"#, None),
            (500, r#"{"sub":"u1"}"#, None),
        ] {
            let answer = Answer {
                status,
                body: body.as_bytes().into(),
            };
            assert_eq!(read(&answer, Some("u1")).ok(), login, "{status} {body}");
        }
        let empty = Answer {
            status: 200,
            body: "{}".as_bytes().into(),
        };
        assert_eq!(read(&empty, None), Ok(Login::Over));
    }
}
