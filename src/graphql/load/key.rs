//! Values that join documents, as keys of a map.

use smol_str::SmolStr;

use crate::data::{ObjectId, Value};

/// A value by which a relation joins; equal keys are values the database calls equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Bool(bool),
    Int(i64),
    /// A double that is no integer, by its bits.
    Double(u64),
    String(SmolStr),
    Date(i64),
    ObjectId(ObjectId),
}

impl Key {
    /// `None` for values that join nothing: null, and what is no scalar.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Key::Bool(*value)),
            Value::Int(number) => Some(Key::Int(*number)),
            Value::Double(number) => Some(double(*number)),
            Value::String(text) => Some(Key::String(text.clone())),
            Value::Date(ms) => Some(Key::Date(*ms)),
            Value::ObjectId(id) => Some(Key::ObjectId(*id)),
            Value::Null | Value::Array(_) | Value::Object(_) | Value::Binary(_) => None,
        }
    }

    /// A value that the database calls equal to those the key was made of.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Key::Bool(value) => Value::Bool(*value),
            Key::Int(number) => Value::Int(*number),
            Key::Double(bits) => Value::Double(f64::from_bits(*bits)),
            Key::String(text) => Value::String(text.clone()),
            Key::Date(ms) => Value::Date(*ms),
            Key::ObjectId(id) => Value::ObjectId(*id),
        }
    }
}

fn double(number: f64) -> Key {
    /// Up to here every integer is a double, and the other way round.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT_MAX {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a whole number within the exact range"
        )]
        return Key::Int(number as i64);
    }
    Key::Double(number.to_bits())
}
