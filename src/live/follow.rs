//! The task behind a watch: keeps its list as the store's is.

use std::sync::Arc;

use tokio::time;

use super::feed::{Commits, Tidings};
use super::list::{Effect, List};
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

#[derive(Debug)]
pub(super) struct Follower {
    store: Arc<dyn Store>,
    query: Query,
    commits: Commits,
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
        store: Arc<dyn Store>,
        query: Query,
        commits: Commits,
        versions: Arc<Versions>,
    ) -> Result<Self> {
        let read = read(store.as_ref(), &query).await?;
        Ok(Self {
            store,
            list: List::new(query.clone(), read),
            query,
            commits,
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
            let first = tokio::select! {
                tidings = self.commits.next() => Some(tidings),
                () = watch.rounds().asked() => None,
            };
            let round = watch.rounds().begin();
            let is_asked = watch.rounds().is_asked();
            let Taken { effect, all } = self.take_in(first, is_asked);
            if effect == Effect::Lost {
                self.read_again(watch).await;
            }
            let shown = watch.current();
            if effect != Effect::None && shown.is_some_and(|window| !self.list.is_shown_by(&window))
            {
                // Who sees the list after a commit must not be shown a counter of before it.
                self.versions.catch_up();
                watch.publish(self.list.window());
            }
            if all {
                watch.rounds().finish(round);
            }
        }
    }

    /// Takes in what the feed told, and what else waits there, until something is lost. `is_asked`: somebody wants to
    /// know of all that was committed, which a feed that is not prompt does not tell.
    fn take_in(&mut self, first: Option<Tidings>, is_asked: bool) -> Taken {
        let mut tidings = first;
        let mut effect = Effect::None;
        for _ in 0..AT_ONCE {
            let next = match tidings.take().or_else(|| self.commits.ready()) {
                Some(Tidings::Change(change)) => self.list.apply(&change),
                Some(Tidings::Unknown) => Effect::Lost,
                None if is_asked && !self.commits.is_prompt() => Effect::Lost,
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

    /// Reads until it succeeds. What the feed tells of meanwhile waits there.
    async fn read_again(&mut self, watch: &Watch) {
        let mut backoff = Backoff::new();
        loop {
            match read(self.store.as_ref(), &self.query).await {
                Ok(read) => return self.list.renew(read),
                Err(error) => {
                    let collection = &self.query.collection;
                    tracing::warn!(%collection, %error, "a watched list could not be read, trying again");
                    watch.rounds().fail(watch.rounds().begin());
                }
            }
            time::sleep(backoff.next()).await;
        }
    }
}

async fn read(store: &dyn Store, query: &Query) -> Result<Snapshot> {
    store.snapshot(&query.collection, &List::find(query)).await
}
