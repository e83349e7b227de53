//! New documents.
//!
//! Their ids are chosen before they are sent. So an insert whose answer was lost is no riddle: whoever finds the documents
//! knows that it was carried out, and to send it again does no harm.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::time::Instant;

use super::documents::{documents as stored, until};
use super::feed::Pair;
use super::transaction::Work;
use super::write::{RETRIES, Trouble, Writer, pause, settled};
use super::{error, size, translate};
use crate::cloudbase::{self, Code};
use crate::data::{CollectionName, Document};
use crate::store::{Error, Result};

impl Pair {
    pub(super) fn inserted(document: &Arc<Document>) -> Self {
        Self {
            before: None,
            after: Some(Arc::clone(document)),
        }
    }
}

/// What is known of documents after the answer to their insert was lost.
enum Found {
    All,
    None,
    /// Others, or some of them: perhaps ours, which somebody has written since.
    Different,
}

impl Writer {
    /// All or nothing. The documents as they are stored.
    pub(super) async fn insert(
        &self,
        collection: &CollectionName,
        documents: Vec<Document>,
        deadline: Option<Instant>,
    ) -> Result<Vec<Arc<Document>>> {
        let documents = checked(collection, documents)?;
        if documents.is_empty() {
            return Ok(documents);
        }
        let ids = documents.iter().map(|document| document.id());
        let turn = self.feed.turn(collection, ids).await;
        let mut outcome = self.send_new(collection, &documents, deadline).await;
        if let Err(Trouble::Unknown(error)) = outcome {
            outcome = self.resolved(collection, &documents, error).await;
        }
        settled(&turn, outcome)?;
        Ok(documents)
    }

    async fn send_new(
        &self,
        collection: &CollectionName,
        documents: &[Arc<Document>],
        deadline: Option<Instant>,
    ) -> Result<Vec<Pair>, Trouble> {
        let [document] = documents else {
            let work = Work::Insert {
                collection,
                documents,
            };
            return self.in_transaction(work, deadline).await;
        };
        let context = until(deadline);
        let rows = [document.fields().clone()];
        let mut attempt = 0;
        loop {
            let sent = self.documents.database.insert(&context, collection, &rows);
            match sent.await.map_err(|error| self.trouble(collection, error)) {
                Ok(()) => return Ok(vec![Pair::inserted(document)]),
                Err(Trouble::Conflict(_)) if attempt < RETRIES => pause(attempt).await,
                Err(trouble) => return Err(trouble),
            }
            attempt += 1;
        }
    }

    /// What came of an insert whose answer was lost. If nothing of it is found it is sent once more: should the first be
    /// carried out yet, the second is refused as a duplicate, and its documents are found then. Whoever asked may have
    /// gone, so this takes the time it needs.
    async fn resolved(
        &self,
        collection: &CollectionName,
        documents: &[Arc<Document>],
        lost: cloudbase::Error,
    ) -> Result<Vec<Pair>, Trouble> {
        let committed = || Ok(documents.iter().map(Pair::inserted).collect());
        match self.look_for(collection, documents).await {
            Some(Found::All) => return committed(),
            Some(Found::None) => {}
            Some(Found::Different) | None => return Err(Trouble::Unknown(lost)),
        }
        let again = match self.send_new(collection, documents, None).await {
            Err(trouble) => trouble,
            sent => return sent,
        };
        match (self.look_for(collection, documents).await, again) {
            (Some(Found::All), _) => committed(),
            (Some(Found::None), refused @ Trouble::Refused(_)) => Err(refused),
            // Both were answered.
            (Some(Found::None), Trouble::Unknown(error))
                if is_refusal(&error) && is_refusal(&lost) =>
            {
                Err(Trouble::Refused(self.documents.error(collection, error)))
            }
            _ => Err(Trouble::Unknown(lost)),
        }
    }

    /// `None` if that cannot be found out now.
    async fn look_for(
        &self,
        collection: &CollectionName,
        documents: &[Arc<Document>],
    ) -> Option<Found> {
        let ids: Vec<_> = documents
            .iter()
            .map(|document| document.id().clone())
            .collect();
        let rows = self
            .documents
            .by_ids(&until(None), collection, &ids)
            .await
            .ok()?;
        let found = stored(collection, rows).ok()?;
        let found: HashMap<_, _> = found.iter().map(|it| (it.id(), it.fields())).collect();
        let is_there = |new: &Arc<Document>| found.get(new.id()) == Some(&new.fields());
        Some(match found.is_empty() {
            true => Found::None,
            false if documents.iter().all(is_there) => Found::All,
            false => Found::Different,
        })
    }
}

/// Whether the database answered, and wrote nothing.
fn is_refusal(error: &cloudbase::Error) -> bool {
    error.code() == Some(Code::DatabaseRequestFailed)
}

/// The documents as they will be stored.
///
/// # Errors
/// One is too large, or two have the same id.
fn checked(collection: &CollectionName, documents: Vec<Document>) -> Result<Vec<Arc<Document>>> {
    let mut ids = HashSet::new();
    for document in &documents {
        size::check(document.fields())?;
        if !translate::can_hold(document.fields().iter()) {
            return Err(error::unstorable());
        }
        if !ids.insert(document.id()) {
            return Err(Error::Duplicate {
                collection: collection.clone(),
                fields: vec!["_id".to_owned()],
            });
        }
    }
    // The cloud counts no versions.
    let unversioned = |mut document: Document| {
        document.rev = 0;
        Arc::new(document)
    };
    Ok(documents.into_iter().map(unversioned).collect())
}
