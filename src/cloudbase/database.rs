//! What can be done to documents, in one vocabulary for both protocols.
//!
//! Conditions, updates and pipelines are the document database's own ([`Object`]s with `$` operators); documents come
//! back as they are stored.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::client::Client;
use super::error::Result;
use super::{Protocol, admin, rest};
use crate::data::{CollectionName, Direction, DocId, Object};

/// The most rows of one answer (a hard limit of the cloud).
pub const MAX_ROWS: u64 = 1_000;

/// The most values that a list in a condition should have; there is no documented limit but that of requests.
pub const MAX_IN: usize = 500;

/// A list of documents.
#[derive(Clone, Debug)]
pub struct Find {
    pub collection: CollectionName,
    pub query: Object,
    /// By priority; `_id` is written out.
    pub order: Vec<(String, Direction)>,
    pub skip: u64,
    /// At most [`MAX_ROWS`].
    pub limit: u64,
    /// Names of top-level fields; `_id` always comes. `None`: all.
    pub projection: Option<Vec<String>>,
}

impl Find {
    /// Whether there is any document like this: the id of one.
    pub fn any(collection: &CollectionName, query: Object) -> Self {
        Self {
            collection: collection.clone(),
            query,
            order: Vec::new(),
            skip: 0,
            limit: 1,
            projection: Some(Vec::new()),
        }
    }
}

/// What is done to the first document that matches.
#[derive(Clone, Debug)]
pub enum Alteration {
    /// Operators such as `$set`.
    Update(Object),
    Remove,
}

/// The document that was altered, as far as the protocol tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Altered {
    Before(Object),
    After(Object),
}

/// A transaction that was begun. It ends by itself after 30 s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionId(pub String);

/// Within what a call is made.
#[derive(Clone, Debug, Default)]
pub struct Context {
    pub transaction: Option<TransactionId>,
    /// When whoever asks stops waiting.
    pub deadline: Option<Instant>,
}

/// Documents of one environment, over one of the protocols.
#[async_trait]
pub trait Database: Send + Sync + std::fmt::Debug {
    /// Over `/admin`, `ObjectId`s other than that of `_id` come as text.
    async fn find(&self, context: &Context, find: &Find) -> Result<Vec<Object>>;

    /// Never within a transaction: the cloud counts outside of it.
    async fn count(
        &self,
        context: &Context,
        collection: &CollectionName,
        query: &Object,
    ) -> Result<u64>;

    /// Never within a transaction. At most [`MAX_ROWS`] rows, unless the last stage is a `$limit`. Over `/admin`, all
    /// `ObjectId`s come as text.
    async fn aggregate(
        &self,
        context: &Context,
        collection: &CollectionName,
        pipeline: &[Object],
    ) -> Result<Vec<Object>>;

    /// Documents with their `_id`s. Not repeated after an ambiguous failure: whoever chose the ids can look.
    async fn insert(
        &self,
        context: &Context,
        collection: &CollectionName,
        documents: &[Object],
    ) -> Result<()>;

    /// Alters the first document that matches, in one step; `None`: none did. Never repeated after an ambiguous failure.
    ///
    /// # Errors
    ///
    /// `Unable`: the protocol has no such call ([`Database::alters`]).
    async fn alter(
        &self,
        context: &Context,
        collection: &CollectionName,
        query: &Object,
        alteration: &Alteration,
    ) -> Result<Option<Altered>>;

    /// Whether [`Database::alter`] can do this.
    fn alters(&self, alteration: &Alteration) -> bool;

    /// Updates one document by id; whether there was one.
    async fn update(
        &self,
        context: &Context,
        collection: &CollectionName,
        id: &DocId,
        update: &Object,
    ) -> Result<bool>;

    /// Removes one document by id; whether there was one.
    async fn remove(
        &self,
        context: &Context,
        collection: &CollectionName,
        id: &DocId,
    ) -> Result<bool>;

    async fn begin(&self, deadline: Option<Instant>) -> Result<TransactionId>;

    /// Not repeated after an ambiguous failure: that a transaction is over is told of those that were committed, too.
    async fn commit(&self, transaction: &TransactionId, deadline: Option<Instant>) -> Result<()>;

    async fn abort(&self, transaction: &TransactionId, deadline: Option<Instant>) -> Result<()>;

    /// # Errors
    ///
    /// Refused with `DATABASE_COLLECTION_ALREADY_EXIST` (or the like) if it is there.
    async fn create_collection(&self, collection: &CollectionName) -> Result<()>;

    /// The client that it speaks through.
    fn client(&self) -> &Arc<Client>;
}

/// The documents of the client's environment, over the configured protocol.
pub fn open(client: Arc<Client>) -> Arc<dyn Database> {
    match client.config().protocol {
        Protocol::Rest => Arc::new(rest::Rest::new(client)),
        Protocol::Admin => Arc::new(admin::Admin::new(client)),
    }
}
