//! A store that others write to as well: it tells of what is written through it, and nothing of what is written to the
//! store behind it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cloudbase_graphql::data::{
    Change, CollectionName, DocId, Document, Filter, Path, Update, Value,
};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{Error, Find, Notice, Notices, Result, Snapshot, Store, Updated};
use tokio::sync::broadcast::{self, Sender};
use tokio::sync::{RwLock, watch};

const CAPACITY: usize = 1024;

#[derive(Debug)]
pub(crate) struct Shared {
    /// What others write to.
    pub(crate) behind: Arc<SqliteStore>,
    /// The number of the last own commit. Held while one is made and told, so that a snapshot knows which it saw.
    last: RwLock<u64>,
    changes: Sender<Arc<Change>>,
    /// Word of others' commits to any list; `None`: nobody tells.
    notices: Option<watch::Sender<Notice>>,
    /// The collection and limit of each list that word was asked for.
    pub(crate) asked: Mutex<Vec<(CollectionName, u64)>>,
    away: AtomicBool,
    /// How long `find` takes, beside what it takes behind.
    latency: Mutex<Duration>,
    /// Reads that began, and those of them that came while it was away.
    reads: AtomicU64,
    refused: AtomicU64,
    /// Reads of the store behind that have not come back.
    under_way: Arc<AtomicU64>,
}

impl Shared {
    /// One of which nobody tells what others commit.
    pub(crate) fn over(behind: Arc<SqliteStore>) -> Arc<Self> {
        Arc::new(Self::new(behind, None))
    }

    /// One of which somebody tells, as the test says.
    pub(crate) fn noticed(behind: Arc<SqliteStore>) -> Arc<Self> {
        let attentive = Notice {
            count: 0,
            attentive: true,
        };
        Arc::new(Self::new(behind, Some(watch::Sender::new(attentive))))
    }

    fn new(behind: Arc<SqliteStore>, notices: Option<watch::Sender<Notice>>) -> Self {
        Self {
            behind,
            last: RwLock::new(0),
            changes: Sender::new(CAPACITY),
            notices,
            asked: Mutex::default(),
            away: AtomicBool::new(false),
            latency: Mutex::default(),
            reads: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            under_way: Arc::default(),
        }
    }

    /// There is word of commits.
    pub(crate) fn notify(&self) {
        let notices = self.notices.as_ref().expect("somebody tells");
        notices.send_modify(|notice| notice.count += 1);
    }

    pub(crate) fn set_attentive(&self, attentive: bool) {
        let notices = self.notices.as_ref().expect("somebody tells");
        notices.send_modify(|notice| notice.attentive = attentive);
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        *self.latency.lock().unwrap() = latency;
    }

    pub(crate) fn under_way(&self) -> &Arc<AtomicU64> {
        &self.under_way
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::SeqCst)
    }

    pub(crate) fn listeners(&self) -> usize {
        self.notices
            .as_ref()
            .map_or(0, watch::Sender::receiver_count)
    }

    fn reach(&self) -> Result<&SqliteStore> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.away.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Err(Error::unavailable("it is away"));
        }
        Ok(&self.behind)
    }

    fn tell(&self, last: &mut u64, collection: &CollectionName, pair: Pair) {
        *last += 1;
        let (before, after) = pair;
        let document = before.as_ref().or(after.as_ref()).expect("a document");
        // Nobody may be listening.
        let _ = self.changes.send(Arc::new(Change {
            sequence: *last,
            collection: collection.clone(),
            id: document.id().clone(),
            before: before.as_deref().map(unversioned),
            after: after.as_deref().map(unversioned),
        }));
    }
}

/// A read, until it is over.
struct UnderWay(Arc<AtomicU64>);

impl UnderWay {
    fn new(count: &Arc<AtomicU64>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

type Pair = (Option<Arc<Document>>, Option<Arc<Document>>);

/// It counts no versions, and shares nothing with what it gave before.
fn unversioned(document: &Document) -> Arc<Document> {
    let fields = document.fields().clone();
    Arc::new(Document::new(document.id().clone(), 0, fields))
}

#[async_trait]
impl Store for Shared {
    async fn find(&self, collection: &CollectionName, find: &Find) -> Result<Vec<Arc<Document>>> {
        let behind = self.reach()?;
        let latency = *self.latency.lock().unwrap();
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let _read = UnderWay::new(&self.under_way);
        let found = behind.find(collection, find).await?;
        Ok(found.iter().map(|found| unversioned(found)).collect())
    }

    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        let last = self.last.read().await;
        let behind = self.reach()?;
        let _read = UnderWay::new(&self.under_way);
        let read = behind.snapshot(collection, find).await?;
        let documents = read.documents.iter();
        Ok(Snapshot {
            sequence: *last,
            documents: documents.map(|found| unversioned(found)).collect(),
        })
    }

    async fn find_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>> {
        let behind = self.reach()?;
        behind.find_per_key(collection, path, keys, find).await
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
        let behind = self.reach()?;
        behind.count_per_key(collection, path, keys, filter).await
    }

    async fn insert(
        &self,
        collection: &CollectionName,
        documents: Vec<Document>,
    ) -> Result<Vec<Arc<Document>>> {
        let mut last = self.last.write().await;
        let inserted = self.behind.insert(collection, documents).await?;
        for document in &inserted {
            self.tell(&mut last, collection, (None, Some(Arc::clone(document))));
        }
        Ok(inserted)
    }

    async fn update_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
        update: &Update,
    ) -> Result<Option<Updated>> {
        let mut last = self.last.write().await;
        let behind = &self.behind;
        let updated = behind.update_one(collection, id, condition, update).await?;
        if let Some(Updated { before, after }) = &updated {
            let pair = (Some(Arc::clone(before)), Some(Arc::clone(after)));
            self.tell(&mut last, collection, pair);
        }
        Ok(updated)
    }

    async fn update_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
        update: &Update,
    ) -> Result<Vec<Updated>> {
        let mut last = self.last.write().await;
        let updated = self
            .behind
            .update_many_by_id(collection, ids, condition, update)
            .await?;
        for Updated { before, after } in &updated {
            let pair = (Some(Arc::clone(before)), Some(Arc::clone(after)));
            self.tell(&mut last, collection, pair);
        }
        Ok(updated)
    }

    async fn delete_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
    ) -> Result<Option<Arc<Document>>> {
        let mut last = self.last.write().await;
        let deleted = self.behind.delete_one(collection, id, condition).await?;
        if let Some(document) = &deleted {
            self.tell(&mut last, collection, (Some(Arc::clone(document)), None));
        }
        Ok(deleted)
    }

    async fn delete_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
    ) -> Result<Vec<Arc<Document>>> {
        let mut last = self.last.write().await;
        let behind = &self.behind;
        let deleted = behind.delete_many_by_id(collection, ids, condition).await?;
        for document in &deleted {
            self.tell(&mut last, collection, (Some(Arc::clone(document)), None));
        }
        Ok(deleted)
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        Some(self.changes.subscribe())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn notices(&self, collection: &CollectionName, find: &Find) -> Option<Notices> {
        let mut asked = self.asked.lock().unwrap();
        asked.push((collection.clone(), find.limit));
        self.notices
            .as_ref()
            .map(|notices| Notices(notices.subscribe()))
    }

    /// Those that failed as well.
    fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    async fn ready(&self) -> Result<()> {
        self.behind.ready().await
    }
}
