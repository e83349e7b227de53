//! Which element of an array made a condition true: for `"a.$"` of updates and projections, and `$elemMatch` of
//! projections.

use super::super::expression::Scope;
use super::condition::{Condition, Predicate};
use crate::data::{Path, Test, Value};

impl Condition {
    /// The index of the first element of the array at `array` that satisfies what the condition says of it. `None`
    /// where the condition says nothing of single elements, or there is no array, or no such element.
    pub(super) fn element(&self, array: &Path, scope: &Scope<'_>) -> Option<usize> {
        match self {
            Condition::All(parts) => parts.iter().find_map(|part| part.element(array, scope)),
            Condition::Any(parts) => parts
                .iter()
                .filter(|part| part.matches(scope))
                .find_map(|part| part.element(array, scope)),
            Condition::Field(path, predicate)
                if path.starts_with(array) && predicate.is_true_by_one() =>
            {
                let items = array.lookup(scope.root)?.as_array()?;
                let rest = Path::new(path.segments()[array.segments().len()..].iter().cloned());
                let satisfies = |item: &Value| predicate.element(rest.as_ref(), item);
                items.iter().position(satisfies)
            }
            _ => None,
        }
    }
}

impl Predicate {
    /// Whether it may be true because of one element: what is negated is so because of them all, as is a size.
    fn is_true_by_one(&self) -> bool {
        match self {
            Predicate::Not(_) => false,
            Predicate::Test(test) => !matches!(
                test,
                Test::Ne(_) | Test::NotIn(_) | Test::Exists(false) | Test::Size(_)
            ),
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().any(Predicate::is_true_by_one)
            }
            _ => true,
        }
    }

    /// Whether an element satisfies this: by itself, or by the values at a path in it.
    fn element(&self, rest: Option<&Path>, item: &Value) -> bool {
        match (rest, self, item) {
            (Some(path), _, Value::Object(fields)) => self.matches(path, fields),
            (Some(_), ..) => false,
            (None, ..) => self.chooses(item),
        }
    }

    /// Whether an element is one that the array was chosen for.
    fn chooses(&self, item: &Value) -> bool {
        match self {
            Predicate::Element(_) | Predicate::ObjectElement(_) => {
                self.passes(Some(&Value::Array(vec![item.clone()])))
            }
            Predicate::Test(test) if test.is_about_whole_arrays() => {
                test.passes(Some(&Value::Array(vec![item.clone()])))
            }
            Predicate::All(parts) => parts.iter().all(|part| part.chooses(item)),
            Predicate::Any(parts) => parts.iter().any(|part| part.chooses(item)),
            other => other.passes(Some(item)),
        }
    }
}
