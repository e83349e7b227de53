//! A caller's tests: each is the operator of that name.

use super::condition::{Condition, Operation};
use super::filter::{self, Said};
use super::words::{is_index, is_literal, member, name};
use super::{element, geo, text};
use crate::data::{Filter, Object, Path, Test, Value};

pub(super) fn say(path: &Path, test: &Test) -> Said {
    let Some(name) = name(path) else {
        return Said::nothing_better();
    };
    let said =
        |operations: Vec<Operation>| Said::exactly(Condition::Field(name.clone(), operations));
    let one = |operator, value: &Value| match is_literal(value) {
        true => said(vec![(operator, value.clone())]),
        false => Said::nothing_better(),
    };
    match test {
        Test::Eq(value) => one("$eq", value),
        Test::Gt(value) => one("$gt", value),
        Test::Gte(value) => one("$gte", value),
        Test::Lt(value) => one("$lt", value),
        Test::Lte(value) => one("$lte", value),
        Test::Ne(value) => none_of(&name, std::slice::from_ref(value)),
        Test::NotIn(values) => none_of(&name, values),
        Test::In(values) => match one_of(values) {
            Some(operation) => said(vec![operation]),
            None if values.is_empty() => Said::exactly(Condition::Nothing),
            None => Said::nothing_better(),
        },
        Test::Exists(exists) => said(vec![("$exists", Value::Bool(*exists))]),
        Test::StartsWith(_) | Test::Contains(_) | Test::EndsWith(_) | Test::Matches(_) => {
            text::say(&name, test)
        }
        Test::Has(value) => has_one(&name, std::slice::from_ref(value)),
        Test::HasSome(values) => has_one(&name, values),
        Test::HasEvery(values) => has_every(&name, values),
        Test::Size(size) => Said::exactly(sized(&name, *size)),
        Test::Some(inner) => some(&name, inner),
        Test::SomeElement(tests) => element::say(&name, tests),
        Test::GeoWithin(region) => geo::within(&name, region),
        Test::GeoIntersects(shape) => geo::intersects(&name, shape),
    }
}

/// `None` where it cannot be said, or would be true of nothing.
fn one_of(values: &[Value]) -> Option<Operation> {
    match values {
        _ if !values.iter().all(is_literal) => None,
        [] => None,
        [value] => Some(("$eq", value.clone())),
        values => Some(("$in", Value::Array(values.to_vec()))),
    }
}

/// What cannot be said is not excluded.
fn none_of(name: &str, values: &[Value]) -> Said {
    let said: Vec<Value> = values
        .iter()
        .filter(|value| is_literal(value))
        .cloned()
        .collect();
    let exact = said.len() == values.len();
    let condition = match <[Value; 1]>::try_from(said) {
        Ok([value]) => Condition::field(name, [("$ne", value)]),
        Err(said) if said.is_empty() => Condition::Everything,
        Err(said) => Condition::field(name, [("$nin", Value::Array(said))]),
    };
    match exact {
        true => Said::exactly(condition),
        false => Said::at_least(condition),
    }
}

/// An array with one of these among its elements.
fn has_one(name: &str, values: &[Value]) -> Said {
    match one_of(values) {
        Some((operator, value)) => Said::exactly(Condition::field(
            name,
            [("$elemMatch", member(operator, value))],
        )),
        None if values.is_empty() => Said::exactly(Condition::Nothing),
        None => Said::at_least(is_array(name)),
    }
}

fn has_every(name: &str, values: &[Value]) -> Said {
    let each: Vec<Said> = values
        .iter()
        .map(|value| has_one(name, std::slice::from_ref(value)))
        .collect();
    let exact = each.iter().all(|said| said.exact);
    let several_arrays = values.len() > 1 && name.contains('.');
    let conditions = each.into_iter().map(|said| said.condition);
    let condition = match values.is_empty() {
        true => is_array(name),
        false => Condition::all(conditions),
    };
    match exact && !several_arrays {
        true => Said::exactly(condition),
        false => Said::at_least(condition),
    }
}

fn is_array(name: &str) -> Condition {
    Condition::field(name, [("$type", Value::string("array"))])
}

/// No array is longer than the largest document; the database takes no sizes beyond 32 bits.
fn sized(name: &str, size: u64) -> Condition {
    match i32::try_from(size) {
        Ok(size) => Condition::field(name, [("$size", Value::Int(size.into()))]),
        Err(_) => Condition::Nothing,
    }
}

/// The database takes an array among the elements for an object whose names are indexes: for a condition that no
/// object without fields satisfies, and that is not about such names, that makes no difference.
fn some(name: &str, inner: &Filter) -> Said {
    let said = filter::element(inner);
    if said.condition == Condition::Nothing {
        return said;
    }
    let exact = said.exact && !is_about_indexes(inner) && !inner.matches(&Object::new());
    let condition = Condition::field(
        name,
        [("$elemMatch", Value::Object(said.condition.into_object()))],
    );
    match exact {
        true => Said::exactly(condition),
        false => Said::at_least(condition),
    }
}

fn is_about_indexes(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(is_about_indexes),
        Filter::Not(inner) => is_about_indexes(inner),
        Filter::Field(path, _) => is_index(path.root()),
        Filter::Strict(leaf) => leaf.paths().any(|path| is_index(path.root())),
    }
}
