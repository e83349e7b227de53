//! How large documents may be: as large as in the embedded store, so that they can move between the two.

use crate::data::ejson::storage;
use crate::data::update::{Elements, Op};
use crate::data::{Object, Update, Value};
use crate::store::{Error, Result};

/// The largest document, in bytes of the embedded store's encoding. The cloud takes more, how much is not documented.
const MAX_DOCUMENT: usize = 1 << 20;

/// # Errors
/// The document is too large.
pub(super) fn check(fields: &Object) -> Result<()> {
    check_bytes(storage::encode(fields).len())
}

/// # Errors
/// What the update puts in is too large for any document.
pub(super) fn check_update(update: &Update) -> Result<()> {
    check_bytes(update.ops.iter().map(bytes).sum())
}

fn check_bytes(bytes: usize) -> Result<()> {
    match bytes <= MAX_DOCUMENT {
        true => Ok(()),
        false => Err(Error::TooLarge {
            bytes,
            max: MAX_DOCUMENT,
        }),
    }
}

/// What an operator adds to the document, or sends.
fn bytes(op: &Op) -> usize {
    let size = |value: &Value| storage::encode_value(value).len();
    match op {
        Op::Set(_, value) | Op::Inc(_, value) => size(value),
        Op::Push(_, values) | Op::Pull(_, Elements::Equal(values)) => values.iter().map(size).sum(),
        Op::Unset(_) | Op::Pull(_, Elements::Matching(_)) => 0,
    }
}
