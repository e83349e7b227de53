//! The names that the database gives to kinds of values: for `$type` and `bsonType`.

use super::{Error, Result};
use crate::data::{Object, Value};

/// A kind of values, by the database's name for it. A `number` is any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind(&'static str);

/// Names and numbers, as BSON has them. Some of these kinds no value here can have.
const KINDS: [(&str, i64); 21] = [
    ("double", 1),
    ("string", 2),
    ("object", 3),
    ("array", 4),
    ("binData", 5),
    ("undefined", 6),
    ("objectId", 7),
    ("bool", 8),
    ("date", 9),
    ("null", 10),
    ("regex", 11),
    ("dbPointer", 12),
    ("javascript", 13),
    ("symbol", 14),
    ("javascriptWithScope", 15),
    ("int", 16),
    ("timestamp", 17),
    ("long", 18),
    ("decimal", 19),
    ("minKey", -1),
    ("maxKey", 127),
];

const NUMBER: &str = "number";

impl Kind {
    /// Reads a name, or a number of BSON.
    ///
    /// # Errors
    /// No kind of that name or number.
    pub(super) fn parse(kind: &Value) -> Result<Self> {
        let found = match kind {
            Value::String(name) if name == NUMBER => Some(NUMBER),
            Value::String(name) => by(|known, _| known == name),
            other => integer(other).and_then(|number| by(|_, known| known == number)),
        };
        found
            .map(Kind)
            .ok_or_else(|| Error::Malformed(format!("unknown type: {kind}")))
    }

    /// The kind of a value. Ints within 32 bits are `int`, others `long`: as they are written.
    pub(super) fn of(value: &Value) -> Self {
        Kind(match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(int) if i32::try_from(*int).is_ok() => "int",
            Value::Int(_) => "long",
            Value::Double(_) => "double",
            Value::String(_) => "string",
            Value::Date(_) => "date",
            Value::Array(_) => "array",
            Value::Object(object) => of_object(object),
            Value::Binary(_) => "binData",
            Value::ObjectId(_) => "objectId",
        })
    }

    /// Whether the value is of this kind.
    pub(super) fn covers(self, value: &Value) -> bool {
        match self.0 {
            NUMBER => matches!(value, Value::Int(_) | Value::Double(_)),
            name => Kind::of(value).0 == name,
        }
    }

    /// Whether an object is of this kind.
    pub(super) fn covers_object(self, object: &Object) -> bool {
        of_object(object) == self.0
    }
}

fn by(is: impl Fn(&'static str, i64) -> bool) -> Option<&'static str> {
    let found = KINDS.iter().find(|(name, number)| is(name, *number));
    found.map(|(name, _)| *name)
}

/// Kinds of values that this crate keeps as the objects that EJSON writes.
fn of_object(object: &Object) -> &'static str {
    let mut members = object.iter();
    match (members.next(), members.next()) {
        (Some((name, _)), None) => match name.as_str() {
            "$regularExpression" => "regex",
            "$numberDecimal" => "decimal",
            "$timestamp" => "timestamp",
            "$minKey" => "minKey",
            "$maxKey" => "maxKey",
            _ => "object",
        },
        _ => "object",
    }
}

/// A whole number, also as a double.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Int(int) => Some(*int),
        Value::Double(double) if double.fract() == 0.0 => truncated(*double),
        _ => None,
    }
}

/// A number without its fraction, if it is within the range of ints.
pub(super) fn truncated(double: f64) -> Option<i64> {
    const ABOVE_INTS: f64 = 9_223_372_036_854_775_808.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within the range of ints, checked on the same line"
    )]
    (-ABOVE_INTS..ABOVE_INTS)
        .contains(&double)
        .then_some(double as i64)
}
