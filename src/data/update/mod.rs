//! Changes to one document, and applying them.

mod apply;
mod number;
mod place;
#[cfg(test)]
mod tests;

pub(crate) use self::number::{Arithmetic, calculate};
pub(crate) use self::place::{array, existing, place, unset};

use super::{Filter, Path, Value};

/// Operators that together change one document. No two paths of it overlap
/// ([`Update::overlap`] finds those that do).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    pub ops: Vec<Op>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// The whole value at the path, creating objects on the way. A scalar on the way (null is one) is an error;
    /// an index replaces that element of an array, or appends right behind its last.
    Set(Path, Value),
    /// Nothing there is fine. An element of an array becomes null.
    Unset(Path),
    /// Adds to a number (missing counts as 0). int + int stays an int; the sum must not overflow.
    Inc(Path, Value),
    /// Appends to an array (missing counts as empty).
    Push(Path, Vec<Value>),
    /// Removes from an array the elements that match; nothing there is fine.
    Pull(Path, Elements),
}

impl Update {
    /// The paths that the operators change.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.ops.iter().map(Op::path)
    }

    /// Two operators' paths of which one is the other or lies inside it.
    pub fn overlap(&self) -> Option<(&Path, &Path)> {
        let mut paths: Vec<&Path> = self.paths().collect();
        // Between a path and one inside it, sorting puts only paths inside it.
        paths.sort();
        let mut neighbours = paths.windows(2).map(|pair| (pair[0], pair[1]));
        neighbours.find(|(a, b)| b.starts_with(a))
    }
}

impl Op {
    pub fn path(&self) -> &Path {
        match self {
            Op::Set(path, _)
            | Op::Unset(path)
            | Op::Inc(path, _)
            | Op::Push(path, _)
            | Op::Pull(path, _) => path,
        }
    }
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
    #[error("`{path}` would leave the range of its type of number")]
    Overflow { path: Path },
    #[error("the document would be nested more than {max} levels deep", max = super::ejson::MAX_DEPTH)]
    TooDeep,
    #[error("`_id` cannot be changed")]
    Id,
}
