//! How the embedded store keeps documents: compact JSON that reads fast.
//!
//! Ints are bare, doubles always have a point or an exponent. What JSON has no
//! word for is an object of one member: `{"$d":ms}` a date, `{"$n":"NaN"}` a
//! double that is not finite, `{"$o":"…"}` an `ObjectId`, `{"$b":"<subtype><base64>"}`
//! binary. An object whose *first* member's name begins with `$` gets one more `$`
//! there, so nothing that a user stores can be taken for one of these.
//!
//! The text is ours: duplicate names and unknown wrappers do not occur, and a
//! text where they do is damaged or, at worst, read as if they meant something.

mod part;
mod read;
mod write;

use smol_str::SmolStr;

use super::{Object, Value};
use crate::data::Path;

/// A stored text that this module did not write.
#[derive(Debug, thiserror::Error)]
#[error("the stored text is damaged: {0}")]
pub struct Damaged(#[from] serde_json::Error);

/// The stored form of a document's fields.
pub fn encode(fields: &Object) -> String {
    write::object(fields)
}

/// All fields of a stored document.
pub fn decode(text: &str) -> Result<Object, Damaged> {
    read::object(text)
}

/// The stored form of a single value.
pub fn encode_value(value: &Value) -> String {
    write::value(value)
}

/// Reads a single value.
pub fn decode_value(text: &str) -> Result<Value, Damaged> {
    read::value(text)
}

/// Only these top-level fields of a stored document, in stored order. Reads no
/// further than the last of them, so damage behind it goes unnoticed.
pub fn decode_fields(text: &str, fields: &[SmolStr]) -> Result<Object, Damaged> {
    part::fields(text, fields)
}

/// What [`Path::sort_value`] finds in the document, without decoding the rest.
pub fn lookup(text: &str, path: &Path) -> Result<Option<Value>, Damaged> {
    part::lookup(text, path)
}
