//! Where documents live.
//!
//! A store knows nothing of callers: every filter it is given is final. Only
//! [`crate::gateway`] calls it.

pub mod cloud;
pub mod deadline;
mod dealer;
pub mod errand;
pub mod sqlite;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{broadcast, watch};

/// What a [`Notices`] tells at the moment.
pub use crate::cloudbase::realtime::Signal as Notice;
use crate::data::{
    Change, CollectionName, DocId, Document, Filter, Index, Order, Path, Position, Update, Value,
    update,
};

/// One list of documents to read.
#[derive(Clone, Debug)]
pub struct Find {
    pub filter: Filter,
    pub order: Order,
    /// Only documents after this position of the order.
    pub after: Option<Position>,
    /// Documents to leave out at the beginning (never together with `after`).
    pub skip: u64,
    pub limit: u64,
    pub projection: Projection,
}

/// Which top-level fields documents come with **at least**; `_id` always does. Filter and order need not be among them.
/// A store may give more fields of the document where that is less work, each whole and as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Projection {
    All,
    Fields(Arc<[smol_str::SmolStr]>),
}

/// A list of documents and the moment it was read in.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// [`Change::sequence`] of the last commit that the read saw: that change and all before it are in what was read,
    /// none after it is. 0 from a store that tells of no changes.
    pub sequence: u64,
    pub documents: Vec<Arc<Document>>,
}

/// Word of commits to one list that [`Store::changes`] does not tell of. It is a hint: what the list holds must be read.
#[derive(Debug)]
pub struct Notices(pub watch::Receiver<Notice>);

/// What a store asked of a server since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upstream {
    /// Requests sent; a read is one or more.
    pub requests: u64,
    /// Of these, those that tried again.
    pub retries: u64,
    /// Requests that were held back, because too many were under way or the server was failing.
    pub refused: u64,
    /// Time that requests were under way, all added up, in microseconds.
    pub waited_us: u64,
    /// Times that word of others' commits was interrupted, so that lists had to be looked at.
    pub interruptions: u64,
}

/// A document before and after a committed update.
#[derive(Clone, Debug)]
pub struct Updated {
    pub before: Arc<Document>,
    pub after: Arc<Document>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A unique index (`fields` are its document fields), or `_id`, holds this value already. Nothing was written.
    #[error("another document of `{collection}` has the same {}", fields.join(", "))]
    Duplicate {
        collection: CollectionName,
        fields: Vec<String>,
    },
    /// The update does not fit the stored document. Nothing was written.
    #[error(transparent)]
    Apply(#[from] update::ApplyError),
    /// A stored document cannot be read.
    #[error("document `{id}` of `{collection}` is damaged: {reason}")]
    Damaged {
        collection: CollectionName,
        id: String,
        reason: String,
    },
    /// A document is larger than the store takes.
    #[error("the document is {bytes} bytes, at most {max} are stored")]
    TooLarge { bytes: usize, max: usize },
    /// The store cannot be reached or answers too late; trying again may help.
    #[error("the store is not available: {reason}")]
    Unavailable {
        reason: String,
        /// How long to wait before trying again, where that is known.
        retry_after: Option<Duration>,
    },
    /// No answer came to a write: it may have been carried out, so to try again may do it twice.
    #[error("it is not known whether this was written: {0}")]
    OutcomeUnknown(String),
    /// Anything else, in its own words.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Not available, who knows until when.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Error::Unavailable {
            reason: reason.into(),
            retry_after: None,
        }
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A **read** is one call of `find`, `snapshot`, `find_per_key`, `count` or `count_per_key`.
#[async_trait]
pub trait Store: Send + Sync + Debug {
    /// Documents that match, in order.
    async fn find(&self, collection: &CollectionName, find: &Find) -> Result<Vec<Arc<Document>>>;

    /// As [`Store::find`], with the moment of the read: where a watch begins.
    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot>;

    /// For each key, in the order given, the documents whose value at `path` equals it: the order, position, skip and
    /// limit of `find` hold for each key by itself.
    async fn find_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>>;

    async fn count(&self, collection: &CollectionName, filter: &Filter) -> Result<u64>;

    async fn count_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        filter: &Filter,
    ) -> Result<Vec<u64>>;

    /// All or nothing. Runs to completion once called, also if the future is dropped; so do all writes.
    async fn insert(
        &self,
        collection: &CollectionName,
        documents: Vec<Document>,
    ) -> Result<Vec<Arc<Document>>>;

    /// Applies the update if the document exists and `condition` is true of it, in one step; `None` if not.
    async fn update_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
        update: &Update,
    ) -> Result<Option<Updated>>;

    /// As [`Store::update_one`] for each of the ids, all in one commit; those that do not match are left out.
    async fn update_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
        update: &Update,
    ) -> Result<Vec<Updated>>;

    /// Deletes the document if it exists and the condition is true of it; gives what it was.
    async fn delete_one(
        &self,
        collection: &CollectionName,
        id: &DocId,
        condition: &Filter,
    ) -> Result<Option<Arc<Document>>>;

    async fn delete_many_by_id(
        &self,
        collection: &CollectionName,
        ids: &[DocId],
        condition: &Filter,
    ) -> Result<Vec<Arc<Document>>>;

    /// Every commit from now on, in order; a receiver that lags is told so by the channel. Of a store that others write to
    /// ([`Store::is_shared`]): every commit of this process. `None` from a store that tells of none: whoever wants to know
    /// must look again and again.
    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>>;

    /// Whether others write to the documents as well, so that [`Store::changes`] does not tell of every commit.
    fn is_shared(&self) -> bool {
        false
    }

    /// Word of what others commit to this list, for as long as it is held; `None`: nobody tells, so look again and again.
    fn notices(&self, _collection: &CollectionName, _find: &Find) -> Option<Notices> {
        None
    }

    /// Reads answered since the start.
    fn reads(&self) -> u64;

    /// What was asked of wherever documents live; `None` if that is this process.
    fn upstream(&self) -> Option<Upstream> {
        None
    }

    /// Whether the store can answer now.
    async fn ready(&self) -> Result<()>;
}

/// A collection and its indexes: what a store must have before it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionSpec {
    pub name: CollectionName,
    pub indexes: Vec<Index>,
}
