//! What a session is asked to do, as data.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::data::{DocId, Filter, Object, Order, Update, Value};
use crate::model::{CollectionIx, FieldIx};

use super::mask::Visible;
use super::page;

/// A list of documents to read.
#[derive(Clone, Debug)]
pub struct ListRequest {
    pub collection: CollectionIx,
    /// The caller's condition, on document field names.
    pub filter: Filter,
    pub order: Order,
    pub page: PageRequest,
    /// Fields the answer selects; the session adds those that decisions look at.
    pub select: Select,
    /// Whether the total is asked for (one more read).
    pub total: Total,
}

/// Paging as the caller wrote it; the session checks it.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    pub first: Option<u64>,
    pub last: Option<u64>,
    pub after: Option<String>,
    pub before: Option<String>,
    pub offset: Option<u64>,
}

impl PageRequest {
    /// The most documents of a page.
    pub const MAX: u64 = page::MAX_SIZE;

    /// How many documents a full page has.
    pub fn size(&self) -> u64 {
        self.first.or(self.last).unwrap_or(page::DEFAULT_SIZE)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    Omit,
    Count,
}

/// The stored fields an answer selects of a collection's documents. Reading any other field of a document that was
/// loaded with this selection finds nothing there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Select {
    pub fields: BTreeSet<FieldIx>,
}

/// Which one document is meant.
#[derive(Clone, Debug)]
pub enum Lookup {
    Id(SmolStr),
    /// Field values of a unique index.
    Unique(Vec<(FieldIx, Value)>),
}

/// What a caller gives for a new document.
#[derive(Clone, Debug)]
pub struct CreateInput {
    pub id: Option<SmolStr>,
    /// By document field name; only what the caller gave.
    pub values: Object,
}

#[derive(Clone, Debug)]
pub struct UpdateRequest {
    pub collection: CollectionIx,
    pub id: SmolStr,
    /// The caller's `if`.
    pub condition: Option<Filter>,
    pub update: Update,
}

/// The documents a bulk mutation is about.
#[derive(Clone, Debug)]
pub struct BulkRequest {
    pub collection: CollectionIx,
    pub filter: Filter,
    /// `all: true`: a filter that constrains nothing is meant.
    pub all: bool,
    /// From 1 to [`BulkRequest::MAX`]; if more documents match, nothing is written.
    pub at_most: u64,
}

impl BulkRequest {
    /// The most documents that one bulk mutation may write.
    pub const MAX: u64 = 1_000;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkResult {
    /// Documents the filter found.
    pub matched: u64,
    /// Documents that are different now (or gone), and those of which that is not the caller's to know.
    pub modified: u64,
}

/// A document that was written: `document` is `None` if the caller may not read it back.
#[derive(Clone, Debug)]
pub struct Written {
    pub id: DocId,
    pub document: Option<Visible>,
}
