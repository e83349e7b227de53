//! Aggregation: stages, one after the other.

use std::sync::Arc;

use super::{Query, Result};
use crate::data::{CollectionName, Document, Object, Value};

/// Stages, read and checked.
#[derive(Clone, Debug)]
pub struct Pipeline {
    _todo: (),
}

/// Documents of the collections that lookups name, whole.
pub trait Foreign: Sync {
    /// Empty for a collection that does not exist.
    fn documents(&self, collection: &CollectionName) -> &[Arc<Document>];
}

impl Pipeline {
    /// Reads stages by name, in order.
    ///
    /// # Errors
    /// Unknown stages, arguments they cannot take, `$geoNear` elsewhere than first.
    pub fn parse(_stages: &[(String, Value)]) -> Result<Self> {
        unimplemented!("pipeline helper")
    }

    /// The condition of a leading `$match`: what narrows the documents to read, and proves a rule.
    pub fn first_match(&self) -> Option<&Query> {
        unimplemented!("pipeline helper")
    }

    /// The collections that lookups name, nested ones included, each once.
    pub fn foreign(&self) -> Vec<CollectionName> {
        unimplemented!("pipeline helper")
    }

    /// Runs all stages (the leading `$match` too) over the documents of the collection. `now` as in
    /// [`super::expression::Scope`].
    ///
    /// # Errors
    /// See [`super::Expression::evaluate`]; more than a bound of documents or memory under way.
    pub fn run(
        &self,
        _documents: Vec<Arc<Document>>,
        _foreign: &dyn Foreign,
        _now: i64,
    ) -> Result<Vec<Object>> {
        unimplemented!("pipeline helper")
    }
}
