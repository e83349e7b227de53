//! No oracle: a condition on a field tells its value to whoever sees what
//! matches. So a condition may only name fields the caller may read.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::data::{Filter, Order};
use crate::model::{CollectionIx, FieldIx};

use super::Operation;
use super::decide::Asked;
use super::error::{Error, Result};
use super::mask::{Mask, Verdict};
use super::session::Session;
use super::trace::AddedFilter;

/// What a caller may reach of a collection under a condition of theirs.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// The caller's condition ∧ the read decision ∧ the readers of every field the condition names.
    pub(super) filter: Filter,
    pub(super) mask: Arc<Mask>,
}

impl Session {
    /// # Errors
    /// `Forbidden` if no document may be read, or the condition or the order names a field that may not.
    pub(super) async fn scope(
        &self,
        collection: CollectionIx,
        condition: &Filter,
        order: &Order,
    ) -> Result<Scope> {
        let asked = Asked::under(condition);
        let rows = self.rows(collection, Operation::Read, asked).await?;
        if rows == Verdict::Deny {
            return Err(self.forbidden(Operation::Read, collection));
        }
        self.note_rows(collection, Operation::Read, &rows);
        let mask = self.mask_under(collection, asked).await?;
        let readers = self.readers(collection, &mask, condition)?;
        self.orderable(collection, &mask, order)?;
        Ok(Scope {
            filter: condition.clone().and(rows.to_filter()).and(readers),
            mask,
        })
    }

    /// The read verdicts of all fields of a collection, for documents that are visible.
    pub async fn mask(&self, collection: CollectionIx) -> Result<Arc<Mask>> {
        self.admit()?;
        let all = Filter::all();
        self.mask_under(collection, Asked::under(&all)).await
    }

    /// The read verdict of one field (for "may this ever be denied").
    pub async fn field_decision(
        &self,
        collection: CollectionIx,
        field: FieldIx,
    ) -> Result<Verdict> {
        let mask = self.mask(collection).await?;
        Ok(mask.verdict(field).clone())
    }

    /// Those documents of which the caller may read every field that the condition names. Conjoined once at the top:
    /// inside a `not` or one branch of an `or` it would be one more thing to learn from.
    pub(super) fn readers(
        &self,
        collection: CollectionIx,
        mask: &Mask,
        condition: &Filter,
    ) -> Result<Filter> {
        let mut readers = Filter::all();
        for root in condition.roots() {
            let (coordinate, verdict) = self.reader_of(collection, mask, root);
            match verdict {
                Verdict::Allow => {}
                Verdict::Deny => return Err(forbidden_field(coordinate)),
                Verdict::Where(filter) => {
                    if let Some(field) = self.collection(collection).shape.field_stored(root) {
                        self.note_field(collection, field, Operation::Read, verdict);
                    }
                    readers = readers.and(filter.clone());
                }
            }
        }
        Ok(readers)
    }

    /// Every key of an order must be readable of every document: a place in a list tells a value.
    fn orderable(&self, collection: CollectionIx, mask: &Mask, order: &Order) -> Result<()> {
        for key in &order.keys {
            let (coordinate, verdict) = self.reader_of(collection, mask, key.path.root());
            if *verdict != Verdict::Allow {
                return Err(forbidden_field(coordinate));
            }
        }
        Ok(())
    }

    /// Who may read the field stored under this name; nobody may read what the model does not know.
    fn reader_of<'m>(
        &self,
        collection: CollectionIx,
        mask: &'m Mask,
        stored: &SmolStr,
    ) -> (String, &'m Verdict) {
        let collection = self.collection(collection);
        let Some(ix) = collection.shape.field_stored(stored) else {
            // Every document has an id, declared or not.
            let verdict = match stored.as_str() {
                "_id" => &Verdict::Allow,
                _ => &Verdict::Deny,
            };
            return (format!("{}.{stored}", collection.type_name), verdict);
        };
        let name = &collection.shape.field(ix).name;
        let coordinate = format!("{}.{name}", collection.type_name);
        (coordinate, mask.verdict(ix))
    }

    /// Writes down, for the plan, that the decision about documents narrows what the caller asked for.
    pub(super) fn note_rows(
        &self,
        collection: CollectionIx,
        operation: Operation,
        verdict: &Verdict,
    ) {
        if let Verdict::Where(filter) = verdict {
            let policy = &self.collection(collection).policy;
            self.recorder().filter(AddedFilter {
                coordinate: self.coordinate(collection),
                operation: name(operation),
                filter: (!policy.uses_get(operation)).then(|| filter.clone()),
            });
        }
    }

    /// The same of the decision about a field.
    pub(super) fn note_field(
        &self,
        collection: CollectionIx,
        field: FieldIx,
        operation: Operation,
        verdict: &Verdict,
    ) {
        if let Verdict::Where(filter) = verdict {
            let policy = &self.collection(collection).shape.field(field).policy;
            self.recorder().filter(AddedFilter {
                coordinate: self.field_coordinate(collection, field),
                operation: name(operation),
                filter: (!policy.uses_get(operation)).then(|| filter.clone()),
            });
        }
    }

    pub(super) fn forbidden(&self, operation: Operation, collection: CollectionIx) -> Error {
        Error::Forbidden {
            operation: name(operation),
            coordinate: self.coordinate(collection),
            is_closed: self.closed().has(collection),
        }
    }

    pub(super) fn coordinate(&self, collection: CollectionIx) -> String {
        self.collection(collection).type_name.to_string()
    }
}

fn forbidden_field(coordinate: String) -> Error {
    Error::Forbidden {
        operation: name(Operation::Read),
        coordinate,
        is_closed: false,
    }
}

/// The operation's name in errors and logs.
pub(super) fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::Read => "read",
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
    }
}
