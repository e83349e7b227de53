//! Which fields of a found document come back.

use smol_str::SmolStr;

use super::{Query, Result};
use crate::data::Object;

/// `{a: 1, "b.c": 1}`, `{a: 0}`, `$slice`, `$elemMatch`, `"a.$": 1`, and computed fields of an aggregation's `$project`
/// are not this but [`super::pipeline`]'s.
#[derive(Clone, Debug)]
pub struct Projection {
    _todo: (),
}

impl Projection {
    /// Reads the projection of a `find`.
    ///
    /// # Errors
    /// Fields both taken and left out (other than `_id`), operators it does not know.
    pub fn parse(_fields: &Object) -> Result<Self> {
        unimplemented!("query helper")
    }

    /// The document as it comes back. The condition tells the positional operator which element matched.
    pub fn apply(&self, _document: &Object, _query: &Query) -> Object {
        unimplemented!("query helper")
    }

    /// The top-level fields that are enough to compute it, if not all are needed.
    pub fn fields(&self) -> Option<Vec<SmolStr>> {
        unimplemented!("query helper")
    }
}
