//! Live lists: what a caller may see of a list, now and after each commit.
//!
//! Two ways to the same answer. Where decisions depend on the caller alone, the
//! row decision is part of the filter of a watch that is shared ([`crate::live`]).
//! Where they depend on the time (`now`) or on other documents (`get()`), the
//! list is asked for again, decision and all, whenever it may have changed.

use smol_str::SmolStr;

use crate::data::{Filter, Order};
use crate::model::CollectionIx;

use super::error::Result;
use super::mask::Visible;
use super::request::Select;
use super::session::Session;

/// What is watched.
#[derive(Clone, Debug)]
pub enum WatchRequest {
    List {
        collection: CollectionIx,
        /// The caller's condition, on document field names.
        filter: Filter,
        order: Order,
        /// `None`: all documents that match, and an error if there are more than a live list may have.
        first: Option<u64>,
        select: Select,
        /// The collections that relations of these documents lead to: where decisions on one of them depend on the time
        /// or on other documents, the view tells when they may have changed, though the list itself may not have.
        also: Vec<CollectionIx>,
    },
    /// The document that a text names, if there is one and the caller may see it: a list of at most one.
    Single {
        collection: CollectionIx,
        id: SmolStr,
        select: Select,
        /// As for a list.
        also: Vec<CollectionIx>,
    },
}

/// A live list of one caller.
#[derive(Debug)]
pub struct View {
    documents: Vec<Visible>,
}

impl Session {
    /// Begins to watch.
    ///
    /// # Errors
    /// As [`Session::list`]: `Unauthenticated`, `Forbidden`, `BadInput`, `Limit`; those of the store.
    pub async fn watch(&self, _request: &WatchRequest) -> Result<View> {
        unimplemented!("gateway helper")
    }
}

impl View {
    /// The visible documents as they were last seen, in order.
    pub fn documents(&self) -> &[Visible] {
        &self.documents
    }

    /// Waits until the list may look different and sees it again. Documents that did not change are the same `Arc`s
    /// where that is known ([`Visible::is_same`]). Dropping the future loses nothing.
    ///
    /// # Errors
    /// The caller may not see the list any more, it has become too long, or the store failed. The view is over then.
    pub async fn changed(&mut self) -> Result<&[Visible]> {
        unimplemented!("gateway helper")
    }
}
