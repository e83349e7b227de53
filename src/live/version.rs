//! How often a collection has changed: one task per collection counts, however many look.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::feed::{Feed, Tidings};
use crate::data::CollectionName;

/// The counters there are; as many as collections are asked for.
#[derive(Debug, Default)]
pub(super) struct Versions(Mutex<HashMap<CollectionName, Receiver<u64>>>);

impl Versions {
    /// The counter of this collection. The first to ask begins it, with a task on this tracker until it is stopped.
    pub(super) fn of(
        &self,
        collection: &CollectionName,
        feed: impl FnOnce() -> Feed,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Receiver<u64> {
        // The lock covers a look-up and an insertion, neither of which leaves a half behind.
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = counters.get(collection) {
            return counter.clone();
        }
        let (count, counter) = watch::channel(0);
        // Counts until the hub ends.
        tasks.spawn(stop.clone().run_until_cancelled_owned(counting(
            collection.clone(),
            feed(),
            count,
        )));
        counters.insert(collection.clone(), counter.clone());
        counter
    }
}

async fn counting(collection: CollectionName, mut feed: Feed, count: Sender<u64>) {
    loop {
        match feed.next().await {
            Tidings::Change(change) if change.collection != collection => {}
            Tidings::Change(_) | Tidings::Unknown => count.send_modify(|count| *count += 1),
        }
    }
}
