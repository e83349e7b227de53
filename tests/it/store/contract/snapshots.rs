//! `snapshot`: documents, and which commit they are of.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloudbase_graphql::data::{Change, DocId, Document, Filter, Test, Value};
use cloudbase_graphql::store::{Find, Snapshot, Store};
use futures_util::future::{join, join_all};

use crate::random::Random;
use crate::store::words::{doc, docs, eq, fields, fill, find, id, ids, inc, test, things};

pub(crate) async fn snapshots_give_what_find_gives(store: &dyn Store) {
    fill(
        store,
        [
            r#"{"_id":"a","n":3,"kind":"x"}"#,
            r#"{"_id":"b","n":1,"kind":"x"}"#,
            r#"{"_id":"c","n":2,"kind":"y"}"#,
        ],
    )
    .await;
    let all = find(Filter::all(), "-n");
    let some = Find {
        limit: 1,
        skip: 1,
        projection: fields(&["kind"]),
        ..find(eq("kind", r#""x""#), "n")
    };
    for find in [all, some] {
        let found = store.find(&things(), &find).await.unwrap();
        let snapshot = store.snapshot(&things(), &find).await.unwrap();
        assert_eq!(snapshot.documents, found, "{find:?}");
    }
}

pub(crate) async fn snapshots_are_numbered(store: &dyn Store) {
    let mut changes = store.changes().expect("a feed");
    let all = find(Filter::all(), "");
    let empty = store.snapshot(&things(), &all).await.unwrap();
    assert!(empty.documents.is_empty());
    fill(store, [r#"{"_id":"a","n":1}"#]).await;
    let inserted = store.snapshot(&things(), &all).await.unwrap();
    assert_eq!(inserted.sequence, changes.recv().await.unwrap().sequence);
    // What is refused, and what changes nothing, is no commit.
    let duplicate = docs([r#"{"_id":"b"}"#, r#"{"_id":"a"}"#]);
    store.insert(&things(), duplicate).await.unwrap_err();
    store
        .update_one(&things(), &id("a"), &Filter::all(), &inc("n", 0))
        .await
        .unwrap();
    let same = store.snapshot(&things(), &all).await.unwrap();
    assert_eq!(same.sequence, inserted.sequence);
    assert_eq!(ids(&same.documents), "a");
}

pub(crate) async fn snapshots_are_reads(store: &dyn Store) {
    let before = store.reads();
    let all = find(Filter::all(), "");
    store.snapshot(&things(), &all).await.unwrap();
    assert_eq!(store.reads(), before + 1);
}

/// Every change up to the number is in what was read, none after it is, whatever is written meanwhile.
pub(crate) async fn snapshots_are_of_one_moment(store: &dyn Store) {
    let mut feed = store.changes().expect("a feed");
    let finds = [
        find(Filter::all(), ""),
        Find {
            limit: 5,
            ..find(test("n", Test::Gte(Value::Int(2))), "kind,-n")
        },
        find(eq("tags", r#""red""#), "-n"),
    ];
    let things = things();
    let reading = async {
        let mut snapshots = Vec::new();
        for round in 0..120 {
            let find = &finds[round % finds.len()];
            let snapshot = store.snapshot(&things, find).await.unwrap();
            snapshots.push((find, snapshot));
        }
        snapshots
    };
    let (snapshots, ()) = join(reading, write_at_random(store, 150)).await;

    let mut changes = Vec::new();
    while let Ok(change) = feed.try_recv() {
        changes.push(change);
    }
    let moments = snapshots.iter().map(|(_, snapshot)| snapshot.sequence);
    let moments: std::collections::BTreeSet<u64> = moments.collect();
    assert!(
        moments.len() > 10,
        "writes and reads went side by side: {moments:?}"
    );
    for (find, snapshot) in snapshots {
        check(find, &snapshot, &changes);
    }
}

/// Rounds of three writes at once; paths begin to fan out on the way.
async fn write_at_random(store: &dyn Store, rounds: usize) {
    let mut random = Random::new(7);
    let things = things();
    let all = Filter::all();
    for _ in 0..rounds {
        let writes = (0..3).map(|_| {
            let (name, act) = (format!("d{}", random.below(12)), random.below(4));
            let tags = random.pick(&[r#""red""#, r#"["red","blue"]"#]);
            let new = doc(&format!(
                r#"{{"_id":"{name}","n":{},"kind":"{}","tags":{tags}}}"#,
                random.below(5),
                random.pick(&["x", "y"]),
            ));
            let (things, all) = (&things, &all);
            async move {
                let name = id(&name);
                match act {
                    0 => drop(store.delete_one(things, &name, all).await.unwrap()),
                    1 => drop(
                        store
                            .update_one(things, &name, all, &inc("n", 1))
                            .await
                            .unwrap(),
                    ),
                    // Refused if it is there already.
                    _ => drop(store.insert(things, vec![new]).await),
                }
            }
        });
        join_all(writes).await;
    }
}

fn check(find: &Find, snapshot: &Snapshot, changes: &[Arc<Change>]) {
    let mut state: BTreeMap<DocId, Arc<Document>> = BTreeMap::new();
    for change in changes {
        if change.sequence <= snapshot.sequence {
            match &change.after {
                Some(after) => drop(state.insert(change.id.clone(), Arc::clone(after))),
                None => drop(state.remove(&change.id)),
            }
        }
    }
    let mut expected: Vec<Arc<Document>> = state.into_values().collect();
    expected.retain(|document| find.filter.matches(document.fields()));
    expected.sort_by(|a, b| find.order.compare(a.fields(), b.fields()));
    expected.truncate(usize::try_from(find.limit).unwrap());
    assert_eq!(
        snapshot.documents, expected,
        "{} {find:?}",
        snapshot.sequence
    );
}
