//! The embedded store: one SQLite file.
//!
//! A table per collection holds its documents as text; indexes are made of
//! sort keys, which SQLite computes from the text. *SQL narrows, the matcher
//! decides*: what [`crate::data::Filter`] means is never said a second time in
//! SQL, except where a sort key provably says the same.
//!
//! One thread writes, a few read, and async code only waits for them:
//! - `open.rs`: the file, its lock and its connections; `schema.rs`: its tables and indexes
//! - `table.rs`: what is known of a collection at run time; `row.rs`: a stored document; `cache.rs`: those decoded before
//! - `functions.rs`: `sortkey` and `matches` in SQL
//! - `translate.rs`, `condition.rs`, `sorting.rs`, `sql.rs`: from a filter and an order to SQL; `query.rs`, `per_key.rs`: reading
//! - `readers.rs`, `writer.rs`: the threads; `write.rs`: what a write does; `statistics.rs`: for the choice of indexes
//! - `commit.rs`: several documents on condition, and dropping; `notes.rs`: texts beside the documents
//! - `error.rs`: what SQLite's errors mean

mod cache;
mod commit;
mod condition;
mod error;
mod functions;
mod notes;
mod open;
mod per_key;
#[cfg(test)]
mod plans;
mod query;
mod readers;
mod row;
mod schema;
mod sorting;
mod sql;
mod statistics;
mod table;
#[cfg(test)]
mod tests;
mod translate;
mod write;
mod writer;

use std::num::NonZeroUsize;
use std::path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::sync::broadcast;

use self::cache::Cache;
use self::query::{Query, stable};
use self::readers::{Reader, Readers};
use self::table::{Catalog, Table};
use self::writer::Writer;
use super::{CollectionSpec, Find, Result, Snapshot, Store, Updated};
use crate::data::{Change, CollectionName, DocId, Document, Filter, Index, Path, Update, Value};

pub use self::commit::{Committed, Dropped, Replacement};
pub use self::open::OpenError;

/// Changes that a receiver may lag behind before it loses some and is told so.
const FEED_CAPACITY: usize = 4096;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    pub durability: Durability,
    /// Threads that read, each with its own connection.
    pub readers: NonZeroUsize,
    /// How many documents are kept decoded, as bytes of their stored text; in
    /// memory they take about three times that. 0 keeps none.
    pub cache: usize,
}

/// What an acknowledged write survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process and a loss of power: each commit waits for the disk.
    Full,
    /// The end of the process, but not a loss of power, which may even damage
    /// the file: for benchmarks and throw-away stores.
    Off,
}

impl Default for Options {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(2, NonZeroUsize::get);
        Self {
            durability: Durability::Full,
            readers: NonZeroUsize::new(cores.clamp(2, 4)).expect("at least two"),
            cache: 16 << 20,
        }
    }
}

/// How much a collection holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub documents: u64,
    /// Of their stored text.
    pub bytes: u64,
}

/// The store in one SQLite file. [`SqliteStore::prepare`] it before it serves.
///
/// Dropping it waits for the writes that were admitted.
#[derive(Debug)]
pub struct SqliteStore {
    catalog: Arc<Catalog>,
    feed: broadcast::Sender<Arc<Change>>,
    reads: AtomicU64,
    // Dropped in this order: the connection that is closed last tidies the
    // file up, and only the writer's can; the lock covers both.
    readers: Readers,
    writer: Writer,
    _lock: open::Lock,
    _directory: Option<TempDir>,
}

impl SqliteStore {
    /// Opens a store file, or makes a new one, with its directory. Blocks for some milliseconds.
    ///
    /// # Errors
    /// See [`OpenError`]; a file that is refused is not changed.
    pub fn open(path: impl AsRef<path::Path>, options: &Options) -> Result<Arc<Self>, OpenError> {
        Self::open_in(path.as_ref(), options, None)
    }

    /// A new store that lasts as long as this value, in the system's directory for temporary files.
    pub fn temporary() -> Result<Arc<Self>, OpenError> {
        let options = Options {
            durability: Durability::Off,
            ..Options::default()
        };
        let made = TempDir::with_prefix("cloudbase-graphql-");
        let directory = made.map_err(|error| OpenError::Other {
            path: "(temporary)".into(),
            reason: error.to_string(),
        })?;
        let path = directory.path().join("store.db");
        Self::open_in(&path, &options, Some(directory))
    }

    fn open_in(
        path: &path::Path,
        options: &Options,
        directory: Option<TempDir>,
    ) -> Result<Arc<Self>, OpenError> {
        let place = open::Place::find(path)?;
        let lock = open::Lock::take(&place)?;
        let (connection, functions) = open::writer(&place, options)?;
        let readers: Result<Vec<_>, _> = (0..options.readers.get())
            .map(|_| open::reader(&place))
            .collect();
        let readers = Readers::start(readers?, &Arc::new(Cache::new(options.cache)));
        let catalog = Arc::new(Catalog::default());
        let (feed, _) = broadcast::channel(FEED_CAPACITY);
        let writer = Writer::start(connection, functions, Arc::clone(&catalog), feed.clone());
        Ok(Arc::new(Self {
            catalog,
            feed,
            reads: AtomicU64::new(0),
            readers,
            writer,
            _lock: lock,
            _directory: directory,
        }))
    }

    /// Makes the collections and their indexes, and drops indexes of theirs
    /// that are asked for no more; collections that are not named keep theirs.
    /// Only what is prepared can be read and written. Geo indexes are accepted
    /// and do nothing: regions are left to the matcher.
    ///
    /// # Errors
    /// [`super::Error::Failed`] if stored documents contradict a unique index. Nothing was changed then.
    pub async fn prepare(&self, collections: &[CollectionSpec]) -> Result<()> {
        let collections = collections.to_vec();
        self.writer
            .run(move |batch| batch.prepare(&collections))
            .await
    }

    /// All collections of the file by name, those that nobody prepared too.
    pub async fn collections(&self) -> Result<Vec<CollectionName>> {
        self.readers.run(Reader::collections).await
    }

    /// The indexes that a collection of the file has, prepared or not; those that an earlier owner of the file asked
    /// for too. Without geo indexes, which the file does not have.
    pub async fn indexes(&self, collection: &CollectionName) -> Result<Vec<Index>> {
        let collection = collection.clone();
        self.readers
            .run(move |reader| reader.indexes(&collection))
            .await
    }

    /// Removes a prepared collection with its documents and indexes. The feed tells of each document as removed.
    pub async fn drop_collection(&self, name: &CollectionName) -> Result<Dropped> {
        let name = name.clone();
        self.writer
            .run(move |batch| batch.drop_collection(&name))
            .await
    }

    /// How much a collection holds.
    pub async fn extent(&self, collection: &CollectionName) -> Result<Extent> {
        self.read(collection, Reader::extent).await
    }

    /// Writes documents of any collections in one commit, if each is what it is expected to be. No two of them are of
    /// one document.
    ///
    /// # Errors
    /// [`super::Error::Duplicate`] for a value that a unique index holds already. Nothing was written then.
    pub async fn commit(&self, writes: Vec<Replacement>) -> Result<Committed> {
        self.writer.run(move |batch| batch.replace(writes)).await
    }

    /// The text last kept under this name.
    pub async fn note(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        self.readers.run(move |reader| reader.note(&name)).await
    }

    /// Keeps a small text in the file, in place of an earlier one of this name.
    pub async fn set_note(&self, name: &str, text: &str) -> Result<()> {
        let (name, text) = (name.to_owned(), text.to_owned());
        self.writer
            .run(move |batch| batch.set_note(&name, &text))
            .await
    }

    /// Keeps no text under this name any more.
    pub async fn forget_note(&self, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.writer.run(move |batch| batch.forget_note(&name)).await
    }

    /// Looks through the whole file for damage, and for indexes that do not
    /// agree with their documents. Takes as long as reading everything.
    ///
    /// # Errors
    /// [`super::Error::Failed`] with what was found.
    pub async fn verify(&self) -> Result<()> {
        self.readers.run(Reader::verify).await
    }

    /// Finishes the writes that wait and ends all threads. Every call after it
    /// is answered with [`super::Error::Unavailable`].
    pub fn close(&self) {
        self.readers.stop();
        self.writer.stop();
    }

    /// Runs a read on a reader thread.
    async fn read<T: Send + 'static>(
        &self,
        collection: &CollectionName,
        work: impl FnOnce(&Reader, &Table) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let table = self.catalog.table(collection)?;
        self.readers.run(move |reader| work(reader, &table)).await
    }
}

/// A request as a reader thread takes it.
fn own(find: &Find) -> Find {
    Find {
        projection: row::with_id(&find.projection),
        ..find.clone()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn find(&self, collection: &CollectionName, find: &Find) -> Result<Vec<Arc<Document>>> {
        let find = own(find);
        self.read(collection, move |reader, table| {
            stable(table, || {
                let query = Query::find(table, &find, None);
                query.prepare(reader, table)?.documents(&find.projection)
            })
        })
        .await
    }

    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        let find = own(find);
        self.read(collection, move |reader, table| {
            stable(table, || {
                let _moment = reader.snapshot()?;
                let sequence = reader.sequence()?;
                let query = Query::find(table, &find, None);
                let documents = query.prepare(reader, table)?.documents(&find.projection)?;
                Ok(Snapshot {
                    sequence,
                    documents,
                })
            })
        })
        .await
    }

    async fn find_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>> {
        let (path, keys, find) = (path.clone(), keys.to_vec(), own(find));
        self.read(collection, move |reader, table| {
            per_key::find(reader, table, &path, &keys, &find)
        })
        .await
    }

    async fn count(&self, collection: &CollectionName, filter: &Filter) -> Result<u64> {
        let filter = filter.clone();
        self.read(collection, move |reader, table| {
            stable(table, || {
                Query::count(table, &filter, None)
                    .prepare(reader, table)?
                    .number()
            })
        })
        .await
    }

    async fn count_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        filter: &Filter,
    ) -> Result<Vec<u64>> {
        let (path, keys, filter) = (path.clone(), keys.to_vec(), filter.clone());
        self.read(collection, move |reader, table| {
            per_key::count(reader, table, &path, &keys, &filter)
        })
        .await
    }

    async fn insert(
        &self,
        collection: &CollectionName,
        documents: Vec<Document>,
    ) -> Result<Vec<Arc<Document>>> {
        let collection = collection.clone();
        self.writer
            .run(move |batch| batch.insert(&collection, documents))
            .await
    }

    async fn update_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
        update: &Update,
    ) -> Result<Option<Updated>> {
        let ids = std::slice::from_ref(id);
        let mut updated = self
            .update_many_by_id(collection, ids, condition, update)
            .await?;
        Ok(updated.pop())
    }

    async fn update_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
        update: &Update,
    ) -> Result<Vec<Updated>> {
        let (collection, ids) = (collection.clone(), ids.to_vec());
        let (condition, update) = (condition.clone(), update.clone());
        self.writer
            .run(move |batch| batch.update(&collection, &ids, &condition, &update))
            .await
    }

    async fn delete_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
    ) -> Result<Option<Arc<Document>>> {
        let ids = std::slice::from_ref(id);
        let mut deleted = self.delete_many_by_id(collection, ids, condition).await?;
        Ok(deleted.pop())
    }

    async fn delete_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
    ) -> Result<Vec<Arc<Document>>> {
        let (collection, ids, condition) = (collection.clone(), ids.to_vec(), condition.clone());
        self.writer
            .run(move |batch| batch.delete(&collection, &ids, &condition))
            .await
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        Some(self.feed.subscribe())
    }

    fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    async fn ready(&self) -> Result<()> {
        self.readers.run(Reader::sequence).await.map(|_| ())
    }
}
