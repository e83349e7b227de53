//! What became different between two states of a list.

use crate::data::DocId;

/// How a document's place in a list changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ChangeType {
    Added,
    /// It looks different, or stands elsewhere among those that stayed.
    Updated,
    Removed,
}

/// One document's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) kind: ChangeType,
    pub(crate) id: DocId,
    /// Where it stands in the new list; `None` if it was removed.
    pub(crate) index: Option<usize>,
}

/// A document of a list with the fingerprint of how it looks.
pub(crate) type Look = (DocId, u64);

/// The changes that make the new list of the old one: take out every document that is named, then put those with an
/// index in, in the order of the changes. Removals come first, the others by index; as few documents as can be.
pub(crate) fn difference(_old: &[Look], _new: &[Look]) -> Vec<Difference> {
    unimplemented!("cohort helper")
}
