//! Stored scalars and enums as the API serves them.

use super::text;
use crate::data::Value;
use crate::graphql::bind::Leaf;
use crate::graphql::coerce::is_file_id;
use crate::model::Scalar;

/// The stored value is not one of its type; nothing was written. Says what the type wants.
pub(super) struct Unfit(pub(super) &'static str);

/// Writes a value that is neither null nor missing.
pub(super) fn leaf(out: &mut Vec<u8>, leaf: Leaf<'_>, value: &Value) -> Result<(), Unfit> {
    match leaf {
        Leaf::Enum(def) => match value {
            Value::String(name) if def.values.iter().any(|known| known.name == *name) => {
                text::string(out, name);
                Ok(())
            }
            _ => Err(Unfit("a value of its enum")),
        },
        Leaf::Scalar(kind) => scalar(out, kind, value).ok_or_else(|| Unfit(expected(kind))),
    }
}

/// `None`: does not fit.
fn scalar(out: &mut Vec<u8>, scalar: Scalar, value: &Value) -> Option<()> {
    match (scalar, value) {
        (Scalar::Id | Scalar::String, Value::String(value)) => text::string(out, value),
        (Scalar::Id, Value::Int(number)) => text::quoted(out, *number),
        (Scalar::Id, Value::ObjectId(id)) => text::string(out, &id.to_string()),
        (Scalar::FileId, Value::String(value)) if is_file_id(value) => text::string(out, value),
        (Scalar::Int, value) => text::integer(out, i32::try_from(whole(value)?).ok()?),
        (Scalar::Long, value) => text::quoted(out, whole(value)?),
        (Scalar::Float, Value::Int(number)) => text::integer(out, *number),
        (Scalar::Float, Value::Double(number)) => return text::double(out, *number).then_some(()),
        (Scalar::Boolean, Value::Bool(value)) => text::boolean(out, *value),
        (Scalar::DateTime, Value::Date(ms)) => return text::moment(out, *ms).then_some(()),
        (Scalar::EpochMs, value) => return text::moment(out, whole(value)?).then_some(()),
        (Scalar::Json, value) => text::json(out, value),
        _ => return None,
    }
    Some(())
}

/// An integer, also one that a JavaScript client stored as a double.
fn whole(value: &Value) -> Option<i64> {
    /// Beyond this, not every integer has a double of its own.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Int(number) => Some(*number),
        Value::Double(number) if number.fract() == 0.0 && number.abs() <= EXACT_MAX =>
        {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number within the exact range"
            )]
            Some(*number as i64)
        }
        _ => None,
    }
}

fn expected(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Id => "an ID",
        Scalar::String => "a String",
        Scalar::Int => "an Int of 32 bits",
        Scalar::Float => "a finite number",
        Scalar::Boolean => "a Boolean",
        Scalar::DateTime => "a date of the years 1 to 9999",
        Scalar::EpochMs => "milliseconds of the years 1 to 9999",
        Scalar::Long => "an integer of 64 bits",
        Scalar::Json => "JSON",
        Scalar::FileId => "a FileID (`cloud://…`)",
        Scalar::GeoPoint => "a GeoJSON point",
    }
}
