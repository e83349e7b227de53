//! When decisions must be made again that depend on more than the caller.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::{pending, select_all};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::data::CollectionName;
use crate::live;
use crate::model::CollectionIx;

use super::super::decide;
use super::super::error::Result;
use super::super::{Gateway, Operation};
use super::shared::closed;

/// How often what depends on the time is decided again, give or take a fifth.
const SECOND: Duration = Duration::from_secs(1);

/// Beats when a commit touches one of some collections, and as time passes. Without either it never does.
///
/// Of a store that others write to as well only the commits of this process are heard. There time has to do for the
/// others': a beat each `live.poll_interval`, of each pulse by itself, so that not all look at one moment.
#[derive(Debug)]
pub(super) struct Pulse {
    /// Of the collections that are listened to, each once.
    heard: BTreeSet<CollectionName>,
    versions: Vec<watch::Receiver<u64>>,
    /// At the latest so long after a beat comes the next.
    every: Option<Duration>,
    next: Option<Instant>,
}

impl Pulse {
    /// Beats whenever read decisions about one of these collections may have changed.
    pub(super) fn of(gateway: &Gateway, collections: &[CollectionIx]) -> Self {
        let mut pulse = Self {
            heard: BTreeSet::new(),
            versions: Vec::new(),
            every: None,
            next: None,
        };
        for &collection in collections {
            pulse.quicken(gateway, collection);
        }
        pulse
    }

    /// The same for one more collection.
    pub(super) fn quicken(&mut self, gateway: &Gateway, collection: CollectionIx) {
        let collection = gateway.model.collection(collection);
        let gets = decide::gets(collection, Operation::Read);
        if !gets.is_empty() {
            self.shorten(gateway.hub.config().recheck_interval);
        }
        for name in gets {
            self.listen(gateway, name);
        }
        if decide::uses_now(collection, Operation::Read) {
            self.shorten(SECOND);
        }
    }

    /// Beats at each commit to this collection.
    pub(super) fn listen(&mut self, gateway: &Gateway, collection: &CollectionName) {
        if self.heard.insert(collection.clone()) {
            self.versions.push(gateway.version(collection));
            if gateway.store.is_shared() {
                self.shorten(gateway.hub.config().poll_interval);
            }
        }
    }

    fn shorten(&mut self, interval: Duration) {
        let every = self.every.map_or(interval, |every| every.min(interval));
        self.every = Some(every);
        self.next = Some(Instant::now() + live::about(every));
    }

    /// Whether it never beats.
    pub(super) fn is_still(&self) -> bool {
        self.versions.is_empty() && self.every.is_none()
    }

    /// Lets the next beat come no later than this, and none before but for a commit: the last one was in vain.
    pub(super) fn retry(&mut self, pause: Duration) {
        self.next = Some(Instant::now() + pause);
    }

    /// Waits for the next beat. Commits that came together are one. Dropping the future loses nothing.
    ///
    /// # Errors
    /// `Unavailable` when the gateway is drained: no commit will be told any more.
    pub(super) async fn beat(&mut self) -> Result<()> {
        tokio::select! {
            told = any(&mut self.versions) => told.map_err(|_| closed())?,
            () = reached(self.next) => {}
        }
        // Whatever was committed up to now is in the look that follows.
        for version in &mut self.versions {
            version.mark_unchanged();
        }
        self.next = self.every.map(|every| Instant::now() + live::about(every));
        Ok(())
    }
}

async fn any(versions: &mut [watch::Receiver<u64>]) -> Result<(), watch::error::RecvError> {
    if versions.is_empty() {
        return pending().await;
    }
    let changes = versions
        .iter_mut()
        .map(|version| Box::pin(version.changed()));
    let (told, _, _) = select_all(changes).await;
    told
}

async fn reached(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}
