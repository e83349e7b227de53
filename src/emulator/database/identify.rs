//! What a document must be to be stored: names, depth, and its `_id`.

use std::sync::{Mutex, PoisonError};

use smol_str::{SmolStr, format_smolstr};

use crate::cloudbase::Code;
use crate::data::{DocId, Document, Object, Value, ejson};
use crate::emulator::failure::{Failure, Result};

/// Ids of one millisecond; one more belongs to the next.
const IDS_PER_MS: u32 = 1 << 20;

/// Whole numbers up to here are the same as doubles.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Gives ids: 32 hexadecimal digits that grow from one to the next, so that documents lie in the order they were
/// inserted, with an end that nobody guesses.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// The millisecond of the last id, and how many it had before that one.
    last: Mutex<(u64, u32)>,
}

impl Ids {
    /// # Errors
    /// The system has no random numbers.
    pub(super) fn next(&self, now: i64) -> Result<DocId> {
        let (ms, number) = self.step(u64::try_from(now).unwrap_or(0));
        let random = random()? >> 4;
        let text = format_smolstr!("{ms:012x}{number:05x}{random:015x}");
        Ok(DocId::String(text))
    }

    /// Goes forwards also while the clock stands still, or is set back.
    fn step(&self, now: u64) -> (u64, u32) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (ms, number) = *last;
        *last = if now > ms {
            (now, 0)
        } else if number + 1 < IDS_PER_MS {
            (ms, number + 1)
        } else {
            (ms + 1, 0)
        };
        *last
    }
}

/// 64 bits that nobody guesses.
pub(super) fn random() -> Result<u64> {
    getrandom::u64().map_err(|error| Failure::new(Code::SysErr, format!("no randomness: {error}")))
}

/// The document that these fields are: under their own `_id`, or a new one.
pub(super) fn identified(fields: Object, ids: &Ids, now: i64) -> Result<Document> {
    check(&fields)?;
    let id = match fields.get("_id") {
        Some(given) => id_of(given)?,
        None => ids.next(now)?,
    };
    Ok(Document::new(id, 0, fields))
}

fn id_of(given: &Value) -> Result<DocId> {
    let whole = |number: f64| number.fract() == 0.0 && number.abs() <= MAX_WHOLE;
    let id = match given {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a whole number in the range where both are the same"
        )]
        Value::Double(number) if whole(*number) => Some(DocId::Int(*number as i64)),
        other => DocId::from_value(other),
    };
    id.ok_or_else(|| {
        let message = format!("`_id` must be a text, a whole number or an ObjectId, not {given}");
        refused(&message)
    })
}

/// Whether these fields can be stored.
///
/// # Errors
/// A name that begins with `$`, or too many levels.
pub(super) fn check(fields: &Object) -> Result<()> {
    check_depth(fields)?;
    match operator_in_object(fields) {
        Some(name) => Err(refused(&format!(
            "the name `{name}` must not begin with `$`"
        ))),
        None => Ok(()),
    }
}

/// # Errors
/// Too many levels.
pub(super) fn check_depth(fields: &Object) -> Result<()> {
    if fields.depth() <= ejson::MAX_DEPTH {
        return Ok(());
    }
    let most = ejson::MAX_DEPTH;
    let message = format!("a document has at most {most} levels of objects and arrays");
    Err(refused(&message))
}

fn operator_in_object(fields: &Object) -> Option<&SmolStr> {
    if is_regex(fields) {
        return None;
    }
    fields.iter().find_map(|(name, value)| {
        let operator = name.starts_with('$').then_some(name);
        operator.or_else(|| operator_in(value))
    })
}

fn operator_in(value: &Value) -> Option<&SmolStr> {
    match value {
        Value::Object(fields) => operator_in_object(fields),
        Value::Array(items) => items.iter().find_map(operator_in),
        _ => None,
    }
}

/// `{$regularExpression: {pattern, options}}` is how a regular expression is stored.
fn is_regex(fields: &Object) -> bool {
    let Some(Value::Object(regex)) = fields.get("$regularExpression") else {
        return false;
    };
    let text = |name| matches!(regex.get(name), Some(Value::String(_)));
    fields.len() == 1 && regex.len() == 2 && text("pattern") && text("options")
}

fn refused(message: &str) -> Failure {
    Failure::new(
        Code::DatabaseRequestFailed,
        format!("[FailedOperation] {message}"),
    )
}
