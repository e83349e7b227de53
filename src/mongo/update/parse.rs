//! Reading update operators.

use super::operator::{Bits, Operator};
use super::pull::Removal;
use super::push::Push;
use super::{Change, Target, Update};
use crate::data::update::Arithmetic;
use crate::data::{Object, Path, Value};
use crate::mongo::{Error, Result};

pub(super) fn update(operators: &Object) -> Result<Update> {
    let mut changes = Vec::new();
    for (name, fields) in operators.iter() {
        if !name.starts_with('$') {
            return Err(Error::Malformed(format!(
                "`{name}` is no update operator: to set a field, say `$set`"
            )));
        }
        let read = reader(name)?;
        let fields = fields.as_object().ok_or_else(|| {
            let found = fields.kind();
            Error::Malformed(format!("`{name}` needs an object of fields, found {found}"))
        })?;
        for (path, argument) in fields.iter() {
            let target = Target::parse(path)?;
            let operator = read(argument).map_err(|error| at(name, path, error))?;
            changes.push(Change { target, operator });
        }
    }
    check(&changes)?;
    Ok(Update { changes })
}

type Read = fn(&Value) -> Result<Operator>;

fn reader(name: &str) -> Result<Read> {
    Ok(match name {
        "$set" => |value| Ok(Operator::Set(value.clone())),
        "$setOnInsert" => |value| Ok(Operator::SetOnInsert(value.clone())),
        "$unset" => |_| Ok(Operator::Unset),
        "$inc" => |value| number(value, "$inc", &Arithmetic::SUM),
        "$mul" => |value| number(value, "$mul", &Arithmetic::PRODUCT),
        "$min" => |value| Ok(Operator::Min(value.clone())),
        "$max" => |value| Ok(Operator::Max(value.clone())),
        "$rename" => rename,
        "$bit" => |value| Bits::parse(value).map(Operator::Bit),
        "$currentDate" => current_date,
        "$push" => |value| Push::parse(value).map(Operator::Push),
        "$addToSet" => add_to_set,
        "$pop" => pop,
        "$pull" => |value| Removal::matching(value).map(Operator::Pull),
        "$pullAll" => |value| Removal::all(value).map(Operator::Pull),
        _ => return Err(Error::UnknownOperator(name.to_owned())),
    })
}

/// Says which operator on which field has an argument that it cannot take.
fn at(operator: &str, path: &str, error: Error) -> Error {
    match error {
        Error::Malformed(reason) => Error::Malformed(format!("`{operator}` on `{path}`: {reason}")),
        other => other,
    }
}

fn number(value: &Value, name: &'static str, arithmetic: &'static Arithmetic) -> Result<Operator> {
    if value.as_f64().is_none() {
        return Err(needs("a number", value));
    }
    let by = value.clone();
    Ok(Operator::Calculate {
        name,
        arithmetic,
        by,
    })
}

fn rename(value: &Value) -> Result<Operator> {
    let text = value
        .as_str()
        .ok_or_else(|| needs("the new name as text", value))?;
    let to = Target::parse(text)?;
    let one = to
        .one()
        .ok_or_else(|| Error::Malformed(format!("`{to}` is not one field")))?;
    Ok(Operator::Rename(one.clone()))
}

fn current_date(value: &Value) -> Result<Operator> {
    let kind = |object: &Object| object.get("$type").and_then(Value::as_str) == Some("date");
    match value {
        Value::Bool(_) => Ok(Operator::CurrentDate),
        Value::Object(object) if object.len() == 1 && kind(object) => Ok(Operator::CurrentDate),
        _ => Err(needs("`true` or `{$type: \"date\"}`", value)),
    }
}

fn add_to_set(value: &Value) -> Result<Operator> {
    let Some(each) = value.as_object().and_then(|object| object.get("$each")) else {
        return Ok(Operator::AddToSet(vec![value.clone()]));
    };
    if value.as_object().is_some_and(|object| object.len() > 1) {
        return Err(Error::Malformed(
            "`$each` takes no other members beside it".to_owned(),
        ));
    }
    let items = each.as_array().ok_or_else(|| each_needs(each))?;
    Ok(Operator::AddToSet(items.to_vec()))
}

fn pop(value: &Value) -> Result<Operator> {
    match value.as_f64() {
        Some(1.0) => Ok(Operator::PopLast),
        Some(-1.0) => Ok(Operator::PopFirst),
        _ => Err(Error::Malformed(
            "needs 1 for the last element or -1 for the first".to_owned(),
        )),
    }
}

pub(super) fn needs(what: &str, found: &Value) -> Error {
    Error::Malformed(format!("needs {what}, found {}", found.kind()))
}

pub(super) fn each_needs(found: &Value) -> Error {
    let found = found.kind();
    Error::Malformed(format!("`$each` needs an array, found {found}"))
}

/// No two paths may overlap, and `_id` may at most be set: to what it is.
fn check(changes: &[Change]) -> Result<()> {
    let mut paths = Vec::with_capacity(changes.len());
    for Change { target, operator } in changes {
        paths.push(target.written());
        if let Operator::Rename(to) = operator {
            paths.push(to);
        }
        let set = matches!(operator, Operator::Set(_) | Operator::SetOnInsert(_));
        let whole = target.written().segments().len() == 1;
        let id = |path: &Path| path.root() == "_id";
        if (id(target.written()) && !(set && whole)) || operator.renames_to().is_some_and(id) {
            return Err(Error::Malformed("`_id` cannot be changed".to_owned()));
        }
    }
    no_overlap(paths)
}

/// # Errors
/// One of the paths is another of them or lies inside it.
pub(super) fn no_overlap(mut paths: Vec<&Path>) -> Result<()> {
    // Between a path and one inside it, sorting puts only paths inside it.
    paths.sort_unstable();
    let mut neighbours = paths.windows(2).map(|pair| (pair[0], pair[1]));
    match neighbours.find(|(outer, inner)| inner.starts_with(outer)) {
        None => Ok(()),
        Some((outer, inner)) => Err(Error::Malformed(format!(
            "updating the path `{inner}` would create a conflict at `{outer}`"
        ))),
    }
}
