//! The task behind a watch: keeps its list as the store's is.

use std::sync::Arc;

use futures_util::future::pending;
use tokio::sync::Semaphore;
use tokio::time;

use super::feed::{Commits, Tidings};
use super::list::{Effect, List};
use super::lookout::Lookout;
use super::pause::Backoff;
use super::version::Versions;
use super::watch::Watch;
use super::{Query, Window};
use crate::store::{Result, Snapshot, Store};

/// Commits that are taken in before watchers are shown what became of them, if so many wait: a bulk write is one
/// state or a few, and watchers still hear of a store that is written to all the time.
const AT_ONCE: usize = 1024;

/// What became of the list by what was told.
struct Taken {
    effect: Effect,
    /// Whether that is all there was, or all that is lost is read.
    all: bool,
}

/// Where a list comes from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) store: Arc<dyn Store>,
    pub(super) commits: Commits,
    /// When to look for what the commits do not tell of, because others made them.
    pub(super) lookout: Option<Lookout>,
    /// Shared by all followers: a permit is held while a list is read again.
    pub(super) turns: Arc<Semaphore>,
}

#[derive(Debug)]
pub(super) struct Follower {
    source: Source,
    query: Query,
    versions: Arc<Versions>,
    list: List,
}

impl Follower {
    /// Reads the list for the first time, after it was listened to for commits: what is committed in between is known
    /// of both.
    ///
    /// # Errors
    /// Those of the read.
    pub(super) async fn begin(
        source: Source,
        query: Query,
        versions: Arc<Versions>,
    ) -> Result<Self> {
        let read = source.read(&query).await?;
        Ok(Self {
            source,
            list: List::new(query.clone(), read),
            query,
            versions,
        })
    }

    /// The list as it is now.
    pub(super) fn window(&self) -> Window {
        self.list.window()
    }

    /// Shows the watch each new state of the list. Never ends by itself; may be dropped at any time.
    pub(super) async fn run(mut self, watch: &Watch) {
        loop {
            let Source {
                commits, lookout, ..
            } = &mut self.source;
            // What nobody watches is not looked at: whoever comes back asks.
            let is_watched = watch.is_watched();
            let first = tokio::select! {
                tidings = commits.next() => Some(tidings),
                () = watch.rounds().asked() => None,
                () = due(lookout), if is_watched => None,
            };
            let round = watch.rounds().begin();
            let is_asked = watch.rounds().is_asked();
            let Taken { effect, all } = self.take_in(first, is_asked);
            let lookout = self.source.lookout.as_mut();
            if effect == Effect::Lost {
                self.read_again(watch).await;
                self.show(watch);
            } else if (is_asked || is_watched) && lookout.is_some_and(Lookout::is_due) {
                self.look_again(watch).await;
                self.show(watch);
            } else if effect == Effect::Moved {
                self.show(watch);
            }
            if all {
                watch.rounds().finish(round);
            }
        }
    }

    /// Shows the watch the list, if it shows anything else.
    fn show(&self, watch: &Watch) {
        let shown = watch.current();
        if shown.is_some_and(|window| !self.list.is_shown_by(&window)) {
            // Who sees the list after a commit must not be shown a counter of before it.
            self.versions.catch_up();
            watch.publish(self.list.window());
        }
    }

    /// Takes in what the feed told, and what else waits there, until something is lost. `is_asked`: somebody wants to
    /// know of all that was committed, which a feed that is not prompt does not tell.
    fn take_in(&mut self, first: Option<Tidings>, is_asked: bool) -> Taken {
        let commits = &mut self.source.commits;
        let mut tidings = first;
        let mut effect = Effect::None;
        for _ in 0..AT_ONCE {
            let next = match tidings.take().or_else(|| commits.ready()) {
                Some(Tidings::Change(change)) => self.list.apply(&change),
                Some(Tidings::Unknown) => Effect::Lost,
                None if is_asked && !commits.is_prompt() => Effect::Lost,
                None => return Taken { effect, all: true },
            };
            match next {
                Effect::None => {}
                Effect::Moved => effect = Effect::Moved,
                Effect::Lost => {
                    return Taken {
                        effect: Effect::Lost,
                        all: true,
                    };
                }
            }
        }
        Taken { effect, all: false }
    }

    /// Reads the list because something was lost: whatever is found is no surprise.
    async fn read_again(&mut self, watch: &Watch) {
        let look = self.source.lookout.as_mut().map(Lookout::begin);
        let read = self.read(watch).await;
        self.list.renew(read);
        if let (Some(lookout), Some(look)) = (&mut self.source.lookout, look) {
            lookout.end(look, false);
        }
    }

    /// Reads the list to find what others committed.
    async fn look_again(&mut self, watch: &Watch) {
        let look = self.source.lookout.as_mut().map(Lookout::begin);
        let read = self.read(watch).await;
        // Otherwise commits of this process, which will be told of, are among what is found.
        let is_others = read.sequence == self.list.sequence();
        let before = self.list.window();
        self.list.renew(read);
        let is_surprised = is_others && !self.list.is_shown_by(&before);
        if let (Some(lookout), Some(look)) = (&mut self.source.lookout, look) {
            lookout.end(look, is_surprised);
        }
    }

    /// Reads until it succeeds. What the feed tells of meanwhile waits there.
    async fn read(&self, watch: &Watch) -> Snapshot {
        let mut backoff = Backoff::new();
        loop {
            // The semaphore is never closed; without a permit it would be read all the same.
            let turn = self.source.turns.acquire().await.ok();
            match self.source.read(&self.query).await {
                Ok(read) => return read,
                Err(error) => {
                    drop(turn);
                    let collection = &self.query.collection;
                    tracing::warn!(%collection, %error, "a watched list could not be read, trying again");
                    watch.rounds().fail(watch.rounds().begin());
                    time::sleep(backoff.after(&error)).await;
                }
            }
        }
    }
}

impl Source {
    async fn read(&self, query: &Query) -> Result<Snapshot> {
        let find = List::find(query);
        self.store.snapshot(&query.collection, &find).await
    }
}

/// Waits until the list must be looked at; forever, if all that happens to it is told.
async fn due(lookout: &mut Option<Lookout>) {
    match lookout {
        Some(lookout) => lookout.due().await,
        None => pending().await,
    }
}
