//! `$mergeObjects`, `$objectToArray`, `$arrayToObject`, `$setField`…: functions of objects.

use smol_str::SmolStr;

use super::operand::{array, needs, object, text};
use super::operator::Meaning::{OfAny, OfValues};
use super::operator::{Answer, Cost, MANY, Operator, Parameter, present};
use crate::data::{Object, Value};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed("$arrayToObject", 1, 1, OfValues(of_array)).costs(Cost::Copies),
    Operator::named(
        "$getField",
        &[Parameter::required("field"), Parameter::optional("input")],
        OfAny(field),
    )
    .costs(Cost::Little),
    Operator::listed("$mergeObjects", 0, MANY, OfAny(merge)).costs(Cost::Copies),
    Operator::listed("$objectToArray", 1, 1, OfValues(to_array)).costs(Cost::Copies),
    Operator::named(
        "$setField",
        &[
            Parameter::required("field"),
            Parameter::required("input"),
            Parameter::required("value"),
        ],
        OfAny(set_field),
    )
    .costs(Cost::Copies),
    Operator::named(
        "$unsetField",
        &[Parameter::required("field"), Parameter::required("input")],
        OfAny(|of| set_field(&[of[0], of[1], None])),
    )
    .costs(Cost::Copies),
];

/// Elements are `[name, value]` or `{k: name, v: value}`; of equal names the last counts.
fn of_array(of: &[&Value]) -> Answer {
    let members = array(of[0])?.iter().map(member);
    members.collect::<Answer<Object>>().map(Value::Object)
}

fn member(element: &Value) -> Answer<(SmolStr, Value)> {
    let (name, value) = match element {
        Value::Array(pair) if pair.len() == 2 => (&pair[0], &pair[1]),
        Value::Object(pair) if pair.len() == 2 => match (pair.get("k"), pair.get("v")) {
            (Some(name), Some(value)) => (name, value),
            _ => return Err("needs `{k: …, v: …}`".to_owned()),
        },
        other => return Err(needs("elements `[k, v]` or `{k: …, v: …}`", other)),
    };
    Ok((SmolStr::new(text(name)?), value.clone()))
}

fn to_array(of: &[&Value]) -> Answer {
    let pair = |(name, value): (&SmolStr, &Value)| {
        let pair = [("k", Value::String(name.clone())), ("v", value.clone())];
        Value::Object(pair.into_iter().collect())
    };
    Ok(Value::Array(object(of[0])?.iter().map(pair).collect()))
}

/// Objects in the arguments, or in the array that the only one is; null and missing ones say nothing.
fn merge(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let mut parts = Vec::new();
    match of {
        [Some(Value::Array(items))] => parts.extend(items.iter().map(Some)),
        several => parts.extend(several),
    }
    let mut members = Vec::new();
    for part in parts.into_iter().filter_map(present) {
        members.extend(object(part)?.iter());
    }
    let members = members
        .into_iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    Ok(Some(Value::Object(members.collect())))
}

fn field(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let name = text(of[0].unwrap_or(&Value::Null))?;
    match of[1] {
        Some(Value::Object(object)) => Ok(object.get(name).cloned()),
        Some(Value::Null) => Ok(Some(Value::Null)),
        _ => Ok(None),
    }
}

/// A missing value takes the field away.
fn set_field(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let name = text(of[0].unwrap_or(&Value::Null))?;
    let Some(input) = present(of[1]) else {
        return Ok(Some(Value::Null));
    };
    let mut changed = object(input)?.clone();
    match of[2] {
        Some(value) => changed.insert(name, value.clone()),
        None => drop(changed.remove(name)),
    }
    Ok(Some(Value::Object(changed)))
}
