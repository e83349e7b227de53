//! Waits until a list of a shared store must be looked at again, because it is
//! time or because there is word.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::pending;
use tokio::time::{Instant, sleep_until};

use super::list::List;
use super::schedule::{Look, Schedule};
use super::{Config, Query};
use crate::data::CollectionName;
use crate::store::{Notice, Notices, Store};

#[derive(Debug)]
pub(super) struct Lookout {
    collection: CollectionName,
    /// Word of others' commits; `None` where there is none, or none any more.
    notices: Option<Notices>,
    schedule: Schedule,
    /// How many lists found that word was missing.
    missed: Arc<AtomicU64>,
}

impl Lookout {
    /// `None` of a store that tells of every commit, or of none. The first look at the list comes after this.
    pub(super) fn of(
        store: &dyn Store,
        query: &Query,
        config: &Config,
        missed: &Arc<AtomicU64>,
    ) -> Option<Self> {
        if !store.is_shared() {
            return None;
        }
        let mut notices = store.notices(&query.collection, &List::find(query));
        let heard = notices
            .as_mut()
            .map_or_else(Notice::default, |notices| *notices.0.borrow_and_update());
        Some(Self {
            collection: query.collection.clone(),
            notices,
            schedule: Schedule::new(config, heard, Instant::now()),
            missed: Arc::clone(missed),
        })
    }

    /// Waits until the list must be looked at. Dropping the future loses nothing.
    pub(super) async fn due(&mut self) {
        while !self.is_due() {
            tokio::select! {
                () = sleep_until(self.schedule.wake()) => {}
                () = told(&mut self.notices) => {}
            }
        }
    }

    pub(super) fn is_due(&mut self) -> bool {
        let now = Instant::now();
        self.hear(now);
        if self.schedule.judge(now) {
            self.missed.fetch_add(1, Ordering::Relaxed);
            let collection = &self.collection;
            tracing::warn!(%collection, "a watched list changed without word of it: it is looked at often for a while");
        }
        self.schedule.is_due(now)
    }

    pub(super) fn begin(&mut self) -> Look {
        let now = Instant::now();
        self.hear(now);
        self.schedule.begin(now)
    }

    /// `is_surprised`: others changed what is shown.
    pub(super) fn end(&mut self, look: Look, is_surprised: bool) {
        let now = Instant::now();
        self.hear(now);
        self.schedule.end(look, is_surprised, now);
    }

    /// Takes in the latest word.
    fn hear(&mut self, now: Instant) {
        let Some(notices) = &mut self.notices else {
            return;
        };
        // Looked at before it is taken in: what comes last is still there when its sender is gone.
        let is_over = notices.0.has_changed().is_err();
        let mut notice = *notices.0.borrow_and_update();
        if is_over {
            self.notices = None;
            notice.attentive = false;
        }
        self.schedule.hear(notice, now);
    }
}

/// Waits for word, or for its end.
async fn told(notices: &mut Option<Notices>) {
    match notices {
        Some(notices) => {
            let _ = notices.0.changed().await;
        }
        None => pending().await,
    }
}
