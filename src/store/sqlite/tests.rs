//! Tests that need to reach behind the store's interface.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::SqliteStore;
use crate::data::{
    CollectionName, DocId, Document, Filter, Index, IndexKeys, Order, OrderKey, Path, Test, Value,
};
use crate::store::{CollectionSpec, Error, Find, Projection, Store};

fn things() -> CollectionName {
    CollectionName::parse("things").unwrap()
}

fn by(keys: &[&str]) -> Order {
    let keys = keys
        .iter()
        .map(|key| OrderKey::ascending(Path::field(*key)));
    Order {
        keys: keys.collect(),
    }
}

async fn open() -> Arc<SqliteStore> {
    let store = SqliteStore::temporary().unwrap();
    let spec = CollectionSpec {
        name: things(),
        indexes: vec![Index {
            keys: IndexKeys::Ordered(by(&["n"])),
            unique: false,
        }],
    };
    store.prepare(&[spec]).await.unwrap();
    store
}

fn thing(number: i64) -> Document {
    let text = Value::string("x".repeat(1000));
    let fields = [("n", Value::Int(number)), ("text", text)];
    Document::new(DocId::Int(number), 0, fields.into_iter().collect())
}

async fn limit_pages(store: &SqliteStore, pages: u32) {
    let set = store.writer.run(move |batch| {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        batch.connection.query_row(&pragma, [], |_| Ok(())).unwrap();
        Ok(())
    });
    set.await.unwrap();
}

/// A read that never ends by itself.
async fn read_forever(store: &SqliteStore) {
    let sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let read = store.readers.run(move |reader| {
        let count = reader
            .connection
            .query_row(sql, [], |row| row.get::<_, u64>(0));
        count.map_err(super::error::of_store)
    });
    read.await.unwrap();
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_keeps_no_thread() {
    let store = open().await;
    let soon = Duration::from_millis(20);
    for _ in 0..8 {
        assert!(timeout(soon, read_forever(&store)).await.is_err());
    }
    let (name, all) = (things(), Filter::all());
    let count = timeout(Duration::from_secs(30), store.count(&name, &all)).await;
    assert_eq!(count.expect("a thread is free").unwrap(), 0);
    store.close();
}

#[tokio::test]
async fn a_full_disk_is_told_and_outlived() {
    let store = open().await;
    let mut changes = store.changes().expect("a feed");
    limit_pages(&store, 40).await;
    let mut stored = 0;
    let error = loop {
        match store.insert(&things(), vec![thing(stored)]).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("the disk is full; free some space"),
        "{error}"
    );
    assert_eq!(
        store.count(&things(), &Filter::all()).await.unwrap(),
        stored.cast_unsigned()
    );

    limit_pages(&store, 10_000).await;
    store.insert(&things(), vec![thing(stored)]).await.unwrap();
    store.verify().await.unwrap();
    // What was not written was not told, and took no number.
    for expected in 1..=stored + 1 {
        assert_eq!(
            changes.recv().await.unwrap().sequence,
            expected.cast_unsigned()
        );
    }
}

#[tokio::test]
async fn a_panic_costs_its_own_request() {
    let store = open().await;
    let error = store
        .writer
        .run::<()>(|_| panic!("on purpose"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("on purpose"), "{error}");
    let error = store
        .readers
        .run::<()>(|_| panic!("on purpose"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("on purpose"), "{error}");
    store.insert(&things(), vec![thing(1)]).await.unwrap();
    assert_eq!(store.count(&things(), &Filter::all()).await.unwrap(), 1);
}

#[tokio::test]
async fn statements_beyond_what_sqlite_takes_are_answered() {
    let store = open().await;
    store
        .insert(&things(), (0..10).map(thing).collect())
        .await
        .unwrap();
    let is = |number| Filter::field(&Path::field("n"), Test::Eq(Value::Int(number)));
    let deep = (0..400).fold(is(3), |inner, _| Filter::Not(Box::new(inner)));
    let list: Vec<Value> = (3..100_000).map(Value::Int).collect();
    let filters = [
        (Filter::Or((3..5000).map(is).collect()), 7),
        (Filter::And((3..5000).map(|_| is(3)).collect()), 1),
        (deep, 1),
        (Filter::field(&Path::field("n"), Test::In(list)), 7),
    ];
    for (filter, expected) in filters {
        assert_eq!(store.count(&things(), &filter).await.unwrap(), expected);
    }
    let order = by(&["n", "text"].repeat(1000));
    let first = order.position(&thing(0));
    let find = Find {
        filter: Filter::all(),
        order,
        after: Some(first),
        skip: 0,
        limit: 3,
        projection: Projection::All,
    };
    let found = store.find(&things(), &find).await.unwrap();
    assert_eq!(found.first().unwrap().id(), &DocId::Int(1));
}
