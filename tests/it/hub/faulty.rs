//! A store that is right about its documents and wrong in every other way.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use cloudbase_graphql::data::{
    Change, CollectionName, DocId, Document, Filter, Path, Update, Value,
};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{Error, Find, Result, Snapshot, Store, Updated};
use tokio::sync::broadcast::{self, Receiver, Sender};

/// So few that a burst of writes is too much for who does not listen.
const CAPACITY: usize = 8;

/// Tells of changes only what a test lets it tell, and reads only while it is let.
#[derive(Debug)]
pub(crate) struct Faulty {
    inner: Arc<SqliteStore>,
    /// What truly happened and was not yet dealt with.
    truth: Mutex<Receiver<Arc<Change>>>,
    /// `None`: it tells nothing and never said it would.
    told: Mutex<Option<Sender<Arc<Change>>>>,
    failing: AtomicBool,
    failed: AtomicU64,
}

impl Faulty {
    pub(crate) fn new(inner: Arc<SqliteStore>) -> Arc<Self> {
        Arc::new(Self {
            truth: Mutex::new(inner.changes().unwrap()),
            inner,
            told: Mutex::new(Some(Sender::new(CAPACITY))),
            failing: AtomicBool::new(false),
            failed: AtomicU64::new(0),
        })
    }

    /// One without a feed.
    pub(crate) fn silent(inner: Arc<SqliteStore>) -> Arc<Self> {
        let store = Self::new(inner);
        *store.told.lock().unwrap() = None;
        store
    }

    /// The changes that were not yet taken.
    pub(crate) fn take(&self) -> Vec<Arc<Change>> {
        let mut truth = self.truth.lock().unwrap();
        std::iter::from_fn(|| truth.try_recv().ok()).collect()
    }

    pub(crate) fn tell(&self, changes: impl IntoIterator<Item = Arc<Change>>) {
        let told = self.told.lock().unwrap();
        let told = told.as_ref().expect("a feed");
        for change in changes {
            // Nobody may be listening.
            let _ = told.send(change);
        }
    }

    /// Everybody's feed ends; new ones can be had.
    pub(crate) fn end_feeds(&self) {
        *self.told.lock().unwrap() = Some(Sender::new(CAPACITY));
    }

    pub(crate) fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// How many reads have failed.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::SeqCst)
    }

    pub(crate) fn listeners(&self) -> usize {
        let told = self.told.lock().unwrap();
        told.as_ref().map_or(0, Sender::receiver_count)
    }
}

store_in_front!(Faulty, |self| self.inner, {
    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        if self.failing.load(Ordering::SeqCst) {
            self.failed.fetch_add(1, Ordering::SeqCst);
            return Err(Error::unavailable("it is meant to fail"));
        }
        let mut snapshot = self.inner.snapshot(collection, find).await?;
        if self.changes().is_none() {
            snapshot.sequence = 0;
            // It counts no versions, and shares nothing with what it read before.
            for document in &mut snapshot.documents {
                let fields = document.fields().clone();
                *document = Arc::new(Document::new(document.id().clone(), 0, fields));
            }
        }
        Ok(snapshot)
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        self.told.lock().unwrap().as_ref().map(Sender::subscribe)
    }

    fn reads(&self) -> u64 {
        self.inner.reads()
    }
});
