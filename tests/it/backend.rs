//! Where a gateway under test has its documents: in the embedded store, or in the cloud.
//!
//! The variable `GATEWAY_TEST_STORE` says which: `rest` and `admin` are the cloud over that protocol, which is an emulator
//! in this process over the same embedded store. So tests put documents in, and look at them, alike.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::{Client, Protocol};
use cloudbase_graphql::data::{
    Change, CollectionName, DocId, Document, Filter, Path, Update, Value,
};
use cloudbase_graphql::store::cloud::{CloudStore, Options};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{
    CollectionSpec, Find, Notices, Result, Snapshot, Store, Updated, Upstream,
};
use cloudbase_graphql::{emulator, live};
use tokio::sync::broadcast;

use crate::emulator::exchange::Served;
use crate::store::cloud;

/// Over which protocol, if in the cloud.
pub(crate) fn protocol() -> Option<Protocol> {
    #[expect(
        clippy::disallowed_methods,
        reason = "what tests run over is said where they are started"
    )]
    let told = std::env::var("GATEWAY_TEST_STORE").unwrap_or_default();
    match told.as_str() {
        "" | "sqlite" => None,
        "rest" => Some(Protocol::Rest),
        "admin" => Some(Protocol::Admin),
        other => panic!("`GATEWAY_TEST_STORE` is `{other}`: write `sqlite`, `rest` or `admin`"),
    }
}

/// What a gateway has the documents of `stored` from.
pub(crate) async fn over(stored: &Arc<SqliteStore>, specs: &[CollectionSpec]) -> Arc<dyn Store> {
    match protocol() {
        None => Arc::clone(stored) as Arc<dyn Store>,
        Some(protocol) => Arc::new(Far::over(protocol, stored, specs).await),
    }
}

/// Never looks for what others write: tests tell of what they write, and looking at lists meanwhile would show states in
/// between that a store which is looked at may show, and one that tells of each commit does not.
pub(crate) fn live(config: live::Config) -> live::Config {
    match protocol() {
        None => config,
        Some(_) => live::Config {
            poll_interval: Duration::from_secs(3600),
            ..config
        },
    }
}

/// The cloud, which is there for as long as somebody has the store.
struct Far {
    store: Arc<CloudStore>,
    /// Serves until it is dropped.
    _emulator: Served,
}

impl Far {
    async fn over(protocol: Protocol, stored: &Arc<SqliteStore>, specs: &[CollectionSpec]) -> Self {
        let clock = Arc::new(SystemClock);
        let config = emulator::Config::default();
        let emulator = Served::over(Arc::clone(stored), config, clock.clone()).await;
        let client = Client::new(cloud::config(protocol, &emulator), clock);
        let client = Arc::new(client.expect("a configuration"));
        Self {
            store: CloudStore::new(client, None, specs.to_vec(), Options::default()),
            _emulator: emulator,
        }
    }
}

impl fmt::Debug for Far {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

store_in_front!(Far, |self| self.store, {
    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        self.store.snapshot(collection, find).await
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        self.store.changes()
    }

    fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    fn notices(&self, collection: &CollectionName, find: &Find) -> Option<Notices> {
        self.store.notices(collection, find)
    }

    fn reads(&self) -> u64 {
        self.store.reads()
    }

    fn upstream(&self) -> Option<Upstream> {
        self.store.upstream()
    }
});
