//! One watch: what its list looks like now, and those who watch.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::time;

use super::Window;
use super::idle::Idle;
use super::rounds::{Missed, Rounds};

/// States that a watcher may lag behind before it misses some; the last one it never misses.
const STATES: usize = 64;

/// Shared by its task, which publishes, and the hub, where watchers join.
#[derive(Debug)]
pub(super) struct Watch {
    /// `None` once it is closed. The lock makes joining one step: no state is published between the one that a watcher
    /// begins with and the first it is sent. Never held across an await.
    open: Mutex<Option<Open>>,
    /// Tells the task that somebody joined who may have come back just in time.
    joined: Notify,
    /// In each round the task sees to it that what was committed before is shown.
    rounds: Arc<Rounds>,
}

#[derive(Debug)]
struct Open {
    current: Arc<Window>,
    /// Every state goes to every watcher. Bounded: who lags further behind goes on with later states.
    states: Sender<Arc<Window>>,
}

/// One watcher of a watch: sees each state of the list after the one it began with, unless it lags, then later ones.
#[derive(Debug)]
pub struct Watcher {
    current: Arc<Window>,
    states: Receiver<Arc<Window>>,
    rounds: Arc<Rounds>,
}

impl Watch {
    /// A watch with its first watcher.
    pub(super) fn begin(first: Window) -> (Arc<Self>, Watcher) {
        let (states, receiver) = broadcast::channel(STATES);
        let current = Arc::new(first);
        let rounds = Arc::<Rounds>::default();
        let watcher = Watcher {
            current: Arc::clone(&current),
            states: receiver,
            rounds: Arc::clone(&rounds),
        };
        let watch = Self {
            open: Mutex::new(Some(Open { current, states })),
            joined: Notify::new(),
            rounds,
        };
        (Arc::new(watch), watcher)
    }

    /// One watcher more; `None` if it is closed.
    pub(super) fn join(&self) -> Option<Watcher> {
        let open = self.open();
        let watcher = open.as_ref().map(|open| Watcher {
            current: Arc::clone(&open.current),
            states: open.states.subscribe(),
            rounds: Arc::clone(&self.rounds),
        });
        drop(open);
        self.joined.notify_waiters();
        watcher
    }

    pub(super) fn rounds(&self) -> &Rounds {
        &self.rounds
    }

    pub(super) fn current(&self) -> Option<Arc<Window>> {
        self.open().as_ref().map(|open| Arc::clone(&open.current))
    }

    /// Whether anybody watches.
    pub(super) fn is_watched(&self) -> bool {
        let open = self.open();
        open.as_ref()
            .is_some_and(|open| open.states.receiver_count() > 0)
    }

    pub(super) fn publish(&self, window: Window) {
        if let Some(open) = self.open().as_mut() {
            open.current = Arc::new(window);
            // Fails only when nobody watches.
            let _ = open.states.send(Arc::clone(&open.current));
        }
    }

    /// Watchers are told that it is over, and nobody joins any more.
    pub(super) fn close(&self) {
        drop(self.open().take());
        self.rounds.close();
    }

    /// Waits until nobody has watched for so long, and closes; at once if others that nobody watches hold too much.
    pub(super) async fn closed_after(&self, linger: Duration, idle: &Idle) {
        loop {
            let Some(states) = self.open().as_ref().map(|open| open.states.clone()) else {
                return;
            };
            states.closed().await;
            let kept = self.current().and_then(|window| idle.keep(&window));
            let linger = if kept.is_some() {
                linger
            } else {
                Duration::ZERO
            };
            tokio::select! {
                () = self.joined.notified() => {}
                () = time::sleep(linger) => {
                    let mut open = self.open();
                    if states.receiver_count() == 0 {
                        drop(open.take());
                        return;
                    }
                }
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        // Nothing panics under the lock.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher {
    /// The list as it was last seen.
    pub fn current(&self) -> &Arc<Window> {
        &self.current
    }

    /// Waits for the next state of the list. `None` when the hub is closed. Dropping the future loses nothing.
    pub async fn changed(&mut self) -> Option<Arc<Window>> {
        loop {
            match self.states.recv().await {
                Ok(window) => {
                    self.current = Arc::clone(&window);
                    return Some(window);
                }
                // States are whole lists: the oldest that is left is as good as all before it.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Waits until whatever was committed before the call is in the list; tells whether the list moved.
    ///
    /// # Errors
    /// The list cannot be read at the moment, or the watch is over. What was seen last is still true of an earlier
    /// moment.
    pub async fn catch_up(&mut self) -> Result<bool, Missed> {
        self.rounds.ask().await?;
        let before = Arc::clone(&self.current);
        loop {
            match self.states.try_recv() {
                Ok(window) => self.current = window,
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        Ok(!Arc::ptr_eq(&before, &self.current))
    }
}
