//! Short words for hubs and watches.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::data::{DocId, Document, Filter, Object};
use cloudbase_graphql::live::{Config, Hub, Query, Watcher};
use cloudbase_graphql::store::{Find, Projection, Store};
use tokio::time::timeout;

use crate::store::words::{order, things};

/// Far longer than anything takes that is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Short enough that a test sees the end of everything.
pub(super) fn quick() -> Config {
    Config {
        linger: Duration::from_millis(50),
        poll_interval: Duration::from_millis(20),
        ..Config::default()
    }
}

pub(super) fn hub(store: Arc<dyn Store>) -> Hub {
    Hub::new(store, quick())
}

pub(super) fn query(filter: Filter, by: &str, limit: u64) -> Query {
    Query {
        collection: things(),
        filter,
        order: order(by),
        limit,
    }
}

/// What the store says of the list now.
pub(super) async fn fresh(store: &dyn Store, query: &Query) -> Vec<Arc<Document>> {
    let find = Find {
        filter: query.filter.clone(),
        order: query.order.clone(),
        after: None,
        skip: 0,
        limit: query.limit,
        projection: Projection::All,
    };
    store.find(&query.collection, &find).await.unwrap()
}

/// Waits until the watcher sees the list as the store has it.
pub(super) async fn converges(watcher: &mut Watcher, store: &dyn Store, query: &Query) {
    reaches(watcher, store, query, step).await;
}

/// The same of a store that counts no versions: a document that was changed and changed back is none that stayed.
pub(super) async fn comes_round(watcher: &mut Watcher, store: &dyn Store, query: &Query) {
    reaches(watcher, store, query, async |watcher| {
        one_each(&watcher.changed().await.expect("the hub is open").documents);
    })
    .await;
}

async fn reaches(
    watcher: &mut Watcher,
    store: &dyn Store,
    query: &Query,
    step: impl AsyncFn(&mut Watcher),
) {
    let expected = fresh(store, query).await;
    let seen = timeout(PATIENCE, async {
        while !is(&watcher.current().documents, &expected) {
            step(watcher).await;
        }
    });
    if seen.await.is_err() {
        let seen = &watcher.current().documents;
        panic!("{query:?}: {seen:?} never became {expected:?}");
    }
}

fn one_each(documents: &[Arc<Document>]) {
    let ids: HashSet<&DocId> = documents.iter().map(|known| known.id()).collect();
    assert_eq!(ids.len(), documents.len(), "one is there twice");
}

fn is(seen: &[Arc<Document>], expected: &[Arc<Document>]) -> bool {
    let fields = |documents: &[Arc<Document>]| -> Vec<Object> {
        documents
            .iter()
            .map(|known| known.fields().clone())
            .collect()
    };
    fields(seen) == fields(expected)
}

/// The next state, which must not be the one before in another guise: something is different, and what is not is the
/// same `Arc`.
async fn step(watcher: &mut Watcher) {
    let before = Arc::clone(watcher.current());
    let after = watcher.changed().await.expect("the hub is open");
    assert_ne!(before.documents, after.documents);
    one_each(&after.documents);
    for document in &after.documents {
        let same = before.documents.iter().find(|known| *known == document);
        assert!(
            same.is_none_or(|same| Arc::ptr_eq(same, document)),
            "{document:?} is no longer the same"
        );
    }
}

/// Waits until it is so.
pub(super) async fn until(what: &str, so: impl Fn() -> bool) {
    let wait = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    assert!(timeout(PATIENCE, wait).await.is_ok(), "never: {what}");
}
