//! Where a strict leaf looks, and what keeps the database from looking elsewhere.

use super::condition::{Condition, Operation};
use super::filter::About;
use super::words::{is_index, member, name};
use crate::data::{Path, Value};

/// The one place that a path leads to without fan-out.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: String,
    /// What must not be an array for the path to lead there.
    on_the_way: Vec<String>,
    /// Whether there may be an array at the place itself.
    may_be_array: bool,
    /// Whether the database, thus guarded, looks nowhere else: not if there is an index in the path, which it also takes for
    /// a name of the elements of that array.
    pub(super) exact: bool,
}

impl Place {
    /// `None`: the database has no name for it.
    pub(super) fn of(path: &Path, about: About) -> Option<Self> {
        let name = name(path)?;
        let segments = path.segments();
        let named = segments[1..]
            .iter()
            .take_while(|segment| !is_index(segment))
            .count();
        let is_id = about == About::Document && path.root() == "_id";
        let prefix = |len: usize| segments[..len].join(".");
        Some(Self {
            name,
            on_the_way: (1..=named).skip(usize::from(is_id)).map(prefix).collect(),
            may_be_array: !(is_id && segments.len() == 1),
            exact: named + 1 == segments.len(),
        })
    }

    /// Nothing on the way is an array.
    pub(super) fn guards(&self) -> Condition {
        let guard = |name: &String| Condition::field(name, [no_array()]);
        Condition::all(self.on_the_way.iter().map(guard))
    }

    /// These operators hold of the value itself, whatever it is.
    pub(super) fn is(&self, operations: impl IntoIterator<Item = Operation>) -> Condition {
        Condition::field(&self.name, operations)
    }

    /// These operators hold of the value, which is no array.
    pub(super) fn is_single(&self, operations: impl IntoIterator<Item = Operation>) -> Condition {
        let guarded = self.may_be_array && self.exact;
        let operations: Vec<Operation> = operations
            .into_iter()
            .chain(guarded.then(no_array))
            .collect();
        match operations.is_empty() {
            true => Condition::Everything,
            false => Condition::field(&self.name, operations),
        }
    }

    /// As an expression finds it.
    pub(super) fn expression(&self) -> Value {
        Value::string(format!("${}", self.name))
    }
}

fn no_array() -> Operation {
    ("$not", member("$type", Value::string("array")))
}
