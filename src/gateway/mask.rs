//! Which fields of a visible document the caller may read.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::data::{DocId, Document, Filter, Value};
use crate::model::FieldIx;

/// A decision that is final: everything it needed is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Allow,
    Deny,
    /// Allowed for the documents of which the filter is true.
    Where(Filter),
}

/// The read verdicts of all fields of a collection, for one caller: computed once for a session.
#[derive(Debug, PartialEq)]
pub struct Mask {
    /// By [`FieldIx`]: the stored name and who may read it. Presumes that the document itself is visible.
    fields: Box<[(SmolStr, Verdict)]>,
}

/// A document the caller may see, with the mask that says which fields.
#[derive(Clone, Debug)]
pub struct Visible {
    document: Arc<Document>,
    mask: Arc<Mask>,
}

/// What the caller may know of a field of a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Readable<'a> {
    Value(&'a Value),
    /// Nothing is stored there.
    Missing,
    /// Not for this caller.
    Denied,
}

impl Verdict {
    /// Whether this document is among those allowed.
    pub fn holds(&self, document: &Document) -> bool {
        match self {
            Verdict::Allow => true,
            Verdict::Deny => false,
            Verdict::Where(filter) => filter.matches(document.fields()),
        }
    }

    /// The documents allowed, as a filter.
    pub fn to_filter(&self) -> Filter {
        match self {
            Verdict::Allow => Filter::all(),
            Verdict::Deny => Filter::none(),
            Verdict::Where(filter) => filter.clone(),
        }
    }
}

impl Mask {
    pub(super) fn new(fields: Vec<(SmolStr, Verdict)>) -> Self {
        Self {
            fields: fields.into_boxed_slice(),
        }
    }

    /// Who may read the field.
    pub fn verdict(&self, field: FieldIx) -> &Verdict {
        &self.fields[field.0].1
    }
}

impl Visible {
    pub(super) fn new(document: Arc<Document>, mask: Arc<Mask>) -> Self {
        Self { document, mask }
    }

    /// The field as the caller may know it. Whether a denied field holds anything is not told.
    pub fn read(&self, field: FieldIx) -> Readable<'_> {
        let (stored, verdict) = &self.mask.fields[field.0];
        if !verdict.holds(&self.document) {
            return Readable::Denied;
        }
        self.document
            .get(stored)
            .map_or(Readable::Missing, Readable::Value)
    }

    pub fn id(&self) -> &DocId {
        self.document.id()
    }

    /// The mask the document is seen through: equal for all documents of a list.
    pub fn mask(&self) -> &Arc<Mask> {
        &self.mask
    }

    /// Whether both are one version of one document, seen through one mask: then nothing of it looks different.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.mask, &other.mask) && Arc::ptr_eq(&self.document, &other.document)
    }

    /// The same document through another mask.
    pub(super) fn through(self, mask: Arc<Mask>) -> Self {
        Self { mask, ..self }
    }

    /// A document behind a mask made by hand.
    #[cfg(test)]
    pub(crate) fn by_hand(document: Document, fields: Vec<(SmolStr, Verdict)>) -> Self {
        Self::new(Arc::new(document), Arc::new(Mask::new(fields)))
    }

    /// The stored document, unmasked: for the gateway itself.
    pub(super) fn document(&self) -> &Arc<Document> {
        &self.document
    }
}
