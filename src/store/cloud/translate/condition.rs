//! A condition in the making: simplified while it is joined, as small as it can be when it is written.

use smol_str::SmolStr;

use super::words::member;
use crate::data::{Object, Value};

/// An operator of a value with its operand.
pub(super) type Operation = (&'static str, Value);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    Everything,
    Nothing,
    /// All of these operators hold of the values at a path.
    Field(String, Vec<Operation>),
    /// `$expr`.
    Expression(Value),
    /// At least two of these.
    All(Vec<Condition>),
    /// At least two of these.
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

impl Condition {
    pub(super) fn field(name: &str, operations: impl IntoIterator<Item = Operation>) -> Self {
        Condition::Field(name.to_owned(), operations.into_iter().collect())
    }

    pub(super) fn all(parts: impl IntoIterator<Item = Condition>) -> Self {
        let mut all = Vec::new();
        for part in parts {
            match part {
                Condition::Everything => {}
                Condition::Nothing => return Condition::Nothing,
                Condition::All(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        only(all).unwrap_or_else(|all| match all.is_empty() {
            true => Condition::Everything,
            false => Condition::All(all),
        })
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Condition>) -> Self {
        let mut any = Vec::new();
        for part in parts {
            match part {
                Condition::Nothing => {}
                Condition::Everything => return Condition::Everything,
                Condition::Any(inner) => any.extend(inner),
                other => any.push(other),
            }
        }
        only(any).unwrap_or_else(|any| match any.is_empty() {
            true => Condition::Nothing,
            false => Condition::Any(any),
        })
    }

    pub(super) fn not(self) -> Self {
        match self {
            Condition::Everything => Condition::Nothing,
            Condition::Nothing => Condition::Everything,
            Condition::Not(inner) => *inner,
            other => Condition::Not(Box::new(other)),
        }
    }

    pub(super) fn into_object(self) -> Object {
        let mut written = Written::default();
        written.add(self);
        written.into_object()
    }
}

fn only(mut parts: Vec<Condition>) -> Result<Condition, Vec<Condition>> {
    match parts.len() {
        1 => Ok(parts.swap_remove(0)),
        _ => Err(parts),
    }
}

/// Conditions that all hold, in one object as far as that has room for them.
#[derive(Default)]
struct Written {
    fields: Vec<(String, Vec<Operation>)>,
    joins: Object,
    /// What needs a name that is taken.
    rest: Vec<Value>,
}

impl Written {
    fn add(&mut self, condition: Condition) {
        match condition {
            Condition::Everything => {}
            // The database knows that this is true of nothing, and looks at no document.
            Condition::Nothing => {
                self.field("_id".to_owned(), vec![("$in", Value::Array(Vec::new()))])
            }
            Condition::All(parts) => parts.into_iter().for_each(|part| self.add(part)),
            Condition::Field(name, operations) => self.field(name, operations),
            Condition::Expression(expression) => self.join("$expr", expression),
            Condition::Any(parts) => self.join("$or", list(parts)),
            Condition::Not(inner) => self.join("$nor", list(vec![*inner])),
        }
    }

    fn field(&mut self, name: String, operations: Vec<Operation>) {
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            None => self.fields.push((name, operations)),
            Some((_, known)) => {
                let is_new = |operation: &Operation| !known.contains(operation);
                let new: Vec<Operation> = operations.into_iter().filter(is_new).collect();
                match new
                    .iter()
                    .any(|(name, _)| known.iter().any(|(known, _)| known == name))
                {
                    true => self.rest.push(member(&name, operators(new))),
                    false => known.extend(new),
                }
            }
        }
    }

    fn join(&mut self, name: &'static str, value: Value) {
        if self.joins.contains(name) {
            self.rest.push(member(name, value));
        } else {
            self.joins.push_new(SmolStr::new_static(name), value);
        }
    }

    fn into_object(self) -> Object {
        let fields = self.fields.into_iter();
        let mut object: Object = fields
            .map(|(name, operations)| (name, operators(operations)))
            .collect();
        for (name, value) in self.joins {
            object.insert(name, value);
        }
        if !self.rest.is_empty() {
            object.insert("$and", Value::Array(self.rest));
        }
        object
    }
}

fn list(parts: Vec<Condition>) -> Value {
    let parts = parts.into_iter();
    Value::Array(
        parts
            .map(|part| Value::Object(part.into_object()))
            .collect(),
    )
}

/// Operators as an object; equality with a scalar as that scalar.
fn operators(mut operations: Vec<Operation>) -> Value {
    let plain = |value: &Value| !matches!(value, Value::Object(_) | Value::Array(_));
    match operations.as_slice() {
        [("$eq", value)] if plain(value) => operations.swap_remove(0).1,
        _ => Value::Object(operations.into_iter().collect()),
    }
}
