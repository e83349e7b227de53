//! Operators of a value.

use super::super::super::expression::is_true;
use super::super::super::kind::{Kind, integer, truncated};
use super::super::super::{Error, Result};
use super::super::Near;
use super::super::condition::Predicate;
use super::super::regex::Regex;
use super::{Parser, Place, malformed, operators, place};
use crate::data::{Object, Path, Test, Value};

impl Parser {
    /// `{$gt: 1, $lt: 5}`: all of them hold.
    pub(super) fn operators(
        &mut self,
        path: &Path,
        members: &Object,
        place: Place,
    ) -> Result<Predicate> {
        let mut parts = Vec::with_capacity(members.len());
        for (name, operand) in members.iter() {
            match name.as_str() {
                "$regex" => parts.push(Regex::operator(operand, members.get("$options"))?),
                "$options" if members.contains("$regex") => {}
                "$options" => return Err(malformed("`$options` needs a `$regex` beside it")),
                _ => parts.push(self.operator(path, name, operand, place)?),
            }
        }
        Ok(all_of(parts))
    }

    fn operator(
        &mut self,
        path: &Path,
        name: &str,
        operand: &Value,
        place: Place,
    ) -> Result<Predicate> {
        match name {
            "$in" => any_of_list(name, operand),
            "$nin" => Ok(match any_of_list(name, operand)? {
                Predicate::Test(Test::In(values)) => Predicate::Test(Test::NotIn(values)),
                other => Predicate::Not(Box::new(other)),
            }),
            "$type" => kinds(operand).map(Predicate::Kinds),
            "$mod" => remainder(operand),
            "$size" => size(operand),
            "$all" => self.every(path, operand),
            "$elemMatch" => self.element(path, operand),
            "$not" => self.negated(path, operand, place),
            "$geoWithin" => place::within(operand),
            "$geoIntersects" => place::intersects(operand),
            "$near" | "$nearSphere" => self.near(name, place::near(path, name, operand)?, place),
            _ => comparison(name, operand),
        }
    }

    /// `$all`: each of these is among the values. Nothing has all of none.
    fn every(&mut self, path: &Path, operand: &Value) -> Result<Predicate> {
        let items = list("$all", operand)?;
        if items.is_empty() {
            return Ok(Predicate::Any(Vec::new()));
        }
        let parts = items.iter().map(|item| match operators(item) {
            Some(members) if members.len() == 1 && members.contains("$elemMatch") => {
                self.operators(path, members, Place::Element)
            }
            _ => one_of(item, "$all"),
        });
        parts.collect::<Result<Vec<_>>>().map(all_of)
    }

    fn element(&mut self, path: &Path, operand: &Value) -> Result<Predicate> {
        let needed = || malformed("`$elemMatch` needs a condition or operators");
        let object = operand.as_object().ok_or_else(needed)?;
        let about_fields = |name: &str| {
            matches!(
                name,
                "$and" | "$or" | "$nor" | "$expr" | "$jsonSchema" | "$comment"
            )
        };
        let first = object.iter().next().map(|(name, _)| name.as_str());
        match operators(operand).filter(|_| !first.is_some_and(about_fields)) {
            Some(members) => Ok(element_of(self.operators(path, members, Place::Element)?)),
            None => {
                let condition = self.fields(object, Place::Element)?;
                Ok(Predicate::ObjectElement(Box::new(condition)))
            }
        }
    }

    fn negated(&mut self, path: &Path, operand: &Value, place: Place) -> Result<Predicate> {
        let inner = match (Regex::literal(operand), operators(operand)) {
            (Some(regex), _) => regex?,
            (None, Some(members)) => self.operators(path, members, place.within())?,
            (None, None) => {
                return Err(malformed("`$not` needs operators or a regular expression"));
            }
        };
        Ok(Predicate::Not(Box::new(inner)))
    }

    fn near(&mut self, name: &str, near: Near, place: Place) -> Result<Predicate> {
        if place != Place::Top {
            let reason =
                format!("`{name}` is only possible at the top of a condition or in `$and`");
            return Err(malformed(reason));
        }
        if self.near.is_some() {
            return Err(malformed(format!(
                "`{name}` is possible once in a condition"
            )));
        }
        self.near = Some(near.clone());
        Ok(Predicate::Near(near))
    }
}

fn all_of(mut parts: Vec<Predicate>) -> Predicate {
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => Predicate::All(parts),
    }
}

fn comparison(name: &str, operand: &Value) -> Result<Predicate> {
    let test: fn(Value) -> Test = match name {
        "$eq" => Test::Eq,
        "$ne" => Test::Ne,
        "$gt" => Test::Gt,
        "$gte" => Test::Gte,
        "$lt" => Test::Lt,
        "$lte" => Test::Lte,
        "$exists" => return Ok(Predicate::Test(Test::Exists(is_true(Some(operand))))),
        _ => return Err(Error::UnknownOperator(name.to_owned())),
    };
    if name != "$eq" && Regex::literal(operand).is_some() {
        return Err(malformed(format!(
            "`{name}` cannot take a regular expression"
        )));
    }
    Ok(Predicate::Test(test(operand.clone())))
}

/// `$in`: one of these values, or a text that one of these regular expressions is found in.
fn any_of_list(name: &str, operand: &Value) -> Result<Predicate> {
    let (mut values, mut branches) = (Vec::new(), Vec::new());
    for item in list(name, operand)? {
        match one_of(item, name)? {
            Predicate::Test(Test::Eq(value)) => values.push(value),
            regex => branches.push(regex),
        }
    }
    if branches.is_empty() {
        return Ok(Predicate::Test(Test::In(values)));
    }
    if !values.is_empty() {
        branches.push(Predicate::Test(Test::In(values)));
    }
    Ok(Predicate::Any(branches))
}

/// One item of a list: a value or a regular expression.
fn one_of(item: &Value, name: &str) -> Result<Predicate> {
    if let Some(regex) = Regex::literal(item) {
        return regex;
    }
    match operators(item).and_then(|members| members.iter().next()) {
        Some((operator, _)) => Err(malformed(format!(
            "`{operator}` cannot stand in the list of `{name}`"
        ))),
        None => Ok(Predicate::Test(Test::Eq(item.clone()))),
    }
}

fn list<'a>(name: &str, operand: &'a Value) -> Result<&'a [Value]> {
    operand
        .as_array()
        .ok_or_else(|| malformed(format!("`{name}` needs a list")))
}

fn kinds(operand: &Value) -> Result<Vec<Kind>> {
    match operand {
        Value::Array(items) if items.is_empty() => {
            Err(malformed("`$type` needs at least one type"))
        }
        Value::Array(items) => items.iter().map(Kind::parse).collect(),
        one => Ok(vec![Kind::parse(one)?]),
    }
}

fn remainder(operand: &Value) -> Result<Predicate> {
    let needed =
        || malformed("`$mod` needs a list of divisor and remainder, and a divisor other than 0");
    let number = |value: &Value| match value {
        Value::Double(double) => truncated(*double),
        other => integer(other),
    };
    match operand.as_array() {
        Some([divisor, remainder]) => {
            let divisor = number(divisor).filter(|divisor| *divisor != 0);
            Ok(Predicate::Remainder {
                divisor: divisor.ok_or_else(needed)?,
                remainder: number(remainder).ok_or_else(needed)?,
            })
        }
        _ => Err(needed()),
    }
}

fn size(operand: &Value) -> Result<Predicate> {
    let size = integer(operand).and_then(|size| u64::try_from(size).ok());
    size.map(|size| Predicate::Test(Test::Size(size)))
        .ok_or_else(|| malformed("`$size` needs a whole number from 0 on"))
}

/// An array with an element of which this is true: said as a [`Test`] where that means the same, which it does if no
/// array and no object can pass.
fn element_of(predicate: Predicate) -> Predicate {
    let parts = match predicate {
        Predicate::All(parts) => parts,
        one => vec![one],
    };
    if !parts.iter().any(is_about_scalars) {
        return Predicate::Element(Box::new(all_of(parts)));
    }
    let test = |part: &Predicate| match part {
        Predicate::Test(test) => Some(test.clone()),
        _ => None,
    };
    match parts.iter().map(test).collect() {
        Some(tests) => Predicate::Test(Test::SomeElement(tests)),
        None => Predicate::Element(Box::new(all_of(parts))),
    }
}

fn is_about_scalars(part: &Predicate) -> bool {
    let scalar = |value: &Value| !matches!(value, Value::Array(_) | Value::Object(_));
    match part {
        Predicate::Test(test) => match test {
            Test::Eq(value)
            | Test::Gt(value)
            | Test::Gte(value)
            | Test::Lt(value)
            | Test::Lte(value) => scalar(value),
            Test::In(values) => values.iter().all(scalar),
            Test::StartsWith(_) | Test::Contains(_) => true,
            _ => false,
        },
        _ => false,
    }
}
