//! A store that answers nobody until it is told to.

use std::sync::Arc;

use cloudbase_graphql::data::{
    Change, CollectionName, DocId, Document, Filter, Path, Update, Value,
};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{Find, Result, Snapshot, Updated};
use tokio::sync::{Semaphore, broadcast};

#[derive(Debug)]
pub(super) struct Gate {
    inner: Arc<SqliteStore>,
    /// As many pass at one time; none while it is shut.
    open: Semaphore,
}

impl Gate {
    pub(super) fn shut(inner: Arc<SqliteStore>) -> Self {
        Self {
            inner,
            open: Semaphore::new(0),
        }
    }

    pub(super) fn open(&self) {
        self.open.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    async fn pass(&self) -> &SqliteStore {
        let _passed = self.open.acquire().await.expect("it is never closed");
        &self.inner
    }
}

store_in_front!(Gate, |self| self.pass().await, {
    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        self.inner.snapshot(collection, find).await
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        self.inner.changes()
    }

    fn reads(&self) -> u64 {
        self.inner.reads()
    }
});
