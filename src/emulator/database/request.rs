//! What is asked of the database, and what it tells.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::data::{CollectionName, Direction, DocId, Document, Filter, Object, Order};
use crate::emulator::failure::Result;
use crate::mongo::expression::{Effort, Scope};
use crate::mongo::{Pipeline, Projection, Query, Update};

/// Documents of a collection: those of which both are true.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) collection: CollectionName,
    /// What the client asked for.
    pub(crate) query: Query,
    /// What its permission adds.
    pub(crate) also: Filter,
}

/// Rows that the cloud's protocols read at once, at most.
pub(crate) const MAX_ROWS: u64 = 1000;

/// Reads a list. Without an order, and without a distance in the query, by `_id`.
#[derive(Clone, Debug)]
pub(crate) struct Find {
    pub(crate) selection: Selection,
    pub(crate) order: Order,
    pub(crate) skip: u64,
    pub(crate) limit: u64,
    pub(crate) projection: Option<Projection>,
}

/// Changes documents.
#[derive(Clone, Debug)]
pub(crate) struct Modify {
    pub(crate) selection: Selection,
    /// All that match, or the first.
    pub(crate) many: bool,
    pub(crate) write: Write,
    /// If none matches, one is inserted: what the query says by equality, then the write.
    pub(crate) upsert: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Write {
    Update(Update),
    /// All fields but `_id`.
    Replace(Object),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Modified {
    pub(crate) matched: u64,
    /// Those that are not what they were; of documents that were replaced, all.
    pub(crate) updated: u64,
    pub(crate) upserted: Option<DocId>,
    /// The document afterwards, if not `many`.
    pub(crate) after: Option<Arc<Document>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Remove {
    pub(crate) selection: Selection,
    pub(crate) many: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) collection: CollectionName,
    pub(crate) pipeline: Pipeline,
    /// What the permission adds to the documents the pipeline begins with.
    pub(crate) also: Filter,
    /// Rows at most, if the pipeline itself has no limit.
    pub(crate) limit: u64,
}

/// Names a transaction; not to be guessed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TransactionId(pub(crate) SmolStr);

/// All that one request, or one transaction, wrote.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    /// Grows from commit to commit; numbers may be skipped.
    pub(crate) sequence: u64,
    /// Each document once, in the order they were first written.
    pub(crate) written: Vec<Written>,
}

#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) collection: CollectionName,
    pub(crate) kind: Kind,
    pub(crate) before: Option<Arc<Document>>,
    pub(crate) after: Option<Arc<Document>>,
}

impl Selection {
    /// Those of these documents of the collection that belong to it. `now`: milliseconds since 1970.
    ///
    /// # Errors
    /// To decide takes too much.
    pub(super) fn chosen(
        &self,
        mut documents: Vec<Arc<Document>>,
        now: i64,
    ) -> Result<Vec<Arc<Document>>> {
        let effort = Effort::default();
        documents.retain(|document| {
            let scope = Scope {
                effort: Some(&effort),
                ..Scope::of(document.fields(), now)
            };
            self.also.matches(document.fields()) && self.query.matches_in(&scope)
        });
        effort.check()?;
        Ok(documents)
    }
}

impl Written {
    pub(super) fn id(&self) -> &DocId {
        let document = self.after.as_ref().or(self.before.as_ref());
        document
            .expect("INVARIANT: a write has a document before it or after it")
            .id()
    }
}

/// By what a document was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Add,
    Update,
    Replace,
    Remove,
}

/// An index as the management API tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) unique: bool,
    pub(crate) keys: Vec<(String, IndexDirection)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IndexDirection {
    Ordered(Direction),
    /// `2dsphere`: accepted, narrows nothing.
    Sphere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TableStatistics {
    pub(crate) documents: u64,
    /// Bytes of their stored text.
    pub(crate) size: u64,
}
