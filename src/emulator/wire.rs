//! Documents and conditions between EJSON text and values.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::failure::{Failure, Result};
use crate::data::{Object, Value, ejson};

/// 2^63 as JavaScript prints it, in a wrapper, and the nearest number that fits. The SDKs send it as if it did.
const BEYOND: [(&str, &str); 2] = [
    (
        r#"{"$numberLong":"9223372036854776000"}"#,
        r#"{"$numberLong":"9223372036854775807"}"#,
    ),
    (
        r#"{"$numberLong":"-9223372036854776000"}"#,
        r#"{"$numberLong":"-9223372036854775808"}"#,
    ),
];

/// Reads an EJSON object that a client sent, canonical or relaxed. Server dates in it
/// (`{$tcb_server_date: {offset}}`, and the older `{$date: {offset}}`) become `now` + offset.
///
/// # Errors
/// Text that is not EJSON, or no object; an offset that is no number.
pub(crate) fn read(text: &str, now: i64) -> Result<Object> {
    match read_value(text, now)? {
        Value::Object(object) => Ok(object),
        other => Err(Failure::invalid(format!(
            "expected an EJSON object, found {}",
            other.kind()
        ))),
    }
}

/// As [`read`], of any value.
pub(crate) fn read_value(text: &str, now: i64) -> Result<Value> {
    resolve(parse(text)?, now)
}

/// EJSON text as it is, server dates included.
pub(crate) fn parse(text: &str) -> Result<Value> {
    ejson::parse_value(&clamped(text))
        .map_err(|error| Failure::invalid(format!("not EJSON: {error}")))
}

/// The text with numbers that fit. (Within a string of JSON, quotes are escaped, so what is found is a whole wrapper.)
fn clamped(text: &str) -> Cow<'_, str> {
    BEYOND
        .into_iter()
        .fold(Cow::Borrowed(text), |text, (beyond, nearest)| {
            if text.contains(beyond) {
                Cow::Owned(text.replace(beyond, nearest))
            } else {
                text
            }
        })
}

/// As [`read`], for values that came in place of a text.
pub(crate) fn resolve(value: Value, now: i64) -> Result<Value> {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| resolve(item, now))
            .collect::<Result<_>>()
            .map(Value::Array),
        Value::Object(object) => match server_date(&object, now)? {
            Some(date) => Ok(date),
            None => resolve_members(object, now).map(Value::Object),
        },
        other => Ok(other),
    }
}

/// As [`resolve`], of an object that is no server date itself.
pub(crate) fn resolve_members(object: Object, now: i64) -> Result<Object> {
    let resolved = object
        .into_iter()
        .map(|(name, value)| Ok((name, resolve(value, now)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(Object::from_unique(resolved))
}

fn server_date(object: &Object, now: i64) -> Result<Option<Value>> {
    let mut members = object.iter();
    let (Some((name, argument)), None) = (members.next(), members.next()) else {
        return Ok(None);
    };
    // A `$date` that is still an object has an offset: every other is a date by now.
    if name != "$tcb_server_date" && name != "$date" {
        return Ok(None);
    }
    let offset = argument.as_object().and_then(|it| it.get("offset"));
    let offset = match offset {
        None | Some(Value::Null) => Some(0),
        Some(Value::Int(ms)) => Some(*ms),
        Some(Value::Double(ms)) => whole(*ms),
        Some(_) => None,
    };
    offset
        .map(|offset| Some(Value::Date(now.saturating_add(offset))))
        .ok_or_else(|| Failure::invalid(format!("`{name}` needs an offset in milliseconds")))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "parts of a millisecond do not count, and what is beyond a date is its end"
)]
fn whole(ms: f64) -> Option<i64> {
    ms.is_finite().then_some(ms as i64)
}

/// How many, as a value.
pub(crate) fn number(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Canonical EJSON, with object ids as plain text: what the official clients expect.
pub(crate) fn write(document: &Object) -> String {
    ejson::object_to_string(&map(document, &id_as_text), ejson::Mode::Canonical)
}

/// Data that a client of the older generation sent in place: as [`resolve_members`], and its regular expressions
/// (`{$regex, $options}`) become those of EJSON.
pub(crate) fn read_plain(document: Object, now: i64) -> Result<Object> {
    let document = resolve_members(document, now)?;
    Ok(map(&document, &|value| {
        let members = [("$regex", "pattern"), ("$options", "options")];
        let renamed = renamed(value.as_object()?, members)?;
        let name = SmolStr::new_static("$regularExpression");
        Some(Value::Object(Object::from_unique(vec![(name, renamed)])))
    }))
}

/// The object with its texts under other names, if it has the first of them and no others.
fn renamed(object: &Object, names: [(&str, &'static str); 2]) -> Option<Value> {
    let [(first, _), _] = names;
    object.get(first)?;
    let mut texts = Object::new();
    for (name, text) in object.iter() {
        let (_, new) = names.iter().find(|(old, _)| old == name)?;
        texts.insert(*new, Value::string(text.as_str()?));
    }
    Some(Value::Object(texts))
}

/// The document as clients of the older generation expect it, for relaxed text: dates as `{$date: ms}`, regular
/// expressions as `{$regex, $options}`, object ids as plain text, and null for numbers that JSON does not have.
pub(crate) fn plain(document: &Object) -> Object {
    map(document, &|value| match value {
        Value::Object(object) if object.len() == 1 => {
            let expression = object.get("$regularExpression")?.as_object()?;
            renamed(expression, [("pattern", "$regex"), ("options", "$options")])
        }
        Value::Double(number) if !number.is_finite() => Some(Value::Null),
        other => date_or_id(other),
    })
}

/// The document as watches tell it, for relaxed text: dates as `{$date: ms}`, object ids as plain text.
pub(crate) fn told(document: &Object) -> Object {
    map(document, &date_or_id)
}

/// As [`told`], of one value.
pub(crate) fn told_value(value: &Value) -> Value {
    map_value(value, &date_or_id)
}

fn date_or_id(value: &Value) -> Option<Value> {
    match value {
        Value::Date(ms) => {
            let date = (SmolStr::new_static("$date"), Value::Int(*ms));
            Some(Value::Object(Object::from_unique(vec![date])))
        }
        other => id_as_text(other),
    }
}

fn id_as_text(value: &Value) -> Option<Value> {
    match value {
        Value::ObjectId(id) => Some(Value::string(id.to_string())),
        _ => None,
    }
}

/// The object with each value that `replace` has another for replaced.
fn map(object: &Object, replace: &impl Fn(&Value) -> Option<Value>) -> Object {
    let members = object.iter();
    let mapped = members.map(|(name, value)| (name.clone(), map_value(value, replace)));
    Object::from_unique(mapped.collect())
}

fn map_value(value: &Value, replace: &impl Fn(&Value) -> Option<Value>) -> Value {
    if let Some(replaced) = replace(value) {
        return replaced;
    }
    match value {
        Value::Object(object) => Value::Object(map(object, replace)),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| map_value(item, replace)).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::arbitrary;

    const NOW: i64 = 1_767_323_045_678;

    #[test]
    fn server_dates_are_the_moment_of_the_request() {
        for (sent, read_as) in [
            (r#"{"a":{"$tcb_server_date":{}}}"#, NOW),
            (
                r#"{"a":{"$tcb_server_date":{"offset":{"$numberInt":"0"}}}}"#,
                NOW,
            ),
            (
                r#"{"a":{"$tcb_server_date":{"offset":{"$numberLong":"31536000000"}}}}"#,
                NOW + 31_536_000_000,
            ),
            (r#"{"a":{"$date":{"offset":-5}}}"#, NOW - 5),
            (r#"{"a":{"$date":{"offset":1.5}}}"#, NOW + 1),
            (r#"{"a":{"$date":{"$numberLong":"7"}}}"#, 7),
            (r#"{"a":{"$date":7}}"#, 7),
        ] {
            let object = read(sent, NOW).expect(sent);
            assert_eq!(object.get("a"), Some(&Value::Date(read_as)), "{sent}");
        }
        let deep = r#"{"$push":{"list":{"$each":[{"at":{"$tcb_server_date":{}}}]}}}"#;
        let date = format!(r#"{{"$date":{{"$numberLong":"{NOW}"}}}}"#);
        let text = write(&read(deep, NOW).expect("an object"));
        assert_eq!(text, deep.replace(r#"{"$tcb_server_date":{}}"#, &date));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for sent in [
            "",
            "[]",
            "1",
            "{",
            r#"{"a":{"$numberLong":"9223372036854775808"}}"#,
            r#"{"a":{"$tcb_server_date":{"offset":"soon"}}}"#,
            r#"{"a":{"$tcb_server_date":{"offset":{"$numberDouble":"NaN"}}}}"#,
            r#"{"a":{"$date":{"offset":true}}}"#,
        ] {
            assert!(read(sent, NOW).is_err(), "{sent}");
        }
    }

    #[test]
    fn the_largest_number_of_javascript_is_the_largest_here() {
        let sent = r#"{"a":{"$numberLong":"9223372036854776000"},"b":{"$numberLong":"-9223372036854776000"},"c":"{\"$numberLong\":\"9223372036854776000\"}"}"#;
        let object = read(sent, NOW).expect("an object");
        assert_eq!(object.get("a"), Some(&Value::Int(i64::MAX)));
        assert_eq!(object.get("b"), Some(&Value::Int(i64::MIN)));
        let text = r#"{"$numberLong":"9223372036854776000"}"#;
        assert_eq!(object.get("c"), Some(&Value::string(text)));
    }

    #[test]
    fn regular_expressions_and_ids_go_as_they_came() {
        let sent = r#"{"re":{"$regularExpression":{"pattern":"^a","options":"i"}},"old":{"$regex":"x","$options":"i"},"dec":{"$numberDecimal":"1.5"}}"#;
        assert_eq!(write(&read(sent, NOW).expect("an object")), sent);
        let sent = r#"{"_id":{"$oid":"0123456789abcdef01234567"},"l":[{"$oid":"0123456789abcdef01234567"}]}"#;
        let told = r#"{"_id":"0123456789abcdef01234567","l":["0123456789abcdef01234567"]}"#;
        assert_eq!(write(&read(sent, NOW).expect("an object")), told);
    }

    #[test]
    fn the_older_generation_gets_plain_json() {
        let sent = r#"{"n":{"$numberInt":"1"},"f":1.5,"nan":{"$numberDouble":"NaN"},"at":[{"$date":{"$numberLong":"-5"}}]}"#;
        let object = plain(&read(sent, NOW).expect("an object"));
        let text = ejson::object_to_string(&object, ejson::Mode::Relaxed);
        assert_eq!(text, r#"{"n":1,"f":1.5,"nan":null,"at":[{"$date":-5}]}"#);
    }

    #[test]
    fn the_older_generations_regular_expressions_are_stored_as_the_newers() {
        for (sent, stored) in [
            (
                r#"{"a":[{"$regex":"x","$options":"i"}]}"#,
                r#"{"a":[{"$regularExpression":{"pattern":"x","options":"i"}}]}"#,
            ),
            (
                r#"{"a":{"$regex":"x"}}"#,
                r#"{"a":{"$regularExpression":{"pattern":"x"}}}"#,
            ),
            (
                r#"{"a":{"$regex":"x","b":"i"}}"#,
                r#"{"a":{"$regex":"x","b":"i"}}"#,
            ),
            (r#"{"a":{"$options":"i"}}"#, r#"{"a":{"$options":"i"}}"#),
        ] {
            let object = ejson::parse_object(sent).expect("an object");
            let object = read_plain(object, NOW).expect("no server date");
            assert_eq!(write(&object), stored, "{sent}");
            let back = ejson::object_to_string(&plain(&object), ejson::Mode::Relaxed);
            assert_eq!(back, sent);
        }
    }

    proptest! {
        #[test]
        fn what_was_read_once_stays_as_it_is(object in arbitrary::any_object()) {
            if let Ok(read_once) = read(&write(&object), NOW) {
                let text = write(&read_once);
                let read_twice = read(&text, NOW + 1).expect("our own text");
                prop_assert_eq!(write(&read_twice), text);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[{}\\[\\]\":,$a-z0-9]{0,40}") {
            let _ = read(&text, NOW);
        }
    }
}
