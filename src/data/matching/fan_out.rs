//! Which values a caller's path leads to: the database's walk through arrays.

use smol_str::SmolStr;

use super::super::path::array_index;
use super::{Object, Path, Value};

/// What an array at the end of a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// For each of its elements, and for itself.
    Elements,
    /// For itself alone.
    Whole,
}

/// Whether one of the values that a path leads to passes the test.
///
/// An array on the way stands for each object in it, and, where the next
/// segment is an index, for the element there too. `None` is a place where a
/// value could be and is not; an array without objects on the way has no such
/// place. An element picked by the last segment stands for itself alone.
pub(crate) fn any_candidate(
    path: &Path,
    fields: &Object,
    leaf: Leaf,
    test: &dyn Fn(Option<&Value>) -> bool,
) -> bool {
    let walk = Walk { leaf, test };
    walk.at(fields.get(path.root()), &path.segments()[1..])
}

/// Calls `visit` with every value that a caller's condition on the path would look at.
pub(crate) fn for_each_candidate(path: &Path, fields: &Object, visit: &dyn Fn(Option<&Value>)) {
    any_candidate(path, fields, Leaf::Elements, &|value| {
        visit(value);
        false
    });
}

struct Walk<'a> {
    leaf: Leaf,
    test: &'a dyn Fn(Option<&Value>) -> bool,
}

impl Walk<'_> {
    fn at(&self, value: Option<&Value>, rest: &[SmolStr]) -> bool {
        match (value, rest) {
            (Some(Value::Array(items)), []) if self.leaf == Leaf::Elements => {
                items.iter().any(|item| (self.test)(Some(item))) || (self.test)(value)
            }
            (_, []) => (self.test)(value),
            (Some(Value::Object(object)), [name, rest @ ..]) => self.at(object.get(name), rest),
            (Some(Value::Array(items)), [segment, after @ ..]) => {
                items
                    .iter()
                    .any(|item| matches!(item, Value::Object(_)) && self.at(Some(item), rest))
                    || array_index(segment)
                        .and_then(|at| items.get(at))
                        .is_some_and(|item| self.at_element(item, after))
            }
            _ => (self.test)(None),
        }
    }

    fn at_element(&self, item: &Value, rest: &[SmolStr]) -> bool {
        match (item, rest) {
            (_, []) => (self.test)(Some(item)),
            (Value::Array(_) | Value::Object(_), _) => self.at(Some(item), rest),
            _ => false,
        }
    }
}
