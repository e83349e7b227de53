//! `$pull`, `$pullAll`: which elements leave an array.

use super::parse::needs;
use crate::data::update::Elements;
use crate::data::{Object, Value};
use crate::mongo::{Query, Result};

/// Which elements leave.
#[derive(Clone, Debug)]
pub(super) enum Removal {
    /// Those equal to one of these.
    Equal(Elements),
    /// The objects of which the condition is true.
    Objects(Query),
    /// Those of which the condition is true as it stands on the field [`ELEMENT`].
    Values(Query),
}

/// The field as which an element stands before a condition on it.
const ELEMENT: &str = "element";

impl Removal {
    /// Reads `$pull`: a value, a condition on the fields of elements, or one on elements themselves.
    pub(super) fn matching(argument: &Value) -> Result<Self> {
        let Value::Object(condition) = argument else {
            return Ok(Removal::Equal(Elements::Equal(vec![argument.clone()])));
        };
        if !is_about_values(condition) {
            return Query::parse(condition).map(Removal::Objects);
        }
        let condition = [(ELEMENT, argument.clone())].into_iter().collect();
        Query::parse(&condition).map(Removal::Values)
    }

    /// Reads `$pullAll`.
    pub(super) fn all(argument: &Value) -> Result<Self> {
        let values = argument
            .as_array()
            .ok_or_else(|| needs("an array", argument))?;
        Ok(Removal::Equal(Elements::Equal(values.to_vec())))
    }

    pub(super) fn remove(&self, items: &mut Vec<Value>) {
        match self {
            Removal::Equal(elements) => items.retain(elements.judge()),
            Removal::Objects(query) => {
                items.retain(|item| !item.as_object().is_some_and(|item| query.matches(item)));
            }
            Removal::Values(query) => {
                let all = std::mem::take(items);
                items.extend(all.into_iter().filter_map(|item| unmatched(query, item)));
            }
        }
    }
}

/// Gives the element back if the condition is not true of it.
fn unmatched(query: &Query, item: Value) -> Option<Value> {
    let holder: Object = [(ELEMENT, item)].into_iter().collect();
    let stays = !query.matches(&holder);
    let mut members = holder.into_iter().filter(|_| stays);
    members.next().map(|(_, item)| item)
}

/// Whether a condition has operators of a value (`$gte`, `$in`, a regular expression), not of fields.
fn is_about_values(condition: &Object) -> bool {
    let first = condition.iter().next();
    first.is_some_and(|(name, _)| {
        let joins = ["$and", "$or", "$nor", "$expr"].contains(&name.as_str());
        name.starts_with('$') && !joins
    })
}
