//! What the permission of a collection says to a client's request.

use super::Session;
use crate::access::strict::{self, Action, Request, Verdict};
use crate::access::{Facts, Permission, Reference};
use crate::cloudbase::Code;
use crate::data::{CollectionName, Filter};
use crate::emulator::database::{Modify, Selection};
use crate::emulator::failure::{Failure, Result};

/// How often a rule may ask for documents: those of `get()` inside `get()` are known in the second round.
const MAX_ROUNDS: usize = 4;

impl Session {
    /// Narrows a selection to what the sender may have of it.
    ///
    /// # Errors
    /// The permission refuses.
    pub(super) async fn narrow(&self, selection: &mut Selection, action: Action<'_>) -> Result<()> {
        let condition = selection.query.narrowing().filter;
        let added = self.judge(&selection.collection, action, &condition);
        let also = std::mem::replace(&mut selection.also, Filter::none());
        selection.also = also.and(added.await?);
        Ok(())
    }

    /// What the permission adds to the condition; nothing for administrators.
    ///
    /// # Errors
    /// The permission refuses, or does not come to an end.
    pub(super) async fn judge(
        &self,
        collection: &CollectionName,
        action: Action<'_>,
        condition: &Filter,
    ) -> Result<Filter> {
        let Some(caller) = self.client() else {
            return Ok(Filter::all());
        };
        let access = self.database.access(collection)?;
        let mut facts = Facts::default();
        for _ in 0..MAX_ROUNDS {
            let request = Request {
                caller,
                action,
                condition,
                now: self.clock.now_ms(),
                facts: &facts,
                settings: self.settings,
            };
            match strict::check(&access.policy, &request) {
                Verdict::Allow => return Ok(Filter::all()),
                Verdict::AllowWith(added) => return Ok(added),
                Verdict::Deny => break,
                Verdict::Need(references) => self.load(&mut facts, references).await?,
            }
        }
        Err(Failure::denied())
    }

    /// Looks documents up for `get()`; in a collection that is not there, there is none.
    async fn load(&self, facts: &mut Facts, references: Vec<Reference>) -> Result<()> {
        for reference in references {
            let found = self
                .database
                .get(&reference.collection, &reference.id)
                .await;
            let found = match found {
                Err(failure) if failure.code == Code::DatabaseCollectionNotExist => None,
                found => found?,
            };
            facts.documents.insert(reference, found);
        }
        Ok(())
    }

    /// Replacing a document, and inserting where there is none, is not possible under rules. Under a simple permission
    /// it is as an update is: whoever may do that to their own documents may also create some.
    pub(super) fn check_whole_documents(&self, modify: &Modify) -> Result<()> {
        let access = self.database.access(&modify.selection.collection)?;
        match access.tag {
            Permission::Custom => Err(Failure::denied()),
            _ => Ok(()),
        }
    }

    /// # Errors
    /// The sender may not read every document of the collection. One that is not there has none.
    pub(super) async fn check_reads_whole(&self, collection: &CollectionName) -> Result<()> {
        match self.judge(collection, Action::Read, &Filter::all()).await {
            Ok(added) if added.is_all() => Ok(()),
            Ok(_) => Err(Failure::denied()),
            Err(failure) if failure.code == Code::DatabaseCollectionNotExist => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}
