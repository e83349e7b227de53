//! The embedded store keeps documents decoded, and nobody can tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use cloudbase_graphql::data::{Document, Filter, Value};
use cloudbase_graphql::store::sqlite::{Durability, Options, SqliteStore};
use cloudbase_graphql::store::{Find, Store};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::words::{doc, docs, fields, find, id, path, set, specs, things};

/// Writers, each of one document.
const WRITERS: usize = 4;

/// States that each of them writes.
const STATES: i64 = 150;

async fn open(cache: usize) -> (TempDir, Arc<SqliteStore>) {
    let directory = tempfile::tempdir().unwrap();
    let options = Options {
        cache,
        durability: Durability::Off,
        ..Options::default()
    };
    let store = SqliteStore::open(directory.path().join("shop.db"), &options).unwrap();
    store.prepare(&specs()).await.unwrap();
    (directory, store)
}

/// The last state of each document whose write was acknowledged.
#[derive(Debug, Default)]
struct Acknowledged([AtomicI64; WRITERS]);

impl Acknowledged {
    fn now(&self) -> Vec<i64> {
        self.0
            .iter()
            .map(|state| state.load(Ordering::SeqCst))
            .collect()
    }
}

fn names() -> Vec<String> {
    (0..WRITERS).map(|number| format!("d{number}")).collect()
}

/// A document in a state: the number stands in it twice, far apart.
fn state(name: &str, number: i64) -> Document {
    let text = "文".repeat(300);
    doc(&format!(
        r#"{{"_id":"{name}","n":{number},"text":"{text}","twin":{number}}}"#
    ))
}

/// Brings a document through its states; every tenth deletes it and writes it anew.
async fn write(store: Arc<SqliteStore>, at: usize, acknowledged: Arc<Acknowledged>) {
    let name = &names()[at];
    for number in 1..=STATES {
        if number % 10 == 0 {
            let all = Filter::all();
            store.delete_one(&things(), &id(name), &all).await.unwrap();
            let again = vec![state(name, number)];
            store.insert(&things(), again).await.unwrap();
        } else {
            let mut update = set("n", &number.to_string());
            update.ops.extend(set("twin", &number.to_string()).ops);
            let all = Filter::all();
            let updated = store.update_one(&things(), &id(name), &all, &update).await;
            assert!(updated.unwrap().is_some());
        }
        acknowledged.0[at].store(number, Ordering::SeqCst);
    }
}

/// A document is whole, and no older than what was acknowledged before it was asked for.
fn check(found: &Document, before: &[i64]) {
    let at = names()
        .iter()
        .position(|name| id(name) == *found.id())
        .unwrap();
    let Some(Value::Int(number)) = found.get("n") else {
        panic!("no number in {found:?}");
    };
    assert!(*number >= before[at], "{number} after {}", before[at]);
    assert_eq!(found.get("twin"), found.get("n"));
}

/// Reads in all ways until the writers are done.
async fn read(store: Arc<SqliteStore>, acknowledged: Arc<Acknowledged>, done: Arc<AtomicBool>) {
    let ids: Vec<Value> = names().into_iter().map(Value::string).collect();
    let some = Find {
        projection: fields(&["n", "twin"]),
        ..find(Filter::all(), "n")
    };
    while !done.load(Ordering::SeqCst) {
        let before = acknowledged.now();
        for document in store.find(&things(), &some).await.unwrap() {
            check(&document, &before);
        }
        let before = acknowledged.now();
        let by_id = store
            .find_per_key(&things(), &path("_id"), &ids, &some)
            .await;
        for document in by_id.unwrap().into_iter().flatten() {
            check(&document, &before);
        }
        for name in names() {
            let before = acknowledged.now();
            let one = find(Filter::id(&id(&name)), "");
            for document in store.find(&things(), &one).await.unwrap() {
                check(&document, &before);
            }
        }
    }
}

async fn read_while_writing(cache: usize) {
    let (_directory, store) = open(cache).await;
    let first = names().iter().map(|name| state(name, 0)).collect();
    store.insert(&things(), first).await.unwrap();
    let acknowledged = Arc::new(Acknowledged::default());
    let done = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for _ in 0..3 {
        readers.spawn(read(store.clone(), acknowledged.clone(), done.clone()));
    }
    let mut writers = JoinSet::new();
    for at in 0..WRITERS {
        writers.spawn(write(store.clone(), at, acknowledged.clone()));
    }
    writers.join_all().await;
    done.store(true, Ordering::SeqCst);
    readers.join_all().await;
    for name in names() {
        let one = find(Filter::id(&id(&name)), "");
        let last = store.find(&things(), &one).await.unwrap();
        assert_eq!(last[0].fields(), state(&name, STATES).fields());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_after_an_acknowledged_write_sees_it() {
    read_while_writing(Options::default().cache).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_it_does_if_hardly_anything_can_be_kept() {
    // A part takes a document of about a kilobyte, and soon drops it.
    read_while_writing(8 * 1200 * 16).await;
}

#[tokio::test]
async fn what_a_write_that_failed_left_behind_is_not_seen() {
    let (_directory, store) = open(Options::default().cache).await;
    let a = docs([r#"{"_id":"a"}"#]);
    store.insert(&things(), a.clone()).await.unwrap();
    store
        .insert(&things(), [docs([r#"{"_id":"b"}"#]), a].concat())
        .await
        .unwrap_err();
    // It takes the number that the one before it gave back.
    let b = docs([r#"{"_id":"b","n":2}"#]);
    store.insert(&things(), b.clone()).await.unwrap();
    let found = store.find(&things(), &find(Filter::id(&id("b")), "")).await;
    assert_eq!(found.unwrap()[0].fields(), b[0].fields());
}

#[tokio::test]
async fn what_is_not_kept_is_read_as_far_as_asked_for() {
    let (_directory, store) = open(0).await;
    let stored = docs([r#"{"_id":"a","n":1,"free":"x"}"#]);
    store.insert(&things(), stored).await.unwrap();
    let list = Find {
        projection: fields(&["n"]),
        ..find(Filter::all(), "")
    };
    for _ in 0..2 {
        let found = store.find(&things(), &list).await.unwrap();
        assert_eq!(found[0].fields(), doc(r#"{"_id":"a","n":1}"#).fields());
    }
}
