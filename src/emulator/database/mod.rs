//! The documents of the environment: collections, reads, writes, transactions
//! and the commits that follow from them. Judges nobody.
//!
//! Reads go to the store, narrowed as far as it can; the language decides.
//! Writes go through one gate, one after the other: what they read does not
//! change under them, and each is one commit of the store. Transactions see
//! the documents of the moment of their first operation (what was committed
//! since is taken back from memory), keep their writes to themselves, and
//! conflict with whoever changed the same document.
//!
//! - `request.rs`: what is asked and told; `access.rs`: permissions; `catalog.rs`, `index.rs`, `manage.rs`: collections
//! - `read.rs`, `aggregate.rs`: reading; `write.rs`, `identify.rs`: writing
//! - `gate.rs`: one after the other; `ledger.rs`, `transaction.rs`: who holds what, and what was committed lately

mod access;
mod aggregate;
mod catalog;
mod gate;
mod identify;
mod index;
mod ledger;
mod manage;
mod read;
mod request;
#[cfg(test)]
pub(super) mod tests;
mod transaction;
mod write;

use std::sync::Arc;

use smol_str::format_smolstr;
use tokio::sync::{Mutex, broadcast};
use tokio_util::task::TaskTracker;

pub(crate) use self::access::{Access, AclTag};
use self::catalog::Catalog;
use self::identify::{Ids, random};
use self::ledger::Ledger;
pub(crate) use self::request::{
    Aggregate, Commit, Find, Index, IndexDirection, Kind, MAX_ROWS, Modified, Modify, Remove,
    Selection, TableStatistics, TransactionId, Write, Written,
};
use super::failure::{Failure, Result};
use super::identity::Identity;
use crate::clock::Clock;
use crate::store::sqlite::SqliteStore;

/// The database of one environment.
#[derive(Debug)]
pub(crate) struct Database {
    store: Arc<SqliteStore>,
    clock: Arc<dyn Clock>,
    limits: TransactionLimits,
    catalog: Arc<Catalog>,
    ids: Ids,
    /// The right to write, and to change what collections there are: see [`gate`].
    gate: Arc<Mutex<()>>,
    ledger: Arc<Ledger>,
    /// Writes under way, timers of transactions, and computations.
    tasks: TaskTracker,
}

/// How long transactions may live, and how long a plain write waits for one that holds its document.
#[derive(Clone, Copy, Debug)]
pub struct TransactionLimits {
    /// From begin to commit. 30 s in the cloud.
    pub life: std::time::Duration,
    /// What the cloud waits is not documented.
    pub busy_wait: std::time::Duration,
}

impl Database {
    /// Opens a transaction. It is `owner`'s alone; whoever asks for others has to ask [`Database::check_owner`].
    ///
    /// # Errors
    /// Too many are open.
    pub(crate) fn begin(&self, owner: Identity) -> Result<TransactionId> {
        let id = TransactionId(format_smolstr!("{:016x}{:016x}", random()?, random()?));
        let (ledger, ended, life) = (Arc::downgrade(&self.ledger), id.clone(), self.limits.life);
        let timer = async move {
            tokio::time::sleep(life).await;
            if let Some(ledger) = ledger.upgrade() {
                // Committed in this very moment is as good.
                let _ = ledger.end(&ended);
            }
        };
        let start = || self.tasks.spawn(timer).abort_handle();
        self.ledger.begin(id.clone(), owner, start)?;
        Ok(id)
    }

    /// # Errors
    /// The transaction is over, or somebody else's: then it does not exist for this one.
    pub(crate) fn check_owner(&self, transaction: &TransactionId, owner: &Identity) -> Result<()> {
        match self.ledger.owner(transaction)? == *owner {
            true => Ok(()),
            false => Err(Failure::transaction_over()),
        }
    }

    pub(crate) async fn commit(&self, transaction: &TransactionId) -> Result<()> {
        self.commit_transaction(transaction).await
    }

    pub(crate) async fn abort(&self, transaction: &TransactionId) -> Result<()> {
        self.ledger.end(transaction).map(|_| ())
    }

    /// Every commit from now on, in order.
    pub(crate) fn commits(&self) -> broadcast::Receiver<Arc<Commit>> {
        self.ledger.subscribe()
    }

    /// Ends all transactions and waits for the writes under way.
    pub(crate) async fn close(&self) {
        self.ledger.end_all();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
