//! `$setUnion` and its siblings: arrays as sets, where 1 and 1.0 are one element.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::is_true;
use super::operand::{array, some_array};
use super::operator::Meaning::{OfAny, OfValues};
use super::operator::{Answer, Cost, MANY, Operator};
use crate::data::{Value, collation};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed(
        "$allElementsTrue",
        1,
        1,
        OfAny(|of| {
            let items = some_array(of[0])?;
            told(items.iter().all(|item| is_true(Some(item))))
        }),
    ),
    Operator::listed(
        "$anyElementTrue",
        1,
        1,
        OfAny(|of| {
            let items = some_array(of[0])?;
            told(items.iter().any(|item| is_true(Some(item))))
        }),
    ),
    Operator::listed("$setDifference", 2, 2, OfValues(difference)),
    Operator::listed("$setEquals", 2, MANY, OfAny(equals)),
    Operator::listed("$setIntersection", 0, MANY, OfValues(intersection)),
    Operator::listed("$setIsSubset", 2, 2, OfAny(is_subset)),
    Operator::listed("$setUnion", 0, MANY, OfValues(union)).costs(Cost::Copies),
];

/// A value in the database's order.
struct Element<'a>(&'a Value);

impl Ord for Element<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        collation::compare(self.0, other.0)
    }
}

impl PartialOrd for Element<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Element<'_> {}

type Set<'a> = BTreeSet<Element<'a>>;

fn set(items: &[Value]) -> Set<'_> {
    items.iter().map(Element).collect()
}

fn told(truth: bool) -> Answer<Option<Value>> {
    Ok(Some(Value::Bool(truth)))
}

/// In the order of values.
fn listed(set: Set<'_>) -> Value {
    Value::Array(set.into_iter().map(|element| element.0.clone()).collect())
}

/// In the order of the first array.
fn difference(of: &[&Value]) -> Answer {
    let (items, mut seen) = (array(of[0])?, set(array(of[1])?));
    let new = items.iter().filter(|item| seen.insert(Element(item)));
    Ok(Value::Array(new.cloned().collect()))
}

fn equals(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let sets: Vec<Set<'_>> = of
        .iter()
        .map(|value| some_array(*value).map(set))
        .collect::<Answer<_>>()?;
    told(sets.windows(2).all(|pair| pair[0] == pair[1]))
}

fn intersection(of: &[&Value]) -> Answer {
    let mut sets = of.iter().map(|value| array(value).map(set));
    let mut common = sets.next().transpose()?.unwrap_or_default();
    for set in sets {
        let set = set?;
        common.retain(|element| set.contains(element));
    }
    Ok(listed(common))
}

fn is_subset(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let (part, whole) = (some_array(of[0])?, set(some_array(of[1])?));
    told(part.iter().all(|item| whole.contains(&Element(item))))
}

fn union(of: &[&Value]) -> Answer {
    let mut all = Set::new();
    for value in of {
        all.extend(array(value)?.iter().map(Element));
    }
    Ok(listed(all))
}
