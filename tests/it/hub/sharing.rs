//! Who shares a watch, and how long it lives.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::data::{CollectionName, Filter};
use cloudbase_graphql::live::{Config, Hub, Query, Tidings};
use cloudbase_graphql::store::{Error, Store};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::timeout;

use super::words::{PATIENCE, converges, hub, query, quick, until};
use crate::store::sqlite::open;
use crate::store::words::{docs, eq, fill, id, ids, inc, keyed, order, things};

#[tokio::test]
async fn a_watcher_sees_each_state() {
    let store = open().await;
    fill(
        store.as_ref(),
        [r#"{"_id":"a","n":1}"#, r#"{"_id":"b","n":2}"#],
    )
    .await;
    let hub = hub(store.clone());
    let mut watcher = hub.watch(query(Filter::all(), "-n", 10)).await.unwrap();
    assert_eq!(ids(&watcher.current().documents), "b a");
    let before = watcher.current().clone();

    store
        .update_one(&things(), &id("a"), &Filter::all(), &inc("n", 5))
        .await
        .unwrap();
    let after = watcher.changed().await.unwrap();
    assert_eq!(ids(&after.documents), "a b");
    assert_eq!(after.sequence, before.sequence + 1);
    assert!(Arc::ptr_eq(&after.documents[1], &before.documents[0]));
    assert!(Arc::ptr_eq(&after, watcher.current()));

    store
        .delete_one(&things(), &id("a"), &Filter::all())
        .await
        .unwrap();
    assert_eq!(ids(&watcher.changed().await.unwrap().documents), "b");
}

#[tokio::test]
async fn equal_queries_share_one_watch_and_one_read() {
    let store = open().await;
    fill(store.as_ref(), [r#"{"_id":"a","n":1,"kind":"x"}"#]).await;
    let hub = hub(store.clone());
    let (n, kind) = (eq("n", "1"), eq("kind", r#""x""#));
    let one = query(n.clone().and(kind.clone()), "n", 10);
    let mut other = query(kind.clone().and(n.clone()).and(kind), "", 10);
    other.order = order("n,_id,kind");
    let reads = store.reads();
    let watches = (0..100).map(|at| {
        hub.watch(if at % 2 == 0 {
            one.clone()
        } else {
            other.clone()
        })
    });
    let watchers = join_all(watches).await;
    assert!(watchers.iter().all(Result::is_ok));
    assert_eq!((hub.watches(), store.reads() - reads), (1, 1));

    let different = [
        query(n.clone(), "n", 10),
        query(n.clone(), "-n", 10),
        query(n.clone(), "n", 11),
        query(eq("n", r#"{"$numberDouble":"1.0"}"#), "n", 10),
    ];
    let others = join_all(different.map(|query| hub.watch(query))).await;
    assert!(others.iter().all(Result::is_ok));
    assert_eq!(hub.watches(), 5);
}

#[tokio::test]
async fn a_watch_lingers_after_the_last_watcher() {
    let store = open().await;
    let config = Config {
        linger: Duration::from_secs(3600),
        ..quick()
    };
    let hub = Hub::new(store.clone(), config);
    let list = query(Filter::all(), "n", 10);
    let watcher = hub.watch(list.clone()).await.unwrap();
    drop(watcher);
    fill(store.as_ref(), [r#"{"_id":"a"}"#]).await;
    let reads = store.reads();
    let mut back = hub.watch(list.clone()).await.unwrap();
    assert_eq!((hub.watches(), store.reads()), (1, reads));
    converges(&mut back, store.as_ref(), &list).await;
}

#[tokio::test]
async fn a_watch_nobody_came_back_to_is_closed() {
    let store = open().await;
    let hub = hub(store.clone());
    let list = query(Filter::all(), "n", 10);
    let (one, two) = (
        hub.watch(list.clone()).await.unwrap(),
        hub.watch(list.clone()).await.unwrap(),
    );
    drop(one);
    tokio::time::sleep(quick().linger * 2).await;
    assert_eq!(hub.watches(), 1, "somebody watches");
    drop(two);
    until("it is closed", || hub.watches() == 0).await;
    let mut again = hub.watch(list.clone()).await.unwrap();
    fill(store.as_ref(), [r#"{"_id":"a"}"#]).await;
    converges(&mut again, store.as_ref(), &list).await;
}

#[tokio::test]
async fn who_gives_up_leaves_nothing_behind() {
    let store = open().await;
    let hub = hub(store.clone());
    let mut given_up = 0;
    for _ in 0..50 {
        match hub.watch(query(Filter::all(), "n", 10)).now_or_never() {
            None => given_up += 1,
            // The read was over at once, as happens now and then.
            Some(watcher) => drop(watcher.unwrap()),
        }
        until("it is closed", || hub.watches() == 0).await;
    }
    assert!(given_up > 0, "a read takes a while");
    let unknown = Query {
        collection: CollectionName::parse("unknown").unwrap(),
        ..query(Filter::all(), "n", 10)
    };
    assert!(hub.watch(unknown).await.is_err());
    assert_eq!(hub.watches(), 0);
    hub.watch(query(Filter::all(), "n", 10)).await.unwrap();
}

#[tokio::test]
async fn closing_ends_everything() {
    let store = open().await;
    let hub = hub(store.clone());
    let list = query(Filter::all(), "n", 10);
    let mut watcher = hub.watch(list.clone()).await.unwrap();
    let mut version = hub.version(&things());
    timeout(PATIENCE, hub.close()).await.expect("its tasks end");
    assert!(watcher.changed().await.is_none());
    assert!(version.changed().await.is_err());
    assert!(matches!(
        hub.watch(list).await,
        Err(Error::Unavailable { .. })
    ));
    assert_eq!(hub.watches(), 0);
}

#[tokio::test]
async fn dropping_the_hub_lets_the_store_go() {
    let store = open().await;
    let hub = hub(store.clone());
    let mut watcher = hub.watch(query(Filter::all(), "n", 10)).await.unwrap();
    let mut version = hub.version(&things());
    drop(hub);
    assert!(watcher.changed().await.is_none());
    assert!(version.changed().await.is_err());
    until("no task holds the store", || Arc::strong_count(&store) == 1).await;
}

#[tokio::test]
async fn versions_count_the_commits_of_a_collection() {
    let store = open().await;
    let hub = hub(store.clone());
    let (mut version, same) = (hub.version(&things()), hub.version(&things()));
    let other = hub.version(&keyed());
    fill(store.as_ref(), [r#"{"_id":"a"}"#, r#"{"_id":"b"}"#]).await;
    timeout(PATIENCE, version.wait_for(|count| *count == 2))
        .await
        .expect("both are counted")
        .unwrap();
    assert_eq!((*same.borrow(), *other.borrow()), (2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_are_never_behind_what_is_seen() {
    let store = open().await;
    let hub = hub(store.clone());
    let mut watcher = hub.watch(query(Filter::all(), "", 300)).await.unwrap();
    let mut feed = hub.feed();
    let other = hub.version(&keyed());
    for number in 1..=200_u64 {
        let elsewhere = format!(r#"{{"_id":"{number}","code":{number},"left":{number}}}"#);
        let here = format!(r#"{{"_id":"{number}"}}"#);
        fill_in(store.as_ref(), &keyed(), &elsewhere).await;
        fill_in(store.as_ref(), &things(), &here).await;
        // Now the one is the first to see it, now the other.
        if number % 2 == 0 {
            while watcher.changed().await.unwrap().sequence < 2 * number {}
        } else {
            while seen(&feed.next().await) < 2 * number {}
        }
        assert_eq!(*other.borrow(), number);
    }
}

async fn fill_in(store: &dyn Store, collection: &CollectionName, new: &str) {
    store.insert(collection, docs([new])).await.unwrap();
}

fn seen(tidings: &Tidings) -> u64 {
    match tidings {
        Tidings::Change(change) => change.sequence,
        Tidings::Unknown => 0,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watching_may_move_between_threads() {
    let store = open().await;
    let hub = Arc::new(hub(store.clone()));
    let tasks = tokio_util::task::TaskTracker::new();
    let joined = {
        let hub = Arc::clone(&hub);
        tasks.spawn(async move { hub.watch(query(Filter::all(), "n", 10)).await.is_ok() })
    };
    assert!(joined.await.unwrap());
}
