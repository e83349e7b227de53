//! What is left of a rule once the caller is known: a filter on documents.
//!
//! Exact: the filter is true of a document iff the rule is. Two things make it
//! so. The leaves are strict as evaluation is, and where evaluation would be
//! Unknown neither the filter of a leaf nor that of its negation matches.

use super::ast::{Connective, Expr};
use super::judge::{Leaf, Side, Test, Verdict, comparable, judge};
use super::operand::{Missing, Pins, Resolver, Subject};
use super::{Context, Truth};
use crate::data::collation::Class;
use crate::data::{Comparison, Filter, Path, Strict, Test as Condition, Value};

pub(super) fn residual(expr: &Expr, cx: &Context<'_>) -> Result<Filter, Missing> {
    let condition = Conjunction(cx.condition);
    let resolver = Resolver {
        cx,
        subject: Subject::Described(&condition),
    };
    judge(expr, true, &|expr, wanted| {
        let leaf = Leaf::of(expr, resolver)?;
        let filter = test(leaf.test, wanted);
        // What relied on a pinned value holds of documents with exactly that value: the caller's
        // own condition also lets arrays through that contain it.
        Ok(leaf
            .assumed
            .into_iter()
            .fold(filter, |filter, (path, value)| {
                filter.and(compare(path, Comparison::Eq, value))
            }))
    })
}

impl Verdict for Filter {
    fn constant(truth: Truth) -> Self {
        match truth {
            Truth::True => Filter::all(),
            Truth::False | Truth::Unknown => Filter::none(),
        }
    }

    fn settles(&self, connective: Connective) -> bool {
        match connective {
            Connective::And => self.is_none(),
            Connective::Or => self.is_all(),
        }
    }

    fn join(self, connective: Connective, other: Self) -> Self {
        match connective {
            Connective::And => self.and(other),
            Connective::Or => self.or(other),
        }
    }
}

/// A filter whose top-level conjunction pins paths by `eq`, or by `in` with one value.
struct Conjunction<'a>(&'a Filter);

impl Pins for Conjunction<'_> {
    fn pinned(&self, path: &Path) -> Option<&Value> {
        pinned(self.0, path)
    }
}

fn pinned<'a>(filter: &'a Filter, path: &Path) -> Option<&'a Value> {
    match filter {
        Filter::And(parts) => parts.iter().find_map(|part| pinned(part, path)),
        Filter::Field(at, Condition::Eq(value)) if at == path => Some(value),
        Filter::Field(at, Condition::In(values)) if at == path => match values.as_slice() {
            [value] => Some(value),
            _ => None,
        },
        Filter::Strict(Strict::Compare(at, Comparison::Eq, value)) if at == path => Some(value),
        _ => None,
    }
}

/// The documents of which the test has the wanted outcome.
fn test(test: Test<'_>, wanted: bool) -> Filter {
    match test {
        Test::Decided(truth) => Filter::constant(truth.when(wanted)),
        Test::Flag(path) => compare(path, Comparison::Eq, Value::Bool(wanted)),
        Test::Presence { path, there } => Filter::Strict(if there == wanted {
            Strict::Present(path)
        } else {
            Strict::Absent(path)
        }),
        Test::Compare(left, comparison, right) => {
            let comparison = if wanted {
                comparison
            } else {
                negated(comparison)
            };
            match (left, right) {
                (Side::Field(path), Side::Value(value)) => {
                    compare(path, comparison, value.into_owned())
                }
                (Side::Value(value), Side::Field(path)) => {
                    compare(path, flipped(comparison), value.into_owned())
                }
                (Side::Field(left), Side::Field(right)) => {
                    Filter::Strict(Strict::CompareFields(left, comparison, right))
                }
                (Side::Value(_), Side::Value(_)) => Filter::none(),
            }
        }
        Test::Member { item, list } => member(item, list, wanted),
    }
}

/// A path compared with a constant; none if nothing compares with it so.
fn compare(path: Path, comparison: Comparison, value: Value) -> Filter {
    let by_size = !matches!(comparison, Comparison::Eq | Comparison::Ne);
    let unordered = matches!(value, Value::Bool(_) | Value::ObjectId(_));
    if !comparable(&value) || (by_size && unordered) {
        return Filter::none();
    }
    Filter::Strict(Strict::Compare(path, comparison, value))
}

fn member(item: Side<'_>, list: Side<'_>, wanted: bool) -> Filter {
    match (item, list) {
        (Side::Field(item), Side::Value(list)) => {
            one_of(item, list.as_array().unwrap_or_default(), wanted)
        }
        (Side::Value(item), Side::Field(_)) if !comparable(&item) => Filter::none(),
        (Side::Value(item), Side::Field(list)) => Filter::Strict(if wanted {
            Strict::Contains(list, item.into_owned())
        } else {
            Strict::NotContains(list, item.into_owned())
        }),
        (Side::Field(element), Side::Field(array)) => contains_field(array, element, wanted),
        (Side::Value(_), Side::Value(_)) => Filter::none(),
    }
}

/// A path among constants. That it is not among them is known only if all of them compare with it.
fn one_of(path: Path, values: &[Value], wanted: bool) -> Filter {
    let Some(first) = values.first() else {
        return if wanted {
            Filter::none()
        } else {
            has_comparable(&path)
        };
    };
    if wanted {
        let equals: Vec<Value> = values.iter().filter(|v| comparable(v)).cloned().collect();
        return match equals.is_empty() {
            true => Filter::none(),
            false => Filter::Strict(Strict::In(path, equals)),
        };
    }
    let class = Class::of(first);
    let uniform = |value: &Value| comparable(value) && Class::of(value) == class;
    match values.iter().all(uniform) {
        true => Filter::Strict(Strict::NotIn(path, values.to_vec())),
        false => Filter::none(),
    }
}

fn contains_field(array: Path, element: Path, wanted: bool) -> Filter {
    // An empty array contains nothing, but of a value that compares with nothing even that is unknown.
    let guard = match wanted {
        true => Filter::all(),
        false => has_comparable(&element),
    };
    guard.and(Filter::Strict(Strict::ContainsField {
        array,
        element,
        negated: !wanted,
    }))
}

/// The path has a value that compares: it equals itself.
fn has_comparable(path: &Path) -> Filter {
    Filter::Strict(Strict::CompareFields(
        path.clone(),
        Comparison::Eq,
        path.clone(),
    ))
}

fn negated(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Eq => Comparison::Ne,
        Comparison::Ne => Comparison::Eq,
        Comparison::Lt => Comparison::Gte,
        Comparison::Gte => Comparison::Lt,
        Comparison::Gt => Comparison::Lte,
        Comparison::Lte => Comparison::Gt,
    }
}

/// The comparison with its sides exchanged.
pub(super) fn flipped(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Eq | Comparison::Ne => comparison,
        Comparison::Lt => Comparison::Gt,
        Comparison::Gt => Comparison::Lt,
        Comparison::Lte => Comparison::Gte,
        Comparison::Gte => Comparison::Lte,
    }
}
