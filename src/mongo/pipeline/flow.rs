//! Documents on their way through the stages, and the bounds of it.

use std::cell::Cell;
use std::sync::Arc;

use super::Foreign;
use crate::data::{Document, Object, Value, ejson};
use crate::mongo::expression::{Effort, Scope, Variable};
use crate::mongo::{Error, Result};

/// How many documents a stage may give to the next.
const MAX_DOCUMENTS: usize = 1_000_000;

/// How much the documents that a stage has made may take, in bytes.
const MAX_BYTES: usize = 256 << 20;

/// How many documents all stages of a run together may look at: lookups that join everything with everything must end.
const MAX_WORK: usize = 20_000_000;

/// What a value takes beside its text.
const VALUE_BYTES: usize = 32;

/// A document under way.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// As it is stored: not copied before a stage changes it.
    Stored(Arc<Document>),
    Made(Object),
}

impl Item {
    pub(super) fn fields(&self) -> &Object {
        match self {
            Item::Stored(document) => document.fields(),
            Item::Made(object) => object,
        }
    }

    pub(super) fn into_object(self) -> Object {
        match self {
            Item::Stored(document) => document.fields().clone(),
            Item::Made(object) => object,
        }
    }
}

/// What the stages of one run share.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) foreign: &'a dyn Foreign,
    /// Milliseconds since 1970.
    pub(super) now: i64,
    /// Those of the lookups around, innermost last.
    pub(super) variables: &'a [Variable],
    /// What the next random number comes of.
    pub(super) seed: &'a Cell<u64>,
    pub(super) work: &'a Work,
}

impl<'a> Run<'a> {
    pub(super) fn scope(&self, root: &'a Object) -> Scope<'a> {
        Scope {
            root,
            variables: self.variables,
            now: self.now,
            effort: Some(&self.work.effort),
        }
    }
}

/// What the stages have done.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// Documents they have looked at.
    documents: Cell<usize>,
    pub(super) effort: Effort,
}

impl Work {
    /// # Errors
    /// Too many.
    pub(super) fn spend(&self, documents: usize) -> Result<()> {
        let spent = self.documents.get().saturating_add(documents);
        self.documents.set(spent);
        match spent > MAX_WORK {
            true => Err(Error::Failed(format!(
                "the stages would look at more than {MAX_WORK} documents: narrow them by a `$match`, or join by \
                 `localField` and `foreignField`"
            ))),
            false => Ok(()),
        }
    }
}

/// What a stage has made so far.
#[derive(Debug, Default)]
pub(super) struct Made {
    items: Vec<Item>,
    bytes: usize,
}

impl Made {
    /// # Errors
    /// It would be too many, too much or nested too deep.
    pub(super) fn push(&mut self, document: Object) -> Result<()> {
        self.count(&document)?;
        self.keep(Item::Made(document))
    }

    /// A document that the stage gives on as it is.
    pub(super) fn keep(&mut self, item: Item) -> Result<()> {
        if self.items.len() == MAX_DOCUMENTS {
            return Err(Error::Failed(format!(
                "a stage makes more than {MAX_DOCUMENTS} documents"
            )));
        }
        self.items.push(item);
        Ok(())
    }

    /// Counts what is held beside documents.
    pub(super) fn count(&mut self, fields: &Object) -> Result<()> {
        let bytes = object_bytes(fields, ejson::MAX_DEPTH)?;
        self.count_bytes(bytes)
    }

    pub(super) fn count_bytes(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        match self.bytes > MAX_BYTES {
            true => Err(Error::Failed(format!(
                "a stage makes more than {} MiB of documents",
                MAX_BYTES >> 20
            ))),
            false => Ok(()),
        }
    }

    pub(super) fn finish(self) -> Vec<Item> {
        self.items
    }
}

/// About what a value takes, nested `levels` deep at most.
fn value_bytes(value: &Value, levels: usize) -> Result<usize> {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Binary(binary) => binary.bytes.len(),
        Value::Object(object) => object_bytes(object, levels)?,
        Value::Array(items) => {
            let levels = levels.checked_sub(1).ok_or_else(too_deep)?;
            let mut sizes = items.iter().map(|item| value_bytes(item, levels));
            sizes.try_fold(0, |sum, size| Ok(sum + size?))?
        }
        _ => 0,
    };
    Ok(VALUE_BYTES + inner)
}

fn object_bytes(object: &Object, levels: usize) -> Result<usize> {
    let levels = levels.checked_sub(1).ok_or_else(too_deep)?;
    let mut sizes = object
        .iter()
        .map(|(name, value)| Ok(name.len() + value_bytes(value, levels)?));
    sizes.try_fold(0, |sum, size: Result<usize>| Ok(sum + size?))
}

fn too_deep() -> Error {
    Error::Failed(format!(
        "a document would be nested more than {} levels deep",
        ejson::MAX_DEPTH
    ))
}
