//! Updates in the database's operators.

use super::filter;
use super::words::{is_index, is_literal, is_storable, member, name};
use crate::data::update::{Elements, Op};
use crate::data::{Object, Path, Update, Value};

/// An update that the database's operators would not do, or would do otherwise.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Inexpressible {
    /// A name that the database cannot have; `_id`; an element by its index, up to which the database would fill an array
    /// with nulls.
    #[error("the database cannot change what is at `{0}`")]
    Path(Path),
    /// Names that begin with `$` are operators to the database, or types.
    #[error("the database cannot hold the value for `{0}`: rename members that begin with `$`")]
    Value(Path),
    /// The condition on elements to remove would be wider.
    #[error("the database cannot tell which elements of `{0}` are to be removed")]
    Elements(Path),
}

/// Operators that do the same to each document that the update fits, and refuse the others, as the update itself does
/// (but the database lets doubles overflow, and orders several new fields by their names).
///
/// An empty object for an update that does nothing: the database would take it for the new document, so do not send it.
///
/// # Errors
///
/// There are no such operators. Read the document, apply the update here, and set the fields that it touched.
pub fn update(update: &Update) -> Result<Object, Inexpressible> {
    let mut operators = Object::new();
    for op in &update.ops {
        let (operator, operand) = operation(op)?;
        let name = target(op)?;
        let fields = operators.get_or_insert(operator, Value::Object(Object::new()));
        if let Value::Object(fields) = fields {
            fields.insert(name, operand);
        }
    }
    Ok(operators)
}

fn target(op: &Op) -> Result<String, Inexpressible> {
    let path = op.path();
    let may_lengthen = matches!(op, Op::Set(..) | Op::Inc(..) | Op::Push(..));
    let by_index = may_lengthen && path.segments()[1..].iter().any(|name| is_index(name));
    name(path)
        .filter(|_| path.root() != "_id" && !by_index)
        .ok_or_else(|| Inexpressible::Path(path.clone()))
}

fn operation(op: &Op) -> Result<(&'static str, Value), Inexpressible> {
    let storable = |value: &Value| match is_storable(value) {
        true => Ok(value.clone()),
        false => Err(Inexpressible::Value(op.path().clone())),
    };
    Ok(match op {
        Op::Set(_, value) => ("$set", storable(value)?),
        Op::Unset(_) => ("$unset", Value::string("")),
        Op::Inc(_, by) => ("$inc", storable(by)?),
        Op::Push(_, items) => {
            let items = items.iter().map(storable).collect::<Result<_, _>>()?;
            ("$push", member("$each", Value::Array(items)))
        }
        Op::Pull(path, Elements::Equal(values)) => match values.iter().all(is_literal) {
            true => ("$pullAll", Value::Array(values.clone())),
            false => return Err(Inexpressible::Elements(path.clone())),
        },
        Op::Pull(path, Elements::Matching(filter)) => {
            let said = filter::element(filter);
            if !said.exact {
                return Err(Inexpressible::Elements(path.clone()));
            }
            ("$pull", Value::Object(said.condition.into_object()))
        }
    })
}
