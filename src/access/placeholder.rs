//! `'{openid}'` and `'{uid}'` in what a client sends: the database replaces
//! them by the caller's own identity, in conditions and in created documents.
//!
//! Only exact strings are placeholders, on any field. A caller who has no
//! such identity keeps the text, which then equals nobody's.

use crate::data::{Caller, Filter, Object, Test, Value};

/// The condition with the placeholders replaced.
pub fn fill_filter(filter: &Filter, caller: &Caller) -> Filter {
    match filter {
        Filter::And(parts) => Filter::And(fill_filters(parts, caller)),
        Filter::Or(parts) => Filter::Or(fill_filters(parts, caller)),
        Filter::Not(inner) => Filter::Not(Box::new(fill_filter(inner, caller))),
        Filter::Field(path, test) => Filter::Field(path.clone(), fill_test(test, caller)),
        Filter::Strict(_) => filter.clone(),
    }
}

/// The value with the placeholders in it replaced, at any depth.
pub fn fill_value(value: &Value, caller: &Caller) -> Value {
    match value {
        Value::String(text) => Value::String(match (text.as_str(), caller.signed_in()) {
            ("{openid}", Some(_)) => caller.owner().unwrap_or(text).clone(),
            ("{uid}", Some(user)) => user.uid.as_ref().unwrap_or(text).clone(),
            _ => text.clone(),
        }),
        Value::Array(items) => Value::Array(fill_values(items, caller)),
        Value::Object(object) => Value::Object(fill_object(object, caller)),
        other => other.clone(),
    }
}

/// The object with the placeholders in it replaced, at any depth.
pub fn fill_object(object: &Object, caller: &Caller) -> Object {
    object
        .iter()
        .map(|(name, value)| (name.clone(), fill_value(value, caller)))
        .collect()
}

fn fill_filters(filters: &[Filter], caller: &Caller) -> Vec<Filter> {
    filters
        .iter()
        .map(|filter| fill_filter(filter, caller))
        .collect()
}

fn fill_values(values: &[Value], caller: &Caller) -> Vec<Value> {
    values
        .iter()
        .map(|value| fill_value(value, caller))
        .collect()
}

fn fill_test(test: &Test, caller: &Caller) -> Test {
    let one = |value: &Value| fill_value(value, caller);
    let many = |values: &[Value]| fill_values(values, caller);
    match test {
        Test::Eq(value) => Test::Eq(one(value)),
        Test::Ne(value) => Test::Ne(one(value)),
        Test::In(values) => Test::In(many(values)),
        Test::NotIn(values) => Test::NotIn(many(values)),
        Test::Gt(value) => Test::Gt(one(value)),
        Test::Gte(value) => Test::Gte(one(value)),
        Test::Lt(value) => Test::Lt(one(value)),
        Test::Lte(value) => Test::Lte(one(value)),
        Test::Has(value) => Test::Has(one(value)),
        Test::HasEvery(values) => Test::HasEvery(many(values)),
        Test::HasSome(values) => Test::HasSome(many(values)),
        Test::Some(inner) => Test::Some(Box::new(fill_filter(inner, caller))),
        Test::SomeElement(tests) => {
            Test::SomeElement(tests.iter().map(|test| fill_test(test, caller)).collect())
        }
        _ => test.clone(),
    }
}
