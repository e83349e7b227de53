//! What the leaves of residuals mean: one exact value, one exact type.

use super::super::Strict;
use super::super::collation::strict;
use super::{Comparison, Object, Path, Value};

impl Strict {
    /// Whether the leaf is true of a document with these fields.
    pub(super) fn matches(&self, fields: &Object) -> bool {
        let at = |path: &Path| present(path, fields);
        match self {
            Strict::Compare(path, comparison, bound) => {
                at(path).is_some_and(|value| strict(value, *comparison, bound) == Some(true))
            }
            Strict::CompareFields(a, comparison, b) => at(a)
                .zip(at(b))
                .is_some_and(|(a, b)| strict(a, *comparison, b) == Some(true)),
            Strict::In(path, list) => at(path).is_some_and(|value| contains(list, value)),
            Strict::NotIn(path, list) => at(path).is_some_and(|value| lacks(list, value)),
            Strict::Contains(path, value) => {
                items(at(path)).is_some_and(|items| contains(items, value))
            }
            Strict::NotContains(path, value) => {
                items(at(path)).is_some_and(|items| lacks(items, value))
            }
            Strict::ContainsField {
                array,
                element,
                negated,
            } => items(at(array))
                .zip(at(element))
                .is_some_and(|(items, value)| match negated {
                    false => contains(items, value),
                    true => lacks(items, value),
                }),
            Strict::Present(path) => at(path).is_some(),
            Strict::Absent(path) => at(path).is_none(),
        }
    }
}

/// The value at the path unless it is null, without fan-out.
fn present<'a>(path: &Path, fields: &'a Object) -> Option<&'a Value> {
    path.lookup(fields)
        .filter(|value| !matches!(value, Value::Null))
}

fn items(value: Option<&Value>) -> Option<&[Value]> {
    value.and_then(Value::as_array)
}

/// Whether an element is of the value's type and equals it.
fn contains(items: &[Value], value: &Value) -> bool {
    items
        .iter()
        .any(|item| strict(item, Comparison::Eq, value) == Some(true))
}

/// Whether each element is of the value's type and none equals it.
fn lacks(items: &[Value], value: &Value) -> bool {
    items
        .iter()
        .all(|item| strict(item, Comparison::Eq, value) == Some(false))
}
