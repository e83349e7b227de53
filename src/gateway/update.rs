//! Updating one document: one conditional write, and the reason if it did not
//! happen.

use std::sync::Arc;

use crate::data::DocId;
use crate::model::CollectionIx;
use crate::store::Updated;

use super::Operation;
use super::changes::Changes;
use super::commit;
use super::decide;
use super::error::{Error, Result};
use super::permit::{Intent, Permit};
use super::request::{UpdateRequest, Written};
use super::roles::{self, Turn};
use super::session::Session;
use super::trace::Action;

/// A write of one document that may be carried out.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) id: DocId,
    pub(super) permit: Permit,
}

impl Session {
    /// Applies the update if decisions, guards and the caller's `if` hold in the moment of the write.
    ///
    /// # Errors
    /// `BadInput` for what the model refuses or a guard does not bear; `Forbidden`; `NotFound` if there is no such
    /// document or none the caller may see; `Conflict` if only `if` does not hold or a unique value is taken.
    pub async fn update(&self, request: &UpdateRequest) -> Result<Written> {
        self.admit_to(request.collection, Operation::Update)?;
        let collection = self.collection(request.collection);
        let model = self.gateway().model();
        let changes = Changes::check(model, collection, &request.update, self.now())?;
        let intent = Intent {
            collection: request.collection,
            operation: Operation::Update,
            changes: Some(&changes),
            condition: request.condition.as_ref(),
            document: None,
        };
        let Prepared { id, permit } = self.prepare(intent, &request.id).await?;
        let turn = self
            .turn_to_write(
                request.collection,
                std::slice::from_ref(&id),
                &permit.filter(),
                roles::Write::Update(&changes.update),
            )
            .await?;
        let updated = self
            .update_one(request.collection, &id, &permit, changes, turn)
            .await?;
        match updated {
            Some(updated) => Ok(self.written(request.collection, updated.after).await),
            None => Err(self.refusal(request.collection, &id, &permit).await),
        }
    }

    async fn update_one(
        &self,
        collection: CollectionIx,
        id: &DocId,
        permit: &Permit,
        changes: Changes,
        turn: Turn,
    ) -> Result<Option<Updated>> {
        let store = Arc::clone(&self.gateway().store);
        let auditor = self.auditor(collection, Operation::Update);
        let name = self.collection(collection).name.clone();
        let (clauses, filter) = (permit.clauses.clone(), permit.filter());
        let filter = filter.and(turn.pins.clone());
        let target = id.clone();
        let write = async move {
            let updated = store
                .update_one(&name, &target, &filter, &changes.update)
                .await;
            let updated = auditor.heed(std::slice::from_ref(&target), updated)?;
            if let Some(Updated { before, after }) = updated.clone() {
                auditor.record(
                    commit::allowing(&clauses, &before),
                    Some(before),
                    Some(after),
                );
            }
            drop(turn);
            Ok(updated)
        };
        let count = |updated: &Option<Updated>| usize::from(updated.is_some());
        self.commit(Action::Update, collection, Some(id), write, count)
            .await
    }

    /// Which document a text means, and what writing it must satisfy. Reads the document only if rules use `get()`, if
    /// the text spells several ids, or if a guard depends on what is stored.
    pub(super) async fn prepare(&self, intent: Intent<'_>, id: &str) -> Result<Prepared> {
        let ids = DocId::spelled_by(id);
        let per_document = self.decided_per_document(intent);
        if !per_document {
            // Before any look at the document: what nobody may do must not tell whether it exists.
            let permit = self.permit(intent).await?;
            permit.refuse_outright()?;
            let guarded = intent.changes.is_some_and(Changes::needs_document);
            if let ([id], false) = (ids.as_slice(), guarded) {
                let id = id.clone();
                return Ok(Prepared { id, permit });
            }
        }
        let document = self.locate(intent.collection, &ids).await?;
        let document = document.as_deref();
        // Of a document that is not there the write finds nothing, as of one that is hidden.
        let id = document.map_or_else(|| DocId::string(id), |document| document.id().clone());
        let intent = Intent { document, ..intent };
        let permit = self.permit(intent).await?;
        Ok(Prepared { id, permit })
    }

    /// Whether rules about this write, or about seeing what it is about, use `get()`.
    fn decided_per_document(&self, intent: Intent<'_>) -> bool {
        let collection = self.collection(intent.collection);
        decide::uses_get(collection, Operation::Read)
            || decide::uses_get(collection, intent.operation)
    }

    /// Why a conditional write found nothing: looked at again as a reader, so that who may not see the document cannot
    /// tell that it is there.
    pub(super) async fn refusal(
        &self,
        collection: CollectionIx,
        id: &DocId,
        permit: &Permit,
    ) -> Error {
        match self.visible(collection, id).await {
            Ok(Some(seen)) => permit.refusal(seen.document()),
            Ok(None) => self.not_found(collection),
            Err(error) => error,
        }
    }

    pub(super) fn not_found(&self, collection: CollectionIx) -> Error {
        let type_name = self.coordinate(collection);
        Error::NotFound { type_name }
    }
}
