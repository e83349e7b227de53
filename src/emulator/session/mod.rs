//! One sender's requests to the database: judged, then done.
//!
//! Administrators are not judged. What a client asks must be proved by its
//! condition ([`crate::access::strict`]), or is narrowed where a simple
//! permission says so; placeholders (`'{openid}'`) are replaced before.

use std::sync::Arc;

use super::database::{
    Aggregate, Commit, Database, Find, Modified, Modify, Remove, Selection, TransactionId,
};
use super::failure::Result;
use super::identity::Identity;
use crate::access::Settings;
use crate::clock::Clock;
use crate::data::{CollectionName, DocId, Document, Object};
use tokio::sync::broadcast;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    database: Arc<Database>,
    identity: Identity,
    clock: Arc<dyn Clock>,
    settings: Settings,
}

/// A list that is watched: as it is now, and whatever is committed afterwards.
#[derive(Debug)]
pub(crate) struct Watched {
    /// The number of the last commit that `documents` show; earlier ones that `commits` still tells are to be skipped.
    pub(crate) sequence: u64,
    /// All that match, unordered.
    pub(crate) documents: Vec<Arc<Document>>,
    pub(crate) commits: broadcast::Receiver<Arc<Commit>>,
    /// What decides which documents belong: the client's condition with its placeholders replaced, and what the
    /// permission adds.
    pub(crate) selection: Selection,
}

impl Session {
    pub(crate) fn new(
        database: Arc<Database>,
        identity: Identity,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Self {
        Self {
            database,
            identity,
            clock,
            settings,
        }
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The database for what administrators alone may do.
    ///
    /// # Errors
    /// The sender is no administrator.
    pub(crate) fn administer(&self) -> Result<&Arc<Database>> {
        unimplemented!("database helper")
    }

    /// The condition of a request, read: placeholders replaced, the collection there.
    pub(crate) fn select(
        &self,
        _collection: &CollectionName,
        _condition: &Object,
    ) -> Result<Selection> {
        unimplemented!("database helper")
    }

    pub(crate) async fn find(
        &self,
        _find: Find,
        _within: Option<&TransactionId>,
    ) -> Result<Vec<Object>> {
        unimplemented!("database helper")
    }

    pub(crate) async fn count(&self, _selection: Selection) -> Result<u64> {
        unimplemented!("database helper")
    }

    pub(crate) async fn insert(
        &self,
        _collection: &CollectionName,
        _documents: Vec<Object>,
        _within: Option<&TransactionId>,
    ) -> Result<Vec<DocId>> {
        unimplemented!("database helper")
    }

    pub(crate) async fn modify(
        &self,
        _modify: Modify,
        _within: Option<&TransactionId>,
    ) -> Result<Modified> {
        unimplemented!("database helper")
    }

    pub(crate) async fn remove(
        &self,
        _remove: Remove,
        _within: Option<&TransactionId>,
    ) -> Result<u64> {
        unimplemented!("database helper")
    }

    /// A client's lookups need a right to read those collections whole.
    pub(crate) async fn aggregate(&self, _aggregate: Aggregate) -> Result<Vec<Object>> {
        unimplemented!("database helper")
    }

    pub(crate) fn begin(&self) -> Result<TransactionId> {
        unimplemented!("database helper")
    }

    /// # Errors
    /// Also for a transaction that another identity began: it does not exist for this one.
    pub(crate) async fn commit(&self, _transaction: &TransactionId) -> Result<()> {
        unimplemented!("database helper")
    }

    pub(crate) async fn abort(&self, _transaction: &TransactionId) -> Result<()> {
        unimplemented!("database helper")
    }

    /// Judged as a read.
    pub(crate) async fn watch(&self, _selection: Selection) -> Result<Watched> {
        unimplemented!("database helper")
    }
}
