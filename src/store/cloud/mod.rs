//! The managed database of an environment of the cloud.
//!
//! Others write to it too: functions, mini programs, the console, other instances of this program. So its feed tells of
//! this process's own commits, in order, and everything else is found by looking again ([`Store::is_shared`]).
//!
//! *The cloud narrows, the matcher decides*: a document that comes back is given out only if [`Filter::matches`] says so.
//!
//! - `translate/`: filters, updates and orders in the database's language; `error.rs`: its failures in the store's
//! - `documents.rs`: what all requests have in common; `list.rs`: a list, page by page; `chunks.rs`: in parts at the same
//!   time; `per_key.rs`: lists for many keys; `count.rs`
//! - `write.rs`: updates and deletes; `insert.rs`; `transaction.rs`: what needs one; `size.rs`: how large documents may be
//! - `feed.rs`: this process's commits; `notices.rs`: word of others'

mod chunks;
mod count;
mod documents;
mod error;
mod feed;
mod insert;
mod list;
mod notices;
mod per_key;
mod size;
mod transaction;
pub mod translate;
mod write;

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, broadcast};
use tokio::time::{self, Instant};
use tokio_util::task::TaskTracker;

use self::documents::{Documents, until};
use self::feed::{Feed, Pair};
use self::write::{Act, Alter, Writer};
use super::{
    CollectionSpec, Error, Find, Notices, Result, Snapshot, Store, Updated, Upstream, deadline,
    errand,
};
use crate::cloudbase::realtime::Realtime;
use crate::cloudbase::{self, Client, Code, Database, database};
use crate::data::{Change, CollectionName, DocId, Document, Filter, Object, Path, Update, Value};

/// What of it can be set.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub writes: Writes,
    /// Rows of one request.
    pub page: u64,
    /// Values of a list in one condition.
    pub in_list: usize,
    /// How long a successful look at whether the store can answer is good for.
    pub ready_for: Duration,
}

/// How a conditional write is made one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writes {
    /// By the native command that finds and modifies, where the protocol has one.
    #[default]
    Native,
    /// By a transaction that reads, decides here, and writes: only documented calls, more requests.
    Transaction,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            writes: Writes::default(),
            page: 1_000,
            in_list: 500,
            ready_for: Duration::from_secs(5),
        }
    }
}

/// How long writes to a collection may be kept waiting by the read of a list of it: who watches a list that is slow to read
/// must not stop those who write.
const EXCLUDED: Duration = Duration::from_secs(3);

/// The store over one environment. Dropping it leaves writes that are under way to themselves: [`CloudStore::close`] it.
#[derive(Debug)]
pub struct CloudStore {
    documents: Arc<Documents>,
    writer: Arc<Writer>,
    feed: Arc<Feed>,
    realtime: Option<Arc<Realtime>>,
    client: Arc<Client>,
    /// Writes that are under way: they run to completion, whoever waits for them.
    writes: TaskTracker,
    reads: AtomicU64,
    /// When the cloud last answered the question whether it can. Held while it is asked, so that one asks for all.
    answered: Mutex<Option<Instant>>,
    ready_for: Duration,
}

impl CloudStore {
    /// The collections of `specs`, over the client's protocol; with a realtime socket if there is one.
    pub fn new(
        client: Arc<Client>,
        realtime: Option<Arc<Realtime>>,
        specs: Vec<CollectionSpec>,
        options: Options,
    ) -> Arc<Self> {
        Self::over(database::open(client), realtime, specs, options)
    }

    /// The same over a database that was opened.
    pub fn over(
        database: Arc<dyn Database>,
        realtime: Option<Arc<Realtime>>,
        specs: Vec<CollectionSpec>,
        options: Options,
    ) -> Arc<Self> {
        let client = Arc::clone(database.client());
        let documents = Arc::new(Documents::new(database, specs, &options));
        let feed = Arc::new(Feed::new(documents.collections()));
        let writer = Writer::new(Arc::clone(&documents), Arc::clone(&feed), options.writes);
        Arc::new(Self {
            documents,
            writer: Arc::new(writer),
            feed,
            realtime,
            client,
            writes: TaskTracker::new(),
            reads: AtomicU64::new(0),
            answered: Mutex::default(),
            ready_for: options.ready_for,
        })
    }

    /// Waits for writes that are under way.
    pub async fn close(&self) {
        self.writes.close();
        self.writes.wait().await;
    }

    /// Runs a write to completion, also if whoever waits for it goes away.
    async fn write<T: Send + 'static>(
        &self,
        write: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let outcome = self.writes.spawn(errand::carried(write)).await;
        outcome.unwrap_or_else(|error| Err(Error::Failed(Box::new(error))))
    }

    /// What became of documents on which a condition is true.
    async fn alter(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
        act: Act,
    ) -> Result<Vec<Pair>> {
        let mut seen = HashSet::new();
        let alter = Alter {
            collection: collection.clone(),
            ids: ids.iter().filter(|id| seen.insert(*id)).cloned().collect(),
            condition: condition.clone(),
            act,
            deadline: deadline::current(),
        };
        let writer = Arc::clone(&self.writer);
        self.write(async move { writer.alter(&alter).await }).await
    }

    fn count_read(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks for one document, of whatever collection comes first. Without that collection the cloud answers all the same.
    async fn ask(&self) -> Result<()> {
        let Some(collection) = self.documents.collections().next() else {
            return Ok(());
        };
        let find = cloudbase::database::Find::any(collection, Object::new());
        let context = until(deadline::current());
        match self.documents.database.find(&context, &find).await {
            Err(error) if error.code() != Some(Code::DatabaseCollectionNotExist) => {
                Err(self.documents.error(collection, error))
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Store for CloudStore {
    async fn find(&self, collection: &CollectionName, find: &Find) -> Result<Vec<Arc<Document>>> {
        self.count_read();
        let context = until(deadline::current());
        self.documents.find(&context, collection, find).await
    }

    /// The number is exact for commits of this process; commits of others have none.
    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        self.count_read();
        let context = until(deadline::current());
        if let Some(quiet) = self.feed.quiet(collection) {
            let documents = self.documents.find(&context, collection, find).await?;
            if self.feed.is_still(collection, quiet) {
                return Ok(Snapshot {
                    sequence: quiet.sequence,
                    documents,
                });
            }
        }
        // From here on writes wait for this read.
        let end = Instant::now() + EXCLUDED;
        let context = until(Some(
            context.deadline.map_or(end, |deadline| deadline.min(end)),
        ));
        let excluding = time::timeout_at(end, self.feed.exclude(collection));
        let excluding = excluding.await.map_err(|_| {
            Error::unavailable("writes to the collection took too long to be waited for")
        })?;
        let read = self.documents.find(&context, collection, find);
        let documents = time::timeout_at(end, read).await.map_err(|_| {
            Error::unavailable(
                "the list took longer to read than writes may be kept waiting for it",
            )
        })?;
        Ok(Snapshot {
            sequence: excluding.sequence,
            documents: documents?,
        })
    }

    async fn find_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>> {
        self.count_read();
        let context = until(deadline::current());
        let read = self
            .documents
            .find_per_key(&context, collection, path, keys, find);
        read.await
    }

    async fn count(&self, collection: &CollectionName, filter: &Filter) -> Result<u64> {
        self.count_read();
        let context = until(deadline::current());
        self.documents.count(&context, collection, filter).await
    }

    async fn count_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        filter: &Filter,
    ) -> Result<Vec<u64>> {
        self.count_read();
        let context = until(deadline::current());
        let read = self
            .documents
            .count_per_key(&context, collection, path, keys, filter);
        read.await
    }

    async fn insert(
        &self,
        collection: &CollectionName,
        documents: Vec<Document>,
    ) -> Result<Vec<Arc<Document>>> {
        let (writer, collection) = (Arc::clone(&self.writer), collection.clone());
        let deadline = deadline::current();
        self.write(async move { writer.insert(&collection, documents, deadline).await })
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
        let updated = self.update_many_by_id(collection, ids, condition, update);
        Ok(updated.await?.pop())
    }

    async fn update_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
        update: &Update,
    ) -> Result<Vec<Updated>> {
        let act = Act::Update(update.clone());
        let pairs = self.alter(collection, ids, condition, act).await?;
        let updated = |pair: Pair| {
            Some(Updated {
                before: pair.before?,
                after: pair.after?,
            })
        };
        Ok(pairs.into_iter().filter_map(updated).collect())
    }

    async fn delete_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
    ) -> Result<Option<Arc<Document>>> {
        let ids = std::slice::from_ref(id);
        let deleted = self.delete_many_by_id(collection, ids, condition);
        Ok(deleted.await?.pop())
    }

    async fn delete_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
    ) -> Result<Vec<Arc<Document>>> {
        let pairs = self.alter(collection, ids, condition, Act::Delete).await?;
        Ok(pairs.into_iter().filter_map(|pair| pair.before).collect())
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        Some(self.feed.subscribe())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn notices(&self, collection: &CollectionName, find: &Find) -> Option<Notices> {
        let realtime = self.realtime.as_ref()?;
        let watched = realtime.watch(notices::watch(collection, find)?)?;
        Some(Notices(watched))
    }

    fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    fn upstream(&self) -> Option<Upstream> {
        let statistics = self.client.statistics();
        let realtime = self.realtime.as_ref().map(|realtime| realtime.statistics());
        Some(Upstream {
            requests: statistics.requests,
            retries: statistics.retries,
            refused: statistics.refused,
            waited_us: statistics.waited_us,
            interruptions: realtime.map_or(0, |realtime| realtime.interruptions),
        })
    }

    async fn ready(&self) -> Result<()> {
        let mut answered = self.answered.lock().await;
        if answered.is_some_and(|at| at.elapsed() < self.ready_for) {
            return Ok(());
        }
        self.ask().await?;
        *answered = Some(Instant::now());
        Ok(())
    }
}
