//! The store's commits for whoever has to know of them, with losses told.
//!
//! Everybody who hears of commits by themselves is a task that others do not
//! wait for. Only the counters of [`super::version`] are never behind what a
//! [`Feed`] told.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{self, Instant};

use super::pause::{self, Poll};
use super::version::Versions;
use crate::data::Change;
use crate::store::Store;

/// Between two subscriptions to a store that stops telling: it may do so again at once.
const BETWEEN_SUBSCRIPTIONS: Duration = Duration::from_millis(200);

/// Commits from the moment it was made, each once, in the order of their numbers; of a shared store those of this
/// process.
#[derive(Debug)]
pub struct Feed {
    commits: Commits,
    poll: Option<Poll>,
    versions: Arc<Versions>,
}

impl Feed {
    /// `poll`: when to look for what the commits do not tell of.
    pub(super) fn new(commits: Commits, poll: Option<Poll>, versions: Arc<Versions>) -> Self {
        Self {
            commits,
            poll,
            versions,
        }
    }

    /// The next commit; all versions count it by then. Never ends: a store that stops telling is asked to begin again.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Tidings {
        let tidings = tokio::select! {
            tidings = self.commits.next() => tidings,
            () = Poll::next(&mut self.poll) => Tidings::Unknown,
        };
        self.versions.catch_up();
        tidings
    }

    /// What there is to tell without waiting.
    pub fn ready(&mut self) -> Option<Tidings> {
        let tidings = self.commits.ready();
        self.versions.catch_up();
        tidings
    }

    /// Whether each commit is there to be told by the time it is acknowledged; of a shared store, each of this process.
    pub fn is_prompt(&self) -> bool {
        self.commits.is_prompt()
    }
}

/// What feeds are made of.
#[derive(Debug)]
pub(super) struct Commits {
    store: Arc<dyn Store>,
    poll_interval: Duration,
    source: Source,
    /// The number of the last change that was told of; what comes late or twice is not above it.
    last: Option<u64>,
    /// A change that came after a gap, which is told of first.
    held: Option<Arc<Change>>,
}

#[derive(Debug)]
enum Source {
    Changes {
        receiver: Receiver<Arc<Change>>,
        /// When the next subscription may be made, should this one end.
        renewable: Instant,
    },
    /// The store tells of no changes.
    Silent { next_look: Instant },
}

/// What a feed tells.
#[derive(Clone, Debug)]
pub enum Tidings {
    Change(Arc<Change>),
    /// Something may have changed that is not told: changes were lost, or the store does not tell of all and it is time
    /// to look again.
    Unknown,
}

impl Commits {
    /// From now on.
    pub(super) fn of(store: Arc<dyn Store>, poll_interval: Duration) -> Self {
        Self {
            source: Source::of(store.as_ref(), poll_interval),
            store,
            poll_interval,
            last: None,
            held: None,
        }
    }

    /// As [`Feed::next`].
    pub(super) async fn next(&mut self) -> Tidings {
        loop {
            if let Some(change) = self.held.take() {
                return Tidings::Change(change);
            }
            match &mut self.source {
                Source::Silent { next_look } => {
                    time::sleep_until(*next_look).await;
                    *next_look = Instant::now() + pause::about(self.poll_interval);
                    return Tidings::Unknown;
                }
                Source::Changes {
                    receiver,
                    renewable,
                } => match receiver.recv().await {
                    Ok(change) => {
                        if let Some(tidings) = self.tell(change) {
                            return tidings;
                        }
                    }
                    Err(RecvError::Lagged(_)) => return self.tell_of_loss(),
                    Err(RecvError::Closed) => {
                        time::sleep_until(*renewable).await;
                        self.source = Source::of(self.store.as_ref(), self.poll_interval);
                        return self.tell_of_loss();
                    }
                },
            }
        }
    }

    /// As [`Feed::is_prompt`].
    pub(super) fn is_prompt(&self) -> bool {
        match &self.source {
            Source::Changes { receiver, .. } => !receiver.is_closed(),
            Source::Silent { .. } => false,
        }
    }

    /// What the store has told and nobody took yet; of a store that tells nothing, nothing.
    pub(super) fn ready(&mut self) -> Option<Tidings> {
        if matches!(self.source, Source::Silent { .. }) {
            return None;
        }
        // Not to be told by the runtime that this task has done enough for now: the caller sees to that.
        pin!(tokio::task::unconstrained(self.next())).now_or_never()
    }

    /// What there is to tell of a change: nothing if it came before.
    fn tell(&mut self, change: Arc<Change>) -> Option<Tidings> {
        let next = self.last.map_or(change.sequence, |last| last + 1);
        if change.sequence < next {
            return None;
        }
        self.last = Some(change.sequence);
        if change.sequence > next {
            self.held = Some(change);
            return Some(Tidings::Unknown);
        }
        Some(Tidings::Change(change))
    }

    /// Whatever change comes next is no second loss.
    fn tell_of_loss(&mut self) -> Tidings {
        self.last = None;
        Tidings::Unknown
    }
}

impl Source {
    fn of(store: &dyn Store, poll_interval: Duration) -> Self {
        match store.changes() {
            Some(receiver) => Source::Changes {
                receiver,
                renewable: Instant::now() + pause::about(BETWEEN_SUBSCRIPTIONS),
            },
            None => Source::Silent {
                next_look: Instant::now() + pause::about(poll_interval),
            },
        }
    }
}
