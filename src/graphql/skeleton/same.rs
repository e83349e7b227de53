//! Whether two selections of one response key are the same selection.

use async_graphql_value::Value;

use super::Argument;

/// Equal sets of arguments, in any order.
pub(super) fn same_arguments(a: &[Argument], b: &[Argument]) -> bool {
    a.len() == b.len()
        && a.iter().all(|left| {
            b.iter()
                .any(|right| left.name == right.name && same_value(&left.value, &right.value))
        })
}

/// Equality of literals. Unlike `==` of the library, an enum value is not the string of that spelling.
fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Variable(a), Value::Variable(b)) | (Value::Enum(a), Value::Enum(b)) => a == b,
        (Value::Null, Value::Null) => true,
        (Value::Number(a), Value::Number(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Boolean(a), Value::Boolean(b)) => a == b,
        (Value::Binary(a), Value::Binary(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same_value(a, b)))
        }
        _ => false,
    }
}
