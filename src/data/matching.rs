//! What a filter means.

use super::{Filter, Object};

impl Filter {
    /// Whether the filter is true of a document with these fields.
    pub fn matches(&self, _fields: &Object) -> bool {
        unimplemented!("data helper")
    }
}
