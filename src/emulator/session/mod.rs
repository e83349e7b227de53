//! One sender's requests to the database: judged, then done.
//!
//! Administrators are not judged. What a client asks must be proved by its
//! condition ([`crate::access::strict`]), or is narrowed where a simple
//! permission says so; placeholders (`'{openid}'`) are replaced before.
//!
//! - `judge.rs`: what the permission says
//! - `transaction.rs`: transactions, each its beginner's alone

mod judge;
#[cfg(test)]
mod tests;
mod transaction;

use std::sync::Arc;

use super::database::{
    Aggregate, Commit, Database, Find, Modified, Modify, Remove, Selection, TransactionId, Write,
};
use super::failure::{Failure, Result};
use super::identity::Identity;
use crate::access::strict::{self, Action};
use crate::access::{RequestData, Settings, placeholder};
use crate::clock::Clock;
use crate::cloudbase::Code;
use crate::data::{Caller, CollectionName, DocId, Document, Filter, Object, Value};
use crate::mongo::{Pipeline, Query};
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
        match self.client() {
            None => Ok(&self.database),
            Some(_) => Err(Failure::new(
                Code::PermissionDenied,
                "[OperationDenied] only administrators may do this",
            )),
        }
    }

    /// The condition of a request, read: placeholders replaced, the collection there.
    pub(crate) fn select(
        &self,
        collection: &CollectionName,
        condition: &Object,
    ) -> Result<Selection> {
        self.database.access(collection)?;
        let query = match self.client() {
            Some(caller) => Query::parse(&placeholder::fill_object(condition, caller))?,
            None => Query::parse(condition)?,
        };
        Ok(Selection {
            collection: collection.clone(),
            query,
            also: Filter::all(),
        })
    }

    /// The stages of an aggregation, read: placeholders in conditions replaced.
    pub(crate) fn pipeline(&self, stages: &[(String, Value)]) -> Result<Pipeline> {
        let Some(caller) = self.client() else {
            return Ok(Pipeline::parse(stages)?);
        };
        let filled = stages.iter().map(|(name, argument)| {
            let argument = match name.as_str() {
                "$match" | "$geoNear" => placeholder::fill_value(argument, caller),
                _ => argument.clone(),
            };
            (name.clone(), argument)
        });
        Ok(Pipeline::parse(&filled.collect::<Vec<_>>())?)
    }

    pub(crate) async fn find(
        &self,
        mut find: Find,
        within: Option<&TransactionId>,
    ) -> Result<Vec<Object>> {
        self.check_transaction(within)?;
        self.narrow(&mut find.selection, Action::Read).await?;
        self.database.find(&find, within).await
    }

    pub(crate) async fn count(&self, mut selection: Selection) -> Result<u64> {
        self.narrow(&mut selection, Action::Read).await?;
        self.database.count(&selection).await
    }

    pub(crate) async fn insert(
        &self,
        collection: &CollectionName,
        mut documents: Vec<Object>,
        within: Option<&TransactionId>,
    ) -> Result<Vec<DocId>> {
        self.check_transaction(within)?;
        if let Some(caller) = self.client() {
            for document in &mut documents {
                let action = Action::Create(document);
                self.judge(collection, action, &Filter::all()).await?;
                *document = strict::stored(document, caller);
            }
        }
        self.database.insert(collection, documents, within).await
    }

    pub(crate) async fn modify(
        &self,
        mut modify: Modify,
        within: Option<&TransactionId>,
    ) -> Result<Modified> {
        self.check_transaction(within)?;
        if let Some(caller) = self.client() {
            if modify.upsert || matches!(modify.write, Write::Replace(_)) {
                self.check_whole_documents(&modify)?;
            }
            let data = written(&modify.write);
            let action = Action::Update(&data);
            self.narrow(&mut modify.selection, action).await?;
            if let Write::Replace(fields) = &mut modify.write {
                *fields = placeholder::fill_object(fields, caller);
            }
        }
        self.database.modify(&modify, within).await
    }

    /// As [`Session::modify`], for who is told the document afterwards: judged as a read too.
    pub(crate) async fn modify_and_tell(
        &self,
        mut modify: Modify,
        within: Option<&TransactionId>,
    ) -> Result<Modified> {
        self.narrow(&mut modify.selection, Action::Read).await?;
        self.modify(modify, within).await
    }

    /// How many were removed.
    pub(crate) async fn remove(
        &self,
        mut remove: Remove,
        within: Option<&TransactionId>,
    ) -> Result<u64> {
        self.check_transaction(within)?;
        self.narrow(&mut remove.selection, Action::Delete).await?;
        self.database.remove(&remove, within).await
    }

    /// A client's lookups need a right to read those collections whole.
    pub(crate) async fn aggregate(&self, mut aggregate: Aggregate) -> Result<Vec<Object>> {
        if self.client().is_some() {
            let first = aggregate.pipeline.first_match();
            let condition = first.map_or_else(Filter::all, |query| query.narrowing().filter);
            let added = self.judge(&aggregate.collection, Action::Read, &condition);
            aggregate.also = aggregate.also.and(added.await?);
            for foreign in aggregate.pipeline.foreign() {
                self.check_reads_whole(&foreign).await?;
            }
        }
        self.database.aggregate(&aggregate).await
    }

    /// Judged as a read.
    pub(crate) async fn watch(&self, mut selection: Selection) -> Result<Watched> {
        self.narrow(&mut selection, Action::Read).await?;
        // First this: what is committed while the documents are read is told twice rather than not at all.
        let commits = self.database.commits();
        let (sequence, documents) = self.database.snapshot(&selection).await?;
        Ok(Watched {
            sequence,
            documents,
            commits,
            selection,
        })
    }

    fn client(&self) -> Option<&Caller> {
        match &self.identity {
            Identity::Admin => None,
            Identity::Client(caller) => Some(caller),
        }
    }
}

/// What a rule sees as `request.data`.
fn written(write: &Write) -> RequestData {
    match write {
        Write::Update(update) => RequestData {
            values: update.assigned(),
            opaque: update.otherwise_changed(),
        },
        Write::Replace(fields) => RequestData {
            values: fields.clone(),
            opaque: Vec::new(),
        },
    }
}
