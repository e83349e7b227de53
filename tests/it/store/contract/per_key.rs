//! `find_per_key` and `count_per_key`.

use cloudbase_graphql::data::{Filter, Test, Value};
use cloudbase_graphql::store::{Find, Store};

use crate::store::words::{eq, fields, fill, find, ids, order, path, test, things, value};

const ORDERS: [&str; 8] = [
    r#"{"_id":"a1","kind":"a","free":"a","n":1,"code":1}"#,
    r#"{"_id":"a2","kind":"a","free":"a","n":2,"code":2}"#,
    r#"{"_id":"a3","kind":"a","free":"a","n":3,"code":3}"#,
    r#"{"_id":"b1","kind":"b","free":"b","n":1,"code":4}"#,
    r#"{"_id":"b2","kind":"b","free":"b","n":2,"code":5}"#,
    r#"{"_id":"n0","n":5,"code":6}"#,
    r#"{"_id":"n1","kind":null,"free":null,"n":4,"code":7}"#,
    r#"{"_id":"c1","kind":1,"free":1,"n":1,"code":8}"#,
];

async fn per_key(store: &dyn Store, at: &str, keys: &str, find: &Find) -> String {
    let Value::Array(keys) = value(keys) else {
        panic!("keys are a list");
    };
    let found = store
        .find_per_key(&things(), &path(at), &keys, find)
        .await
        .unwrap();
    assert_eq!(found.len(), keys.len());
    let lists: Vec<String> = found.iter().map(|list| ids(list)).collect();
    lists.join("|")
}

pub(crate) async fn lists_for_each_key(store: &dyn Store) {
    fill(store, ORDERS).await;
    let newest = Find {
        limit: 2,
        ..find(Filter::all(), "-n")
    };
    assert_eq!(
        per_key(store, "kind", r#"["b","x","a",1]"#, &newest).await,
        "b2 b1||a3 a2|c1"
    );
    assert_eq!(
        per_key(store, "_id", r#"["a2","x","a1"]"#, &newest).await,
        "a2||a1"
    );
    assert_eq!(per_key(store, "kind", "[]", &newest).await, "");
    let projected = Find {
        projection: fields(&["n"]),
        ..newest
    };
    let found = store
        .find_per_key(&things(), &path("kind"), &[value("\"b\"")], &projected)
        .await
        .unwrap();
    assert_eq!(found[0][0].get("n"), Some(&value("2")));
}

pub(crate) async fn keys_of_arrays(store: &dyn Store) {
    fill(
        store,
        [
            r#"{"_id":"one","tags":"a","code":1}"#,
            r#"{"_id":"both","tags":["a","b"],"code":2}"#,
            r#"{"_id":"deep","list":[{"y":1},{"y":2}],"code":3}"#,
            r#"{"_id":"flat","list":{"y":2},"code":4}"#,
        ],
    )
    .await;
    let all = find(Filter::all(), "code");
    assert_eq!(
        per_key(store, "tags", r#"["a","b","c"]"#, &all).await,
        "one both|both|"
    );
    assert_eq!(
        per_key(store, "list.y", "[2,1]", &all).await,
        "deep flat|deep"
    );
    assert_eq!(
        per_key(store, "tags", r#"[["a","b"],"a"]"#, &all).await,
        "both|one both"
    );
}

pub(crate) async fn keys_without_an_index(store: &dyn Store) {
    fill(store, ORDERS).await;
    let second = Find {
        skip: 1,
        limit: 1,
        ..find(Filter::all(), "-n")
    };
    assert_eq!(
        per_key(store, "free", r#"["b","x","a",1]"#, &second).await,
        "b1||a2|"
    );
    let none = Find { limit: 0, ..second };
    assert_eq!(per_key(store, "free", r#"["b","a"]"#, &none).await, "|");
}

pub(crate) async fn null_keys(store: &dyn Store) {
    fill(store, ORDERS).await;
    let all = find(Filter::all(), "n");
    for at in ["kind", "free"] {
        assert_eq!(
            per_key(store, at, r#"[null,"b"]"#, &all).await,
            "n1 n0|b1 b2",
            "{at}"
        );
    }
}

pub(crate) async fn repeated_keys(store: &dyn Store) {
    fill(store, ORDERS).await;
    let all = find(Filter::all(), "n");
    for at in ["kind", "free"] {
        assert_eq!(
            per_key(store, at, r#"["b","b",1,{"$numberDouble":"1.0"}]"#, &all).await,
            "b1 b2|b1 b2|c1|c1",
            "{at}"
        );
    }
}

pub(crate) async fn pages_for_each_key(store: &dyn Store) {
    fill(store, ORDERS).await;
    let first = Find {
        limit: 1,
        ..find(Filter::all(), "-n")
    };
    let top = store
        .find_per_key(&things(), &path("kind"), &[value("\"a\"")], &first)
        .await
        .unwrap();
    for at in ["kind", "free"] {
        let next = Find {
            after: Some(order("-n").position(&top[0][0])),
            limit: 5,
            ..first.clone()
        };
        assert_eq!(
            per_key(store, at, r#"["a","b"]"#, &next).await,
            "a2 a1|b2 b1",
            "{at}"
        );
    }
}

pub(crate) async fn counts_for_each_key(store: &dyn Store) {
    fill(store, ORDERS).await;
    let keys = [value("\"a\""), value("\"x\""), Value::Null, value("\"a\"")];
    for at in ["kind", "free"] {
        let counts = store
            .count_per_key(&things(), &path(at), &keys, &Filter::all())
            .await
            .unwrap();
        assert_eq!(counts, [3, 0, 2, 3], "{at}");
        let big = test("n", Test::Gt(value("1")));
        let counts = store
            .count_per_key(&things(), &path(at), &keys, &big)
            .await
            .unwrap();
        assert_eq!(counts, [2, 0, 2, 2], "{at}");
    }
}

pub(crate) async fn keys_with_a_filter_beyond_indexes(store: &dyn Store) {
    fill(store, ORDERS).await;
    let filtered = Find {
        limit: 1,
        ..find(eq("free", "\"a\"").or(eq("free", "\"b\"")), "-n")
    };
    assert_eq!(
        per_key(store, "kind", r#"["a","b",null]"#, &filtered).await,
        "a3|b2|"
    );
}
