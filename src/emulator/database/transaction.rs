//! What one open transaction has seen and written.

use indexmap::IndexMap;
use tokio::task::AbortHandle;

use super::{Kind, Written};
use crate::cloudbase::Code;
use crate::data::{CollectionName, DocId};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::identity::Identity;

/// Documents that one transaction may write.
const MAX_WRITES: usize = 10_000;

/// A document of the environment.
pub(super) type Key = (CollectionName, DocId);

pub(super) fn key_of(written: &Written) -> Key {
    (written.collection.clone(), written.id().clone())
}

/// An open transaction.
#[derive(Debug)]
pub(super) struct Transaction {
    /// Who began it.
    pub(super) owner: Identity,
    /// The number of the last commit it sees; fixed by its first operation.
    pub(super) snapshot: Option<u64>,
    /// What ends it when its time is over.
    pub(super) timer: AbortHandle,
    /// Each document once, in the order they were first written.
    writes: IndexMap<Key, Written>,
}

impl Transaction {
    pub(super) fn new(owner: Identity, timer: AbortHandle) -> Self {
        Self {
            owner,
            snapshot: None,
            timer,
            writes: IndexMap::new(),
        }
    }

    /// What it sees before its first operation is nothing.
    pub(super) fn snapshot(&self) -> u64 {
        self.snapshot.unwrap_or(0)
    }

    /// Its writes so far; a document that it made and removed again was neither before nor is after.
    pub(super) fn writes(&self) -> impl Iterator<Item = (&Key, &Written)> {
        self.writes.iter()
    }

    /// # Errors
    /// It would have written too much.
    pub(super) fn check_room(&self, more: usize) -> Result<()> {
        if self.writes.len() + more <= MAX_WRITES {
            return Ok(());
        }
        Err(Failure::new(
            Code::DatabaseRequestFailed,
            format!("[FailedOperation] a transaction writes at most {MAX_WRITES} documents"),
        ))
    }

    /// Adds a write to those before: of two of one document, they become one.
    pub(super) fn add(&mut self, written: Written) {
        let Some(earlier) = self.writes.get_mut(&key_of(&written)) else {
            self.writes.insert(key_of(&written), written);
            return;
        };
        earlier.kind = match (&earlier.before, &written.after, written.kind) {
            (_, None, _) => Kind::Remove,
            (None, Some(_), _) => Kind::Add,
            // Removed before and made anew.
            (Some(_), Some(_), Kind::Add) => Kind::Replace,
            (Some(_), Some(_), kind) => kind,
        };
        earlier.after = written.after;
    }

    /// What is to be committed: without documents that are what they were.
    pub(super) fn into_writes(self) -> Vec<Written> {
        let changes = |written: &Written| match (&written.before, &written.after) {
            (None, None) => false,
            (Some(before), Some(after)) => before.fields() != after.fields(),
            _ => true,
        };
        self.writes.into_values().filter(changes).collect()
    }
}
