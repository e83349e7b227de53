//! `find` and `count`.

use cloudbase_graphql::data::{
    CollectionName, Comparison, DocId, Document, Filter, ObjectId, Order, Position, Strict, Test,
    Value,
};
use cloudbase_graphql::store::{Error, Find, Store};

use crate::store::words::{
    doc, eq, fields, fill, find, found, get, id, ids, order, path, test, things, value,
};

pub(crate) async fn by_id(store: &dyn Store) {
    fill(store, [r#"{"_id":"a","n":1}"#, r#"{"_id":"b","n":2}"#]).await;
    let found = get(store, "b").await.unwrap();
    assert_eq!(found.fields(), doc(r#"{"_id":"b","n":2}"#).fields());
    assert_eq!(found.rev > 0, !store.is_shared());
    assert!(get(store, "c").await.is_none());
}

pub(crate) async fn ids_of_every_type(store: &dyn Store) {
    let hex = ObjectId::parse("5f0000000000000000000001").unwrap();
    let all = [DocId::Int(12), DocId::string("12"), DocId::ObjectId(hex)];
    for id in &all {
        let document = Document::new(id.clone(), 0, [("n", Value::Int(1))].into_iter().collect());
        store.insert(&things(), vec![document]).await.unwrap();
    }
    for id in &all {
        let one = store
            .find(&things(), &find(Filter::id(id), ""))
            .await
            .unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(one[0].id(), id);
    }
    // Numbers before strings before ObjectIds.
    let listed = store
        .find(&things(), &find(Filter::all(), ""))
        .await
        .unwrap();
    let listed: Vec<&DocId> = listed.iter().map(|document| document.id()).collect();
    assert_eq!(listed, all.iter().collect::<Vec<_>>());
}

async fn fill_mixed(store: &dyn Store) {
    fill(
        store,
        [
            r#"{"_id":"int","n":1,"free":"x","code":1}"#,
            r#"{"_id":"double","n":{"$numberDouble":"1.0"},"free":"y","code":2}"#,
            r#"{"_id":"two","n":2,"free":"xy","code":3}"#,
            r#"{"_id":"nan","n":{"$numberDouble":"NaN"},"code":4}"#,
            r#"{"_id":"text","n":"1","code":5}"#,
            r#"{"_id":"null","n":null,"code":6}"#,
            r#"{"_id":"missing","code":7}"#,
            r#"{"_id":"true","n":true,"code":8}"#,
            r#"{"_id":"date","n":{"$date":{"$numberLong":"1"}},"code":9}"#,
            r#"{"_id":"object","n":{"x":1},"code":10}"#,
        ],
    )
    .await;
}

pub(crate) async fn filters(store: &dyn Store) {
    fill_mixed(store).await;
    let cases = [
        (eq("n", "1"), "double int"),
        (
            test("n", Test::Ne(value("1"))),
            "date missing nan null object text true two",
        ),
        (
            test("n", Test::In(vec![value("2"), value("true")])),
            "true two",
        ),
        (test("n", Test::In(vec![])), ""),
        (
            test("n", Test::NotIn(vec![value("2"), value("1"), Value::Null])),
            "date nan object text true",
        ),
        (test("n", Test::Gt(value("1"))), "two"),
        (test("n", Test::Gte(value("1"))), "double int two"),
        (test("n", Test::Lt(value("2"))), "double int"),
        (test("n", Test::Lte(Value::Double(f64::NAN))), "nan"),
        (test("n", Test::Gte(value("\"0\""))), "text"),
        (test("n", Test::Lt(value("{\"x\":2}"))), "object"),
        (
            test("n", Test::Exists(true)),
            "date double int nan null object text true two",
        ),
        (test("n", Test::Exists(false)), "missing"),
        (test("n", Test::StartsWith("1".to_owned())), "text"),
        (test("n", Test::Size(0)), ""),
        (
            Filter::Not(Box::new(eq("n", "1"))).and(test("n", Test::Gt(value("0")))),
            "two",
        ),
        (eq("n", "2").or(eq("n", "null")), "missing null two"),
        (
            Filter::all(),
            "date double int missing nan null object text true two",
        ),
        (Filter::none(), ""),
        (
            Filter::Strict(Strict::Compare(path("n"), Comparison::Ne, value("1"))),
            "two",
        ),
        (
            Filter::Strict(Strict::Compare(path("n"), Comparison::Lte, value("1"))),
            "double int",
        ),
        (
            Filter::Strict(Strict::NotIn(path("n"), vec![value("1"), value("\"1\"")])),
            "",
        ),
        (
            Filter::Strict(Strict::NotIn(path("n"), vec![])),
            "date double int nan object text true two",
        ),
        (Filter::Strict(Strict::Absent(path("n"))), "missing null"),
        (
            Filter::Strict(Strict::In(path("n"), vec![Value::Null, value("\"1\"")])),
            "text",
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            found(store, filter.clone(), "").await,
            expected,
            "{filter:?}"
        );
        let count = store.count(&things(), &filter).await.unwrap();
        assert_eq!(
            count,
            expected.split_whitespace().count() as u64,
            "{filter:?}"
        );
    }
}

pub(crate) async fn filters_decide_what_indexes_cannot(store: &dyn Store) {
    fill_mixed(store).await;
    let cases = [
        (eq("free", "\"x\""), "int"),
        (test("free", Test::Contains("x".to_owned())), "int two"),
        (eq("n", "1").and(eq("free", "\"y\"")), "double"),
        (eq("n", "1").or(eq("free", "\"xy\"")), "double int two"),
        (
            Filter::Not(Box::new(test("free", Test::EndsWith("y".to_owned()))))
                .and(test("n", Test::Gt(value("0")))),
            "int",
        ),
        (
            Filter::Strict(Strict::CompareFields(
                path("n"),
                Comparison::Lt,
                path("code"),
            )),
            "double two",
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            found(store, filter.clone(), "").await,
            expected,
            "{filter:?}"
        );
    }
}

pub(crate) async fn arrays_fan_out(store: &dyn Store) {
    fill(
        store,
        [
            r#"{"_id":"scalar","tags":"a","code":1}"#,
            r#"{"_id":"list","tags":["a","b"],"code":2}"#,
            r#"{"_id":"other","tags":["c"],"code":3}"#,
            r#"{"_id":"empty","tags":[],"code":4}"#,
            r#"{"_id":"nested","list":[{"y":1},{"y":[2,3]}],"code":5}"#,
            r#"{"_id":"single","list":{"y":2},"code":6}"#,
        ],
    )
    .await;
    let cases = [
        (eq("tags", "\"a\""), "list scalar"),
        (
            test("tags", Test::Ne(value("\"a\""))),
            "empty nested other single",
        ),
        (test("tags", Test::Has(value("\"a\""))), "list"),
        (test("tags", Test::Size(0)), "empty"),
        (test("tags", Test::Gt(value("\"b\""))), "other"),
        (eq("tags", "null"), "nested single"),
        (eq("list.y", "1"), "nested"),
        (eq("list.y", "2"), "nested single"),
        (test("list.y", Test::Exists(true)), "nested single"),
        (
            Filter::Strict(Strict::Compare(
                path("tags"),
                Comparison::Eq,
                value("\"a\""),
            )),
            "scalar",
        ),
        (
            Filter::Strict(Strict::Contains(path("tags"), value("\"c\""))),
            "other",
        ),
        (
            Filter::Strict(Strict::Absent(path("list.y"))),
            "empty list nested other scalar",
        ),
        (Filter::Strict(Strict::Present(path("list.y"))), "single"),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            found(store, filter.clone(), "").await,
            expected,
            "{filter:?}"
        );
    }
}

pub(crate) async fn null_and_missing(store: &dyn Store) {
    fill(
        store,
        [
            r#"{"_id":"a","sub":{"x":null},"code":1}"#,
            r#"{"_id":"b","sub":{},"code":2}"#,
            r#"{"_id":"c","sub":7,"code":3}"#,
            r#"{"_id":"d","code":4}"#,
            r#"{"_id":"e","sub":{"x":1},"code":5}"#,
        ],
    )
    .await;
    assert_eq!(found(store, eq("sub.x", "null"), "").await, "a b c d");
    assert_eq!(
        found(store, test("sub.x", Test::Ne(Value::Null)), "").await,
        "e"
    );
    assert_eq!(
        found(store, test("sub.x", Test::Exists(true)), "").await,
        "a e"
    );
}

pub(crate) async fn orders_of_mixed_types(store: &dyn Store) {
    fill_mixed(store).await;
    let ascending = "missing null nan double int two text object true date";
    assert_eq!(found(store, Filter::all(), "n").await, ascending);
    let descending = "date true object text two double int nan missing null";
    assert_eq!(found(store, Filter::all(), "-n").await, descending);
    assert_eq!(
        found(store, Filter::all(), "free,-code").await,
        "object date true missing null text nan int two double"
    );
}

pub(crate) async fn ties_by_id(store: &dyn Store) {
    for name in ["c", "a", "d", "b"] {
        store
            .insert(
                &things(),
                vec![doc(&format!(
                    r#"{{"_id":"{name}","n":1,"kind":"k","code":"{name}"}}"#
                ))],
            )
            .await
            .unwrap();
    }
    assert_eq!(found(store, Filter::all(), "n").await, "a b c d");
    assert_eq!(found(store, Filter::all(), "-n").await, "a b c d");
    assert_eq!(found(store, eq("kind", "\"k\""), "n,-_id").await, "d c b a");
    assert_eq!(found(store, Filter::all(), "-_id,n").await, "d c b a");
}

pub(crate) async fn skip_and_limit(store: &dyn Store) {
    fill_mixed(store).await;
    let page = |skip, limit| Find {
        skip,
        limit,
        ..find(Filter::all(), "code")
    };
    let cases = [
        (0, 0, ""),
        (0, 2, "int double"),
        (2, 2, "two nan"),
        (9, 5, "object"),
        (50, 5, ""),
        (8, u64::MAX, "date object"),
    ];
    for (skip, limit, expected) in cases {
        let page = store.find(&things(), &page(skip, limit)).await.unwrap();
        assert_eq!(ids(&page), expected, "{skip} {limit}");
    }
}

/// A store may give more fields than are asked for, but none that the document does not have.
pub(crate) async fn projections(store: &dyn Store) {
    let stored = r#"{"_id":"a","n":1,"free":"x","sub":{"x":1,"y":2}}"#;
    fill(store, [stored]).await;
    let stored = doc(stored);
    let cases = [
        (fields(&[]), r#"{"_id":"a"}"#),
        (
            fields(&["sub", "missing"]),
            r#"{"_id":"a","sub":{"x":1,"y":2}}"#,
        ),
        (fields(&["_id", "free"]), r#"{"_id":"a","free":"x"}"#),
    ];
    for (projection, expected) in cases {
        let list = Find {
            projection,
            ..find(eq("free", "\"x\""), "n,free")
        };
        let found = store.find(&things(), &list).await.unwrap();
        for (name, value) in doc(expected).fields().iter() {
            assert_eq!(found[0].get(name), Some(value), "{name}");
        }
        for (name, value) in found[0].fields().iter() {
            assert_eq!(stored.get(name), Some(value), "{name}");
        }
    }
}

const PAGING: [&str; 9] = [
    r#"{"_id":"a","kind":"k","n":1,"code":1}"#,
    r#"{"_id":"b","kind":"k","n":1,"code":2}"#,
    r#"{"_id":"c","kind":"k","code":3}"#,
    r#"{"_id":"d","kind":"k","n":null,"code":4}"#,
    r#"{"_id":"e","kind":"k","n":"1","code":5}"#,
    r#"{"_id":"f","kind":"k","n":[2,1],"code":6}"#,
    r#"{"_id":"g","n":1,"code":7}"#,
    r#"{"_id":"h","kind":["k"],"n":3,"code":8}"#,
    r#"{"_id":"i","kind":"other","n":3,"code":9}"#,
];

/// All documents of a list, page by page.
async fn walk(store: &dyn Store, filter: &Filter, by: &Order, size: u64) -> String {
    let mut seen = Vec::new();
    let mut after: Option<Position> = None;
    loop {
        let list = Find {
            filter: filter.clone(),
            order: by.clone(),
            after,
            limit: size,
            ..find(Filter::all(), "")
        };
        let page = store.find(&things(), &list).await.unwrap();
        let Some(last) = page.last() else {
            return ids(&seen);
        };
        after = Some(by.position(last));
        seen.extend(page);
    }
}

const ORDERS: [&str; 9] = [
    "",
    "-_id",
    "n",
    "-n",
    "kind,-n",
    "kind,n",
    "-kind,-n,code",
    "code",
    "free,-n,-_id",
];

pub(crate) async fn pages_forwards(store: &dyn Store) {
    fill(store, PAGING).await;
    for filter in [
        Filter::all(),
        eq("kind", "\"k\""),
        eq("kind", "\"k\"").and(test("n", Test::Lt(value("9")))),
    ] {
        for by in ORDERS {
            let whole = found(store, filter.clone(), by).await;
            for size in [1, 2, 5] {
                assert_eq!(
                    walk(store, &filter, &order(by), size).await,
                    whole,
                    "{by} {size}"
                );
            }
        }
    }
}

pub(crate) async fn pages_backwards(store: &dyn Store) {
    fill(store, PAGING).await;
    for by in ORDERS {
        let whole = found(store, Filter::all(), by).await;
        let backwards = walk(store, &Filter::all(), &order(by).reversed(), 2).await;
        let mut names: Vec<&str> = backwards.split(' ').collect();
        names.reverse();
        assert_eq!(names.join(" "), whole, "{by}");
    }
}

pub(crate) async fn counts(store: &dyn Store) {
    fill_mixed(store).await;
    assert_eq!(store.count(&things(), &Filter::all()).await.unwrap(), 10);
    assert_eq!(store.count(&things(), &eq("n", "1")).await.unwrap(), 2);
    assert_eq!(
        store.count(&things(), &eq("free", "\"x\"")).await.unwrap(),
        1
    );
    assert_eq!(
        store
            .count(&things(), &Filter::id(&id("int")))
            .await
            .unwrap(),
        1
    );
}

pub(crate) async fn reads_are_counted(store: &dyn Store) {
    fill(store, [r#"{"_id":"a"}"#]).await;
    let before = store.reads();
    store
        .find(&things(), &find(Filter::all(), ""))
        .await
        .unwrap();
    store.count(&things(), &Filter::all()).await.unwrap();
    let keys = [value("1"), value("2")];
    store
        .find_per_key(&things(), &path("n"), &keys, &find(Filter::all(), ""))
        .await
        .unwrap();
    store
        .count_per_key(&things(), &path("n"), &keys, &Filter::all())
        .await
        .unwrap();
    store.ready().await.unwrap();
    assert_eq!(store.reads() - before, 4);
}

pub(crate) async fn unknown_collections(store: &dyn Store) {
    let unknown = CollectionName::parse("unknown").unwrap();
    let error = store.count(&unknown, &Filter::all()).await.unwrap_err();
    assert!(matches!(error, Error::Failed(_)), "{error}");
    assert!(error.to_string().contains("`unknown`"), "{error}");
    let error = store
        .insert(&unknown, vec![doc(r#"{"_id":"a"}"#)])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`unknown`"), "{error}");
}
