//! Objects that stand for a value JSON has no word for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Object, Value};
use crate::data::{Binary, ObjectId, timestamp};

/// The value that an object stands for, if its members are exactly those of a wrapper.
pub(super) fn unwrap(object: &Object) -> Result<Option<Value>, String> {
    let mut members = object.iter();
    match (members.next(), members.next(), members.next()) {
        (Some((name, value)), None, _) => one_member(name, value),
        (Some((first, value)), Some((second, subtype)), None)
            if first == "$binary" && second == "$type" =>
        {
            binary(value.as_str(), subtype.as_str()).map(Some)
        }
        _ => Ok(None),
    }
}

fn one_member(name: &str, value: &Value) -> Result<Option<Value>, String> {
    match name {
        "$numberInt" => number_int(value).map(Some),
        "$numberLong" => number_long(value).map(Some),
        "$numberDouble" => number_double(value).map(Some),
        "$date" => date(value),
        "$oid" => object_id(value).map(Some),
        "$binary" => {
            let member = |name| value.as_object().and_then(|object| object.get(name));
            let base64 = member("base64").and_then(Value::as_str);
            binary(base64, member("subType").and_then(Value::as_str)).map(Some)
        }
        _ => Ok(None),
    }
}

fn number_int(value: &Value) -> Result<Value, String> {
    let int = match value {
        Value::Int(int) => i32::try_from(*int).ok(),
        Value::String(text) => text.parse::<i32>().ok(),
        _ => None,
    };
    let int = int.ok_or_else(|| refused("$numberInt", "a whole number of 32 bits", value))?;
    Ok(Value::Int(int.into()))
}

fn number_long(value: &Value) -> Result<Value, String> {
    let int = match value {
        Value::Int(int) => Some(*int),
        Value::String(text) => text.parse::<i64>().ok(),
        _ => None,
    };
    int.map(Value::Int)
        .ok_or_else(|| refused("$numberLong", "a whole number of 64 bits", value))
}

fn number_double(value: &Value) -> Result<Value, String> {
    let double = match value {
        Value::String(text) => double(text),
        other => other.as_f64(),
    };
    double
        .map(Value::Double)
        .ok_or_else(|| refused("$numberDouble", "a number", value))
}

/// Rust also reads `inf`, `infinity`, `nan` and an explicit `+`.
fn double(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => {
            let number = text.strip_prefix('-').unwrap_or(text);
            let digits = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
            digits.then(|| text.parse().ok()).flatten()
        }
    }
}

/// A moment as text, a number of milliseconds or a `$numberLong` (an int by
/// now). `{"$date":{"offset":…}}` is no moment but asks for the server's: it stays an object.
fn date(value: &Value) -> Result<Option<Value>, String> {
    match value {
        Value::Int(ms) => Ok(Some(Value::Date(*ms))),
        Value::Double(ms) => whole_ms(*ms)
            .map(|ms| Some(Value::Date(ms)))
            .ok_or_else(|| refused("$date", "whole milliseconds", value)),
        Value::String(text) => timestamp::parse(text)
            .map(|ms| Some(Value::Date(ms)))
            .map_err(|error| format!("`$date`: {error}")),
        Value::Object(object) if object.contains("offset") => Ok(None),
        other => Err(refused("$date", "a date and time or milliseconds", other)),
    }
}

fn whole_ms(ms: f64) -> Option<i64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number below 2^53, checked on the same line"
    )]
    (ms.fract() == 0.0 && ms.abs() <= LIMIT).then_some(ms as i64)
}

fn object_id(value: &Value) -> Result<Value, String> {
    value
        .as_str()
        .and_then(ObjectId::parse)
        .map(Value::ObjectId)
        .ok_or_else(|| refused("$oid", "24 hexadecimal digits", value))
}

fn binary(base64: Option<&str>, subtype: Option<&str>) -> Result<Value, String> {
    let bytes = base64.and_then(|text| STANDARD.decode(text).ok());
    let subtype = subtype
        .filter(|text| text.len() <= 2 && !text.starts_with('+'))
        .and_then(|text| u8::from_str_radix(text, 16).ok());
    bytes
        .zip(subtype)
        .map(|(bytes, subtype)| Value::Binary(Binary { subtype, bytes }))
        .ok_or_else(|| {
            "`$binary` needs base64 text and a subtype of two hexadecimal digits".to_owned()
        })
}

fn refused(wrapper: &str, needed: &str, found: &Value) -> String {
    match found {
        Value::String(text) => {
            let shown: String = text.chars().take(40).collect();
            format!("`{wrapper}` needs {needed}, found `{shown}`")
        }
        other => format!("`{wrapper}` needs {needed}, found {}", other.kind()),
    }
}
