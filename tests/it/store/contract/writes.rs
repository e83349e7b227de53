//! `insert`, the updates and deletes, and the feed of changes.

use std::sync::{Arc, LazyLock};

use cloudbase_graphql::data::update::ApplyError;
use cloudbase_graphql::data::{CollectionName, DocId, Document, Filter, Object, Test, Value};
use cloudbase_graphql::store::{Error, Store};
use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::store::words::{
    doc, docs, eq, fill, found, get, id, inc, keyed, set, test, things, value,
};

static KEYED: LazyLock<CollectionName> = LazyLock::new(keyed);

pub(crate) async fn insert_gives_what_is_stored(store: &dyn Store) {
    let stored = store
        .insert(
            &things(),
            docs([r#"{"_id":"a","n":1}"#, r#"{"_id":"b","code":1}"#]),
        )
        .await
        .unwrap();
    assert_eq!(stored.len(), 2);
    for document in stored {
        assert_eq!(get(store, &document.id().to_string()).await, Some(document));
    }
    assert!(store.insert(&things(), vec![]).await.unwrap().is_empty());
}

pub(crate) async fn insert_is_all_or_nothing(store: &dyn Store) {
    fill(store, [r#"{"_id":"b","code":0}"#]).await;
    let batch = docs([
        r#"{"_id":"a","code":1}"#,
        r#"{"_id":"b","code":2}"#,
        r#"{"_id":"c","code":3}"#,
    ]);
    store.insert(&things(), batch).await.unwrap_err();
    assert_eq!(found(store, Filter::all(), "").await, "b");
}

/// The fields of the index that an error names.
fn duplicate(error: Error) -> Vec<String> {
    match error {
        Error::Duplicate { collection, fields } => {
            assert!(fields == ["_id"] || collection == *KEYED);
            fields
        }
        other => panic!("not a duplicate: {other}"),
    }
}

pub(crate) async fn duplicate_ids(store: &dyn Store) {
    fill(store, [r#"{"_id":"a","code":1}"#]).await;
    let error = store
        .insert(&things(), docs([r#"{"_id":"a","code":2}"#]))
        .await
        .unwrap_err();
    assert_eq!(duplicate(error), ["_id"]);
    let twice = docs([r#"{"_id":"x","code":3}"#, r#"{"_id":"x","code":4}"#]);
    assert_eq!(
        duplicate(store.insert(&things(), twice).await.unwrap_err()),
        ["_id"]
    );
}

pub(crate) async fn duplicates_name_their_fields(store: &dyn Store) {
    let insert = |json: &'static str| store.insert(&KEYED, docs([json]));
    insert(r#"{"_id":"a","code":1,"left":1,"right":2}"#)
        .await
        .unwrap();
    let error = insert(r#"{"_id":"b","code":{"$numberDouble":"1.0"}}"#)
        .await
        .unwrap_err();
    assert_eq!(duplicate(error), ["code"]);
    let error = insert(r#"{"_id":"b","code":2,"left":1,"right":2}"#)
        .await
        .unwrap_err();
    assert_eq!(duplicate(error), ["left", "right"]);
    insert(r#"{"_id":"b","code":2,"left":1,"right":3}"#)
        .await
        .unwrap();
}

pub(crate) async fn missing_counts_as_null_in_unique_indexes(store: &dyn Store) {
    let insert = |json: &'static str| store.insert(&KEYED, docs([json]));
    insert(r#"{"_id":"a","left":1}"#).await.unwrap();
    let error = insert(r#"{"_id":"b","code":null,"left":2}"#)
        .await
        .unwrap_err();
    assert_eq!(duplicate(error), ["code"]);
}

pub(crate) async fn update_only_if_true(store: &dyn Store) {
    fill(store, [r#"{"_id":"a","n":1,"free":"x"}"#]).await;
    let update = |condition: Filter| async move {
        store
            .update_one(&things(), &id("a"), &condition, &inc("n", 1))
            .await
            .unwrap()
            .is_some()
    };
    assert!(!update(eq("free", "\"y\"")).await);
    assert!(!update(Filter::none()).await);
    assert!(update(eq("free", "\"x\"").and(eq("n", "1"))).await);
    assert!(!update(eq("n", "1")).await);
    assert_eq!(
        get(store, "a").await.unwrap().get("n"),
        Some(&Value::Int(2))
    );
    let gone = store
        .update_one(&things(), &id("gone"), &Filter::all(), &inc("n", 1))
        .await
        .unwrap();
    assert!(gone.is_none());
}

pub(crate) async fn update_gives_before_and_after(store: &dyn Store) {
    fill(store, [r#"{"_id":"a","n":1,"sub":{"x":1}}"#]).await;
    let stored = get(store, "a").await.unwrap();
    let updated = store
        .update_one(&things(), &id("a"), &Filter::all(), &set("sub.x", "[1]"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(updated.before, stored);
    assert_eq!(
        updated.after.fields(),
        doc(r#"{"_id":"a","n":1,"sub":{"x":[1]}}"#).fields()
    );
    assert_eq!(updated.after.rev > updated.before.rev, !store.is_shared());
    assert_eq!(get(store, "a").await, Some(updated.after));
    // The old key is gone from the index and the new one is there.
    assert_eq!(found(store, eq("sub.x", "1"), "").await, "a");
    store
        .update_one(&things(), &id("a"), &Filter::all(), &set("sub.x", "2"))
        .await
        .unwrap();
    assert_eq!(found(store, eq("sub.x", "1"), "").await, "");
    assert_eq!(found(store, eq("sub.x", "2"), "").await, "a");
}

pub(crate) async fn update_that_changes_nothing(store: &dyn Store) {
    fill(store, [r#"{"_id":"a","n":1}"#]).await;
    let mut changes = store.changes().expect("a feed");
    let updated = store
        .update_one(&things(), &id("a"), &Filter::all(), &set("n", "1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(updated.before, updated.after);
    assert!(changes.try_recv().is_err());
}

pub(crate) async fn update_that_does_not_fit(store: &dyn Store) {
    fill(
        store,
        [
            r#"{"_id":"a","n":1,"code":1}"#,
            r#"{"_id":"b","n":"x","code":2}"#,
        ],
    )
    .await;
    let all = [id("a"), id("b")];
    let error = store
        .update_many_by_id(&things(), &all, &Filter::all(), &inc("n", 1))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Apply(ApplyError::WrongType { .. })),
        "{error}"
    );
    assert_eq!(
        get(store, "a").await.unwrap().get("n"),
        Some(&Value::Int(1))
    );
}

pub(crate) async fn update_into_a_duplicate(store: &dyn Store) {
    let both = docs([
        r#"{"_id":"a","code":1,"left":1}"#,
        r#"{"_id":"b","code":2,"left":2}"#,
    ]);
    store.insert(&KEYED, both).await.unwrap();
    let error = store
        .update_one(&KEYED, &id("b"), &Filter::all(), &set("code", "1"))
        .await
        .unwrap_err();
    assert_eq!(duplicate(error), ["code"]);
    let still = store.count(&KEYED, &eq("code", "2")).await.unwrap();
    assert_eq!(still, 1);
}

pub(crate) async fn update_many_in_one_commit(store: &dyn Store) {
    fill(
        store,
        [
            r#"{"_id":"a","n":1,"code":1}"#,
            r#"{"_id":"b","n":2,"code":2}"#,
            r#"{"_id":"c","n":3,"code":3}"#,
        ],
    )
    .await;
    let ids = [id("c"), id("gone"), id("a"), id("b")];
    let condition = test("n", Test::Ne(value("2")));
    let updated = store
        .update_many_by_id(&things(), &ids, &condition, &inc("n", 10))
        .await
        .unwrap();
    let names: Vec<String> = updated
        .iter()
        .map(|updated| updated.after.id().to_string())
        .collect();
    assert_eq!(names, ["c", "a"]);
    assert_eq!(
        found(store, test("n", Test::Gt(value("5"))), "n").await,
        "a c"
    );
}

pub(crate) async fn delete_only_if_true(store: &dyn Store) {
    fill(store, [r#"{"_id":"a","n":1}"#]).await;
    let stored = get(store, "a").await;
    let delete = |condition: Filter| async move {
        store
            .delete_one(&things(), &id("a"), &condition)
            .await
            .unwrap()
    };
    assert_eq!(delete(eq("n", "2")).await, None);
    assert_eq!(delete(eq("n", "1")).await, stored);
    assert_eq!(delete(Filter::all()).await, None);
    assert_eq!(found(store, eq("n", "1"), "").await, "");
}

pub(crate) async fn delete_many(store: &dyn Store) {
    fill(
        store,
        [
            r#"{"_id":"a","n":1,"code":1}"#,
            r#"{"_id":"b","n":2,"code":2}"#,
            r#"{"_id":"c","n":3,"code":3}"#,
        ],
    )
    .await;
    let ids = [id("c"), id("gone"), id("a"), id("a"), id("b")];
    let condition = test("n", Test::Ne(value("2")));
    let deleted = store
        .delete_many_by_id(&things(), &ids, &condition)
        .await
        .unwrap();
    assert_eq!(crate::store::words::ids(&deleted), "c a");
    assert_eq!(found(store, Filter::all(), "").await, "b");
}

pub(crate) async fn too_large(store: &dyn Store) {
    let text = "x".repeat(1 << 20);
    let large = doc(&format!(r#"{{"_id":"a","free":"{text}"}}"#));
    let error = store.insert(&things(), vec![large]).await.unwrap_err();
    assert!(
        matches!(error, Error::TooLarge { max: 1_048_576, .. }),
        "{error}"
    );
    fill(store, [r#"{"_id":"a"}"#]).await;
    let update = set("free", &format!("\"{text}\""));
    let error = store
        .update_one(&things(), &id("a"), &Filter::all(), &update)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    assert!(get(store, "a").await.unwrap().get("free").is_none());
}

pub(crate) async fn dropped_futures_still_write(store: &dyn Store) {
    let mut changes = store.changes().expect("a feed");
    for number in 0..20 {
        let document = doc(&format!(r#"{{"_id":"{number}","code":{number}}}"#));
        let things = things();
        // Polled once and dropped.
        let _ = store.insert(&things, vec![document]).now_or_never();
    }
    for _ in 0..20 {
        changes.recv().await.unwrap();
    }
    assert_eq!(store.count(&things(), &Filter::all()).await.unwrap(), 20);
}

pub(crate) async fn changes_in_order(store: &dyn Store) {
    let mut changes = store.changes().expect("a feed");
    fill(
        store,
        [
            r#"{"_id":"a","n":1,"code":1}"#,
            r#"{"_id":"b","n":2,"code":2}"#,
        ],
    )
    .await;
    store
        .insert(
            &things(),
            docs([r#"{"_id":"c","code":3}"#, r#"{"_id":"a","code":4}"#]),
        )
        .await
        .unwrap_err();
    let updated = store
        .update_one(&things(), &id("a"), &Filter::all(), &inc("n", 1))
        .await
        .unwrap()
        .unwrap();
    let deleted = store
        .delete_one(&things(), &id("b"), &Filter::all())
        .await
        .unwrap();

    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(changes.recv().await.unwrap());
    }
    assert!(changes.try_recv().is_err());
    let names: Vec<&DocId> = seen.iter().map(|change| &change.id).collect();
    assert_eq!(names, [&id("a"), &id("b"), &id("a"), &id("b")]);
    assert!(
        seen.windows(2)
            .all(|pair| pair[1].sequence == pair[0].sequence + 1)
    );
    assert!(seen.iter().all(|change| change.collection == things()));
    assert!(seen[0].before.is_none() && seen[0].after.as_ref() == Some(&updated.before));
    assert_eq!(
        (seen[2].before.as_ref(), seen[2].after.as_ref()),
        (Some(&updated.before), Some(&updated.after))
    );
    assert_eq!(
        (seen[3].before.as_ref(), seen[3].after.as_ref()),
        (deleted.as_ref(), None)
    );
}

pub(crate) async fn concurrent_increments(store: &dyn Store) {
    fill(store, [r#"{"_id":"a","n":0}"#]).await;
    let (name, things, all, update) = (id("a"), things(), Filter::all(), inc("n", 1));
    let outcomes =
        join_all((0..200).map(|_| store.update_one(&things, &name, &all, &update))).await;
    let mut seen: Vec<i64> = outcomes
        .into_iter()
        .map(|outcome| match outcome.unwrap().unwrap().after.get("n") {
            Some(Value::Int(number)) => *number,
            other => panic!("{other:?}"),
        })
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=200).collect::<Vec<i64>>());
}

pub(crate) async fn values_survive(store: &dyn Store) {
    let all = value(
        r#"[null, true, 1, {"$numberLong":"9223372036854775807"}, {"$numberDouble":"1.0"}, {"$numberDouble":"NaN"},
            {"$numberDouble":"-Infinity"}, "文字 ' \" \\ \u0000", {"$date":{"$numberLong":"-1"}}, [[]], {"":{}},
            {"$binary":{"base64":"AAEC","subType":"80"}}]"#,
    );
    survives(store, all).await;
}

/// A document with this value is read as it was stored.
pub(super) async fn survives(store: &dyn Store, value: Value) {
    let fields: Object = [("all", value)].into_iter().collect();
    let document = Document::new(id("a"), 0, fields);
    let stored = store
        .insert(&things(), vec![document.clone()])
        .await
        .unwrap();
    let read = get(store, "a").await.unwrap();
    assert_eq!(read.fields(), document.fields());
    assert_eq!(Arc::clone(&stored[0]), read);
}
