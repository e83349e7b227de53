//! A view of a watch that others share: the same documents, each caller's mask.

use std::sync::Arc;

use crate::data::{DocId, Filter, Order};
use crate::live::{Missed, Query, Watcher, Window};
use crate::store;

use super::super::error::{Error, Result};
use super::super::get;
use super::super::mask::{Mask, Visible};
use super::super::session::Session;
use super::WatchRequest;

/// Stays true for as long as the caller does: the row decision is part of the watch's filter, and neither it nor the
/// mask depends on anything else.
#[derive(Debug)]
pub(super) struct Shared {
    watcher: Watcher,
    mask: Arc<Mask>,
    part: Part,
}

/// What of the watched documents is the list.
#[derive(Debug)]
enum Part {
    /// As many as there are.
    All,
    /// All, but more than these are too many.
    AtMost(usize),
    /// Of the documents whose ids a text spells, the first in this order.
    Preferred(Vec<DocId>),
}

/// What a request means, before decisions.
struct Wanted {
    condition: Filter,
    order: Order,
    limit: u64,
    part: Part,
}

impl Shared {
    pub(super) async fn begin(
        session: &Session,
        request: &WatchRequest,
    ) -> Result<(Self, Vec<Visible>)> {
        session.admit()?;
        let hub = &session.gateway().hub;
        let wanted = Wanted::by(request, hub.config().max_documents)?;
        let (collection, _) = request.collections();
        let scope = session
            .scope(collection, &wanted.condition, &wanted.order)
            .await?;
        let query = Query {
            collection: session.collection(collection).name.clone(),
            filter: scope.filter,
            order: wanted.order,
            limit: wanted.limit,
        };
        let shared = Self {
            watcher: hub.watch(query).await?,
            mask: scope.mask,
            part: wanted.part,
        };
        let documents = shared.see(shared.watcher.current())?;
        Ok((shared, documents))
    }

    /// Waits for the next state of the list. Dropping the future loses nothing.
    pub(super) async fn changed(&mut self) -> Result<Vec<Visible>> {
        let window = self.watcher.changed().await.ok_or_else(closed)?;
        self.see(&window)
    }

    /// The list as it is now, unless it is what was seen last. Dropping the future loses nothing.
    pub(super) async fn catch_up(&mut self) -> Result<Option<Vec<Visible>>> {
        let is_moved = self.watcher.catch_up().await.map_err(store::Error::from)?;
        is_moved
            .then(|| self.see(self.watcher.current()))
            .transpose()
    }

    fn see(&self, window: &Window) -> Result<Vec<Visible>> {
        let see = |document: &Arc<_>| Visible::new(Arc::clone(document), Arc::clone(&self.mask));
        let documents: Vec<Visible> = window.documents.iter().map(see).collect();
        match &self.part {
            Part::All => Ok(documents),
            Part::AtMost(max) if documents.len() > *max => Err(super::too_long(*max)),
            Part::AtMost(_) => Ok(documents),
            Part::Preferred(ids) => {
                let preferred = get::preferred(documents, ids, Visible::id);
                Ok(preferred.into_iter().collect())
            }
        }
    }
}

impl Wanted {
    fn by(request: &WatchRequest, max_documents: usize) -> Result<Self> {
        match request {
            WatchRequest::List {
                filter,
                order,
                first,
                ..
            } => {
                let page = super::page(*first, order, max_documents)?;
                let (limit, part) = match first {
                    Some(_) => (page.size, Part::All),
                    None => (page.limit(), Part::AtMost(max_documents)),
                };
                Ok(Self {
                    condition: filter.clone(),
                    order: order.clone(),
                    limit,
                    part,
                })
            }
            WatchRequest::Single { id, .. } => {
                let ids = DocId::spelled_by(id);
                Ok(Self {
                    condition: get::id_among(&ids),
                    order: Order::default(),
                    limit: ids.len() as u64,
                    part: Part::Preferred(ids),
                })
            }
        }
    }
}

/// What is told to whoever still watches when the gateway is drained.
pub(super) fn closed() -> Error {
    store::Error::from(Missed::Over).into()
}
