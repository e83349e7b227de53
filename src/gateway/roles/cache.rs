//! The roles of principals who were seen before.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lru::LruCache;
use tokio::sync::Mutex as Turn;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};
use tokio::time::Instant;

use crate::data::{Change, DocId, Document, Principal};
use crate::store::Store;

use super::owners::Owned;
use super::queue::Queue;
use super::{COLLECTION, Held};

/// How many principals' roles are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// What is remembered of principals. Every commit that the store tells of passes by before an entry is used; where
/// others write too, entries age.
#[derive(Debug)]
pub(in super::super) struct Cache {
    /// Never held across an await.
    state: Mutex<State>,
    /// How old an entry may be; `None` where every commit is told.
    max_age: Option<Duration>,
    /// Those who wait for a document that is not remembered.
    pub(super) queue: Queue<Held>,
    /// Held by the one who looks whether anybody is an owner: the others find it remembered.
    pub(super) owners: Turn<()>,
    /// Held from the look at what a write to roles is about until it is committed: two that each leave one owner must
    /// not leave none together. Shared with the write, which goes on when its caller has left.
    pub(super) gate: Arc<Turn<()>>,
}

#[derive(Debug)]
struct State {
    known: LruCache<Principal, Entry>,
    owned: Option<Sighting>,
    /// `None`: the store tells of no changes, so nothing can be remembered.
    changes: Option<Receiver<Arc<Change>>>,
    /// The number of the last change that was told.
    last: Option<u64>,
    /// Grows with every commit to the collection: what was read before such a commit must not be remembered after it.
    generation: u64,
    /// How many documents were found that were others than before.
    readings: u64,
}

#[derive(Debug)]
struct Entry {
    held: Held,
    /// What gives the roles, if it is there.
    document: Option<Arc<Document>>,
    /// When the read began that found it.
    at: Instant,
}

/// Whether anybody was an owner, and when the read began that found it.
#[derive(Debug)]
struct Sighting {
    owned: Owned,
    at: Instant,
}

/// A read that has begun.
#[derive(Debug)]
pub(super) struct Look {
    generation: u64,
    at: Instant,
}

impl Cache {
    /// `max_age`: of what is remembered of a store that others write to as well.
    pub(in super::super) fn new(store: &dyn Store, max_age: Duration) -> Self {
        Self {
            state: Mutex::new(State {
                known: LruCache::new(REMEMBERED),
                owned: None,
                changes: store.changes(),
                last: None,
                generation: 0,
                readings: 0,
            }),
            max_age: store.is_shared().then_some(max_age),
            queue: Queue::default(),
            owners: Turn::default(),
            gate: Arc::default(),
        }
    }

    /// What is remembered and still holds.
    pub(super) fn known(&self, principal: &Principal, now: i64) -> Option<Held> {
        let mut state = self.current();
        let entry = state.known.get(principal)?;
        (self.is_young(entry.at) && entry.is_held(now)).then(|| entry.held.clone())
    }

    /// Whether anybody is an owner, if that is remembered and still holds.
    pub(super) fn known_owned(&self, now: i64) -> Option<Owned> {
        let state = self.current();
        let sighting = state.owned.as_ref()?;
        let holds = sighting.owned.until.is_none_or(|until| now < until);
        (self.is_young(sighting.at) && holds).then_some(sighting.owned)
    }

    fn is_young(&self, at: Instant) -> bool {
        self.max_age.is_none_or(|age| at.elapsed() < age)
    }

    /// A read begins: what it finds is as of now or later.
    pub(super) fn begin(&self) -> Look {
        Look {
            generation: self.current().generation,
            at: Instant::now(),
        }
    }

    /// Takes in what a read found of a principal. `give`: what a document gives.
    pub(super) fn remember(
        &self,
        look: &Look,
        principal: &Principal,
        document: Option<Arc<Document>>,
        now: i64,
        give: impl FnOnce(&Document) -> Held,
    ) -> Held {
        let mut state = self.current();
        if let Some(entry) = state.known.get_mut(principal)
            && entry.document == document
            && entry.is_held(now)
        {
            // Its commits take an entry away: none was told of since.
            entry.at = entry.at.max(look.at);
            return entry.held.clone();
        }
        let mut held = document.as_deref().map(give).unwrap_or_default();
        held.reading = state.next_reading();
        if state.generation == look.generation {
            let entry = Entry {
                held: held.clone(),
                document,
                at: look.at,
            };
            state.known.put(principal.clone(), entry);
        }
        held
    }

    /// Takes in until when a read found that somebody is an owner.
    pub(super) fn remember_owned(&self, look: &Look, until: Option<i64>) -> Owned {
        let mut state = self.current();
        if let Some(sighting) = &mut state.owned
            && sighting.owned.until == until
        {
            // Commits to roles take it away: none was told of since.
            sighting.at = sighting.at.max(look.at);
            return sighting.owned;
        }
        let reading = state.next_reading();
        let owned = Owned { until, reading };
        if state.generation == look.generation {
            state.owned = Some(Sighting { owned, at: look.at });
        }
        owned
    }

    fn current(&self) -> MutexGuard<'_, State> {
        // A panic while it was locked left at worst an entry too few.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.catch_up();
        state
    }
}

impl Entry {
    fn is_held(&self, now: i64) -> bool {
        self.held.until.is_none_or(|until| now < until)
    }
}

impl State {
    /// Another number than ever before; 0 where nothing tells of changes.
    fn next_reading(&mut self) -> u64 {
        if self.changes.is_none() {
            return 0;
        }
        self.readings += 1;
        self.readings
    }

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
                    self.owned = None;
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
        self.owned = None;
    }
}
