//! Events of live lists and documents.

use super::Renderer;
use crate::gateway::Visible;
use crate::graphql::bind::Plan;
use crate::graphql::live::Difference;
use crate::graphql::load::Loads;

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EventKind {
    /// The first of a subscription: the whole list.
    Snapshot,
    /// What became different since the event before.
    Change,
    /// The whole list again, since events were left out.
    Resync,
}

/// One event, before it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happening<'a> {
    pub(crate) sequence: u64,
    pub(crate) kind: EventKind,
    /// The list as it is now.
    pub(crate) documents: &'a [Visible],
    /// What became different; for a whole list every document as ADDED.
    pub(crate) changes: &'a [Difference],
}

impl<'a> Renderer<'a> {
    /// Writes `data` of an event: `plan.root` holds one [`crate::graphql::bind::RootGet::Live`].
    pub(crate) fn event(
        &mut self,
        _plan: &'a Plan<'a>,
        _happening: Happening<'a>,
        _loads: &'a Loads,
    ) {
        unimplemented!("api helper")
    }

    /// A number that stands for everything an event of this plan would show of a document: its text in every selection
    /// on documents (`nodes`, `node`, `changes { node }`), its errors, the fields denied of it. Equal for equal
    /// texts, and different otherwise but for chance. Leaves the renderer as it was.
    pub(crate) fn fingerprint(
        &mut self,
        _plan: &'a Plan<'a>,
        _document: &'a Visible,
        _loads: &'a Loads,
    ) -> u64 {
        unimplemented!("api helper")
    }
}
