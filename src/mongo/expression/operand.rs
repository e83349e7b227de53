//! What operators ask of their operands. The reasons read on from the operator's name.

use std::borrow::Cow;

use super::meter::{MAX_ELEMENTS, MAX_TEXT};
use super::number::Number;
use super::operator::Answer;
use crate::data::{Object, Value, timestamp};

pub(super) fn number(value: &Value) -> Answer<Number> {
    Number::of(value).ok_or_else(|| needs("a number", value))
}

/// A whole number, as an int or a double without a fraction.
pub(super) fn whole(value: &Value) -> Answer<i64> {
    Number::of(value)
        .and_then(Number::whole)
        .ok_or_else(|| needs("a whole number", value))
}

/// A whole number that is not negative: a position, a length.
pub(super) fn position(value: &Value) -> Answer<usize> {
    let position = whole(value)?;
    usize::try_from(position).map_err(|_| format!("needs a position from 0, found {position}"))
}

pub(super) fn text(value: &Value) -> Answer<&str> {
    value.as_str().ok_or_else(|| needs("a string", value))
}

pub(super) fn array(value: &Value) -> Answer<&[Value]> {
    value.as_array().ok_or_else(|| needs("an array", value))
}

/// An array, where null will not do.
pub(super) fn some_array(value: Option<&Value>) -> Answer<&[Value]> {
    array(value.unwrap_or(&Value::Null))
}

pub(super) fn object(value: &Value) -> Answer<&Object> {
    value.as_object().ok_or_else(|| needs("an object", value))
}

/// The text of a string, number or date; of null and a missing value the empty one.
pub(super) fn as_text(value: Option<&Value>) -> Answer<Cow<'_, str>> {
    match value {
        None | Some(Value::Null) => Ok(Cow::Borrowed("")),
        Some(Value::String(text)) => Ok(Cow::Borrowed(text.as_str())),
        Some(Value::Date(ms)) => date_text(*ms).map(Cow::Owned),
        Some(other) => match Number::of(other) {
            Some(number) => Ok(Cow::Owned(number.to_string())),
            None => Err(needs("a string, a number or a date", other)),
        },
    }
}

/// A date as ISO 8601 writes it.
pub(super) fn date_text(ms: i64) -> Answer<String> {
    timestamp::format(ms).ok_or_else(|| "needs a date of the years 1 to 9999".to_owned())
}

/// Whether an array of so many elements may be made.
pub(super) fn elements(count: usize) -> Answer<usize> {
    if count > MAX_ELEMENTS {
        return Err(format!(
            "may make an array of {MAX_ELEMENTS} elements, not of {count}"
        ));
    }
    Ok(count)
}

/// Whether a string of so many bytes may be made.
pub(super) fn bytes(count: usize) -> Answer<usize> {
    if count > MAX_TEXT {
        return Err(format!(
            "may make a string of {MAX_TEXT} bytes, not of {count}"
        ));
    }
    Ok(count)
}

pub(super) fn needs(what: &str, found: &Value) -> String {
    format!("needs {what}, found {}", found.kind())
}
