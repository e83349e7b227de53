//! Which watches there are.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OnceCell, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::feed::Commits;
use super::follow::{Follower, Source};
use super::idle::Idle;
use super::lookout::Lookout;
use super::pause::Poll;
use super::rounds::Missed;
use super::version::{Counted, Versions};
use super::watch::{Watch, Watcher};
use super::{Config, Feed, Query};
use crate::data::{CollectionName, Order};
use crate::store::{self, Error, Store};

/// So many lists are read again at one time: when many become due at once, as after an outage, requests that somebody
/// waits for are not behind all of them.
const READS_AT_ONCE: usize = 16;

/// All watches of one store. Equal queries (same collection, canonical filter, order and limit) share one.
///
/// Dropping it ends all watches, as [`Hub::close`] does, without waiting for their tasks.
#[derive(Debug)]
pub struct Hub {
    store: Arc<dyn Store>,
    config: Config,
    watches: Arc<Watches>,
    versions: Arc<Versions>,
    idle: Arc<Idle>,
    /// One permit for each list that may be read again at this moment.
    turns: Arc<Semaphore>,
    /// How many lists changed without word of it, from a store that tells of others' commits.
    missed: Arc<AtomicU64>,
    /// Every task of the hub; none of them holds the hub itself.
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Hub {
    pub fn new(store: Arc<dyn Store>, config: Config) -> Self {
        Self {
            store,
            config,
            watches: Arc::default(),
            versions: Arc::default(),
            idle: Arc::default(),
            turns: Arc::new(Semaphore::new(READS_AT_ONCE)),
            missed: Arc::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Joins the watch of this query, or begins it: then one read. Whatever was committed before the call is in the list.
    ///
    /// # Errors
    /// Those of the first read; the watch does not exist then. `Unavailable` if the watch cannot read its list at the
    /// moment.
    pub async fn watch(&self, query: Query) -> store::Result<Watcher> {
        let key = Key::of(&query);
        loop {
            let claim = Claim::of(&key, &self.watches);
            let mut first = None;
            let begin = async || -> store::Result<Arc<Watch>> {
                let (watch, watcher) = self.begin(&key, &query).await?;
                first = Some(watcher);
                Ok(watch)
            };
            let watch = claim.slot().get_or_try_init(begin).await?;
            if let Some(watcher) = first {
                return Ok(watcher);
            }
            if let Some(mut watcher) = watch.join() {
                match watcher.catch_up().await {
                    Ok(_) => return Ok(watcher),
                    Err(missed @ Missed::Failed) => return Err(missed.into()),
                    Err(Missed::Over) => {}
                }
            }
            // It was closed just now.
            self.watches.remove(&key, watch);
        }
    }

    /// Reads the list and starts the task that follows it.
    async fn begin(&self, key: &Key, query: &Query) -> store::Result<(Arc<Watch>, Watcher)> {
        if self.stop.is_cancelled() {
            return Err(Error::unavailable("it is shutting down"));
        }
        let lookout = Lookout::of(self.store.as_ref(), query, &self.config, &self.missed);
        let source = Source {
            store: Arc::clone(&self.store),
            commits: self.commits(),
            lookout,
            turns: Arc::clone(&self.turns),
        };
        let versions = Arc::clone(&self.versions);
        let follower = Follower::begin(source, query.clone(), versions).await?;
        let (watch, watcher) = Watch::begin(follower.window());
        let entry = Entry {
            watches: Arc::clone(&self.watches),
            key: key.clone(),
            watch: Arc::clone(&watch),
        };
        let (stop, linger) = (self.stop.clone(), self.config.linger);
        let idle = Arc::clone(&self.idle);
        // Follows the list until the hub ends or nobody watches.
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = entry.watch.closed_after(linger, &idle) => {}
                () = follower.run(&entry.watch) => {}
            }
        });
        Ok((watch, watcher))
    }

    /// Commits from now on.
    pub fn feed(&self) -> Feed {
        Feed::new(self.commits(), self.poll(), Arc::clone(&self.versions))
    }

    /// A number that grows with each commit to the collection that the store tells of, and whenever one may have been
    /// lost. Whoever was told of a commit by a [`Feed`] or shown it by a [`Watcher`] finds it counted, and all before
    /// it, of every collection. Its sender is gone when the hub is closed.
    ///
    /// # Panics
    /// Outside a runtime.
    pub fn version(&self, collection: &CollectionName) -> watch::Receiver<u64> {
        self.counter(collection, Counted::Told)
    }

    /// As [`Hub::version`]; of a store that others write to it grows each [`Config::poll_interval`] as well, for all
    /// collections at one moment: then it is time to look.
    ///
    /// # Panics
    /// Outside a runtime.
    pub fn polled_version(&self, collection: &CollectionName) -> watch::Receiver<u64> {
        self.counter(collection, Counted::Polled)
    }

    fn counter(&self, collection: &CollectionName, counted: Counted) -> watch::Receiver<u64> {
        let sources = (|| self.commits(), self.poll());
        self.versions
            .of((collection, counted), sources, &self.tasks, &self.stop)
    }

    /// Brings all versions up to date: they count whatever was acknowledged before, as far as the store tells of commits.
    pub fn count(&self) {
        self.versions.catch_up();
    }

    fn commits(&self) -> Commits {
        Commits::of(Arc::clone(&self.store), self.config.poll_interval)
    }

    fn poll(&self) -> Option<Poll> {
        Poll::of(self.store.as_ref(), self.config.poll_interval)
    }

    /// How many times a list changed without word of it since the start, though the store tells of others' commits.
    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }

    /// How many watches there are, lingering ones included.
    pub fn watches(&self) -> usize {
        let slots = self.watches.slots();
        slots.values().filter(|slot| slot.initialized()).count()
    }

    /// Whether [`Hub::close`] was called: nothing can be watched any more.
    pub fn is_closed(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Ends all watches and waits for their tasks. Watchers see no more changes.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What watches are shared by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    collection: CollectionName,
    filter: String,
    order: Order,
    limit: u64,
}

impl Key {
    fn of(query: &Query) -> Self {
        Self {
            collection: query.collection.clone(),
            filter: query.filter.canonical(),
            // Said as briefly as possible, so that equal orders are.
            order: query.order.reversed().reversed(),
            limit: query.limit,
        }
    }
}

/// A watch, or the place where those who ask for it wait while one of them begins it. Whoever does so may give up;
/// then the next does it.
type Slot = Arc<OnceCell<Arc<Watch>>>;

/// As many as there are watches and queries that are being begun. The lock covers look-ups and insertions and is never
/// held across an await.
#[derive(Debug, Default)]
struct Watches(Mutex<HashMap<Key, Slot>>);

impl Watches {
    /// Takes the watch out, unless another has its key by now.
    fn remove(&self, key: &Key, watch: &Arc<Watch>) {
        let mut slots = self.slots();
        let known = slots.get(key).and_then(|slot| slot.get());
        if known.is_some_and(|known| Arc::ptr_eq(known, watch)) {
            slots.remove(key);
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Key, Slot>> {
        // Nothing panics under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held by whoever asks for a watch, until there is one or they give up: the last to do so takes the empty slot away.
struct Claim<'a> {
    watches: &'a Watches,
    key: &'a Key,
    slot: Option<Slot>,
}

impl<'a> Claim<'a> {
    /// The slot of this key, there now if it was not.
    fn of(key: &'a Key, watches: &'a Watches) -> Self {
        let slot = Arc::clone(watches.slots().entry(key.clone()).or_default());
        Self {
            watches,
            key,
            slot: Some(slot),
        }
    }

    fn slot(&self) -> &Slot {
        self.slot.as_ref().expect("it is held until the drop")
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut slots = self.watches.slots();
        // Under the lock, so that of two who go at once one is the last.
        drop(self.slot.take());
        let abandoned = |slot: &Slot| !slot.initialized() && Arc::strong_count(slot) == 1;
        if slots.get(self.key).is_some_and(abandoned) {
            slots.remove(self.key);
        }
    }
}

/// A watch's place in the hub, held by its task: however that ends, the watch is closed and leaves.
struct Entry {
    watches: Arc<Watches>,
    key: Key,
    watch: Arc<Watch>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.watch.close();
        self.watches.remove(&self.key, &self.watch);
    }
}
