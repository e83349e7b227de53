//! `/admin`, as the cloud's Node SDK speaks it: one address, an action in the body, documents as EJSON texts. The answer
//! has status 200, also for a refusal.
//!
//! Each call is a request that is made, and an answer that is read, by functions that do nothing else:
//! - `envelope.rs`: what all requests have in common
//! - `read.rs`: lists, counts, aggregations; `write.rs`: inserting, altering, and by id
//! - `object_ids.rs`: which `_id`s that look like texts are `ObjectId`s
//! - `transaction.rs`, `collection.rs`; `files.rs`: addresses of files
//!
//! What may be repeated after an answer was lost: reads, the beginning of a transaction, and its abort. Not a commit:
//! once its answer is lost, only looking at what was written tells whether it happened.
//!
//! What this protocol cannot do: remove a document and tell what it was; and tell `ObjectId`s from texts, other than in
//! the `_id` of documents, for which it is found out. Elsewhere in a document, and in the rows of an aggregation, they
//! come as text.

mod collection;
mod envelope;
mod files;
mod object_ids;
mod read;
#[cfg(test)]
mod tests;
mod transaction;
mod write;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use serde::Serialize;
use tokio::time::Instant;

use self::envelope::{Call, Sender};
pub(super) use self::files::Located;
use self::object_ids::Named;
use super::FileId;
use super::answer;
use super::client::{Answer, Client};
use super::database::{Alteration, Altered, Context, Database, Find, TransactionId};
use super::error::{Error, Result};
use crate::data::{CollectionName, DocId, Object};

#[derive(Debug)]
pub struct Admin {
    client: Arc<Client>,
    /// How many requests there were; numbers the next.
    requests: AtomicU64,
}

impl Admin {
    pub fn new(client: Arc<Client>) -> Self {
        Self {
            client,
            requests: AtomicU64::new(0),
        }
    }

    async fn call<T>(
        &self,
        call: Call<impl Serialize>,
        deadline: Option<Instant>,
        read: impl Fn(&Answer) -> Result<T> + Send + Sync,
    ) -> Result<T> {
        let request = Sender::of(&self.client, &self.requests).request(call);
        self.client.call(&request, deadline, read).await
    }

    pub(super) fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Addresses of at most [`super::files::MAX_FILES`] files that are good for so many seconds.
    pub(super) async fn addresses(
        &self,
        files: &[FileId],
        max_age: u32,
        deadline: Option<Instant>,
    ) -> Result<Vec<Located>> {
        let call = files::addresses(files, max_age);
        self.call(call, deadline, files::read_addresses).await
    }

    async fn list(&self, context: &Context, find: &Find) -> Result<Vec<Object>> {
        let call = read::find(context, find);
        self.call(call, context.deadline, read::read_list).await
    }

    /// Gives the rows of a condition their `_id`s as they are.
    async fn identify(
        &self,
        context: &Context,
        collection: &CollectionName,
        query: &Object,
        mut rows: Vec<Object>,
    ) -> Result<Vec<Object>> {
        let unknown = object_ids::tell(&Named::by(query), &mut rows);
        if !unknown.is_empty() {
            let questions = object_ids::questions(collection, &unknown);
            let answers = questions
                .iter()
                .map(|question| self.list(context, question));
            let texts = try_join_all(answers).await?.concat();
            object_ids::settle(&mut rows, &unknown, &texts);
        }
        Ok(rows)
    }

    /// Whether there is a document of this id.
    async fn exists(
        &self,
        context: &Context,
        collection: &CollectionName,
        id: &DocId,
    ) -> Result<bool> {
        let find = Find::any(collection, write::named(id));
        Ok(!self.list(context, &find).await?.is_empty())
    }
}

#[async_trait]
impl Database for Admin {
    async fn find(&self, context: &Context, find: &Find) -> Result<Vec<Object>> {
        // To the protocol 0 means the usual number.
        if find.limit == 0 {
            return Ok(Vec::new());
        }
        let rows = self.list(context, find).await?;
        self.identify(context, &find.collection, &find.query, rows)
            .await
    }

    async fn count(
        &self,
        context: &Context,
        collection: &CollectionName,
        query: &Object,
    ) -> Result<u64> {
        let call = read::count(collection, query);
        self.call(call, context.deadline, read::read_count).await
    }

    async fn aggregate(
        &self,
        context: &Context,
        collection: &CollectionName,
        pipeline: &[Object],
    ) -> Result<Vec<Object>> {
        let call = read::aggregate(collection, pipeline);
        self.call(call, context.deadline, read::read_list).await
    }

    async fn insert(
        &self,
        context: &Context,
        collection: &CollectionName,
        documents: &[Object],
    ) -> Result<()> {
        let call = write::insert(context, collection, documents);
        let read = |answer: &_| write::read_inserted(answer, documents.len());
        self.call(call, context.deadline, read).await
    }

    async fn alter(
        &self,
        context: &Context,
        collection: &CollectionName,
        query: &Object,
        alteration: &Alteration,
    ) -> Result<Option<Altered>> {
        let Alteration::Update(update) = alteration else {
            let reason = "`/admin` cannot remove a document and tell what it was";
            return Err(Error::Unable(reason.to_owned()));
        };
        let call = write::alter(context, collection, query, update);
        let after = self
            .call(call, context.deadline, write::read_altered)
            .await?;
        let after = self.identify(context, collection, query, after.into_iter().collect());
        // By now the document is altered, whatever becomes of the question which `_id` it has.
        let after = after
            .await
            .map_err(|error| Error::Lost(error.to_string()))?;
        Ok(after.into_iter().next().map(Altered::After))
    }

    fn alters(&self, alteration: &Alteration) -> bool {
        matches!(alteration, Alteration::Update(_))
    }

    async fn update(
        &self,
        context: &Context,
        collection: &CollectionName,
        id: &DocId,
        update: &Object,
    ) -> Result<bool> {
        let call = write::update(context, collection, id, update);
        let found = self.call(call, context.deadline, write::read_updated);
        match found.await? {
            Some(found) => Ok(found),
            // Nothing was changed, so nothing is lost if this fails.
            None => self.exists(context, collection, id).await,
        }
    }

    async fn remove(
        &self,
        context: &Context,
        collection: &CollectionName,
        id: &DocId,
    ) -> Result<bool> {
        let call = write::remove(context, collection, id);
        self.call(call, context.deadline, write::read_removed).await
    }

    async fn begin(&self, deadline: Option<Instant>) -> Result<TransactionId> {
        let read = answer::read_begun;
        self.call(transaction::begin(), deadline, read).await
    }

    async fn commit(&self, transaction: &TransactionId, deadline: Option<Instant>) -> Result<()> {
        let call = transaction::commit(transaction);
        self.call(call, deadline, answer::read_ended).await
    }

    async fn abort(&self, transaction: &TransactionId, deadline: Option<Instant>) -> Result<()> {
        let call = transaction::abort(transaction);
        self.call(call, deadline, answer::read_ended).await
    }

    async fn create_collection(&self, collection: &CollectionName) -> Result<()> {
        let call = collection::create(collection);
        self.call(call, None, collection::read_created).await
    }

    fn client(&self) -> &Arc<Client> {
        &self.client
    }
}
