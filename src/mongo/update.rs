//! Update operators.

use super::Result;
use crate::data::{Object, Path};

/// `{$set: {…}, $inc: {…}, …}`, read and checked.
#[derive(Clone, Debug)]
pub struct Update {
    _todo: (),
}

impl Update {
    /// Reads update operators; `{}` changes nothing.
    ///
    /// # Errors
    /// Unknown operators, members that are no operators, arguments they cannot take, two of them on overlapping
    /// paths, a change of `_id`.
    pub fn parse(_operators: &Object) -> Result<Self> {
        unimplemented!("pipeline helper")
    }

    /// The document after it. `inserted`: the document is new, so `$setOnInsert` counts. `now`: for `$currentDate`,
    /// milliseconds since 1970.
    ///
    /// # Errors
    /// What is there has a type that the operator cannot change.
    pub fn apply(&self, _document: &Object, _inserted: bool, _now: i64) -> Result<Object> {
        unimplemented!("pipeline helper")
    }

    /// Whether it names nothing to change.
    pub fn is_empty(&self) -> bool {
        unimplemented!("pipeline helper")
    }

    /// What it gives a literal value (`$set`), by dotted path.
    pub fn assigned(&self) -> Object {
        unimplemented!("pipeline helper")
    }

    /// The paths it changes in any other way, both of a rename included.
    pub fn otherwise_changed(&self) -> Vec<Path> {
        unimplemented!("pipeline helper")
    }
}
