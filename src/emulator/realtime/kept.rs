//! All watches there are, by `queryID`: also those whose socket was lost, so that their clients can take them up again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smol_str::{SmolStr, ToSmolStr};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::watch::Command;
use crate::emulator::identity::Identity;

/// The name of a watch's state. It is random: who knows it was told it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct QueryId(SmolStr);

/// A way to talk to a watch.
#[derive(Clone, Debug)]
pub(super) struct Handle {
    pub(super) query_id: QueryId,
    pub(super) commands: mpsc::Sender<Command>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Kept {
    /// Held for as long as it takes to look something up.
    entries: Mutex<Entries>,
    max_detached: usize,
}

#[derive(Debug, Default)]
struct Entries {
    by_id: HashMap<QueryId, Entry>,
    /// Those without a socket, the one that lost it first at the front.
    detached: VecDeque<QueryId>,
}

#[derive(Debug)]
struct Entry {
    handle: Handle,
    /// Who began it: nobody else can take it up.
    owner: Identity,
    /// Ends the watch.
    forget: CancellationToken,
}

/// The entry of a watch, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    kept: Arc<Kept>,
    id: QueryId,
    /// Told when the watch is to end.
    pub(super) forgotten: CancellationToken,
}

impl QueryId {
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        let digits = format_args!("{:032x}", u128::from_be_bytes(bytes)).to_smolstr();
        Ok(Self(digits))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Kept {
    pub(super) fn new(max_detached: usize) -> Arc<Self> {
        Arc::new(Self {
            entries: Mutex::default(),
            max_detached,
        })
    }

    pub(super) fn add(self: &Arc<Self>, handle: Handle, owner: Identity) -> Place {
        let (id, forgotten) = (handle.query_id.clone(), CancellationToken::new());
        let entry = Entry {
            handle,
            owner,
            forget: forgotten.clone(),
        };
        self.entries().by_id.insert(id.clone(), entry);
        Place {
            kept: Arc::clone(self),
            id,
            forgotten,
        }
    }

    /// The watch of this id, if this is who began it.
    pub(super) fn find(&self, id: &str, who: &Identity) -> Option<Handle> {
        let entries = self.entries();
        let entry = entries.by_id.get(&QueryId(id.into()))?;
        (entry.owner == *who).then(|| entry.handle.clone())
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing panics under the lock.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The watch has a socket.
    pub(super) fn attach(&self) {
        self.kept.entries().detached.retain(|id| *id != self.id);
    }

    /// The watch has lost its socket. If there are too many of those, the oldest is told to end.
    pub(super) fn detach(&self) {
        let mut entries = self.kept.entries();
        entries.detached.push_back(self.id.clone());
        if entries.detached.len() > self.kept.max_detached
            && let Some(oldest) = entries.detached.pop_front()
            && let Some(entry) = entries.by_id.get(&oldest)
        {
            entry.forget.cancel();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut entries = self.kept.entries();
        entries.by_id.remove(&self.id);
        entries.detached.retain(|id| *id != self.id);
    }
}
