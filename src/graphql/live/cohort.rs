//! Subscribers who see the same: one list, rendered once for all of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{OnceCell, broadcast};
use tokio_util::sync::CancellationToken;

use super::operation::{Identity, Operation, Payload};
use super::shown::{Scene, Shown};
use super::{Difference, Live, Look, difference};
use crate::data::Caller;
use crate::gateway::{Rounds, Session, Share, Sight};
use crate::graphql::load::Loads;
use crate::graphql::render::event::{EventKind, Happening};

/// Subscribers with equal keys see the same.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) operation: Arc<Identity>,
    pub(super) sight: Sight,
}

/// All who have joined under one key.
#[derive(Debug)]
pub(super) struct Cohort {
    pub(super) key: Arc<Key>,
    pub(super) operation: Arc<Operation>,
    /// Whoever came first. Any of them would do, since they see the same.
    pub(super) caller: Arc<Caller>,
    /// Set by the first to join; who comes at the same time waits for it. Empty if that failed.
    pub(super) stage: OnceCell<Stage>,
    /// In each round the task sees to it that what was committed before is on the stage.
    pub(super) rounds: Rounds,
    /// Cancelled when the last has left: ends the task.
    pub(super) left: CancellationToken,
}

/// What is shown now, and the way to those who watch.
///
/// One lock for both, held while a payload is rendered: who comes sees either the list before an event, and is told
/// that event, or the list after it. Never held across an await.
#[derive(Debug)]
pub(super) struct Stage {
    now: Mutex<Now>,
    /// What the cohort's beginner has less of.
    _share: Share,
}

#[derive(Debug)]
struct Now {
    shown: Arc<Shown>,
    /// The highest number that anybody was told; at least that of `shown`.
    sequence: u64,
    /// Holds as many events as a subscriber may lag behind; `None` when nobody looks any more.
    sender: Option<broadcast::Sender<Arc<Told>>>,
    /// The events that somebody may still wait for, the newest last.
    unheard: VecDeque<Weak<Told>>,
}

/// One event, for everybody.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) sequence: u64,
    /// `None` once too much waits for those who lag behind. The lock covers taking it and cloning it.
    payload: Mutex<Option<Payload>>,
    /// The list after it.
    pub(super) looks: Arc<[Look]>,
}

/// Where a subscriber begins.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) shown: Arc<Shown>,
    /// What an event has to be numbered that tells of `shown` to somebody who was told other things before.
    pub(super) sequence: u64,
    /// All events after `shown`.
    pub(super) receiver: broadcast::Receiver<Arc<Told>>,
}

impl Stage {
    /// `queue`: how many events a subscriber may lag behind.
    pub(super) fn new(scene: Arc<Scene>, share: Share, queue: usize) -> Self {
        let shown = Shown::new(1, scene);
        let now = Now {
            sequence: shown.sequence,
            shown: Arc::new(shown),
            sender: Some(broadcast::Sender::new(queue.max(1))),
            unheard: VecDeque::new(),
        };
        Self {
            now: Mutex::new(now),
            _share: share,
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // A panic while it was locked came before anything was changed: the list is as it was told last.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Now {
    /// Of all that waits for those who lag behind, keeps the newest: so many bytes, and at least one event. Who misses
    /// the others is told everything anew.
    fn keep(&mut self, newest: &Arc<Told>, max: usize) {
        self.unheard.retain(|told| told.strong_count() > 0);
        self.unheard.push_back(Arc::downgrade(newest));
        let mut bytes = 0_usize;
        for told in self.unheard.iter().rev().filter_map(Weak::upgrade) {
            let is_newest = bytes == 0;
            bytes = bytes.saturating_add(told.payload().map_or(0, |payload| payload.body.len()));
            if bytes > max && !is_newest {
                *told.lock() = None;
            }
        }
    }
}

impl Told {
    /// What is handed out; `None` if it was too much to keep.
    pub(super) fn payload(&self) -> Option<Payload> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Payload>> {
        // Nothing panics under the lock.
        self.payload.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cohort {
    /// A session of its own, now, that decides as the key says.
    pub(super) fn session(&self, live: &Live) -> Session {
        let closed = self.key.sight.closed().clone();
        let caller = Arc::clone(&self.caller);
        live.gateway.session_within(caller, closed)
    }

    /// A place from which nothing is missed. `above`: the event that tells of it, and all after it, get higher numbers
    /// than this. `None` when nobody looks at the list any more.
    pub(super) fn attend(&self, above: u64) -> Option<Seat> {
        let mut now = self.stage.get()?.now();
        let receiver = now.sender.as_ref()?.subscribe();
        now.sequence = now.sequence.max(above.saturating_add(1));
        Some(Seat {
            shown: Arc::clone(&now.shown),
            sequence: now.sequence,
            receiver,
        })
    }

    /// Tells everybody what became different, if anything did.
    pub(super) fn tell(&self, live: &Live, scene: &Arc<Scene>) {
        let Some(stage) = self.stage.get() else {
            return;
        };
        let mut now = stage.now();
        let changes = difference(&now.shown.scene.looks, &scene.looks);
        if changes.is_empty() {
            // It looks the same, but for addresses: who comes next is not given those of long ago.
            if scene.loads.has_addresses() {
                let sequence = now.shown.sequence;
                now.shown = Arc::new(Shown::new(sequence, Arc::clone(scene)));
            }
            return;
        }
        let sequence = now.sequence + 1;
        let payload = self.change(live, sequence, scene, &changes);
        let told = Arc::new(Told {
            sequence,
            payload: Mutex::new(Some(payload)),
            looks: Arc::clone(&scene.looks),
        });
        now.keep(&told, self.operation.room());
        now.sequence = sequence;
        now.shown = Arc::new(Shown::new(sequence, Arc::clone(scene)));
        if let Some(sender) = &now.sender {
            // Fails when all have left; the task is about to end then.
            let _ = sender.send(told);
        }
    }

    /// What became different, as one event.
    pub(super) fn change(
        &self,
        live: &Live,
        sequence: u64,
        scene: &Scene,
        changes: &[Difference],
    ) -> Payload {
        let happening = Happening {
            sequence,
            kind: EventKind::Change,
            documents: &scene.documents,
            changes,
        };
        self.operation
            .render(live, &self.caller, happening, &scene.loads)
    }

    /// That all these documents left.
    pub(super) fn removal(&self, live: &Live, sequence: u64, seen: &[Look]) -> Payload {
        let nothing = Scene {
            documents: Vec::new(),
            looks: Arc::new([]),
            loads: Loads::new(0),
        };
        self.change(live, sequence, &nothing, &difference(seen, &[]))
    }

    /// Nobody looks at the list any more: subscribers are told what waits for them, then that the channel is closed.
    pub(super) fn close(&self) {
        if let Some(stage) = self.stage.get() {
            stage.now().sender = None;
        }
        self.rounds.close();
    }

    /// Whether events may still come.
    pub(super) fn is_open(&self) -> bool {
        let stage = self.stage.get();
        stage.is_some_and(|stage| stage.now().sender.is_some())
    }
}
