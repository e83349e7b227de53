//! What a collection is indexed by.

use super::{Order, Path};

/// An index of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Index {
    pub keys: IndexKeys,
    /// No two documents may have equal keys; a missing value counts as null.
    pub unique: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IndexKeys {
    /// In priority order.
    Ordered(Order),
    /// A `2dsphere` index on one path.
    Geo(Path),
}
