//! What a filter means. This is the judge: stores may narrow by other means,
//! what finally matches is decided here.

mod among;
mod fan_out;
mod strict;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

pub(crate) use self::among::Among;
pub(crate) use self::fan_out::{Leaf, any_candidate, for_each_candidate};
use super::collation::{self, Class};
use super::{Comparison, Filter, Object, Path, Test, Value};

impl Filter {
    /// Whether the filter is true of a document with these fields.
    ///
    /// Recursion goes as deep as the filter and the document are nested.
    pub fn matches(&self, fields: &Object) -> bool {
        match self {
            Filter::And(parts) => parts.iter().all(|part| part.matches(fields)),
            Filter::Or(parts) => parts.iter().any(|part| part.matches(fields)),
            Filter::Not(inner) => !inner.matches(fields),
            Filter::Field(path, test) => test.matches(path, fields),
            Filter::Strict(leaf) => leaf.matches(fields),
        }
    }
}

impl Test {
    /// Whether the values at the path pass this test.
    pub(crate) fn matches(&self, path: &Path, fields: &Object) -> bool {
        match self {
            Test::In(wanted) => is_any_among(path, fields, wanted),
            Test::NotIn(wanted) => !is_any_among(path, fields, wanted),
            Test::Ne(_) | Test::Exists(false) => {
                !any_candidate(path, fields, Leaf::Elements, &|value| !self.passes(value))
            }
            _ if self.is_about_whole_arrays() => {
                any_candidate(path, fields, Leaf::Whole, &|value| self.passes(value))
            }
            _ => any_candidate(path, fields, Leaf::Elements, &|value| self.passes(value)),
        }
    }

    /// Tests that ask an array as such, and not each element of it.
    pub(crate) fn is_about_whole_arrays(&self) -> bool {
        matches!(
            self,
            Test::Has(_)
                | Test::HasEvery(_)
                | Test::HasSome(_)
                | Test::Size(_)
                | Test::Some(_)
                | Test::SomeElement(_)
        )
    }

    /// Whether one value passes, by itself. `None` is a missing value.
    pub(crate) fn passes(&self, value: Option<&Value>) -> bool {
        match self {
            Test::Eq(wanted) => equals(value, wanted),
            Test::Ne(wanted) => !equals(value, wanted),
            Test::In(wanted) => wanted.iter().any(|wanted| equals(value, wanted)),
            Test::NotIn(wanted) => !wanted.iter().any(|wanted| equals(value, wanted)),
            Test::Gt(bound) => compares(value, Comparison::Gt, bound),
            Test::Gte(bound) => compares(value, Comparison::Gte, bound),
            Test::Lt(bound) => compares(value, Comparison::Lt, bound),
            Test::Lte(bound) => compares(value, Comparison::Lte, bound),
            Test::Exists(wanted) => value.is_some() == *wanted,
            Test::StartsWith(part) => text(value).is_some_and(|text| text.starts_with(part)),
            Test::Contains(part) => text(value).is_some_and(|text| text.contains(part)),
            Test::EndsWith(part) => text(value).is_some_and(|text| text.ends_with(part)),
            Test::Matches(pattern) => text(value).is_some_and(|text| pattern.is_match(text)),
            Test::GeoWithin(region) => value.is_some_and(|value| region.contains(value)),
            Test::GeoIntersects(shape) => value.is_some_and(|value| shape.intersects(value)),
            _ => items(value).is_some_and(|items| self.passes_array(items)),
        }
    }

    /// [`Test::passes`] of the tests that [`Test::is_about_whole_arrays`] names.
    fn passes_array(&self, items: &[Value]) -> bool {
        let among = Among::new(items);
        let has = |wanted: &Value| among.contains(wanted);
        match self {
            Test::Has(wanted) => has(wanted),
            Test::HasEvery(wanted) => wanted.iter().all(has),
            Test::HasSome(wanted) => wanted.iter().any(has),
            Test::Size(size) => items.len() as u64 == *size,
            Test::Some(filter) => items
                .iter()
                .filter_map(Value::as_object)
                .any(|item| filter.matches(item)),
            Test::SomeElement(tests) => some_element(items, tests),
            _ => false,
        }
    }
}

/// Whether one of the values at a path is one of these; a missing value is null.
fn is_any_among(path: &Path, fields: &Object, wanted: &[Value]) -> bool {
    let among = Among::new(wanted);
    any_candidate(path, fields, Leaf::Elements, &|value| {
        among.contains(value.unwrap_or(&Value::Null))
    })
}

/// Whether a scalar element passes all tests.
fn some_element(items: &[Value], tests: &[Test]) -> bool {
    let lists: Vec<Option<Among<'_>>> = tests
        .iter()
        .map(|test| match test {
            Test::In(wanted) | Test::NotIn(wanted) => Some(Among::new(wanted)),
            _ => None,
        })
        .collect();
    let passes = |item: &Value, test: &Test, list: &Option<Among<'_>>| match list {
        Some(among) => among.contains(item) == matches!(test, Test::In(_)),
        None => test.passes(Some(item)),
    };
    items
        .iter()
        .filter(|item| !matches!(item, Value::Array(_) | Value::Object(_)))
        .any(|item| {
            let mut tests = tests.iter().zip(&lists);
            tests.all(|(test, list)| passes(item, test, list))
        })
}

/// Equal as the database sees it; a missing value equals null.
fn equals(value: Option<&Value>, wanted: &Value) -> bool {
    collation::equal(value.unwrap_or(&Value::Null), wanted)
}

/// Values of different classes never compare. NaN is neither below nor above
/// any number, though sorting puts it first.
fn compares(value: Option<&Value>, comparison: Comparison, bound: &Value) -> bool {
    let value = value.unwrap_or(&Value::Null);
    if Class::of(value) != Class::of(bound) {
        return false;
    }
    let ordering = collation::compare(value, bound);
    if (is_nan(value) || is_nan(bound)) && ordering != Ordering::Equal {
        return false;
    }
    comparison.holds(ordering)
}

fn is_nan(value: &Value) -> bool {
    matches!(value, Value::Double(number) if number.is_nan())
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

fn items(value: Option<&Value>) -> Option<&[Value]> {
    value.and_then(Value::as_array)
}
