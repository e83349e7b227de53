//! A store that can be told to be out of reach, or that tells of no changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use cloudbase_graphql::data::{
    Change, CollectionName, DocId, Document, Filter, Path, Update, Value,
};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{Error, Find, Result, Snapshot, Store, Updated};
use tokio::sync::broadcast;

#[derive(Debug)]
pub(crate) struct Fickle {
    inner: Arc<SqliteStore>,
    /// Whether it tells of changes.
    tells: bool,
    away: AtomicBool,
}

impl Fickle {
    pub(crate) fn over(inner: Arc<SqliteStore>) -> Self {
        Self {
            inner,
            tells: true,
            away: AtomicBool::new(false),
        }
    }

    pub(crate) fn silent(inner: Arc<SqliteStore>) -> Self {
        Self {
            tells: false,
            ..Self::over(inner)
        }
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    fn reach(&self) -> Result<&SqliteStore> {
        match self.away.load(Ordering::SeqCst) {
            true => Err(Error::Unavailable("it is away".to_owned())),
            false => Ok(&self.inner),
        }
    }
}

#[async_trait]
impl Store for Fickle {
    async fn find(&self, collection: &CollectionName, find: &Find) -> Result<Vec<Arc<Document>>> {
        self.reach()?.find(collection, find).await
    }

    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        self.reach()?.snapshot(collection, find).await
    }

    async fn find_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>> {
        let store = self.reach()?;
        store.find_per_key(collection, path, keys, find).await
    }

    async fn count(&self, collection: &CollectionName, filter: &Filter) -> Result<u64> {
        self.reach()?.count(collection, filter).await
    }

    async fn count_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        filter: &Filter,
    ) -> Result<Vec<u64>> {
        let store = self.reach()?;
        store.count_per_key(collection, path, keys, filter).await
    }

    async fn insert(
        &self,
        collection: &CollectionName,
        documents: Vec<Document>,
    ) -> Result<Vec<Arc<Document>>> {
        self.reach()?.insert(collection, documents).await
    }

    async fn update_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
        update: &Update,
    ) -> Result<Option<Updated>> {
        let store = self.reach()?;
        store.update_one(collection, id, condition, update).await
    }

    async fn update_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
        update: &Update,
    ) -> Result<Vec<Updated>> {
        let store = self.reach()?;
        store
            .update_many_by_id(collection, ids, condition, update)
            .await
    }

    async fn delete_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
    ) -> Result<Option<Arc<Document>>> {
        self.reach()?.delete_one(collection, id, condition).await
    }

    async fn delete_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
    ) -> Result<Vec<Arc<Document>>> {
        let store = self.reach()?;
        store.delete_many_by_id(collection, ids, condition).await
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        self.tells.then(|| self.inner.changes()).flatten()
    }

    fn reads(&self) -> u64 {
        self.inner.reads()
    }

    async fn ready(&self) -> Result<()> {
        self.reach()?.ready().await
    }
}
