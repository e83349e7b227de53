//! Deleting one document: one conditional write, and the reason if it did not
//! happen.

use std::sync::Arc;

use crate::data::{DocId, Document, Filter};
use crate::model::CollectionIx;

use super::Operation;
use super::commit;
use super::error::Result;
use super::permit::{Intent, Permit};
use super::roles::{self, Turn};
use super::session::Session;
use super::trace::Action;
use super::update::Prepared;

impl Session {
    /// Deletes the document if decisions and the caller's `if` hold in the moment of the write. Errors as those of
    /// [`Session::update`].
    pub async fn delete(
        &self,
        collection: CollectionIx,
        id: &str,
        condition: Option<&Filter>,
    ) -> Result<DocId> {
        self.admit_to(collection, Operation::Delete)?;
        let intent = Intent {
            collection,
            operation: Operation::Delete,
            changes: None,
            condition,
            document: None,
        };
        let Prepared { id, permit } = self.prepare(intent, id).await?;
        let turn = self
            .turn_to_write(
                collection,
                std::slice::from_ref(&id),
                &permit.filter(),
                roles::Write::Delete,
            )
            .await?;
        match self.delete_one(collection, &id, &permit, turn).await? {
            Some(_) => Ok(id),
            None => Err(self.refusal(collection, &id, &permit).await),
        }
    }

    async fn delete_one(
        &self,
        collection: CollectionIx,
        id: &DocId,
        permit: &Permit,
        turn: Turn,
    ) -> Result<Option<Arc<Document>>> {
        let store = Arc::clone(&self.gateway().store);
        let auditor = self.auditor(collection, Operation::Delete);
        let name = self.collection(collection).name.clone();
        let (clauses, filter) = (permit.clauses.clone(), permit.filter());
        let filter = filter.and(turn.pins.clone());
        let target = id.clone();
        let write = async move {
            let deleted = store.delete_one(&name, &target, &filter).await;
            let deleted = auditor.heed(std::slice::from_ref(&target), deleted)?;
            if let Some(before) = deleted.clone() {
                auditor.record(commit::allowing(&clauses, &before), Some(before), None);
            }
            drop(turn);
            Ok(deleted)
        };
        let count = |deleted: &Option<Arc<Document>>| usize::from(deleted.is_some());
        self.commit(Action::Delete, collection, Some(id), write, count)
            .await
    }
}
