//! Extended JSON: values of the database as JSON text and back.
//!
//! What the official SDKs send (canonical) and accept (both modes). Members
//! keep their order. The form in which the embedded store keeps documents is
//! another one: [`storage`].
//!
//! | value | canonical | relaxed |
//! |---|---|---|
//! | int | `{"$numberInt":"1"}`, `{"$numberLong":"3000000000"}` | `1` |
//! | double | `{"$numberDouble":"1.5"}` | `1.5`, `{"$numberDouble":"NaN"}` |
//! | date | `{"$date":{"$numberLong":"0"}}` | `{"$date":"1970-01-01T00:00:00.000Z"}` |
//! | `ObjectId` | `{"$oid":"…"}` | the same |
//! | binary | `{"$binary":{"base64":"…","subType":"00"}}` | the same |
//!
//! An object whose only member is one of these names *is* that value; EJSON
//! has no way to say otherwise. Other `$` names (`$numberDecimal`,
//! `$regularExpression`, …) stay objects.

mod read;
pub mod storage;
#[cfg(test)]
mod tests;
mod wrapper;
mod write;

use std::fmt;

use super::{Object, Value};

/// How deep arrays and objects may be nested, the document itself included.
pub const MAX_DEPTH: usize = 100;

/// Which of the two dialects is written; both are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Every type is marked; nothing is lost.
    Canonical,
    /// Numbers and dates as people write them, where nothing is lost.
    Relaxed,
}

/// Why a text is not EJSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where in the value, such as `lines.0.price`; empty for the value itself.
    pub path: String,
    pub reason: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "at `{}`: {}", self.path, self.reason)
        }
    }
}

impl std::error::Error for Error {}

/// Reads one value in either mode.
pub fn parse_value(text: &str) -> Result<Value, Error> {
    read::value(text)
}

/// Reads one value that must be an object.
pub fn parse_object(text: &str) -> Result<Object, Error> {
    match parse_value(text)? {
        Value::Object(object) => Ok(object),
        other => Err(Error {
            path: String::new(),
            reason: format!("expected an object, found {}", other.kind()),
        }),
    }
}

/// Writes one value.
pub fn value_to_string(value: &Value, mode: Mode) -> String {
    write::value(value, mode)
}

/// Writes the fields of a document.
pub fn object_to_string(object: &Object, mode: Mode) -> String {
    write::object(object, mode)
}
