//! Who holds what, and what was committed lately: open transactions, the
//! documents they have locked, and the commits that their snapshots must not
//! show. Told and asked by whoever has the turn at the gate; only the end of a
//! transaction's life comes by itself.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{broadcast, watch};
use tokio::task::AbortHandle;

use super::transaction::{Key, Transaction, key_of};
use super::{Commit, Selection, TransactionId, Written};
use crate::data::{DocId, Document};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::identity::Identity;

/// Commits that a watcher may lag behind before it loses some and is told so.
const FEED_CAPACITY: usize = 4096;

/// Transactions that may be open at once.
const MAX_OPEN: usize = 100;

/// Written documents that are kept for open transactions. When there are more, the oldest of these ends.
const MAX_KEPT: usize = 100_000;

/// See the module.
#[derive(Debug)]
pub(super) struct Ledger {
    state: Mutex<State>,
    /// Every commit, for watchers.
    feed: broadcast::Sender<Arc<Commit>>,
    /// Counts transactions that ended: what waits for a lock looks again.
    ended: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the last commit that is known here.
    last: u64,
    /// Commits after the oldest snapshot, in order.
    history: VecDeque<Arc<Commit>>,
    /// Documents written in `history`.
    kept: usize,
    open: HashMap<TransactionId, Transaction>,
    locks: HashMap<Key, TransactionId>,
}

impl Ledger {
    pub(super) fn new(last: u64) -> Self {
        Self {
            state: Mutex::new(State {
                last,
                ..State::default()
            }),
            feed: broadcast::channel(FEED_CAPACITY).0,
            ended: watch::channel(0).0,
        }
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Commit>> {
        self.feed.subscribe()
    }

    /// Opens a transaction. `timer` starts what ends it when its time is over, unless it is aborted before.
    ///
    /// # Errors
    /// Too many are open.
    pub(super) fn begin(
        &self,
        id: TransactionId,
        owner: Identity,
        timer: impl FnOnce() -> AbortHandle,
    ) -> Result<()> {
        let mut state = self.state();
        if state.open.len() >= MAX_OPEN {
            return Err(Failure::too_many_transactions(MAX_OPEN));
        }
        // Started under the lock, so that it does not end what is not there yet.
        let transaction = Transaction::new(owner, timer());
        state.open.insert(id, transaction);
        Ok(())
    }

    /// # Errors
    /// The transaction is over, or was never begun.
    pub(super) fn owner(&self, id: &TransactionId) -> Result<Identity> {
        let state = self.state();
        let open = state.open.get(id).ok_or_else(Failure::transaction_over)?;
        Ok(open.owner.clone())
    }

    /// The moment of a transaction's first operation is the one that all its reads show.
    ///
    /// # Errors
    /// The transaction is over, or was never begun.
    pub(super) fn fix_snapshot(&self, id: &TransactionId) -> Result<()> {
        let mut state = self.state();
        let last = state.last;
        state.transaction(id)?.snapshot.get_or_insert(last);
        Ok(())
    }

    /// What a transaction sees of the documents that a selection finds in the store now: without what was committed
    /// after its snapshot, with what it wrote itself.
    pub(super) fn seen_by(
        &self,
        id: &TransactionId,
        selection: &Selection,
        mut found: Vec<Arc<Document>>,
        now: i64,
    ) -> Result<Vec<Arc<Document>>> {
        let mut state = self.state();
        let snapshot = state.transaction(id)?.snapshot();
        let here = |written: &&Written| written.collection == selection.collection;
        let mut overlay: HashMap<&DocId, Option<&Arc<Document>>> = HashMap::new();
        // From the newest to the oldest: what stands last is what was there before all of them.
        for commit in state.since(snapshot) {
            for written in commit.written.iter().rev().filter(here) {
                overlay.insert(written.id(), written.before.as_ref());
            }
        }
        let own = state.open.get(id).ok_or_else(Failure::transaction_over)?;
        for ((collection, id), written) in own.writes() {
            if *collection == selection.collection {
                overlay.insert(id, written.after.as_ref());
            }
        }
        found.retain(|document| !overlay.contains_key(document.id()));
        let others = overlay.into_values().flatten().cloned().collect();
        found.extend(selection.chosen(others, now)?);
        Ok(found)
    }

    /// Takes what a transaction wants to write: the documents are its own from now on.
    ///
    /// # Errors
    /// Somebody else changed one since the snapshot, or holds it: the transaction is dead.
    pub(super) fn claim(&self, id: &TransactionId, written: Vec<Written>) -> Result<()> {
        let mut state = self.state();
        let snapshot = state.transaction(id)?.snapshot();
        let taken = |written: &Written| match state.locks.get(&key_of(written)) {
            Some(holder) => holder != id,
            None => state.is_changed(written, snapshot),
        };
        if written.iter().any(taken) {
            state.end(id);
            self.tell_end();
            return Err(Failure::transaction_conflict());
        }
        state.transaction(id)?.check_room(written.len())?;
        for written in written {
            state.locks.insert(key_of(&written), id.clone());
            state.transaction(id)?.add(written);
        }
        Ok(())
    }

    /// Whether a transaction holds one of these documents; then, what changes when one ends.
    pub(super) fn blocked(&self, written: &[Written]) -> Option<watch::Receiver<u64>> {
        let state = self.state();
        let held = |written: &Written| state.locks.contains_key(&key_of(written));
        // Subscribed under the lock, so that no end is missed.
        (written.iter().any(held)).then(|| self.ended.subscribe())
    }

    /// Ends a transaction and gives what it wrote. Its documents are free.
    ///
    /// # Errors
    /// It is over already, or was never begun.
    pub(super) fn end(&self, id: &TransactionId) -> Result<Vec<Written>> {
        let ended = self.state().end(id);
        let ended = ended.ok_or_else(Failure::transaction_over)?;
        self.tell_end();
        Ok(ended.into_writes())
    }

    /// Ends all transactions.
    pub(super) fn end_all(&self) {
        let open: Vec<TransactionId> = self.state().open.keys().cloned().collect();
        for id in open {
            // Gone meanwhile is as good.
            let _ = self.end(&id);
        }
    }

    /// Tells watchers of a commit, and keeps it for the transactions that must not see it.
    pub(super) fn record(&self, commit: Commit) {
        let commit = Arc::new(commit);
        let mut state = self.state();
        state.last = commit.sequence;
        let outgrown = state.keep(Arc::clone(&commit));
        drop(state);
        if outgrown {
            self.tell_end();
        }
        // Fails only when nobody watches.
        let _ = self.feed.send(commit);
    }

    fn tell_end(&self) {
        self.ended.send_modify(|count| *count += 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics under the lock between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn transaction(&mut self, id: &TransactionId) -> Result<&mut Transaction> {
        self.open.get_mut(id).ok_or_else(Failure::transaction_over)
    }

    /// The commits after a snapshot, the newest first.
    fn since(&self, snapshot: u64) -> impl Iterator<Item = &Arc<Commit>> {
        let history = self.history.iter().rev();
        history.take_while(move |commit| commit.sequence > snapshot)
    }

    fn is_changed(&self, wanted: &Written, snapshot: u64) -> bool {
        let mut since = self.since(snapshot).flat_map(|commit| &commit.written);
        since.any(|written| written.collection == wanted.collection && written.id() == wanted.id())
    }

    fn oldest(&self) -> Option<u64> {
        let snapshots = self.open.values().filter_map(|open| open.snapshot);
        snapshots.min()
    }

    fn end(&mut self, id: &TransactionId) -> Option<Transaction> {
        let ended = self.open.remove(id)?;
        ended.timer.abort();
        self.locks.retain(|_, holder| holder != id);
        self.forget();
        Some(ended)
    }

    /// Forgets the commits that no snapshot has to do without.
    fn forget(&mut self) {
        let oldest = self.oldest();
        while let Some(first) = self.history.front()
            && oldest.is_none_or(|oldest| first.sequence <= oldest)
        {
            self.kept -= first.written.len();
            self.history.pop_front();
        }
    }

    /// Whether transactions had to end to make room.
    fn keep(&mut self, commit: Arc<Commit>) -> bool {
        let mut outgrown = false;
        if self.oldest().is_some() {
            self.kept += commit.written.len();
            self.history.push_back(commit);
        }
        while self.kept > MAX_KEPT
            && let Some(oldest) = self.oldest()
        {
            let of_it = |open: &Transaction| open.snapshot == Some(oldest);
            let ids = self.open.iter().filter(|(_, open)| of_it(open));
            let ids: Vec<TransactionId> = ids.map(|(id, _)| id.clone()).collect();
            for id in &ids {
                self.end(id);
            }
            outgrown = true;
        }
        outgrown
    }
}
