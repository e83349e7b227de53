//! The documents of the environment: collections, reads, writes, transactions
//! and the commits that follow from them. Judges nobody.
//!
//! Reads go to the store, narrowed as far as it can; the language decides.
//! Writes go through one gate, one after the other: what they read does not
//! change under them, and each is one commit of the store. Transactions see
//! the documents of the moment of their first operation (what was committed
//! since is taken back from memory), keep their writes to themselves, and
//! conflict with whoever changed the same document.

mod access;
mod request;

use std::sync::Arc;

use tokio::sync::broadcast;

pub(crate) use self::access::{Access, AclTag};
pub(crate) use self::request::{
    Aggregate, Commit, Find, Index, IndexDirection, Kind, Modified, Modify, Remove, Selection,
    TableStatistics, TransactionId, Write, Written,
};
use super::failure::Result;
use crate::clock::Clock;
use crate::data::{CollectionName, Document, Object};
use crate::model::Model;
use crate::store::sqlite::SqliteStore;

/// The database of one environment.
#[derive(Debug)]
pub(crate) struct Database {
    store: Arc<SqliteStore>,
    clock: Arc<dyn Clock>,
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
    /// The database in a store, with all collections that are in its file. `model`: collections that are made if they
    /// are not there, with indexes and permissions.
    pub(crate) async fn open(
        _store: Arc<SqliteStore>,
        _clock: Arc<dyn Clock>,
        _model: Option<&Model>,
        _limits: TransactionLimits,
    ) -> Result<Arc<Self>> {
        unimplemented!("database helper")
    }

    // --- collections

    pub(crate) async fn create_collection(&self, _name: &CollectionName) -> Result<()> {
        unimplemented!("database helper")
    }

    /// With its documents, indexes and permission.
    pub(crate) async fn drop_collection(&self, _name: &CollectionName) -> Result<()> {
        unimplemented!("database helper")
    }

    /// By name.
    pub(crate) fn collections(&self) -> Vec<CollectionName> {
        unimplemented!("database helper")
    }

    pub(crate) async fn statistics(&self, _name: &CollectionName) -> Result<TableStatistics> {
        unimplemented!("database helper")
    }

    /// The indexes of a collection, `_id_` first.
    pub(crate) fn indexes(&self, _name: &CollectionName) -> Result<Vec<Index>> {
        unimplemented!("database helper")
    }

    /// Makes and drops indexes, all or nothing.
    pub(crate) async fn change_indexes(
        &self,
        _name: &CollectionName,
        _create: Vec<Index>,
        _drop: &[String],
    ) -> Result<()> {
        unimplemented!("database helper")
    }

    /// The permission of a collection; new collections are `PRIVATE`. Kept in the store's file.
    pub(crate) fn access(&self, _name: &CollectionName) -> Result<Arc<Access>> {
        unimplemented!("database helper")
    }

    pub(crate) async fn set_access(&self, _name: &CollectionName, _access: Access) -> Result<()> {
        unimplemented!("database helper")
    }

    // --- documents

    pub(crate) async fn find(
        &self,
        _find: &Find,
        _within: Option<&TransactionId>,
    ) -> Result<Vec<Object>> {
        unimplemented!("database helper")
    }

    /// Whole documents by id, for rules' `get()`.
    pub(crate) async fn get(
        &self,
        _collection: &CollectionName,
        _id: &crate::data::DocId,
    ) -> Result<Option<Arc<Document>>> {
        unimplemented!("database helper")
    }

    pub(crate) async fn count(&self, _selection: &Selection) -> Result<u64> {
        unimplemented!("database helper")
    }

    /// All or nothing; documents without `_id` get one (32 hexadecimal digits that grow with time). The ids in order.
    pub(crate) async fn insert(
        &self,
        _collection: &CollectionName,
        _documents: Vec<Object>,
        _within: Option<&TransactionId>,
    ) -> Result<Vec<crate::data::DocId>> {
        unimplemented!("database helper")
    }

    pub(crate) async fn modify(
        &self,
        _modify: &Modify,
        _within: Option<&TransactionId>,
    ) -> Result<Modified> {
        unimplemented!("database helper")
    }

    /// How many were removed.
    pub(crate) async fn remove(
        &self,
        _remove: &Remove,
        _within: Option<&TransactionId>,
    ) -> Result<u64> {
        unimplemented!("database helper")
    }

    pub(crate) async fn aggregate(&self, _aggregate: &Aggregate) -> Result<Vec<Object>> {
        unimplemented!("database helper")
    }

    // --- transactions

    pub(crate) fn begin(&self) -> Result<TransactionId> {
        unimplemented!("database helper")
    }

    pub(crate) async fn commit(&self, _transaction: &TransactionId) -> Result<()> {
        unimplemented!("database helper")
    }

    pub(crate) async fn abort(&self, _transaction: &TransactionId) -> Result<()> {
        unimplemented!("database helper")
    }

    // --- commits

    /// Every commit from now on, in order.
    pub(crate) fn commits(&self) -> broadcast::Receiver<Arc<Commit>> {
        unimplemented!("database helper")
    }

    /// All documents that match, unordered and whole, with the number of the last commit that they show: every commit
    /// with a greater [`Commit::sequence`] is not in them, every other is.
    pub(crate) async fn snapshot(
        &self,
        _selection: &Selection,
    ) -> Result<(u64, Vec<Arc<Document>>)> {
        unimplemented!("database helper")
    }
}
