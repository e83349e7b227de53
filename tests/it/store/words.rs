//! Short words for documents, filters and orders.

use std::sync::Arc;

use cloudbase_graphql::data::update::Op;
use cloudbase_graphql::data::{
    CollectionName, DocId, Document, Filter, Index, IndexKeys, Order, OrderKey, Path, Test, Update,
    Value, ejson,
};
use cloudbase_graphql::store::{CollectionSpec, Find, Projection, Store};
use smol_str::SmolStr;

/// The collection that the contract is tried on.
pub(crate) fn things() -> CollectionName {
    CollectionName::parse("things").unwrap()
}

/// A collection with unique indexes.
pub(crate) fn keyed() -> CollectionName {
    CollectionName::parse("keyed").unwrap()
}

/// What a store must have prepared for the contract. Of the paths that the
/// cases use, `free` has no index.
pub(crate) fn specs() -> [CollectionSpec; 2] {
    let things = CollectionSpec {
        name: things(),
        indexes: vec![
            index("n"),
            index("kind,-n"),
            index("-at"),
            index("tags"),
            index("sub.x"),
            index("list.y,n"),
            index("code"),
        ],
    };
    let keyed = CollectionSpec {
        name: keyed(),
        indexes: vec![unique("code"), unique("left,right")],
    };
    [things, keyed]
}

pub(crate) fn index(keys: &str) -> Index {
    Index {
        keys: IndexKeys::Ordered(order(keys)),
        unique: false,
    }
}

pub(crate) fn unique(keys: &str) -> Index {
    Index {
        unique: true,
        ..index(keys)
    }
}

/// Reads `a,-b`: by `a`, then by `b` descending.
pub(crate) fn order(keys: &str) -> Order {
    let key = |key: &str| match key.strip_prefix('-') {
        Some(name) => OrderKey::descending(path(name)),
        None => OrderKey::ascending(path(key)),
    };
    Order {
        keys: keys
            .split(',')
            .filter(|key| !key.is_empty())
            .map(key)
            .collect(),
    }
}

pub(crate) fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

pub(crate) fn id(text: &str) -> DocId {
    DocId::string(text)
}

/// A value, from EJSON.
pub(crate) fn value(json: &str) -> Value {
    ejson::parse_value(json).unwrap()
}

/// A document, from EJSON.
pub(crate) fn doc(json: &str) -> Document {
    Document::from_object(ejson::parse_object(json).unwrap()).expect("it has an `_id`")
}

pub(crate) fn docs<const N: usize>(jsons: [&str; N]) -> Vec<Document> {
    jsons.into_iter().map(doc).collect()
}

pub(crate) fn eq(at: &str, json: &str) -> Filter {
    test(at, Test::Eq(value(json)))
}

pub(crate) fn test(at: &str, test: Test) -> Filter {
    Filter::field(&path(at), test)
}

/// Documents of a list: by filter and order, at most 100, all fields.
pub(crate) fn find(filter: Filter, by: &str) -> Find {
    Find {
        filter,
        order: order(by),
        after: None,
        skip: 0,
        limit: 100,
        projection: Projection::All,
    }
}

pub(crate) fn fields(names: &[&str]) -> Projection {
    Projection::Fields(names.iter().map(SmolStr::new).collect())
}

pub(crate) fn set(at: &str, json: &str) -> Update {
    Update {
        ops: vec![Op::Set(path(at), value(json))],
    }
}

pub(crate) fn inc(at: &str, by: i64) -> Update {
    Update {
        ops: vec![Op::Inc(path(at), Value::Int(by))],
    }
}

/// The ids of documents, in their order, separated by spaces.
pub(crate) fn ids(documents: &[Arc<Document>]) -> String {
    let ids: Vec<String> = documents
        .iter()
        .map(|document| document.id().to_string())
        .collect();
    ids.join(" ")
}

pub(crate) async fn fill<const N: usize>(store: &dyn Store, jsons: [&str; N]) {
    store.insert(&things(), docs(jsons)).await.unwrap();
}

pub(crate) async fn found(store: &dyn Store, filter: Filter, by: &str) -> String {
    ids(&store.find(&things(), &find(filter, by)).await.unwrap())
}

pub(crate) async fn get(store: &dyn Store, text: &str) -> Option<Arc<Document>> {
    let one = find(Filter::id(&id(text)), "");
    store.find(&things(), &one).await.unwrap().pop()
}
