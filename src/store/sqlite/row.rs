//! A row and the document it holds.
//!
//! `id` is the collation key of `_id`, `rev` the number of the commit that
//! wrote the document, `doc` its fields (`_id` among them) in the storage
//! encoding of [`storage`].

use std::sync::Arc;

use smol_str::SmolStr;

use super::functions::Damage;
use crate::data::ejson::storage;
use crate::data::{DocId, Document, Object, Path, Value, collation};
use crate::store::Projection;

/// The `id` column of a document.
pub(super) fn key(id: &DocId) -> Vec<u8> {
    collation::key(Some(&id.to_value()))
}

/// The `doc` column of a document.
pub(super) fn encode(document: &Document) -> String {
    storage::encode(document.fields())
}

/// What to decode of a document to hand out these fields: `_id` is always needed.
pub(super) fn with_id(projection: &Projection) -> Projection {
    match projection {
        Projection::Fields(names) if !names.iter().any(|name| name == "_id") => {
            let id = SmolStr::new_static("_id");
            Projection::Fields([id].into_iter().chain(names.iter().cloned()).collect())
        }
        other => other.clone(),
    }
}

/// The document of a row, with the fields asked for, `_id` among them.
pub(super) fn decode(
    doc: &str,
    rev: u64,
    projection: &Projection,
) -> Result<Arc<Document>, Damage> {
    let fields = match projection {
        Projection::All => storage::decode(doc),
        Projection::Fields(names) => storage::decode_fields(doc, names),
    };
    let fields = fields.map_err(|error| damage(doc, error.to_string()))?;
    let id = fields.get("_id").and_then(DocId::from_value);
    let id = id.ok_or_else(|| damage(doc, "it has no `_id`".to_owned()))?;
    Ok(Arc::new(Document::new(id, rev, fields)))
}

/// Some of the fields of a stored document.
pub(super) fn decode_fields(doc: &str, names: &[SmolStr]) -> Result<Object, String> {
    storage::decode_fields(doc, names).map_err(|error| error.to_string())
}

/// The value that orders a stored document at a path: see [`Path::sort_value`].
pub(super) fn lookup(doc: &str, path: &Path) -> Result<Option<Value>, String> {
    storage::lookup(doc, path).map_err(|error| error.to_string())
}

/// What is wrong with a document, and which it is, as far as that can still be read.
pub(super) fn damage(doc: &str, reason: String) -> Damage {
    let id = lookup(doc, &Path::field("_id")).ok().flatten();
    let id = id.as_ref().and_then(DocId::from_value);
    Damage {
        id: id.map_or_else(|| "(unknown)".to_owned(), |id| id.to_string()),
        reason,
    }
}
