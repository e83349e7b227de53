//! Leaf values: what each scalar accepts and the stored value it becomes.

use serde_json::Number;
use smol_str::{SmolStr, ToSmolStr};

use super::raw::{Raw, Shape};
use crate::data::{Object, Value, timestamp};
use crate::graphql::api::InputScalar;

/// The stored form of a leaf, or what the scalar would have accepted.
/// A `DateTime` is [`Value::Date`] here, also for fields that store a number.
pub(super) fn leaf(scalar: InputScalar, raw: Raw<'_>) -> Result<Value, &'static str> {
    let shape = raw.shape();
    match scalar {
        InputScalar::Id => id(&shape).ok_or("an ID: a string or an integer"),
        InputScalar::String => text(&shape).ok_or("a String"),
        InputScalar::Int => int(&shape, raw).ok_or("an Int: an integer of 32 bits"),
        InputScalar::Float => float(&shape).ok_or("a Float"),
        InputScalar::Boolean => match shape {
            Shape::Boolean(value) => Ok(Value::Bool(value)),
            _ => Err("a Boolean"),
        },
        InputScalar::DateTime => {
            date_time(&shape).ok_or("a DateTime with its offset, such as `2024-05-01T08:00:00Z`")
        }
        InputScalar::Long => {
            long(&shape, raw).ok_or("a Long: an integer of 64 bits, as a number or a string")
        }
        InputScalar::FileId => file_id(&shape).ok_or("a FileID: `cloud://` and a path"),
        InputScalar::Json => json(raw)
            .ok_or("JSON without member names that are empty, begin with `$` or contain a dot"),
        InputScalar::GeoPoint => Err("a GeoPoint"),
    }
}

fn text(shape: &Shape<'_>) -> Option<Value> {
    match shape {
        Shape::String(text) => Some(Value::string(*text)),
        _ => None,
    }
}

fn id(shape: &Shape<'_>) -> Option<Value> {
    match shape {
        Shape::String(text) => Some(Value::string(*text)),
        Shape::Number(number) => {
            let integer = number.as_i64()?;
            Some(Value::String(integer.to_smolstr()))
        }
        _ => None,
    }
}

fn int(shape: &Shape<'_>, raw: Raw<'_>) -> Option<Value> {
    let number = integer(shape, raw)?;
    i32::try_from(number)
        .ok()
        .map(|number| Value::Int(number.into()))
}

fn float(shape: &Shape<'_>) -> Option<Value> {
    match shape {
        Shape::Number(number) => number
            .as_f64()
            .filter(|number| number.is_finite())
            .map(Value::Double),
        _ => None,
    }
}

fn long(shape: &Shape<'_>, raw: Raw<'_>) -> Option<Value> {
    match shape {
        Shape::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let spelled = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            spelled.then(|| text.parse().ok()).flatten().map(Value::Int)
        }
        _ => integer(shape, raw).map(Value::Int),
    }
}

/// An integer; in JSON, where `1.0` and `1` are one number, also a whole float.
fn integer(shape: &Shape<'_>, raw: Raw<'_>) -> Option<i64> {
    let Shape::Number(number) = shape else {
        return None;
    };
    number
        .as_i64()
        .or_else(|| raw.is_json().then(|| whole(number)).flatten())
}

fn whole(number: &Number) -> Option<i64> {
    /// Beyond this, not every integer has a float of its own.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    let number = number.as_f64()?;
    let fits = number.fract() == 0.0 && number.abs() <= EXACT_MAX;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within the exact range"
    )]
    fits.then_some(number as i64)
}

fn date_time(shape: &Shape<'_>) -> Option<Value> {
    match shape {
        Shape::String(text) => timestamp::parse(text).ok().map(Value::Date),
        _ => None,
    }
}

fn file_id(shape: &Shape<'_>) -> Option<Value> {
    match shape {
        Shape::String(text) if is_file_id(text) => Some(Value::string(*text)),
        _ => None,
    }
}

/// `cloud://<environment and bucket>/<path>`.
pub(crate) fn is_file_id(text: &str) -> bool {
    text.strip_prefix("cloud://")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(bucket, path)| {
            !bucket.is_empty() && !path.is_empty() && !text.chars().any(char::is_control)
        })
}

/// Any JSON; variables were replaced before (a literal that still has one is refused).
fn json(raw: Raw<'_>) -> Option<Value> {
    match raw.shape() {
        Shape::Null => Some(Value::Null),
        Shape::Boolean(value) => Some(Value::Bool(value)),
        Shape::Number(number) => json_number(number),
        Shape::String(text) => Some(Value::string(text)),
        Shape::List(items) => items
            .into_iter()
            .map(json)
            .collect::<Option<_>>()
            .map(Value::Array),
        Shape::Object(members) => members
            .into_iter()
            .map(|(name, value)| Some((member_name(name)?, json(value)?)))
            .collect::<Option<Object>>()
            .map(Value::Object),
        Shape::Enum(_) | Shape::Variable(_) | Shape::Binary => None,
    }
}

/// A member name the database can keep.
pub(super) fn member_name(name: &str) -> Option<SmolStr> {
    let fits = !name.is_empty() && !name.starts_with('$') && !name.contains(['.', '\0']);
    fits.then(|| SmolStr::new(name))
}

fn json_number(number: &Number) -> Option<Value> {
    match number.as_i64() {
        Some(integer) => Some(Value::Int(integer)),
        None => number
            .as_f64()
            .filter(|number| number.is_finite())
            .map(Value::Double),
    }
}
