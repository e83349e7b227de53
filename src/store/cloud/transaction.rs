//! Writes in a transaction of the cloud: read, decide here, write by id, commit. All or nothing.
//!
//! The cloud refuses to commit what others wrote meanwhile; then all of it is done again, with what is there by then.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::documents::{documents, until};
use super::error;
use super::feed::Pair;
use super::translate;
use super::write::{Act, Alter, RETRIES, Trouble, Writer, pause};
use crate::cloudbase::database::{Context, TransactionId};
use crate::cloudbase::{self, Code};
use crate::data::{CollectionName, DocId, Document, Object, Update, Value};
use crate::store::Result;

/// Documents of one request that inserts.
const INSERTED_AT_ONCE: usize = 100;

/// What is done within a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work<'a> {
    Alter(&'a Alter),
    Insert {
        collection: &'a CollectionName,
        documents: &'a [Arc<Document>],
    },
}

impl Work<'_> {
    fn collection(&self) -> &CollectionName {
        match self {
            Work::Alter(alter) => &alter.collection,
            Work::Insert { collection, .. } => collection,
        }
    }
}

impl Writer {
    /// What became of the documents, in order. Others in the way are waited for a few times.
    pub(super) async fn in_transaction(
        &self,
        work: Work<'_>,
        deadline: Option<Instant>,
    ) -> Result<Vec<Pair>, Trouble> {
        for attempt in 0..RETRIES {
            match self.attempt(work, deadline).await {
                Err(Trouble::Conflict(_)) => pause(attempt).await,
                outcome => return outcome,
            }
        }
        self.attempt(work, deadline).await
    }

    async fn attempt(
        &self,
        work: Work<'_>,
        deadline: Option<Instant>,
    ) -> Result<Vec<Pair>, Trouble> {
        let database = &self.documents.database;
        let begun = database.begin(deadline).await;
        let transaction = begun.map_err(|error| self.uncommitted(work.collection(), error))?;
        let context = Context {
            transaction: Some(transaction.clone()),
            ..until(deadline)
        };
        let outcome = match self.within(&context, work).await {
            Ok(done) if done.iter().any(Pair::is_change) => {
                match database.commit(&transaction, deadline).await {
                    Ok(()) => return Ok(done),
                    Err(error) => Err(self.trouble(work.collection(), error)),
                }
            }
            done => done,
        };
        self.abandon(&transaction).await;
        outcome
    }

    /// So that nobody has to wait for documents until it ends by itself, which it does if this fails.
    async fn abandon(&self, transaction: &TransactionId) {
        if let Err(error) = self.documents.database.abort(transaction, None).await {
            tracing::debug!(%error, "a transaction could not be aborted; it ends by itself");
        }
    }

    async fn within(&self, context: &Context, work: Work<'_>) -> Result<Vec<Pair>, Trouble> {
        match work {
            Work::Alter(alter) => self.alter_within(context, alter).await,
            Work::Insert {
                collection,
                documents,
            } => self.insert_within(context, collection, documents).await,
        }
    }

    async fn alter_within(&self, context: &Context, alter: &Alter) -> Result<Vec<Pair>, Trouble> {
        let pairs = self.plan_within(context, alter).await?;
        for pair in &pairs {
            Self::checked(alter, pair)?;
        }
        for pair in pairs.iter().filter(|pair| pair.is_change()) {
            self.write_within(context, alter, pair).await?;
        }
        Ok(pairs)
    }

    /// What is to become of the documents of which the condition is true.
    async fn plan_within(&self, context: &Context, alter: &Alter) -> Result<Vec<Pair>, Trouble> {
        let read = self
            .documents
            .by_ids(context, &alter.collection, &alter.ids);
        let rows = read
            .await
            .map_err(|error| self.uncommitted(&alter.collection, error))?;
        let found = documents(&alter.collection, rows).map_err(Trouble::Refused)?;
        let found: HashMap<&DocId, &Arc<Document>> = found
            .iter()
            .map(|document| (document.id(), document))
            .collect();
        let there = alter.ids.iter().filter_map(|id| found.get(id).copied());
        let matching = there.filter(|document| alter.condition.matches(document.fields()));
        let plans = matching.map(|document| alter.act.plan(document));
        plans.collect::<Result<_>>().map_err(Trouble::Refused)
    }

    async fn write_within(
        &self,
        context: &Context,
        alter: &Alter,
        pair: &Pair,
    ) -> Result<(), Trouble> {
        let (database, collection) = (&self.documents.database, &alter.collection);
        let Some(before) = &pair.before else {
            return Ok(());
        };
        let id = before.id();
        let written = match (&alter.act, &pair.after) {
            (Act::Update(update), Some(after)) => {
                let operators = operators(update, after);
                // How many documents were changed is not looked at: the transaction read the document.
                let updated = database.update(context, collection, id, &operators).await;
                updated.map(|_| ())
            }
            _ => database.remove(context, collection, id).await.map(|_| ()),
        };
        written.map_err(|error| self.uncommitted(collection, error))
    }

    /// What is sent whole is looked at, so that nothing in it is an operator or another type.
    fn checked(alter: &Alter, pair: &Pair) -> Result<(), Trouble> {
        let Act::Update(update) = &alter.act else {
            return Ok(());
        };
        let after = pair.after.iter().flat_map(|after| after.fields().iter());
        let mut touched = after.filter(|(name, _)| update.paths().any(|path| path.root() == *name));
        match touched.all(|field| translate::can_hold([field])) {
            true => Ok(()),
            false => Err(Trouble::Refused(error::unstorable())),
        }
    }

    async fn insert_within(
        &self,
        context: &Context,
        collection: &CollectionName,
        documents: &[Arc<Document>],
    ) -> Result<Vec<Pair>, Trouble> {
        let database = &self.documents.database;
        for documents in documents.chunks(INSERTED_AT_ONCE) {
            let rows: Vec<Object> = documents.iter().map(|it| it.fields().clone()).collect();
            let inserted = database.insert(context, collection, &rows).await;
            inserted.map_err(|error| self.uncommitted(collection, error))?;
        }
        Ok(documents.iter().map(Pair::inserted).collect())
    }

    /// What a failure before the commit means: whatever was sent, nothing of it is there.
    fn uncommitted(&self, collection: &CollectionName, error: cloudbase::Error) -> Trouble {
        match self.trouble(collection, error) {
            // Asked again, it would refuse again.
            Trouble::Unknown(error)
                if error.code() == Some(Code::DatabaseRequestFailed)
                    || error::is_unknown_word(&error) =>
            {
                Trouble::Refused(self.documents.error(collection, error))
            }
            Trouble::Unknown(_) => Trouble::Conflict(error::interrupted()),
            other => other,
        }
    }
}

/// The operators that make a document what the update makes it. Where there are none that do the same, the fields that
/// it touches are put in as they are afterwards.
fn operators(update: &Update, after: &Document) -> Object {
    if let Ok(operators) = translate::update(update) {
        return operators;
    }
    let (mut set, mut unset) = (Object::new(), Object::new());
    for name in update.paths().map(|path| path.root()) {
        match after.get(name) {
            Some(value) => set.insert(name.clone(), value.clone()),
            None => unset.insert(name.clone(), Value::string("")),
        }
    }
    let operators = [("$set", set), ("$unset", unset)].into_iter();
    let used = operators.filter(|(_, fields)| !fields.is_empty());
    used.map(|(name, fields)| (name, Value::Object(fields)))
        .collect()
}
