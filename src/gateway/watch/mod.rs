//! Live lists: what a caller may see of a list, now and after each commit.
//!
//! Two ways to the same answer. Where decisions depend on the caller alone, the
//! row decision is part of the filter of a watch that is shared (`shared.rs`,
//! [`crate::live`]). Where they depend on the time (`now`) or on other documents
//! (`get()`), the list is asked for again, decision and all, at each beat of a
//! pulse (`asked.rs`, `pulse.rs`).
//!
//! What it is not: it tells states, not what became different between them, and
//! it does not follow relations ([`super::Touches`] does).

mod asked;
mod pulse;
mod shared;

use std::sync::Arc;

use smol_str::SmolStr;

use crate::data::{Filter, Order};
use crate::model::CollectionIx;

use self::asked::Asked;
use self::pulse::Pulse;
use self::shared::Shared;
use super::decide;
use super::error::{Error, Result};
use super::mask::Visible;
use super::page::Page;
use super::request::{PageRequest, Select};
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
        /// Fields the answer selects. Documents may come with more.
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

/// A live list of one caller, as long as they are who they were when it began, and the same collections are closed: whose
/// roles change begins another one.
#[derive(Debug)]
pub struct View {
    source: Source,
    /// When to look again though no commit touched the list.
    pulse: Pulse,
    documents: Vec<Visible>,
}

/// Where the documents of a view come from.
#[derive(Debug)]
enum Source {
    Shared(Shared),
    Asked(Asked),
}

impl Session {
    /// Begins to watch.
    ///
    /// # Errors
    /// As [`Session::list`]: `Unauthenticated`, `Forbidden`, `BadInput`, `Limit`; those of the store.
    pub async fn watch(&self, request: &WatchRequest) -> Result<View> {
        let gateway = self.gateway();
        let (collection, also) = request.collections();
        // Before the first look, so that no commit after it goes unheard.
        let mut pulse = Pulse::of(gateway, also);
        let (source, documents) = if decide::is_restless(self.collection(collection)) {
            pulse.quicken(gateway, collection);
            pulse.listen(gateway, &self.collection(collection).name);
            let (caller, closed) = (self.caller().clone(), self.closed().clone());
            let mut asked = Asked::new(Arc::clone(gateway), caller, closed, request.clone());
            let documents = asked.ask().await?;
            (Source::Asked(asked), documents)
        } else {
            let (shared, documents) = Shared::begin(self, request).await?;
            (Source::Shared(shared), documents)
        };
        Ok(View {
            source,
            pulse,
            documents,
        })
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
    /// A list that is asked for again outlasts a store that cannot answer for a while: it is seen when it can.
    ///
    /// # Errors
    /// The caller may not see the list any more, it has become too long, the store failed, or the gateway is drained
    /// (`Unavailable`). The view is over then.
    pub async fn changed(&mut self) -> Result<&[Visible]> {
        match &mut self.source {
            Source::Shared(shared) => tokio::select! {
                documents = shared.changed() => self.documents = documents?,
                // The list is what it was; what its relations may show is not.
                beat = self.pulse.beat() => beat?,
            },
            Source::Asked(asked) => self.documents = asked.changed(&mut self.pulse).await?,
        }
        Ok(&self.documents)
    }

    /// Whether each look at the list is a read of its own.
    pub fn is_asked_for(&self) -> bool {
        matches!(self.source, Source::Asked(_))
    }

    /// Sees the list as it is now, with whatever was committed before the call; tells whether it may look different.
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// As [`View::changed`]; but after `Unavailable` the view goes on.
    pub async fn catch_up(&mut self) -> Result<bool> {
        match &mut self.source {
            Source::Shared(shared) => match shared.catch_up().await? {
                Some(documents) => self.documents = documents,
                // Decisions about what its relations lead to may be others by now.
                None => return Ok(!self.pulse.is_still()),
            },
            Source::Asked(asked) => self.documents = asked.ask().await?,
        }
        Ok(true)
    }
}

impl WatchRequest {
    /// The collection that is watched, and those its relations lead to.
    fn collections(&self) -> (CollectionIx, &[CollectionIx]) {
        match self {
            WatchRequest::List {
                collection, also, ..
            }
            | WatchRequest::Single {
                collection, also, ..
            } => (*collection, also),
        }
    }
}

/// The page that a live list is.
fn page(first: Option<u64>, order: &Order, max_documents: usize) -> Result<Page> {
    match first {
        Some(_) => {
            let request = PageRequest {
                first,
                ..PageRequest::default()
            };
            Page::check(&request, order)
        }
        None => Ok(Page::leading(max_documents as u64, order)),
    }
}

fn too_long(max_documents: usize) -> Error {
    Error::Limit {
        message: format!(
            "more than {max_documents} documents match: narrow the condition, or ask for the `first` ones"
        ),
    }
}
