//! The gate: whoever writes has a turn at it, one after the other.
//!
//! What is read in a turn stays true until it is written. Transactions read in
//! turns, too, so that what the store shows and what the ledger tells of it
//! are of one moment. Nobody waits for a document while having the turn.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedMutexGuard, watch};
use tokio::time::{Instant, timeout_at};

use super::{Commit, Database, Selection, TransactionId, Written};
use crate::cloudbase::Code;
use crate::data::{CollectionName, DocId, Document};
use crate::emulator::failure::{Failure, Result};
use crate::store::sqlite::{Committed, Replacement};

/// The right to write: held by one at a time.
type Guard = OwnedMutexGuard<()>;

/// A turn at the gate, of a plain request or within a transaction.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    database: &'a Database,
    within: Option<&'a TransactionId>,
    guard: Guard,
}

/// What came of an attempt to write.
#[derive(Debug)]
pub(super) enum Attempt {
    Done,
    /// A transaction holds a document. When this changes, one has ended.
    Blocked(watch::Receiver<u64>),
}

/// How long a request waits for documents that transactions hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    until: Instant,
}

impl Patience {
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            until: Instant::now() + longest,
        }
    }

    /// # Errors
    /// No transaction ended in time.
    pub(super) async fn wait(self, mut ended: watch::Receiver<u64>) -> Result<()> {
        let changed = timeout_at(self.until, ended.changed()).await;
        changed.map_err(|_| Failure::transaction_busy())?.ok();
        Ok(())
    }
}

impl Turn<'_> {
    /// All documents of a selection, as this turn's request sees them, in no order; `first`: one is enough.
    pub(super) async fn matching(
        &self,
        selection: &Selection,
        first: bool,
    ) -> Result<Vec<Arc<Document>>> {
        let limit = match self.within {
            None if first => 1,
            _ => u64::MAX,
        };
        let (_, found) = self.database.matching(selection, limit).await?;
        match self.within {
            Some(transaction) => {
                let (ledger, clock) = (&self.database.ledger, &self.database.clock);
                ledger.seen_by(transaction, selection, found, clock.now_ms())
            }
            None => Ok(found),
        }
    }

    pub(super) fn is_within_transaction(&self) -> bool {
        self.within.is_some()
    }

    /// Commits, or keeps for the commit of the transaction. Documents that are not what they were, each once.
    pub(super) async fn write(self, written: Vec<Written>) -> Result<Attempt> {
        if let Some(transaction) = self.within {
            self.database.ledger.claim(transaction, written)?;
            return Ok(Attempt::Done);
        }
        if let Some(ended) = self.database.ledger.blocked(&written) {
            return Ok(Attempt::Blocked(ended));
        }
        match self.database.put(self.guard, written).await? {
            None => Ok(Attempt::Done),
            // Nobody else writes, so it can only be one that was to be new.
            Some((collection, id)) => Err(Failure::duplicate_id(&collection, &id)),
        }
    }
}

impl Database {
    /// Waits for a turn.
    ///
    /// # Errors
    /// The transaction is over.
    pub(super) async fn turn<'a>(&'a self, within: Option<&'a TransactionId>) -> Result<Turn<'a>> {
        let guard = self.guard().await;
        if let Some(transaction) = within {
            self.ledger.fix_snapshot(transaction)?;
        }
        Ok(Turn {
            database: self,
            within,
            guard,
        })
    }

    async fn guard(&self) -> Guard {
        Arc::clone(&self.gate).lock_owned().await
    }

    /// Does something that nobody writes during, to its end, also if the future is dropped.
    pub(super) async fn at_gate<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let guard = self.guard().await;
        self.finish(guard, work).await
    }

    /// On a task of its own: what is in the store must be told to watchers and kept for transactions, whoever has
    /// hung up meanwhile.
    async fn finish<T: Send + 'static>(
        &self,
        guard: Guard,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let task = self.tasks.spawn(async move {
            let outcome = work.await;
            drop(guard);
            outcome
        });
        task.await
            .unwrap_or_else(|error| Err(Failure::new(Code::SysErr, error.to_string())))
    }

    /// One commit of the store, told to everybody; or the document that is not what it was expected to be.
    pub(super) async fn put(
        &self,
        guard: Guard,
        mut written: Vec<Written>,
    ) -> Result<Option<(CollectionName, DocId)>> {
        if written.is_empty() {
            return Ok(None);
        }
        let (store, ledger) = (Arc::clone(&self.store), Arc::clone(&self.ledger));
        self.finish(guard, async move {
            let replacements = written.iter().map(replacement).collect();
            match store.commit(replacements).await? {
                Committed::All {
                    sequence,
                    documents,
                } => {
                    for (written, stored) in written.iter_mut().zip(documents) {
                        written.after = stored;
                    }
                    ledger.record(Commit { sequence, written });
                    Ok(None)
                }
                Committed::Conflict { collection, id } => Ok(Some((collection, id))),
            }
        })
        .await
    }

    /// Commits what a transaction wrote.
    pub(super) async fn commit_transaction(&self, id: &TransactionId) -> Result<()> {
        let guard = self.guard().await;
        let written = self.ledger.end(id)?;
        let gone = |written: &Written| !self.catalog.has(&written.collection);
        if written.iter().any(gone) {
            return Err(Failure::transaction_conflict());
        }
        match self.put(guard, written).await? {
            None => Ok(()),
            Some(_) => Err(Failure::transaction_conflict()),
        }
    }
}

fn replacement(written: &Written) -> Replacement {
    Replacement {
        collection: written.collection.clone(),
        id: written.id().clone(),
        before: written.before.clone(),
        after: written.after.as_deref().cloned(),
    }
}
