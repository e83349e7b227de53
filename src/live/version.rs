//! How often each collection has changed, counted for all who want to know.
//!
//! The counters may be brought up to date by anybody at any time, so that they
//! are never behind what a watch shows or a feed tells. In between a task sees
//! to it.
//!
//! Of a store that others write to as well nobody knows how often a collection
//! has changed. Whoever wants to look for it at intervals, all at the same
//! moment, has a counter that grows then too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::feed::{Commits, Tidings};
use super::pause::Poll;
use crate::data::CollectionName;

/// The counters there are: as many as collections were asked for. The lock is never held across an await.
#[derive(Debug, Default)]
pub(super) struct Versions(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    /// Nobody has asked yet.
    #[default]
    Idle,
    Counting {
        /// Those that are not counted yet, of all collections in their order.
        commits: Commits,
        counters: HashMap<CollectionName, Counters>,
    },
    Closed,
}

#[derive(Debug, Default)]
struct Counters {
    /// Grows with what is told.
    told: Sender<u64>,
    /// Grows also when it is time to look.
    polled: Sender<u64>,
}

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Told,
    Polled,
}

impl Versions {
    /// A counter of this collection. The first to ask begins the counting, with a task on this tracker.
    pub(super) fn of(
        self: &Arc<Self>,
        (collection, counted): (&CollectionName, Counted),
        (commits, poll): (impl Fn() -> Commits, Option<Poll>),
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Receiver<u64> {
        let mut state = self.state();
        if matches!(*state, State::Idle) {
            *state = State::Counting {
                commits: commits(),
                counters: HashMap::new(),
            };
            // Counts until the hub ends.
            tasks.spawn(Arc::clone(self).count(commits(), poll, stop.clone()));
        }
        match &mut *state {
            State::Counting { counters, .. } => {
                let counters = counters.entry(collection.clone()).or_default();
                match counted {
                    Counted::Told => counters.told.subscribe(),
                    Counted::Polled => counters.polled.subscribe(),
                }
            }
            State::Idle | State::Closed => watch::channel(0).1,
        }
    }

    /// Counts what was committed until now, as far as the store has told.
    pub(super) fn catch_up(&self) {
        self.state().catch_up();
    }

    /// Counts whenever there is something to count. By commits of its own it hears when that is.
    async fn count(
        self: Arc<Self>,
        mut commits: Commits,
        mut poll: Option<Poll>,
        stop: CancellationToken,
    ) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                tidings = commits.next() => match tidings {
                    Tidings::Change(_) => self.catch_up(),
                    Tidings::Unknown => self.state().count(&tidings),
                },
                () = Poll::next(&mut poll) => self.state().poll(),
            }
        }
        *self.state() = State::Closed;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn catch_up(&mut self) {
        while let State::Counting { commits, .. } = self
            && let Some(tidings) = commits.ready()
        {
            self.count(&tidings);
        }
    }

    fn count(&self, tidings: &Tidings) {
        let State::Counting { counters, .. } = self else {
            return;
        };
        match tidings {
            Tidings::Change(change) => {
                let counters = counters.get(&change.collection).into_iter();
                counters.for_each(Counters::grow);
            }
            Tidings::Unknown => counters.values().for_each(Counters::grow),
        }
    }

    /// It is time to look.
    fn poll(&self) {
        if let State::Counting { counters, .. } = self {
            counters
                .values()
                .for_each(|counters| grow(&counters.polled));
        }
    }
}

impl Counters {
    fn grow(&self) {
        grow(&self.told);
        grow(&self.polled);
    }
}

fn grow(counter: &Sender<u64>) {
    counter.send_modify(|count| *count += 1);
}
