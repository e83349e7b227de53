//! Who a signed-in user is: the staff roles of their document in the `roles`
//! collection. They come from nowhere else but the configured owners.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use crate::data::{Caller, Change, DocId, Document, Filter, Order, Principal, Role, User, Value};
use crate::store::{Find, Projection};

use super::Gateway;
use super::error::Result;

/// The collection that staff roles stand in, if the model declares it.
pub(super) const COLLECTION: &str = "roles";

/// How many principals' roles are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// The roles of principals who were seen before. Exact: every commit passes by before an entry is used.
#[derive(Debug)]
pub(super) struct Cache(Mutex<State>);

#[derive(Debug)]
struct State {
    known: LruCache<Principal, Held>,
    /// `None`: the store tells of no changes, so nothing can be remembered.
    changes: Option<Receiver<Arc<Change>>>,
    /// The number of the last change that was told.
    last: Option<u64>,
    /// Grows with every commit to the collection: what was read before such a commit must not be remembered after it.
    generation: u64,
    /// How many documents were read.
    readings: u64,
}

/// The roles that a principal's document gives, includes followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Held {
    roles: BTreeSet<Role>,
    /// Milliseconds since 1970 from which on they are no longer held.
    until: Option<i64>,
    /// Another one for each time the document was read; 0 where nothing tells of changes to it. As long as it is the
    /// same, nothing was different in between either.
    reading: u64,
}

/// A caller, and how long they are one.
pub(super) struct Known {
    pub(super) caller: Caller,
    /// Milliseconds since 1970 from which on some of the roles are no longer held.
    pub(super) until: Option<i64>,
    /// The same number as before: nothing was different in between.
    pub(super) reading: u64,
}

impl Cache {
    pub(super) fn new(changes: Option<Receiver<Arc<Change>>>) -> Self {
        Self(Mutex::new(State {
            known: LruCache::new(REMEMBERED),
            changes,
            last: None,
            generation: 0,
            readings: 0,
        }))
    }

    fn current(&self) -> MutexGuard<'_, State> {
        // A panic while it was locked left at worst an entry too few.
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up();
        state
    }
}

impl State {
    /// Drops what commits since the last look made stale.
    fn catch_up(&mut self) {
        let Some(mut changes) = self.changes.take() else {
            return self.forget();
        };
        loop {
            let told = changes.try_recv();
            if let Ok(change) = &told {
                let last = self.last.replace(change.sequence);
                // One in between was not told.
                if last.is_some_and(|last| change.sequence > last + 1) {
                    self.forget();
                }
            }
            match told {
                Ok(change) if change.collection.as_str() == COLLECTION => {
                    self.generation += 1;
                    if let DocId::String(id) = &change.id
                        && let Ok(principal) = Principal::parse(id)
                    {
                        self.known.pop(&principal);
                    }
                }
                Ok(_) => {}
                // Which ones were missed nobody knows.
                Err(TryRecvError::Lagged(_)) => self.forget(),
                // From now on nobody tells.
                Err(TryRecvError::Closed) => return self.forget(),
                Err(TryRecvError::Empty) => break,
            }
        }
        self.changes = Some(changes);
    }

    fn forget(&mut self) {
        self.generation += 1;
        self.known.clear();
    }
}

impl Gateway {
    /// The caller a signed-in user is, with the staff roles of their `roles` document (status, expiry, includes) and of
    /// the configuration.
    ///
    /// A document that is not as it should be gives no roles, and a warning in the log.
    pub async fn caller(&self, user: User) -> Result<Caller> {
        let known = self.known_caller(user, self.clock.now_ms()).await?;
        Ok(known.caller)
    }

    /// The same with how long that holds.
    pub(super) async fn known_caller(&self, user: User, now: i64) -> Result<Known> {
        let held = self.held(&user.principal, now).await?;
        let (mut roles, until, reading) = (held.roles, held.until, held.reading);
        if self.config.owners.contains(&user.principal) {
            roles.extend(self.model.expand_roles([self.config.owner_role.as_str()]));
        }
        let mut caller = Caller::user(user);
        caller.roles = roles;
        Ok(Known {
            caller,
            until,
            reading,
        })
    }

    async fn held(&self, principal: &Principal, now: i64) -> Result<Held> {
        let generation = {
            let mut cache = self.roles.current();
            match cache.known.get(principal) {
                Some(held) if held.until.is_none_or(|until| now < until) => return Ok(held.clone()),
                _ => cache.generation,
            }
        };
        let mut held = self.read_roles(principal, now).await?;
        let mut cache = self.roles.current();
        if cache.changes.is_some() {
            cache.readings += 1;
            held.reading = cache.readings;
        }
        if cache.generation == generation {
            cache.known.put(principal.clone(), held.clone());
        }
        Ok(held)
    }

    async fn read_roles(&self, principal: &Principal, now: i64) -> Result<Held> {
        let Some(collection) = self.model.collection_named(COLLECTION) else {
            return Ok(Held::default());
        };
        let find = Find {
            filter: Filter::id(&DocId::string(principal.as_str())),
            order: Order::default(),
            after: None,
            skip: 0,
            limit: 1,
            projection: Projection::All,
        };
        let name = &self.model.collection(collection).name;
        let found = self.store.find(name, &find).await?;
        let Some(document) = found.first() else {
            return Ok(Held::default());
        };
        match stated(document, now) {
            Ok((names, until)) => Ok(Held {
                roles: self.model.expand_roles(names),
                until,
                ..Held::default()
            }),
            Err(problem) => {
                tracing::warn!(%principal, problem, "a roles document is damaged: it gives no roles");
                Ok(Held::default())
            }
        }
    }
}

/// What a `roles` document says: names of roles and until when.
///
/// # Errors
/// What is wrong with it. Nothing is guessed: half a document gives nothing.
fn stated(document: &Document, now: i64) -> Result<(Vec<&str>, Option<i64>), &'static str> {
    let active = match document.get("status").and_then(Value::as_str) {
        Some("ACTIVE") => true,
        Some("DISABLED") => false,
        _ => return Err("`status` is neither ACTIVE nor DISABLED"),
    };
    let until = match document.get("expiresAt") {
        None | Some(Value::Null) => None,
        Some(Value::Date(ms) | Value::Int(ms)) => Some(*ms),
        Some(Value::Double(ms)) if ms.is_finite() => Some(saturated(*ms)),
        Some(_) => return Err("`expiresAt` is neither a date nor a number"),
    };
    let Some(roles) = document.get("roles").and_then(Value::as_array) else {
        return Err("`roles` is not a list");
    };
    let names: Option<Vec<&str>> = roles.iter().map(Value::as_str).collect();
    let names = names.ok_or("`roles` holds something that is not a string")?;
    if !active {
        return Ok((Vec::new(), None));
    }
    if until.is_some_and(|until| until <= now) {
        return Ok((Vec::new(), None));
    }
    Ok((names, until))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time beyond 64 bits is as good as the last one"
)]
fn saturated(ms: f64) -> i64 {
    ms as i64
}
