//! Conditional commits, collections that come and go, and notes: what the embedded store has of its own.

use std::sync::Arc;

use cloudbase_graphql::data::{CollectionName, DocId, Document, Filter};
use cloudbase_graphql::store::sqlite::{Committed, Extent, Options, Replacement, SqliteStore};
use cloudbase_graphql::store::{CollectionSpec, Error, Store};
use futures_util::FutureExt;

use super::sqlite::open;
use super::words::{doc, fill, found, get, id, inc, index, keyed, specs, things, unique};

fn write(
    collection: CollectionName,
    before: Option<&Arc<Document>>,
    after: Option<&str>,
) -> Replacement {
    let after = after.map(doc);
    let id: Option<&DocId> = after.as_ref().map(Document::id);
    let id = id.or_else(|| before.map(|before| before.id()));
    Replacement {
        collection,
        id: id.expect("one of the two").clone(),
        before: before.cloned(),
        after,
    }
}

#[tokio::test]
async fn documents_of_several_collections_are_one_commit() {
    let store = open().await;
    fill(
        store.as_ref(),
        [r#"{"_id":"a","n":1}"#, r#"{"_id":"b","n":2}"#],
    )
    .await;
    let a = get(store.as_ref(), "a").await.expect("it is there");
    let b = get(store.as_ref(), "b").await.expect("it is there");
    let mut feed = store.changes().expect("a feed");
    let writes = vec![
        write(things(), Some(&a), Some(r#"{"_id":"a","n":5}"#)),
        write(keyed(), None, Some(r#"{"_id":"k","code":"x"}"#)),
        write(things(), Some(&b), None),
    ];
    let Committed::All {
        sequence,
        documents,
    } = store.commit(writes).await.unwrap()
    else {
        panic!("nobody else wrote");
    };
    let ids = documents.iter().map(|document| document.as_ref());
    let ids: Vec<Option<String>> = ids
        .map(|document| document.map(|document| document.id().to_string()))
        .collect();
    assert_eq!(ids, [Some("a".to_owned()), Some("k".to_owned()), None]);
    assert_eq!(
        found(store.as_ref(), Filter::all(), "").await,
        "a",
        "b was removed"
    );
    let mut told = Vec::new();
    for _ in 0..3 {
        let change = feed.recv().await.unwrap();
        told.push((
            change.id.to_string(),
            change.before.is_some(),
            change.after.is_some(),
            change.sequence,
        ));
    }
    let expected = [
        ("a".to_owned(), true, true, sequence - 2),
        ("k".to_owned(), false, true, sequence - 1),
        ("b".to_owned(), true, false, sequence),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_conflict_writes_nothing_and_names_the_document() {
    let store = open().await;
    fill(store.as_ref(), [r#"{"_id":"a","n":1}"#]).await;
    let seen = get(store.as_ref(), "a").await.expect("it is there");
    store
        .update_one(&things(), &id("a"), &Filter::all(), &inc("n", 1))
        .await
        .unwrap();
    let mut feed = store.changes().expect("a feed");
    let new = || write(things(), None, Some(r#"{"_id":"new"}"#));
    let ghost = Arc::new(doc(r#"{"_id":"ghost"}"#));
    let conflicts = [
        write(things(), Some(&seen), Some(r#"{"_id":"a","n":9}"#)),
        write(things(), Some(&seen), None),
        write(things(), None, Some(r#"{"_id":"a","n":9}"#)),
        write(things(), Some(&ghost), None),
    ];
    for conflicting in conflicts {
        let named = conflicting.id.clone();
        match store.commit(vec![new(), conflicting]).await.unwrap() {
            Committed::Conflict { collection, id } => {
                assert_eq!((collection, id), (things(), named))
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(found(store.as_ref(), Filter::all(), "").await, "a");
    assert!(feed.recv().now_or_never().is_none(), "nothing was written");
}

#[tokio::test]
async fn unique_indexes_hold_in_a_commit() {
    let store = open().await;
    let first = write(keyed(), None, Some(r#"{"_id":"k","code":"x"}"#));
    store.commit(vec![first]).await.unwrap();
    let writes = vec![
        write(things(), None, Some(r#"{"_id":"new"}"#)),
        write(keyed(), None, Some(r#"{"_id":"l","code":"x","left":1}"#)),
    ];
    match store.commit(writes).await {
        Err(Error::Duplicate { collection, fields }) => {
            assert_eq!((collection, fields), (keyed(), vec!["code".to_owned()]));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(found(store.as_ref(), Filter::all(), "").await, "");
}

#[tokio::test]
async fn the_file_names_its_collections() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let names: Vec<CollectionName> = ["Things", "tHings", "things", "a-B_1"]
        .iter()
        .map(|name| CollectionName::parse(name).unwrap())
        .collect();
    let store = SqliteStore::open(&path, &Options::default()).unwrap();
    let specs: Vec<CollectionSpec> = names
        .iter()
        .map(|name| CollectionSpec {
            name: name.clone(),
            indexes: vec![index("n")],
        })
        .collect();
    store.prepare(&specs).await.unwrap();
    store.set_note("a", "kept").await.unwrap();
    drop(store);

    let store = SqliteStore::open(&path, &Options::default()).unwrap();
    let mut expected = names;
    expected.sort();
    assert_eq!(store.collections().await.unwrap(), expected);
    assert_eq!(store.note("a").await.unwrap().as_deref(), Some("kept"));
}

#[tokio::test]
async fn a_dropped_collection_is_gone_and_may_come_again() {
    let store = open().await;
    fill(
        store.as_ref(),
        [r#"{"_id":"a","tags":["x"]}"#, r#"{"_id":"b"}"#],
    )
    .await;
    let mut feed = store.changes().expect("a feed");
    let dropped = store.drop_collection(&things()).await.unwrap();
    let ids: Vec<String> = dropped
        .documents
        .iter()
        .map(|d| d.id().to_string())
        .collect();
    assert_eq!(ids, ["a", "b"]);
    for id in ids {
        let change = feed.recv().await.unwrap();
        assert_eq!((change.id.to_string(), change.after.is_none()), (id, true));
        assert!(change.sequence <= dropped.sequence);
    }
    assert_eq!(store.collections().await.unwrap(), [keyed()]);
    store.count(&things(), &Filter::all()).await.unwrap_err();
    store.drop_collection(&things()).await.unwrap_err();

    store.prepare(&specs()).await.unwrap();
    assert_eq!(found(store.as_ref(), Filter::all(), "").await, "");
    fill(store.as_ref(), [r#"{"_id":"a","tags":["x"]}"#]).await;
    let tagged = super::words::eq("tags", "\"x\"");
    assert_eq!(found(store.as_ref(), tagged, "").await, "a");
}

#[tokio::test]
async fn an_index_that_documents_contradict_changes_nothing() {
    let store = open().await;
    fill(
        store.as_ref(),
        [r#"{"_id":"a","n":1}"#, r#"{"_id":"b","n":1}"#],
    )
    .await;
    let spec = CollectionSpec {
        name: things(),
        indexes: vec![unique("n")],
    };
    store.prepare(&[spec]).await.unwrap_err();
    fill(store.as_ref(), [r#"{"_id":"c","n":1}"#]).await;
    assert_eq!(found(store.as_ref(), Filter::all(), "").await, "a b c");
}

#[tokio::test]
async fn notes_are_kept_by_name() {
    let store = open().await;
    assert_eq!(store.note("a").await.unwrap(), None);
    store.set_note("a", "one").await.unwrap();
    store.set_note("b", "").await.unwrap();
    store.set_note("a", "two").await.unwrap();
    assert_eq!(store.note("a").await.unwrap().as_deref(), Some("two"));
    assert_eq!(store.note("b").await.unwrap().as_deref(), Some(""));
    assert_eq!(store.note("c").await.unwrap(), None);
    assert_eq!(store.collections().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_collection_has_an_extent() {
    let store = open().await;
    let empty = Extent {
        documents: 0,
        bytes: 0,
    };
    assert_eq!(store.extent(&things()).await.unwrap(), empty);
    fill(store.as_ref(), [r#"{"_id":"é"}"#]).await;
    let extent = Extent {
        documents: 1,
        bytes: r#"{"_id":"é"}"#.len() as u64,
    };
    assert_eq!(store.extent(&things()).await.unwrap(), extent);
}
