//! Which watches there are.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Config, Feed, Query, Window};
use crate::data::CollectionName;
use crate::store::{self, Store};

/// All watches of one store. Equal queries (same collection, canonical filter, order and limit) share one.
#[derive(Debug)]
pub struct Hub {
    store: Arc<dyn Store>,
    config: Config,
}

/// One watcher of a watch: sees each state of the list after the one it began with, unless it lags, then later ones.
#[derive(Debug)]
pub struct Watcher {
    current: Arc<Window>,
}

impl Hub {
    pub fn new(store: Arc<dyn Store>, config: Config) -> Self {
        Self { store, config }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Joins the watch of this query, or begins it: then one read.
    ///
    /// # Errors
    /// Those of the first read; the watch does not exist then.
    pub async fn watch(&self, _query: Query) -> store::Result<Watcher> {
        unimplemented!("live helper")
    }

    /// Commits from now on.
    pub fn feed(&self) -> Feed {
        let _ = &self.store;
        unimplemented!("live helper")
    }

    /// A number that grows with each commit to the collection, and whenever one may have been missed. Shared: however
    /// many look at it, the store's changes are read once for all of them.
    pub fn version(&self, _collection: &CollectionName) -> watch::Receiver<u64> {
        unimplemented!("live helper")
    }

    /// How many watches there are, lingering ones included.
    pub fn watches(&self) -> usize {
        unimplemented!("live helper")
    }

    /// Ends all watches and waits for their tasks. Watchers see no more changes.
    pub async fn close(&self) {
        unimplemented!("live helper")
    }
}

impl Watcher {
    /// The list as it was last seen.
    pub fn current(&self) -> &Arc<Window> {
        &self.current
    }

    /// Waits for the next state of the list. `None` when the hub is closed. Dropping the future loses nothing.
    pub async fn changed(&mut self) -> Option<Arc<Window>> {
        unimplemented!("live helper")
    }
}
