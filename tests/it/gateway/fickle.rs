//! A store that can be told to be out of reach or to answer nothing, or that tells of no changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cloudbase_graphql::data::{
    Change, CollectionName, DocId, Document, Filter, Path, Update, Value,
};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{Error, Find, Result, Snapshot, Updated};
use tokio::sync::broadcast;

#[derive(Debug)]
pub(crate) struct Fickle {
    inner: Arc<SqliteStore>,
    /// Whether it tells of changes.
    tells: bool,
    away: AtomicBool,
    /// Whether it does what it is asked and does not say so.
    mute: AtomicBool,
}

impl Fickle {
    pub(crate) fn over(inner: Arc<SqliteStore>) -> Self {
        Self {
            inner,
            tells: true,
            away: AtomicBool::new(false),
            mute: AtomicBool::new(false),
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

    pub(crate) fn set_mute(&self, mute: bool) {
        self.mute.store(mute, Ordering::SeqCst);
    }

    fn reach(&self) -> Result<&SqliteStore> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Error::unavailable("it is away"));
        }
        match self.mute.load(Ordering::SeqCst) {
            true => Err(Error::OutcomeUnknown("no answer came".to_owned())),
            false => Ok(&self.inner),
        }
    }
}

store_in_front!(Fickle, |self| self.reach()?, {
    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        self.reach()?.snapshot(collection, find).await
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        self.tells.then(|| self.inner.changes()).flatten()
    }

    fn reads(&self) -> u64 {
        self.inner.reads()
    }
});
