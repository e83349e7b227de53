//! A filter as a condition on sort keys, as far as it can be said that way.
//!
//! Only indexed paths and `_id` are translated: on any other path SQL would
//! have to read each document just as the matcher does. A condition is always
//! implied by the filter; where it says *all* that the filter says it is
//! exact, and the matcher has nothing left to decide.

use super::condition::{Condition, Operator};
use super::functions;
use super::table::Table;
use crate::data::collation::{self, Class};
use crate::data::{Comparison, Filter, Path, Strict, Test, Value};

/// A filter in two parts that together mean what it means.
#[derive(Debug)]
pub(super) struct Translation {
    pub(super) condition: Condition,
    /// What the matcher has to decide besides; `None` if nothing.
    pub(super) rest: Option<Filter>,
}

/// Conditions given to SQL. It takes an expression a thousand deep, and a chain
/// of `AND` is as deep as it is long; no index is helped by so many anyway.
const MAX_CONDITIONS: usize = 300;

/// Splits a filter into what sort keys say and what they do not.
pub(super) fn translate(table: &Table, filter: &Filter) -> Translation {
    let conjuncts = match filter {
        Filter::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut conditions = Vec::new();
    let mut rest = Vec::new();
    let mut room = MAX_CONDITIONS;
    for conjunct in conjuncts {
        let narrowing = match narrow(table, conjunct) {
            narrowing if narrowing.condition.size() <= room => narrowing,
            _ => Narrowing::none(),
        };
        room -= narrowing.condition.size().min(room);
        if !narrowing.exact {
            rest.push(conjunct.clone());
        }
        conditions.push(narrowing.condition);
    }
    Translation {
        condition: Condition::all(conditions),
        rest: match rest.len() {
            0 => None,
            1 => rest.pop(),
            _ => Some(Filter::And(rest)),
        },
    }
}

/// A condition that a filter implies.
#[derive(Debug)]
struct Narrowing {
    condition: Condition,
    /// Whether the condition implies the filter, too.
    exact: bool,
}

impl Narrowing {
    fn exact(condition: Condition) -> Self {
        Self {
            condition,
            exact: true,
        }
    }

    fn inexact(condition: Condition) -> Self {
        Self {
            condition,
            exact: false,
        }
    }

    /// Says nothing.
    fn none() -> Self {
        Self::inexact(Condition::always())
    }
}

fn narrow(table: &Table, filter: &Filter) -> Narrowing {
    match filter {
        Filter::And(parts) => {
            let (conditions, exact) = narrow_each(table, parts);
            Narrowing {
                condition: Condition::all(conditions),
                exact,
            }
        }
        Filter::Or(parts) => {
            let (conditions, exact) = narrow_each(table, parts);
            Narrowing {
                condition: Condition::any(conditions),
                exact,
            }
        }
        Filter::Not(inner) => match narrow(table, inner) {
            narrowing if narrowing.exact => Narrowing::exact(narrowing.condition.negated()),
            _ => Narrowing::none(),
        },
        Filter::Field(path, test) => match table.fan_out(path) {
            None => Narrowing::none(),
            Some(false) => narrow_single(&Key::new(path), test),
            Some(true) => {
                let key = Key::new(path);
                or_array(&key, narrow_single(&key, test).condition)
            }
        },
        Filter::Strict(leaf) => narrow_strict(table, leaf),
    }
}

fn narrow_each(table: &Table, parts: &[Filter]) -> (Vec<Condition>, bool) {
    let narrowings: Vec<Narrowing> = parts.iter().map(|part| narrow(table, part)).collect();
    let exact = narrowings.iter().all(|narrowing| narrowing.exact);
    let conditions = narrowings.into_iter().map(|narrowing| narrowing.condition);
    (conditions.collect(), exact)
}

/// A test of a path on which no document has an array: one value, or none.
fn narrow_single(key: &Key, test: &Test) -> Narrowing {
    Narrowing::exact(match test {
        Test::Eq(value) => key.equals(value),
        Test::Ne(value) => key.equals(value).negated(),
        Test::In(values) => key.is_one_of(values),
        Test::NotIn(values) => key.is_one_of(values).negated(),
        Test::Gt(bound) => key.compares(Comparison::Gt, bound),
        Test::Gte(bound) => key.compares(Comparison::Gte, bound),
        Test::Lt(bound) => key.compares(Comparison::Lt, bound),
        Test::Lte(bound) => key.compares(Comparison::Lte, bound),
        Test::StartsWith(prefix) => key.starts_with(prefix),
        Test::Has(_)
        | Test::HasEvery(_)
        | Test::HasSome(_)
        | Test::Size(_)
        | Test::Some(_)
        | Test::SomeElement(_) => Condition::never(),
        // Null and missing have the same key.
        Test::Exists(false) => return Narrowing::inexact(key.equals(&Value::Null)),
        Test::Exists(true) | Test::GeoWithin(_) | Test::GeoIntersects(_) => {
            return Narrowing::none();
        }
        Test::Contains(_) | Test::EndsWith(_) | Test::Matches(_) => {
            return Narrowing::inexact(key.is_of(Class::String));
        }
    })
}

/// A condition that holds for documents without an array on the path: one
/// with an array, which the key tells, may do as well.
fn or_array(key: &Key, condition: Condition) -> Narrowing {
    Narrowing::inexact(Condition::any([condition, key.is_of(Class::Array)]))
}

fn narrow_strict(table: &Table, leaf: &Strict) -> Narrowing {
    let path = match leaf {
        Strict::Compare(path, ..)
        | Strict::In(path, _)
        | Strict::NotIn(path, _)
        | Strict::Contains(path, _)
        | Strict::NotContains(path, _)
        | Strict::Present(path)
        | Strict::Absent(path) => path,
        Strict::CompareFields(..) | Strict::ContainsField { .. } => return Narrowing::none(),
    };
    let Some(fan_out) = table.fan_out(path) else {
        return Narrowing::none();
    };
    let key = Key::new(path);
    let condition = match leaf {
        Strict::Compare(_, comparison, bound) => key.compares_strictly(*comparison, bound),
        Strict::In(_, values) => key.is_strictly_one_of(values),
        Strict::NotIn(_, values) => key.is_strictly_none_of(values),
        Strict::Present(_) => key.equals(&Value::Null).negated(),
        Strict::Absent(_) => key.equals(&Value::Null),
        _ => return Narrowing::inexact(key.is_of(Class::Array)),
    };
    // Strict leaves do not fan out, but they pass through an array where the key ends at it.
    if fan_out && path.segments().len() > 1 {
        or_array(&key, condition)
    } else {
        Narrowing::exact(condition)
    }
}

/// The sort key of a path, as an operand.
struct Key(String);

impl Key {
    fn new(path: &Path) -> Self {
        Self(functions::key_of(path))
    }

    fn is(&self, operator: Operator, bound: Vec<u8>) -> Condition {
        Condition::Compare(self.0.clone(), operator, bound)
    }

    fn equals(&self, value: &Value) -> Condition {
        self.is(Operator::Eq, collation::key(Some(value)))
    }

    fn is_one_of(&self, values: &[Value]) -> Condition {
        self.in_keys(values.iter().map(|value| collation::key(Some(value))))
    }

    fn in_keys(&self, keys: impl Iterator<Item = Vec<u8>>) -> Condition {
        let keys: Vec<Vec<u8>> = keys.collect();
        if keys.is_empty() {
            return Condition::never();
        }
        Condition::In(self.0.clone(), keys)
    }

    fn starts_with(&self, prefix: &str) -> Condition {
        let mut start = collation::key(Some(&Value::string(prefix)));
        // The key of a text ends with two bytes that say so.
        start.truncate(start.len() - 2);
        let end = end_of_prefix(&start);
        Condition::all([self.is(Operator::Gte, start), self.is(Operator::Lt, end)])
    }

    fn is_of(&self, class: Class) -> Condition {
        Condition::all([
            self.is(Operator::Gte, vec![class.byte()]),
            self.ends_within(class),
        ])
    }

    /// At or after the first value of the class that compares: NaN, the least
    /// number, compares with nothing but itself.
    fn starts_within(&self, class: Class) -> Condition {
        match class {
            Class::Number => self.is(Operator::Gt, nan()),
            _ => self.is(Operator::Gte, vec![class.byte()]),
        }
    }

    fn ends_within(&self, class: Class) -> Condition {
        self.is(Operator::Lt, vec![class.byte() + 1])
    }

    /// By the database's comparison: within the class of the bound.
    fn compares(&self, comparison: Comparison, bound: &Value) -> Condition {
        let class = Class::of(bound);
        let is = |operator| self.is(operator, collation::key(Some(bound)));
        if is_nan(bound) {
            return match comparison {
                Comparison::Lt | Comparison::Gt => Condition::never(),
                _ => is(Operator::Eq),
            };
        }
        match comparison {
            Comparison::Eq => is(Operator::Eq),
            Comparison::Ne => is(Operator::Ne),
            Comparison::Gt => Condition::all([is(Operator::Gt), self.ends_within(class)]),
            Comparison::Gte => Condition::all([is(Operator::Gte), self.ends_within(class)]),
            Comparison::Lt => Condition::all([self.starts_within(class), is(Operator::Lt)]),
            Comparison::Lte => Condition::all([self.starts_within(class), is(Operator::Lte)]),
        }
    }

    /// By the rules' comparison: see [`collation::strict`].
    fn compares_strictly(&self, comparison: Comparison, bound: &Value) -> Condition {
        match comparison {
            _ if collation::strict(bound, comparison, bound).is_none() => Condition::never(),
            Comparison::Ne => self.is_strictly_none_of(std::slice::from_ref(bound)),
            _ => self.compares(comparison, bound),
        }
    }

    fn is_strictly_one_of(&self, values: &[Value]) -> Condition {
        let comparable = values.iter().filter(|value| is_comparable(value));
        self.in_keys(comparable.map(|value| collation::key(Some(value))))
    }

    /// Present, of the type of each, equal to none.
    fn is_strictly_none_of(&self, values: &[Value]) -> Condition {
        let Some(first) = values.first() else {
            return self.equals(&Value::Null).negated();
        };
        let class = Class::of(first);
        if !values
            .iter()
            .all(|value| is_comparable(value) && Class::of(value) == class)
        {
            return Condition::never();
        }
        Condition::all([
            self.starts_within(class),
            self.ends_within(class),
            self.is_one_of(values).negated(),
        ])
    }
}

/// Whether rules compare the value with those of its type.
fn is_comparable(value: &Value) -> bool {
    collation::strict(value, Comparison::Eq, value).is_some()
}

fn is_nan(value: &Value) -> bool {
    matches!(value, Value::Double(number) if number.is_nan())
}

fn nan() -> Vec<u8> {
    collation::key(Some(&Value::Double(f64::NAN)))
}

/// The least bytes above all that begin with the prefix.
fn end_of_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while end.last() == Some(&u8::MAX) {
        end.pop();
    }
    // The first byte is that of a class and never 0xff.
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    end
}
