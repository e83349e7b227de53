//! Reading conditions.
//!
//! Operators of a value: `operator.rs`; shapes on the globe: `place.rs`.

mod operator;
mod place;

use super::super::path::path;
use super::super::{Error, Expression, Result};
use super::Near;
use super::condition::{Condition, Predicate};
use super::regex::Regex;
use super::schema::Schema;
use crate::data::ejson::MAX_DEPTH;
use crate::data::{Object, Path, Test, Value};

/// Reads a condition, and the distance in it to sort by.
pub(super) fn condition(condition: &Object) -> Result<(Condition, Option<Near>)> {
    if condition.depth() > MAX_DEPTH {
        let reason = format!("a condition may be nested {MAX_DEPTH} levels deep");
        return Err(Error::Malformed(reason));
    }
    let mut parser = Parser { near: None };
    let condition = parser.fields(condition, Place::Top)?;
    Ok((condition, parser.near))
}

struct Parser {
    near: Option<Near>,
}

/// Where in a condition something stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Every match satisfies it: the condition itself, and within `$and`.
    Top,
    /// Within `$or`, `$nor`, `$not`.
    Branch,
    /// Of an element of an array.
    Element,
}

impl Place {
    /// Within an operator that is not satisfied by every match.
    fn within(self) -> Self {
        match self {
            Place::Top => Place::Branch,
            other => other,
        }
    }
}

impl Parser {
    /// Members of a condition: all of them hold.
    fn fields(&mut self, condition: &Object, place: Place) -> Result<Condition> {
        let members = condition.iter();
        let mut parts = members
            .map(|(name, value)| self.member(name, value, place))
            .collect::<Result<Vec<_>>>()?;
        Ok(match parts.len() {
            1 => parts.swap_remove(0),
            _ => Condition::All(parts),
        })
    }

    fn member(&mut self, name: &str, value: &Value, place: Place) -> Result<Condition> {
        match name {
            "$and" => Ok(Condition::All(self.list(name, value, place)?)),
            "$or" => Ok(Condition::Any(self.list(name, value, place.within())?)),
            "$nor" => {
                let branches = self.list(name, value, place.within())?;
                Ok(Condition::Not(Box::new(Condition::Any(branches))))
            }
            "$comment" => Ok(Condition::All(Vec::new())),
            "$expr" if place == Place::Element => Err(malformed(
                "`$expr` is about the whole document, not about an element",
            )),
            "$expr" => Expression::parse(value).map(Condition::Expression),
            "$jsonSchema" => Schema::parse(value).map(Condition::Schema),
            _ if name.starts_with('$') => Err(Error::UnknownOperator(name.to_owned())),
            _ => self.field(name, value, place),
        }
    }

    fn list(&mut self, name: &str, value: &Value, place: Place) -> Result<Vec<Condition>> {
        let needed = || malformed(format!("`{name}` needs a list of conditions, at least one"));
        let items = value.as_array().filter(|items| !items.is_empty());
        let items = items.ok_or_else(needed)?.iter();
        items
            .map(|item| self.fields(item.as_object().ok_or_else(needed)?, place))
            .collect()
    }

    fn field(&mut self, name: &str, value: &Value, place: Place) -> Result<Condition> {
        let path = path(name)?;
        let predicate = self.value(&path, value, place)?;
        Ok(Condition::Field(path, predicate))
    }

    /// What is asked of the values at a path: operators, or the value itself.
    fn value(&mut self, path: &Path, value: &Value, place: Place) -> Result<Predicate> {
        if let Some(regex) = Regex::literal(value) {
            return regex;
        }
        match operators(value) {
            Some(members) => self.operators(path, members, place),
            None => Ok(Predicate::Test(Test::Eq(value.clone()))),
        }
    }
}

/// Objects that begin with one of these are values, of types that this crate keeps as objects.
const LITERALS: [&str; 8] = [
    "$numberDecimal",
    "$timestamp",
    "$minKey",
    "$maxKey",
    "$uuid",
    "$ref",
    "$id",
    "$db",
];

/// The members of an object of operators: it begins with one.
fn operators(value: &Value) -> Option<&Object> {
    let object = value.as_object()?;
    let (first, _) = object.iter().next()?;
    let operator = first.starts_with('$') && !LITERALS.contains(&first.as_str());
    operator.then_some(object)
}

fn malformed(reason: impl Into<String>) -> Error {
    Error::Malformed(reason.into())
}
