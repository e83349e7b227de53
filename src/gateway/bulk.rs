//! Writing all documents that match: found first, then written by id under the
//! same conditions, all in one commit.

use std::sync::Arc;

use crate::data::{DocId, Document, Filter, Order, Test, Update};
use crate::store::{Find, Projection, Updated};

use super::Operation;
use super::changes::Changes;
use super::commit;
use super::decide::Asked;
use super::error::{Error, Result};
use super::mask::Verdict;
use super::permit::{Intent, Permit};
use super::request::{BulkRequest, BulkResult};
use super::roles;
use super::session::Session;
use super::trace::Action;

/// The documents a bulk write is about, and what must hold of them.
struct Found {
    ids: Vec<DocId>,
    /// What decisions and the caller's condition demand, guards included.
    filter: Filter,
    permit: Permit,
}

impl Session {
    /// Updates the documents that match, that the caller may see, and that they may update.
    ///
    /// # Errors
    /// As [`Session::update`]; `Limit` if more than `at_most` match. Nothing was written then.
    pub async fn update_many(&self, request: &BulkRequest, update: &Update) -> Result<BulkResult> {
        self.admit_to(request.collection, Operation::Update)?;
        let collection = self.collection(request.collection);
        let changes = Changes::check(self.gateway().model(), collection, update, self.now())?;
        if let Some(place) = changes.dependent_place() {
            let message = "a list that must keep some items is pulled from one document at a time";
            return Err(Error::bad_input(place, message));
        }
        let found = self
            .find_targets(request, Operation::Update, Some(&changes))
            .await?;
        let matched = found.ids.len() as u64;
        if matched == 0 {
            return Ok(BulkResult {
                matched,
                modified: 0,
            });
        }
        let told = self.told(request, &changes).await?;
        let write = roles::Write::Update(&changes.update);
        let turn = self
            .turn_to_write(request.collection, &found.ids, &found.filter, write)
            .await?;
        let filter = found.filter.and(turn.pins.clone());
        let store = Arc::clone(&self.gateway().store);
        let auditor = self.auditor(request.collection, Operation::Update);
        let name = collection.name.clone();
        let write = async move {
            let updated = store
                .update_many_by_id(&name, &found.ids, &filter, &changes.update)
                .await;
            let updated = auditor.heed(&found.ids, updated)?;
            for Updated { before, after } in updated.clone() {
                let clauses = commit::allowing(&found.permit.clauses, &before);
                auditor.record(clauses, Some(before), Some(after));
            }
            drop(turn);
            Ok(updated)
        };
        let updated = self
            .commit(Action::Update, request.collection, None, write, Vec::len)
            .await?;
        let unchanged = |it: &&Updated| it.before.fields() == it.after.fields();
        let tellable = |it: &&Updated| told.iter().all(|readers| readers.holds(&it.before));
        let as_before = updated.iter().filter(unchanged).filter(tellable).count();
        let modified = (updated.len() - as_before) as u64;
        Ok(BulkResult { matched, modified })
    }

    /// Who may read each of the fields that are written. To others a document that had these values already counts as
    /// modified: that it was not would tell them the values.
    async fn told(&self, request: &BulkRequest, changes: &Changes) -> Result<Vec<Verdict>> {
        let asked = Asked::under(&request.filter);
        let mut readers = Vec::with_capacity(changes.written.len());
        for &field in &changes.written {
            let verdict = self
                .field(request.collection, field, Operation::Read, asked)
                .await?;
            readers.push(verdict);
        }
        Ok(readers)
    }

    /// Deletes the documents that match, that the caller may see, and that they may delete.
    pub async fn delete_many(&self, request: &BulkRequest) -> Result<BulkResult> {
        self.admit_to(request.collection, Operation::Delete)?;
        let found = self.find_targets(request, Operation::Delete, None).await?;
        let matched = found.ids.len() as u64;
        if matched == 0 {
            return Ok(BulkResult {
                matched,
                modified: 0,
            });
        }
        let turn = self
            .turn_to_write(
                request.collection,
                &found.ids,
                &found.filter,
                roles::Write::Delete,
            )
            .await?;
        let filter = found.filter.and(turn.pins.clone());
        let store = Arc::clone(&self.gateway().store);
        let auditor = self.auditor(request.collection, Operation::Delete);
        let name = self.collection(request.collection).name.clone();
        let write = async move {
            let deleted = store.delete_many_by_id(&name, &found.ids, &filter).await;
            let deleted = auditor.heed(&found.ids, deleted)?;
            for before in deleted.iter().cloned() {
                let clauses = commit::allowing(&found.permit.clauses, &before);
                auditor.record(clauses, Some(before), None);
            }
            drop(turn);
            Ok(deleted)
        };
        let deleted = self
            .commit(Action::Delete, request.collection, None, write, Vec::len)
            .await?;
        let modified = deleted.len() as u64;
        Ok(BulkResult { matched, modified })
    }

    async fn find_targets(
        &self,
        request: &BulkRequest,
        operation: Operation,
        changes: Option<&Changes>,
    ) -> Result<Found> {
        check_bulk(request)?;
        let permit = self
            .permit(Intent {
                collection: request.collection,
                operation,
                changes,
                // A bulk write needs to see what it writes: `where` is a condition like `if`.
                condition: Some(&request.filter),
                document: None,
            })
            .await?;
        permit.refuse_outright()?;
        let find = Find {
            filter: permit.reach(),
            order: Order::default(),
            after: None,
            skip: 0,
            limit: request.at_most.saturating_add(1),
            projection: Projection::All,
        };
        let name = &self.collection(request.collection).name;
        let documents = self.reader().find(Action::Find, name, &find).await?;
        if documents.len() as u64 > request.at_most {
            let message = format!(
                "more than {} documents match, nothing was written; narrow `where` or raise `atMost`",
                request.at_most
            );
            return Err(Error::Limit { message });
        }
        for document in &documents {
            permit.keeps_guards(document)?;
            // The store would not say which of them it was.
            if let Some(Err(error)) = changes.map(|it| it.update.apply(document.fields())) {
                return Err(self.misapplied(request.collection, Some(document.id()), error));
            }
        }
        let id = |document: &Arc<Document>| document.id().clone();
        Ok(Found {
            ids: documents.iter().map(id).collect(),
            filter: permit.filter(),
            permit,
        })
    }
}

fn check_bulk(request: &BulkRequest) -> Result<()> {
    if !(1..=BulkRequest::MAX).contains(&request.at_most) {
        let message = format!("from 1 to {}", BulkRequest::MAX);
        return Err(Error::bad_input("atMost", message));
    }
    if !request.all && constant(&request.filter) == Some(true) {
        let message = "constrains nothing; say `all: true` if every document is meant";
        return Err(Error::bad_input("where", message));
    }
    Ok(())
}

/// Whether a filter is, by its form alone, true of every document or of none.
fn constant(filter: &Filter) -> Option<bool> {
    match filter {
        Filter::And(parts) => {
            let mut parts = parts.iter().map(constant);
            let none = parts.clone().any(|part| part == Some(false));
            let all = parts.all(|part| part == Some(true));
            (none || all).then_some(!none)
        }
        Filter::Or(parts) => {
            let mut parts = parts.iter().map(constant);
            let all = parts.clone().any(|part| part == Some(true));
            let none = parts.all(|part| part == Some(false));
            (all || none).then_some(all)
        }
        Filter::Not(inner) => constant(inner).map(|inner| !inner),
        Filter::Field(path, test) => constant_test(path.root() == "_id", test),
        Filter::Strict(_) => None,
    }
}

fn constant_test(id: bool, test: &Test) -> Option<bool> {
    match test {
        Test::In(values) | Test::HasSome(values) if values.is_empty() => Some(false),
        Test::NotIn(values) if values.is_empty() => Some(true),
        // Every document has an id.
        Test::Exists(exists) if id => Some(*exists),
        Test::Some(inner) if constant(inner) == Some(false) => Some(false),
        _ => None,
    }
}
