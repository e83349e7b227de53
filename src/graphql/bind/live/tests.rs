//! What subscriptions ask the gateway to watch.

use serde_json::{Value as Json, json};

use crate::gateway::{Select, WatchRequest};
use crate::graphql::bind::{Plan, RootGet};
use crate::graphql::error::Code;
use crate::graphql::sample::Sample;
use crate::model::CollectionIx;

/// What the only root of a plan watches.
fn watched<'p>(plan: &'p Plan<'_>) -> &'p WatchRequest {
    match plan.root.items[0].get.as_ref() {
        Some(RootGet::Live { request, .. }) => request,
        other => panic!("not live: {other:?}"),
    }
}

fn stored(sample: &Sample, select: &Select) -> Vec<String> {
    let orders = sample.model.collection_named("orders").expect("orders");
    let shape = &sample.model.collection(orders).shape;
    let names = select
        .fields
        .iter()
        .map(|ix| shape.field(*ix).stored.to_string());
    names.collect()
}

fn names(sample: &Sample, collections: &[CollectionIx]) -> Vec<String> {
    let name = |ix: &CollectionIx| sample.model.collection(*ix).name.to_string();
    collections.iter().map(name).collect()
}

#[test]
fn a_list_is_watched_as_it_was_asked_for() {
    let sample = Sample::of(
        "subscription S($n: Int) { orders(where: {total: {gt: 5}}, orderBy: [{total: DESC}], first: $n) { nodes { id } } }",
    );
    for (variables, expected) in [(json!({"n": 7}), Some(7)), (json!({}), None)] {
        let plan = sample.bind(variables).expect("it binds");
        let WatchRequest::List {
            filter,
            order,
            first,
            ..
        } = watched(&plan)
        else {
            panic!("a list")
        };
        assert_eq!(*first, expected);
        assert_eq!(filter.to_string(), "total > 5");
        assert_eq!(order.keys.len(), 1);
    }
}

#[test]
fn a_document_is_watched_by_its_id() {
    let sample = Sample::of("subscription { order(id: 17) { node { total } } }");
    let plan = sample.plan();
    let WatchRequest::Single { id, select, .. } = watched(&plan) else {
        panic!("a single document")
    };
    assert_eq!(id, "17");
    assert_eq!(stored(&sample, select), ["total"]);
}

/// Whatever is selected of documents anywhere in the event is read of all of them.
#[test]
fn all_selections_on_documents_are_read() {
    for (selection, read) in [
        ("sequence kind changes { type id index }", &[][..]),
        ("nodes { total }", &["total"]),
        ("changes { node { note } }", &["note"]),
        (
            "a: nodes { total } b: nodes { lines { price } } changes { node { note } }",
            &["total", "note", "lines"],
        ),
        ("changes { node { user { name } } }", &["buyer"]),
    ] {
        let sample = Sample::of(&format!("subscription {{ orders {{ {selection} }} }}"));
        let plan = sample.plan();
        let WatchRequest::List { select, .. } = watched(&plan) else {
            panic!("a list")
        };
        assert_eq!(stored(&sample, select), read, "{selection}");
    }
}

#[test]
fn the_collections_of_all_relations_are_known() {
    for (selection, also, all) in [
        ("kind", &[][..], &["orders"][..]),
        ("nodes { user { name } }", &["users"], &["orders", "users"]),
        (
            "nodes { id } changes { node { lines { item { title } } } }",
            &["items"],
            &["orders", "items"],
        ),
        (
            "nodes { user { orders { nodes { lines { item { id } } } } } }",
            &["orders", "users", "items"],
            &["orders", "users", "items"],
        ),
    ] {
        let sample = Sample::of(&format!("subscription {{ orders {{ {selection} }} }}"));
        let plan = sample.plan();
        let (WatchRequest::List { also: told, .. } | WatchRequest::Single { also: told, .. }) =
            watched(&plan);
        assert_eq!(names(&sample, told), also, "{selection}");
        assert_eq!(names(&sample, &plan.collections()), all, "{selection}");
    }
}

/// The same relation in `nodes` and in `changes` is loaded once for both.
#[test]
fn selections_share_their_loads() {
    let sample = Sample::of(
        "subscription { orders { nodes { user { name } } changes { node { user { id } } } } }",
    );
    assert_eq!(sample.plan().loads.len(), 1);
}

fn refusal(operation: &str, variables: Json) -> Code {
    let sample = Sample::of(operation);
    let errors = sample.bind(variables).expect_err("it cannot be bound");
    errors[0].code
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    for (operation, variables) in [
        ("subscription { orders(first: -1) { kind } }", json!({})),
        (
            "subscription { orders(where: {total: {}}) { kind } }",
            json!({}),
        ),
        (
            "subscription S($w: OrderFilter) { orders(where: $w) { kind } }",
            json!({"w": {"nope": 1}}),
        ),
        (
            "subscription S($id: ID!) { order(id: $id) { kind } }",
            json!({}),
        ),
    ] {
        assert_eq!(
            refusal(operation, variables),
            Code::BadUserInput,
            "{operation}"
        );
    }
}

#[test]
fn an_event_that_could_be_too_large_is_refused() {
    let fields: String = (0..300).map(|n| format!("f{n}: total ")).collect();
    let of = |part: &str| format!("subscription S($n: Int) {{ orders(first: $n) {{ {part} }} }}");
    let node = format!("changes {{ node {{ {fields} }} }}");
    let small = Sample::of(&of(&node));
    assert!(small.bind(json!({})).is_ok());
    assert!(small.bind(json!({"n": 100})).is_ok());
    let many = format!(
        "changes {{ node {{ user {{ orders(first: 400) {{ nodes {{ {fields} }} }} }} }} }}"
    );
    assert_eq!(refusal(&of(&many), json!({"n": 500})), Code::LimitExceeded);
    assert_eq!(refusal(&of(&many), json!({})), Code::LimitExceeded);
    assert!(Sample::of(&of(&many)).bind(json!({"n": 1})).is_ok());
}
