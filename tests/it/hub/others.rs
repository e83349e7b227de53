//! Lists of a store that others write to as well: own commits are seen at once, theirs by looking again, and no more
//! often than need be.

use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;

use cloudbase_graphql::data::Filter;
use cloudbase_graphql::live::{Config, Hub, Tidings, Watcher};
use cloudbase_graphql::store::Store;
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::task::unconstrained;

use super::shared::Shared;
use super::shelf;
use super::words::{comes_round, query, quick};
use crate::random::Random;
use crate::store::sqlite::open;
use crate::store::words::{eq, fill, id, ids, keyed, set, things};
use crate::time::Stopped;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// By default, with watches that stay.
fn usual() -> Config {
    Config {
        linger: Duration::from_secs(3600),
        ..Config::default()
    }
}

/// Lists of all things that differ in their limit, each watched by several.
async fn lists(hub: &Hub, count: u64) -> Vec<Watcher> {
    let lists = (0..count).flat_map(|at| [at; 5]);
    let watches = lists.map(|at| hub.watch(query(Filter::all(), "n", 10 + at)));
    let watchers = join_all(watches).await;
    watchers.into_iter().map(Result::unwrap).collect()
}

/// What it was told last.
fn latest(watcher: &mut Watcher) -> String {
    // However many are asked: not to be told by the runtime that this task has done enough for now.
    while let Some(Some(_)) = unconstrained(pin!(watcher.changed())).now_or_never() {}
    ids(&watcher.current().documents)
}

async fn add(store: &dyn Store, name: &str) {
    fill(store, [format!(r#"{{"_id":"{name}"}}"#).as_str()]).await;
}

#[tokio::test]
async fn whoever_writes_watchers_see_what_a_read_gives() {
    for (seed, make) in [(21, Shared::over as fn(_) -> _), (22, Shared::noticed)] {
        let store = make(open().await);
        // Of the one nobody tells, of the other every commit, late.
        let noticed = seed == 22;
        let hub = Hub::new(store.clone(), quick());
        let mut watchers = Vec::new();
        for query in shelf::queries() {
            watchers.push((query.clone(), hub.watch(query).await.unwrap()));
        }
        let mut random = Random::new(seed);
        for _ in 0..120 {
            for _ in 0..=random.below(4) {
                let through: [&dyn Store; 2] = [store.as_ref(), store.behind.as_ref()];
                shelf::write(random.pick(&through).to_owned(), &mut random).await;
            }
            if noticed {
                store.notify();
            }
            let store = store.behind.as_ref();
            let all = watchers.iter_mut();
            join_all(all.map(|(query, watcher)| comes_round(watcher, store, query))).await;
        }
        assert_eq!(hub.missed(), 0);
    }
}

#[tokio::test]
async fn own_commits_need_neither_a_look_nor_word() {
    let time = Stopped::new();
    for make in [Shared::over, Shared::noticed] {
        let store = make(open().await);
        time.mind(store.under_way());
        let hub = Hub::new(store.clone(), usual());
        let mut watchers = lists(&hub, 2).await;
        let mut feed = hub.feed();
        let version = hub.version(&things());
        let reads = store.reads();
        for name in ["a", "b", "c"] {
            add(store.as_ref(), name).await;
            // Whoever joins now is shown it as well.
            watchers.extend(lists(&hub, 2).await);
            assert!(matches!(feed.next().await, Tidings::Change(_)));
        }
        time.settle().await;
        for watcher in &mut watchers {
            assert_eq!(latest(watcher), "a b c");
        }
        assert_eq!((store.reads() - reads, *version.borrow()), (0, 3));
    }
}

/// What is known of a document may be what it was before somebody else changed it.
#[tokio::test]
async fn an_own_commit_to_what_others_changed_is_exact() {
    // What others do with `a` unheard, what is done with it then, and the list after it.
    let time = Stopped::new();
    type Writes = (&'static str, &'static str);
    let cases: [(Writes, Writes, &str); 5] = [
        (("n", "9"), ("kind", r#""x""#), "b a"),
        (("kind", r#""y""#), ("n", "9"), "b"),
        (("kind", r#""y""#), ("kind", r#""x""#), "a b"),
        (("n", "9"), ("kind", r#""y""#), "b"),
        (("free", "1"), ("n", "9"), "b a"),
    ];
    for ((their_path, theirs), (own_path, own), expected) in cases {
        let store = Shared::noticed(open().await);
        time.mind(store.under_way());
        let seed = [
            r#"{"_id":"a","n":1,"kind":"x"}"#,
            r#"{"_id":"b","n":2,"kind":"x"}"#,
        ];
        fill(store.behind.as_ref(), seed).await;
        let hub = Hub::new(store.clone(), usual());
        let list = query(eq("kind", r#""x""#), "n", 10);
        let watcher = RefCell::new(hub.watch(list).await.unwrap());
        let through: [(&dyn Store, _, _); 2] = [
            (store.behind.as_ref(), their_path, theirs),
            (store.as_ref(), own_path, own),
        ];
        for (through, path, value) in through {
            let (things, a, all) = (things(), id("a"), Filter::all());
            let update = set(path, value);
            let updated = through.update_one(&things, &a, &all, &update).await;
            updated.unwrap().expect("it is there");
        }
        let is_seen = || latest(&mut watcher.borrow_mut()) == expected;
        time.until("it is seen", MS, is_seen).await;
    }
}

#[tokio::test]
async fn a_list_of_which_nobody_tells_is_polled_once_for_all_who_watch() {
    let time = Stopped::new();
    let store = Shared::over(open().await);
    time.mind(store.under_way());
    let hub = Hub::new(store.clone(), usual());
    let mut watchers = lists(&hub, 3).await;
    let reads = store.reads();
    time.pass(24 * SECOND, 100 * MS).await;
    // Each 2 s, give or take a fifth and a step.
    let looks = (store.reads() - reads) / 3;
    assert!((9..=15).contains(&looks), "{looks}");
    add(store.behind.as_ref(), "a").await;
    time.pass(3 * SECOND, 100 * MS).await;
    for watcher in &mut watchers {
        assert_eq!(latest(watcher), "a");
    }
}

#[tokio::test]
async fn a_list_of_which_somebody_tells_is_looked_at_seldom() {
    let time = Stopped::new();
    let store = Shared::noticed(open().await);
    time.mind(store.under_way());
    let hub = Hub::new(store.clone(), usual());
    let mut watchers = lists(&hub, 2).await;
    // As it is read: some more documents than are shown.
    assert_eq!(
        *store.asked.lock().unwrap(),
        [(things(), 15), (things(), 16)]
    );
    let reads = store.reads();
    time.pass(180 * SECOND, 500 * MS).await;
    let looks = (store.reads() - reads) / 2;
    assert!((2..=3).contains(&looks), "{looks}");
    // Nobody is watching for a while.
    store.set_attentive(false);
    let reads = store.reads();
    time.pass(12 * SECOND, 100 * MS).await;
    let looks = (store.reads() - reads) / 2;
    assert!((4..=8).contains(&looks), "{looks}");
    add(store.behind.as_ref(), "a").await;
    store.set_attentive(true);
    time.pass(3 * SECOND, 100 * MS).await;
    for watcher in &mut watchers {
        assert_eq!(latest(watcher), "a");
    }
    assert_eq!(hub.missed(), 0);
    drop(watchers);
    hub.close().await;
    assert_eq!(store.listeners(), 0, "nobody wants word any more");
}

#[tokio::test]
async fn words_that_come_together_are_one_look() {
    let time = Stopped::new();
    let store = Shared::noticed(open().await);
    time.mind(store.under_way());
    let hub = Hub::new(store.clone(), usual());
    let mut watcher = hub.watch(query(Filter::all(), "", 500)).await.unwrap();
    time.pass(SECOND, 100 * MS).await;
    let reads = store.reads();
    for at in 100..200 {
        add(store.behind.as_ref(), &at.to_string()).await;
        store.notify();
        time.pass(10 * MS, 10 * MS).await;
    }
    time.pass(250 * MS, 10 * MS).await;
    let looks = store.reads() - reads;
    assert!(
        (4..=6).contains(&looks),
        "{looks} in a second and a quarter"
    );
    latest(&mut watcher);
    assert_eq!(watcher.current().documents.len(), 100);
}

#[tokio::test]
async fn a_list_that_changes_without_word_is_polled_for_ten_minutes() {
    let time = Stopped::new();
    let store = Shared::noticed(open().await);
    time.mind(store.under_way());
    let hub = Hub::new(store.clone(), usual());
    let watcher = RefCell::new(hub.watch(query(Filter::all(), "", 10)).await.unwrap());
    let shows = |expected: &str| latest(&mut watcher.borrow_mut()) == expected;
    add(store.behind.as_ref(), "a").await;
    let slowly = time.until("it is found", SECOND, || shows("a")).await;
    assert!(slowly > 40 * SECOND, "{slowly:?}");
    time.until("it is noticed", SECOND, || hub.missed() == 1)
        .await;
    add(store.behind.as_ref(), "b").await;
    let quickly = time.until("it is found", 100 * MS, || shows("a b")).await;
    assert!(quickly < 3 * SECOND, "{quickly:?}");
    time.pass(600 * SECOND, SECOND).await;
    let reads = store.reads();
    time.pass(120 * SECOND, SECOND).await;
    let looks = store.reads() - reads;
    assert!(looks <= 4, "it is believed again: {looks}");
    assert_eq!(hub.missed(), 1);
    // What there is word of in time is none.
    add(store.behind.as_ref(), "c").await;
    time.until("it is found", SECOND, || shows("a b c")).await;
    store.notify();
    time.pass(20 * SECOND, SECOND).await;
    assert_eq!(hub.missed(), 1);
}

#[tokio::test]
async fn what_nobody_watches_is_not_looked_at() {
    let time = Stopped::new();
    for make in [Shared::over, Shared::noticed] {
        let store = make(open().await);
        time.mind(store.under_way());
        let hub = Hub::new(store.clone(), usual());
        let list = query(Filter::all(), "", 10);
        drop(hub.watch(list.clone()).await.unwrap());
        // One that was under way.
        time.pass(80 * SECOND, SECOND).await;
        let reads = store.reads();
        add(store.behind.as_ref(), "a").await;
        add(store.as_ref(), "b").await;
        time.pass(160 * SECOND, SECOND).await;
        assert_eq!((hub.watches(), store.reads() - reads), (1, 0));
        let back = hub.watch(list.clone()).await.unwrap();
        assert_eq!(ids(&back.current().documents), "a b");
        let other = hub.watch(list).await.unwrap();
        assert_eq!(ids(&other.current().documents), "a b");
        assert_eq!(store.reads() - reads, 1);
    }
}

#[tokio::test]
async fn a_store_that_is_away_for_minutes_is_not_overrun() {
    let time = Stopped::new();
    let store = Shared::over(open().await);
    time.mind(store.under_way());
    let hub = Hub::new(store.clone(), usual());
    add(store.as_ref(), "a").await;
    let mut watchers = lists(&hub, 40).await;
    store.set_away(true);
    add(store.as_ref(), "b").await;
    add(store.behind.as_ref(), "c").await;
    time.pass(180 * SECOND, 500 * MS).await;
    // At most each 2.5 s once it has failed a few times.
    let tries = store.refused() / 40;
    assert!((20..=80).contains(&tries), "{tries}");
    for watcher in &mut watchers {
        assert!(
            ["a", "a b"].contains(&latest(watcher).as_str()),
            "what was there last"
        );
    }
    store.set_away(false);
    time.pass(15 * SECOND, 100 * MS).await;
    for watcher in &mut watchers {
        assert_eq!(latest(watcher), "a b c", "each was tried again");
    }
}

#[tokio::test]
async fn what_others_may_have_done_is_told_at_intervals() {
    let time = Stopped::new();
    let store = Shared::over(open().await);
    time.mind(store.under_way());
    let hub = Hub::new(store.clone(), usual());
    let mut feed = hub.feed();
    let (version, polled) = (hub.version(&things()), hub.polled_version(&things()));
    let elsewhere = hub.polled_version(&keyed());
    assert!(feed.is_prompt(), "of its own commits");
    time.pass(20 * SECOND, 100 * MS).await;
    assert!(matches!(feed.next().now_or_never(), Some(Tidings::Unknown)));
    assert!(feed.next().now_or_never().is_none(), "once, however late");
    assert_eq!(*version.borrow(), 0);
    let looks = *polled.borrow();
    assert!((7..=13).contains(&looks), "{looks}");
    add(store.as_ref(), "a").await;
    hub.count();
    assert_eq!((*version.borrow(), *polled.borrow()), (1, looks + 1));
    assert_eq!(*elsewhere.borrow(), looks);
}
