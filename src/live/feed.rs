//! The store's commits for whoever has to know of them, with losses told.

use std::sync::Arc;

use crate::data::Change;

/// Commits from the moment it was made, in order.
#[derive(Debug)]
pub struct Feed(());

/// What a feed tells.
#[derive(Clone, Debug)]
pub enum Tidings {
    Change(Arc<Change>),
    /// Something may have changed that is not told: changes were lost, or the store tells of none and it is time to
    /// look again.
    Unknown,
}

impl Feed {
    /// The next commit. Never ends: a store that stops telling is asked to begin again.
    pub async fn next(&mut self) -> Tidings {
        unimplemented!("live helper")
    }
}
