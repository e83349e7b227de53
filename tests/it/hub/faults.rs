//! After every fault of the store, watchers see what a read would give.

use std::sync::Arc;

use cloudbase_graphql::data::{Change, Filter};
use cloudbase_graphql::live::{Hub, Query, Watcher};
use cloudbase_graphql::store::Store;
use futures_util::FutureExt;

use super::faulty::Faulty;
use super::shelf;
use super::words::{converges, hub, query, until};
use crate::random::Random;
use crate::store::sqlite::open;
use crate::store::words::{doc, fill, id, inc, keyed, things};

/// What a store does with changes that it has to tell of. More than a few at once are too many for its feed.
type Fault = fn(&Faulty, Vec<Arc<Change>>, &mut Random);

const FAULTS: [(&str, Fault); 8] = [
    ("none", |store, changes, _| store.tell(changes)),
    ("ends", |store, changes, _| {
        store.tell(changes);
        store.end_feeds();
    }),
    ("ends before it told", |store, _, _| store.end_feeds()),
    ("tells twice", |store, changes, _| {
        let twice = changes.iter().flat_map(|change| [change, change]);
        store.tell(twice.cloned());
    }),
    ("tells all again", |store, changes, _| {
        store.tell(changes.clone());
        store.tell(changes);
    }),
    ("tells backwards", |store, mut changes, _| {
        changes.reverse();
        store.tell(changes);
    }),
    ("loses some", |store, changes, random| {
        store.tell(changes.into_iter().filter(|_| random.below(2) == 0));
    }),
    ("loses all", |_, _, _| {}),
];

async fn watch_all(hub: &Hub) -> Vec<(Query, Watcher)> {
    let mut watchers = Vec::new();
    for query in shelf::queries() {
        let watcher = hub.watch(query.clone()).await.unwrap();
        watchers.push((query, watcher));
    }
    watchers
}

async fn all_converge(watchers: &mut [(Query, Watcher)], store: &Faulty) {
    for (query, watcher) in watchers {
        converges(watcher, store, query).await;
    }
}

/// Tells of one commit to another collection: whatever was lost before is noticed now at the latest.
async fn write_elsewhere(store: &Faulty, number: u64) {
    let elsewhere = format!(r#"{{"_id":"{number}","code":{number},"left":{number}}}"#);
    store.insert(&keyed(), vec![doc(&elsewhere)]).await.unwrap();
    store.tell(store.take());
}

async fn recovers(faults: &[(&str, Fault)], rounds: u64, seed: u64) {
    let store = Faulty::new(open().await);
    let hub = hub(store.clone());
    let mut watchers = watch_all(&hub).await;
    let mut random = Random::new(seed);
    for round in 0..rounds {
        let (_, fault) = random.pick(faults);
        for _ in 0..=random.below(6) {
            shelf::write(store.as_ref(), &mut random).await;
        }
        fault(&store, store.take(), &mut random);
        until("all listen", || store.listeners() == watchers.len()).await;
        write_elsewhere(&store, round).await;
        all_converge(&mut watchers, &store).await;
    }
}

#[tokio::test]
async fn watchers_recover_from_each_fault() {
    for fault in FAULTS {
        recovers(&[fault], 8, 1).await;
    }
}

#[tokio::test]
async fn watchers_recover_from_faults_of_all_kinds() {
    recovers(&FAULTS, 60, 2).await;
}

#[tokio::test]
async fn reads_that_fail_are_tried_again() {
    let store = Faulty::new(open().await);
    let hub = hub(store.clone());
    let mut watchers = watch_all(&hub).await;
    let mut random = Random::new(3);
    for _ in 0..20 {
        shelf::write(store.as_ref(), &mut random).await;
    }
    drop(store.take());
    store.fail(true);
    write_elsewhere(&store, 0).await;
    let expected = 2 * watchers.len() as u64;
    until("all tried twice", || store.failed() >= expected).await;
    store.fail(false);
    all_converge(&mut watchers, &store).await;
}

#[tokio::test]
async fn a_watch_that_cannot_be_read_does_not_begin() {
    let store = Faulty::new(open().await);
    let hub = hub(store.clone());
    let list = query(Filter::all(), "", 5);
    store.fail(true);
    assert!(hub.watch(list.clone()).await.is_err());
    assert_eq!((hub.watches(), store.listeners()), (0, 0));
    store.fail(false);
    assert!(hub.watch(list).await.is_ok());
}

#[tokio::test]
async fn changes_that_were_read_already_are_not_applied_again() {
    let store = Faulty::new(open().await);
    fill(store.as_ref(), [r#"{"_id":"a","n":1}"#]).await;
    drop(store.take());
    let hub = hub(store.clone());
    let (first, second) = (query(Filter::all(), "n", 5), query(Filter::all(), "-n", 5));
    let mut early = hub.watch(first.clone()).await.unwrap();
    for _ in 0..3 {
        store
            .update_one(&things(), &id("a"), &Filter::all(), &inc("n", 1))
            .await
            .unwrap();
    }
    let mut late = hub.watch(second.clone()).await.unwrap();
    converges(&mut late, store.as_ref(), &second).await;
    store.tell(store.take());
    converges(&mut early, store.as_ref(), &first).await;
    write_elsewhere(&store, 0).await;
    assert!(
        late.changed().now_or_never().is_none(),
        "nothing is new to it"
    );
}

#[tokio::test]
async fn a_store_that_tells_nothing_is_looked_at_again() {
    let store = Faulty::silent(open().await);
    let hub = hub(store.clone());
    let mut watchers = watch_all(&hub).await;
    let mut random = Random::new(4);
    for _ in 0..15 {
        for _ in 0..=random.below(4) {
            shelf::write(store.as_ref(), &mut random).await;
        }
        all_converge(&mut watchers, &store).await;
    }
    // Several looks later nothing was published that is no difference.
    let reads = store.reads() + 5 * watchers.len() as u64;
    until("all looked again", || store.reads() >= reads).await;
    for (_, watcher) in &mut watchers {
        assert!(watcher.changed().now_or_never().is_none());
    }
}
