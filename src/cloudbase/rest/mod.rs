//! The documented REST gateway, `/v1/database`: EJSON in place, HTTP status codes, native commands.
//!
//! Each call is a request that is made, and an answer that is read, by functions that do nothing else:
//! - `call.rs`: what all requests have in common
//! - `read.rs`: lists, counts, aggregations; `write.rs`: by id; `command.rs`: native commands
//! - `transaction.rs`, `collection.rs`
//!
//! What may be repeated after an answer was lost: reads, the beginning of a transaction, and its abort. Not a commit:
//! once its answer is lost, only looking at what was written tells whether it happened.

mod call;
mod collection;
mod command;
mod read;
#[cfg(test)]
mod tests;
mod transaction;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::answer;
use super::client::Client;
use super::database::{Alteration, Altered, Context, Database, Find, TransactionId};
use super::error::Result;
use crate::data::{CollectionName, DocId, Object};

#[derive(Debug)]
pub struct Rest {
    client: Arc<Client>,
}

impl Rest {
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Database for Rest {
    async fn find(&self, context: &Context, find: &Find) -> Result<Vec<Object>> {
        // To the protocol 0 means the usual number.
        if find.limit == 0 {
            return Ok(Vec::new());
        }
        let request = read::find(context, find);
        let answer = self
            .client
            .call(&request, context.deadline, read::read_list);
        answer.await
    }

    async fn count(
        &self,
        context: &Context,
        collection: &CollectionName,
        query: &Object,
    ) -> Result<u64> {
        let request = read::count(collection, query);
        let answer = self
            .client
            .call(&request, context.deadline, read::read_count);
        answer.await
    }

    async fn aggregate(
        &self,
        context: &Context,
        collection: &CollectionName,
        pipeline: &[Object],
    ) -> Result<Vec<Object>> {
        let request = read::aggregate(collection, pipeline);
        let answer = self
            .client
            .call(&request, context.deadline, read::read_list);
        answer.await
    }

    async fn insert(
        &self,
        context: &Context,
        collection: &CollectionName,
        documents: &[Object],
    ) -> Result<()> {
        let request = write::insert(context, collection, documents);
        let read = |answer: &_| write::read_inserted(answer, documents.len());
        self.client.call(&request, context.deadline, read).await
    }

    async fn alter(
        &self,
        context: &Context,
        collection: &CollectionName,
        query: &Object,
        alteration: &Alteration,
    ) -> Result<Option<Altered>> {
        let request = command::alter(context, collection, query, alteration);
        let answer = self
            .client
            .call(&request, context.deadline, command::read_altered);
        answer.await
    }

    fn alters(&self, _alteration: &Alteration) -> bool {
        true
    }

    async fn update(
        &self,
        context: &Context,
        collection: &CollectionName,
        id: &DocId,
        update: &Object,
    ) -> Result<bool> {
        let request = write::update(context, collection, id, update);
        let answer = self
            .client
            .call(&request, context.deadline, write::read_updated);
        answer.await
    }

    async fn remove(
        &self,
        context: &Context,
        collection: &CollectionName,
        id: &DocId,
    ) -> Result<bool> {
        let request = write::remove(context, collection, id);
        let answer = self
            .client
            .call(&request, context.deadline, write::read_removed);
        answer.await
    }

    async fn begin(&self, deadline: Option<Instant>) -> Result<TransactionId> {
        let request = transaction::begin();
        let answer = self.client.call(&request, deadline, answer::read_begun);
        answer.await
    }

    async fn commit(&self, transaction: &TransactionId, deadline: Option<Instant>) -> Result<()> {
        let request = transaction::commit(transaction);
        let answer = self.client.call(&request, deadline, answer::read_ended);
        answer.await
    }

    async fn abort(&self, transaction: &TransactionId, deadline: Option<Instant>) -> Result<()> {
        let request = transaction::abort(transaction);
        let answer = self.client.call(&request, deadline, answer::read_ended);
        answer.await
    }

    async fn create_collection(&self, collection: &CollectionName) -> Result<()> {
        let request = collection::create(collection);
        let answer = self.client.call(&request, None, collection::read_created);
        answer.await
    }

    fn client(&self) -> &Arc<Client> {
        &self.client
    }
}
