//! This process's commits, told in their order.
//!
//! The cloud tells nobody of commits, so a write is told of by whoever made it, and two things need care:
//!
//! - *Order.* Two writes to a document are told in the order in which the cloud carried them out: only one of this
//!   process is under way at a time ([`Turn`]).
//! - *The moment of a read.* A list was read with exactly the commits up to a number if no write to the collection was
//!   under way meanwhile ([`Feed::quiet`], or [`Feed::exclude`] where there is always one).

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{self, RwLock, RwLockReadGuard, RwLockWriteGuard, broadcast};

use crate::data::{Change, CollectionName, DocId, Document};

/// Changes that a receiver may lag behind before it loses some and is told so.
const CAPACITY: usize = 4096;

/// Locks that documents share. Two documents with the same one wait for each other: so many that a write of a thousand
/// documents holds up few others.
const STRIPES: usize = 1 << 14;

/// Who wants to know of commits, and what is under way.
#[derive(Debug)]
pub(super) struct Feed {
    sender: broadcast::Sender<Arc<Change>>,
    /// The number of the last commit. Held while commits are numbered and told, so that they are told in order.
    sequence: Mutex<u64>,
    /// Each held by the one write to its documents that is under way.
    stripes: Box<[sync::Mutex<()>]>,
    hasher: RandomState,
    gates: HashMap<CollectionName, Gate>,
    /// Of collections that nobody named.
    other: Gate,
}

/// Where writes to a collection pass, and reads that must know the moment.
#[derive(Debug, Default)]
struct Gate {
    /// Shared by writes from before they are sent until they are told; a read that excludes them has it alone.
    passing: RwLock<()>,
    /// Writes that passed since the start.
    begun: AtomicU64,
}

/// The right of one write to be under way. Its commit is told before this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    feed: &'a Feed,
    collection: &'a CollectionName,
    _passing: RwLockReadGuard<'a, ()>,
    _documents: Vec<sync::MutexGuard<'a, ()>>,
}

/// A moment in which no write to a collection was under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet {
    pub(super) sequence: u64,
    begun: u64,
}

/// A moment that lasts: no write to a collection begins.
#[derive(Debug)]
pub(super) struct Excluding<'a> {
    pub(super) sequence: u64,
    _alone: RwLockWriteGuard<'a, ()>,
}

/// What a write did to a document.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// `None`: there was none.
    pub(super) before: Option<Arc<Document>>,
    /// `None`: there is none any more.
    pub(super) after: Option<Arc<Document>>,
}

impl Feed {
    pub(super) fn new<'a>(collections: impl Iterator<Item = &'a CollectionName>) -> Self {
        Self {
            sender: broadcast::channel(CAPACITY).0,
            sequence: Mutex::new(0),
            stripes: (0..STRIPES).map(|_| sync::Mutex::default()).collect(),
            hasher: RandomState::new(),
            gates: collections
                .map(|name| (name.clone(), Gate::default()))
                .collect(),
            other: Gate::default(),
        }
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Change>> {
        self.sender.subscribe()
    }

    /// Waits until no other write to these documents is under way.
    pub(super) async fn turn<'a>(
        &'a self,
        collection: &'a CollectionName,
        ids: impl Iterator<Item = &DocId>,
    ) -> Turn<'a> {
        let gate = self.gate(collection);
        let passing = gate.passing.read().await;
        gate.begun.fetch_add(1, Ordering::SeqCst);
        let mut stripes: Vec<usize> = ids.map(|id| self.stripe(collection, id)).collect();
        // All take them in the same order, so that no two wait for each other.
        stripes.sort_unstable();
        stripes.dedup();
        let mut documents = Vec::with_capacity(stripes.len());
        for stripe in stripes {
            documents.push(self.stripes[stripe].lock().await);
        }
        Turn {
            feed: self,
            collection,
            _passing: passing,
            _documents: documents,
        }
    }

    /// The moment, if no write to the collection is under way.
    pub(super) fn quiet(&self, collection: &CollectionName) -> Option<Quiet> {
        let gate = self.gate(collection);
        let _alone = gate.passing.try_write().ok()?;
        Some(Quiet {
            sequence: *self.sequence(),
            begun: gate.begun.load(Ordering::SeqCst),
        })
    }

    /// Whether no write to the collection has begun since that moment.
    pub(super) fn is_still(&self, collection: &CollectionName, quiet: Quiet) -> bool {
        self.gate(collection).begun.load(Ordering::SeqCst) == quiet.begun
    }

    /// Waits for writes to the collection that are under way, and keeps others from beginning.
    pub(super) async fn exclude(&self, collection: &CollectionName) -> Excluding<'_> {
        let alone = self.gate(collection).passing.write().await;
        Excluding {
            sequence: *self.sequence(),
            _alone: alone,
        }
    }

    fn gate(&self, collection: &CollectionName) -> &Gate {
        self.gates.get(collection).unwrap_or(&self.other)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a remainder of STRIPES fits"
    )]
    fn stripe(&self, collection: &CollectionName, id: &DocId) -> usize {
        (self.hasher.hash_one((collection, id)) % STRIPES as u64) as usize
    }

    fn sequence(&self) -> MutexGuard<'_, u64> {
        // It is changed in single steps, so a panic elsewhere leaves it right.
        self.sequence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pair {
    pub(super) fn is_change(&self) -> bool {
        self.before.as_ref().map(|it| it.fields()) != self.after.as_ref().map(|it| it.fields())
    }
}

impl Turn<'_> {
    /// Tells of a commit: what it did to each document. What did nothing is not told of.
    pub(super) fn tell(&self, commit: &[Pair]) {
        let mut sequence = self.feed.sequence();
        for pair in commit.iter().filter(|pair| pair.is_change()) {
            let Pair { before, after } = pair.clone();
            let Some(document) = after.as_ref().or(before.as_ref()) else {
                continue;
            };
            let id = document.id().clone();
            *sequence += 1;
            // Nobody may be listening.
            let _ = self.feed.sender.send(Arc::new(Change {
                sequence: *sequence,
                collection: self.collection.clone(),
                id,
                before,
                after,
            }));
        }
    }

    /// There may have been a commit, of which nothing is known: a number that nobody is told of, so that followers
    /// notice a loss at the next one, and read.
    pub(super) fn lose(&self) {
        *self.feed.sequence() += 1;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::data::Object;

    fn name(text: &str) -> CollectionName {
        CollectionName::parse(text).expect("a name")
    }

    fn feed() -> Feed {
        Feed::new([name("a"), name("b")].iter())
    }

    fn document(id: &str, n: i64) -> Option<Arc<Document>> {
        let fields: Object = [("n", crate::data::Value::Int(n))].into_iter().collect();
        Some(Arc::new(Document::new(DocId::string(id), 0, fields)))
    }

    #[tokio::test]
    async fn commits_are_numbered_without_gaps_but_for_those_that_are_lost() {
        let (feed, a) = (feed(), name("a"));
        let mut changes = feed.subscribe();
        let ids = [DocId::string("x"), DocId::string("y")];
        let turn = feed.turn(&a, ids.iter()).await;
        let pair = |before, after| Pair { before, after };
        turn.tell(&[
            pair(None, document("x", 1)),
            pair(document("y", 2), document("y", 2)),
            pair(document("y", 2), None),
        ]);
        turn.lose();
        turn.tell(&[pair(document("x", 1), document("x", 2))]);
        let mut told = Vec::new();
        while let Ok(change) = changes.try_recv() {
            told.push((change.sequence, change.id.to_string()));
        }
        assert_eq!(told, [(1, "x".into()), (2, "y".into()), (4, "x".into())]);
    }

    #[tokio::test]
    async fn one_write_to_a_document_at_a_time() {
        let (feed, a) = (feed(), name("a"));
        let (x, y) = (DocId::string("x"), DocId::string("y"));
        let first = feed.turn(&a, [&x, &y].into_iter()).await;
        assert!(feed.turn(&a, [&y].into_iter()).now_or_never().is_none());
        drop(first);
        assert!(
            feed.turn(&a, [&y, &x, &y].into_iter())
                .now_or_never()
                .is_some()
        );
    }

    #[tokio::test]
    async fn a_moment_is_known_only_while_nobody_writes_to_the_collection() {
        let (feed, a, b) = (feed(), name("a"), name("b"));
        let x = DocId::string("x");
        let quiet = feed.quiet(&a).expect("nobody writes");
        let elsewhere = feed.turn(&b, [&x].into_iter()).await;
        assert!(feed.is_still(&a, quiet));
        drop(elsewhere);
        let here = feed.turn(&a, [&x].into_iter()).await;
        assert!(feed.quiet(&a).is_none());
        assert!(!feed.is_still(&a, quiet));
        assert!(feed.exclude(&a).now_or_never().is_none());
        drop(here);
        assert!(!feed.is_still(&a, quiet));
        let alone = feed.exclude(&a).now_or_never().expect("nobody writes");
        assert!(feed.turn(&a, [&x].into_iter()).now_or_never().is_none());
        drop(alone);
        assert!(feed.turn(&a, [&x].into_iter()).now_or_never().is_some());
    }
}
