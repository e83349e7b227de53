//! Update operators: what they say, and applying them to one document.
//!
//! - `target.rs`: where an operator changes something
//! - `parse.rs`: reading operators; `operator.rs`: what each does at a place, `push.rs` and `pull.rs` to arrays;
//!   `apply.rs`: all of them, to a document
//!
//! Changing a value in place, as the gateway's updates do too, is [`crate::data::update`].

mod apply;
mod operator;
mod parse;
mod pull;
mod push;
mod target;
#[cfg(test)]
mod tests;

use self::operator::Operator;
use self::target::Target;
use super::{Query, Result};
use crate::data::{Object, Path, Value};

/// `{$set: {…}, $inc: {…}, …}`, read and checked.
#[derive(Clone, Debug, Default)]
pub struct Update {
    changes: Vec<Change>,
}

/// One operator on one path.
#[derive(Clone, Debug)]
struct Change {
    target: Target,
    operator: Operator,
}

impl Update {
    /// Reads update operators; `{}` changes nothing.
    ///
    /// # Errors
    /// Unknown operators, members that are no operators, arguments they cannot take, two of them on overlapping
    /// paths, a change of `_id` by any operator but `$set`.
    pub fn parse(operators: &Object) -> Result<Self> {
        parse::update(operators)
    }

    /// The document after it. `found_by`: the condition, which tells which element of an array `$` means. `now`: for
    /// `$currentDate`, milliseconds since 1970.
    ///
    /// # Errors
    /// What is there has a type that the operator cannot change; `_id` would become another; no element of the array
    /// before a `$` made the condition true.
    pub fn apply(&self, document: &Object, found_by: &Query, now: i64) -> Result<Object> {
        apply::update(&self.changes, document, Some(found_by), now)
    }

    /// The document to insert where none was found, from the fields it begins with: `$setOnInsert` counts.
    ///
    /// # Errors
    /// As [`Update::apply`]; a `$` in a path, as there is no element that it could mean.
    pub fn insert(&self, beginning: &Object, now: i64) -> Result<Object> {
        apply::update(&self.changes, beginning, None, now)
    }

    /// Whether it names nothing to change.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What it gives a literal value (`$set`), by dotted path.
    pub fn assigned(&self) -> Object {
        let assigned = self.changes.iter().filter_map(|change| {
            let value = change.literal()?;
            Some((change.target.to_string(), value.clone()))
        });
        assigned.collect()
    }

    /// The paths it changes in any other way, both of a rename included. A path through an array counts as a change
    /// of the array: it may lengthen it.
    pub fn otherwise_changed(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        for Change { target, operator } in &self.changes {
            if !matches!(operator, Operator::Set(_)) || target.may_enter_array() {
                paths.push(target.outside_arrays());
            }
            if let Operator::Rename(to) = operator {
                paths.push(to.clone());
            }
        }
        paths
    }
}

impl Change {
    fn literal(&self) -> Option<&Value> {
        match &self.operator {
            Operator::Set(value) if self.target.one().is_some() => Some(value),
            _ => None,
        }
    }
}
