//! A list that is asked for again, because what the caller may see of it changes
//! with the time or with other documents.

use std::sync::Arc;

use crate::data::Caller;
use crate::live::Backoff;

use super::super::error::{Error, Result};
use super::super::mask::{Mask, Visible};
use super::super::request::{ListRequest, Lookup, PageRequest, Total};
use super::super::{Closed, Gateway};
use super::WatchRequest;
use super::pulse::Pulse;

/// Each look is a session of its own, with an instant and decisions of its own: what it sees is what a query sees.
#[derive(Debug)]
pub(super) struct Asked {
    gateway: Arc<Gateway>,
    caller: Arc<Caller>,
    closed: Closed,
    request: WatchRequest,
    /// The mask of the last look, kept for as long as the next ones have an equal one.
    mask: Option<Arc<Mask>>,
    /// A beat was heard and the look it calls for has not succeeded: its future may have been dropped.
    due: bool,
    /// How long to wait after the next look in vain.
    backoff: Backoff,
}

impl Asked {
    pub(super) fn new(
        gateway: Arc<Gateway>,
        caller: Caller,
        closed: Closed,
        request: WatchRequest,
    ) -> Self {
        Self {
            gateway,
            caller: Arc::new(caller),
            closed,
            request,
            mask: None,
            due: false,
            backoff: Backoff::new(),
        }
    }

    /// Waits for the next beat and looks again. Dropping the future loses nothing.
    pub(super) async fn changed(&mut self, pulse: &mut Pulse) -> Result<Vec<Visible>> {
        loop {
            if !self.due {
                pulse.beat().await?;
                self.due = true;
            }
            let asked = self.ask().await;
            self.due = false;
            match asked {
                Err(Error::Unavailable(error)) => pulse.retry(self.backoff.after(&error)),
                asked => {
                    self.backoff = Backoff::new();
                    return asked;
                }
            }
        }
    }

    pub(super) async fn ask(&mut self) -> Result<Vec<Visible>> {
        let documents = self.look().await?;
        Ok(self.known(documents))
    }

    async fn look(&self) -> Result<Vec<Visible>> {
        let caller = Arc::clone(&self.caller);
        let session = self.gateway.session_within(caller, self.closed.clone());
        match &self.request {
            WatchRequest::List {
                collection,
                filter,
                order,
                first,
                select,
                ..
            } => {
                session.admit()?;
                let max = self.gateway.hub.config().max_documents;
                let page = super::page(*first, order, max)?;
                let request = ListRequest {
                    collection: *collection,
                    filter: filter.clone(),
                    order: order.clone(),
                    page: PageRequest::default(),
                    select: select.clone(),
                    total: Total::Omit,
                };
                let list = session.list_page(&request, &page).await?;
                if first.is_none() && list.has_next_page {
                    return Err(super::too_long(max));
                }
                Ok(list.nodes)
            }
            WatchRequest::Single {
                collection,
                id,
                select,
                ..
            } => {
                let lookup = Lookup::Id(id.clone());
                let found = session.get(*collection, &lookup, select).await?;
                Ok(found.into_iter().collect())
            }
        }
    }

    /// The documents through the mask they were seen through before, if it is equal: what did not change is the same.
    fn known(&mut self, documents: Vec<Visible>) -> Vec<Visible> {
        let Some(first) = documents.first() else {
            return documents;
        };
        match &self.mask {
            Some(mask) if **mask == **first.mask() => {
                let through = |document: Visible| document.through(Arc::clone(mask));
                documents.into_iter().map(through).collect()
            }
            _ => {
                self.mask = Some(Arc::clone(first.mask()));
                documents
            }
        }
    }
}
