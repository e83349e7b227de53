//! Changes to one document, and applying them.

use super::{Filter, Path, Value};

/// Operators that together change one document. No two paths of it overlap
/// ([`Update::overlap`] finds those that do).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    pub ops: Vec<Op>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// The whole value at the path, creating objects on the way.
    Set(Path, Value),
    Unset(Path),
    /// Adds to a number (missing counts as 0). int + int stays an int and must not overflow.
    Inc(Path, Value),
    /// Appends to an array (missing counts as empty).
    Push(Path, Vec<Value>),
    /// Removes from an array the elements that match.
    Pull(Path, Elements),
}

/// Which elements `pull` removes.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// Those equal to one of these.
    Equal(Vec<Value>),
    /// The objects of which the filter is true.
    Matching(Filter),
}

/// Why an update cannot be applied to this document. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ApplyError {
    #[error("`{path}` holds {found}, {op} needs {needed}")]
    WrongType {
        path: Path,
        op: &'static str,
        needed: &'static str,
        found: &'static str,
    },
    #[error("`{path}` would leave the range of a 64-bit integer")]
    Overflow { path: Path },
    #[error("`_id` cannot be changed")]
    Id,
}
