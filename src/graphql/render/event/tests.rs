//! Events as they are written, and when two documents look the same.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::{EventKind, Happening};
use crate::data::{Caller, DocId};
use crate::gateway::Visible;
use crate::graphql::error::Code;
use crate::graphql::live::{ChangeType, Difference};
use crate::graphql::load::Loads;
use crate::graphql::render::{Renderer, Told};
use crate::graphql::sample::Sample;

const LARGE: usize = 1 << 20;

fn difference(kind: ChangeType, id: &str, index: Option<usize>) -> Difference {
    Difference {
        kind,
        id: DocId::String(id.into()),
        index,
    }
}

/// Every document ADDED, as a snapshot has it.
fn all_added(documents: &[Visible]) -> Vec<Difference> {
    let added = documents
        .iter()
        .enumerate()
        .map(|(at, document)| Difference {
            kind: ChangeType::Added,
            id: document.id().clone(),
            index: Some(at),
        });
    added.collect()
}

fn render(sample: &Sample, happening: Happening<'_>, max: usize) -> String {
    let plan = sample.plan();
    let loads = Loads::new(plan.loads.len());
    let caller = Caller::none();
    let mut renderer = Renderer::new(&caller, IndexMap::new(), max);
    renderer.event(&plan, happening, &loads);
    String::from_utf8(renderer.finish(Told::default()).body.into()).expect("events are UTF-8")
}

/// The first event over these orders.
fn snapshot(operation: &str, orders: &[&str], denied: &[&str]) -> String {
    let sample = Sample::of(operation);
    let documents: Vec<_> = orders
        .iter()
        .map(|order| sample.order(order, denied))
        .collect();
    let happening = Happening {
        sequence: 1,
        kind: EventKind::Snapshot,
        documents: &documents,
        changes: &all_added(&documents),
    };
    render(&sample, happening, LARGE)
}

#[test]
fn members_are_written_in_the_order_of_the_selection() {
    let text = snapshot(
        "subscription { live: orders { __typename k: kind sequence a: nodes { total id } changes { index id t: type node { __typename id } } b: nodes { id } } }",
        &[r#"{"_id":"o1","total":5}"#, r#"{"_id":"o2"}"#],
        &[],
    );
    assert_eq!(
        text,
        concat!(
            r#"{"data":{"live":{"__typename":"OrdersEvent","k":"SNAPSHOT","sequence":1,"#,
            r#""a":[{"total":5,"id":"o1"},{"total":null,"id":"o2"}],"#,
            r#""changes":[{"index":0,"id":"o1","t":"ADDED","node":{"__typename":"Order","id":"o1"}},"#,
            r#"{"index":1,"id":"o2","t":"ADDED","node":{"__typename":"Order","id":"o2"}}],"#,
            r#""b":[{"id":"o1"},{"id":"o2"}]}}}"#,
        )
    );
}

#[test]
fn a_change_tells_the_list_as_it_is_and_what_became_different() {
    let sample = Sample::of(
        "subscription { orders { sequence kind nodes { id } changes { type id index node { total } } } }",
    );
    let documents = [
        sample.order(r#"{"_id":"o2","total":7}"#, &[]),
        sample.order(r#"{"_id":"o3","total":8}"#, &[]),
    ];
    let changes = [
        difference(ChangeType::Removed, "o1", None),
        difference(ChangeType::Updated, "o3", Some(1)),
    ];
    let happening = Happening {
        sequence: 9,
        kind: EventKind::Change,
        documents: &documents,
        changes: &changes,
    };
    let event: Json = serde_json::from_str(&render(&sample, happening, LARGE)).expect("JSON");
    assert_eq!(
        event,
        json!({"data": {"orders": {
            "sequence": 9,
            "kind": "CHANGE",
            "nodes": [{"id": "o2"}, {"id": "o3"}],
            "changes": [
                {"type": "REMOVED", "id": "o1", "index": null, "node": null},
                {"type": "UPDATED", "id": "o3", "index": 1, "node": {"total": 8}},
            ],
        }}})
    );
}

#[test]
fn one_document_is_a_list_of_at_most_one() {
    let operation =
        "subscription { order(id: \"o1\") { kind node { id } changes { type index } } }";
    assert_eq!(
        snapshot(operation, &[r#"{"_id":"o1"}"#], &[]),
        r#"{"data":{"order":{"kind":"SNAPSHOT","node":{"id":"o1"},"changes":[{"type":"ADDED","index":0}]}}}"#
    );
    assert_eq!(
        snapshot(operation, &[], &[]),
        r#"{"data":{"order":{"kind":"SNAPSHOT","node":null,"changes":[]}}}"#
    );
}

#[test]
fn an_error_costs_its_own_place_and_names_it() {
    let text = snapshot(
        "subscription { live: orders { nodes { id } changes { node { t: total lines { price } } } } }",
        &[
            r#"{"_id":"o1","total":1}"#,
            r#"{"_id":"o2","total":"many","lines":[{"price":3},{}]}"#,
        ],
        &[],
    );
    let event: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        event["data"]["live"]["changes"],
        json!([{"node": {"t": 1, "lines": null}}, {"node": {"t": null, "lines": null}}])
    );
    let paths: Vec<&Json> = event["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| &error["path"])
        .collect();
    assert_eq!(
        paths,
        [
            &json!(["live", "changes", 1, "node", "t"]),
            &json!(["live", "changes", 1, "node", "lines", 1, "price"]),
        ]
    );
}

#[test]
fn what_is_denied_is_counted() {
    let text = snapshot(
        "subscription { orders { nodes { note } changes { node { note } } } }",
        &[r#"{"_id":"o1","note":"secret"}"#, r#"{"_id":"o2"}"#],
        &["note"],
    );
    assert!(!text.contains("secret"), "{text}");
    let event: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        event["data"]["orders"]["nodes"],
        json!([{"note": null}, {"note": null}])
    );
    assert_eq!(
        event["extensions"]["denied"],
        json!([{"field": "Order.note", "count": 4}])
    );
}

/// `orders` is never null, so that nothing is left of an event that is given up.
#[test]
fn an_event_that_is_too_large_has_no_data() {
    let sample = Sample::of("subscription { orders { nodes { note } } }");
    let long = format!(r#"{{"_id":"o1","note":"{}"}}"#, "x".repeat(200));
    let documents = [sample.order(&long, &[]), sample.order(&long, &[])];
    let happening = Happening {
        sequence: 1,
        kind: EventKind::Resync,
        documents: &documents,
        changes: &[],
    };
    let event: Json = serde_json::from_str(&render(&sample, happening, 100)).expect("JSON");
    assert_eq!(event["data"], Json::Null);
    assert_eq!(event["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
}

/// Were each document measured by itself, a list of many would be more work than any answer may be.
#[test]
fn looking_at_a_list_takes_no_more_than_an_answer() {
    let sample = Sample::of("subscription { orders { a: nodes { note } b: nodes { note } } }");
    let plan = sample.plan();
    let loads = Loads::new(plan.loads.len());
    let caller = Caller::none();
    let long = format!(r#"{{"_id":"o1","note":"{}"}}"#, "x".repeat(200));
    let order = sample.order(&long, &[]);
    let mut renderer = Renderer::new(&caller, IndexMap::new(), 1000);
    let mut look = || renderer.fingerprint(&plan, &order, &loads);
    let first = look().expect("400 of 1000 bytes");
    assert_eq!(look(), Ok(first));
    for _ in 0..2 {
        let error = look().err().or_else(|| look().err());
        assert_eq!(error.expect("too much").code, Code::LimitExceeded);
    }
}

/// How the order looks to this subscription.
fn look(operation: &str, order: &str, denied: &[&str]) -> u64 {
    let sample = Sample::of(operation);
    let plan = sample.plan();
    let loads = Loads::new(plan.loads.len());
    let caller = Caller::none();
    let order = sample.order(order, denied);
    let mut renderer = Renderer::new(&caller, IndexMap::new(), LARGE);
    let look = renderer.fingerprint(&plan, &order, &loads);
    look.expect("it is small")
}

#[test]
fn only_what_is_selected_and_readable_makes_a_document_look_different() {
    let nodes = "subscription { orders { nodes { total note lines { price } } } }";
    let changes =
        "subscription { orders { kind changes { id node { total note lines { price } } } } }";
    let both =
        "subscription { orders { nodes { total } changes { node { note lines { price } } } } }";
    let single = "subscription { order(id: \"o1\") { node { total note lines { price } } } }";
    let base = r#"{"_id":"o1","total":1,"note":"n","lines":[{"price":3}]}"#;
    for operation in [nodes, changes, both, single] {
        let before = look(operation, base, &[]);
        for same in [
            base,
            r#"{"_id":"o1","total":1,"note":"n","lines":[{"price":3}],"buyer":"u1"}"#,
            r#"{"_id":"o1","total":1.0,"note":"n","lines":[{"price":3,"itemId":"i1"}]}"#,
        ] {
            assert_eq!(look(operation, same, &[]), before, "{operation}: {same}");
        }
        for other in [
            r#"{"_id":"o1","total":2,"note":"n","lines":[{"price":3}]}"#,
            r#"{"_id":"o1","note":"n","lines":[{"price":3}]}"#,
            r#"{"_id":"o1","total":1,"note":"1","lines":[{"price":3}]}"#,
            r#"{"_id":"o1","total":1,"note":"n","lines":[{"price":3},{"price":3}]}"#,
            // No value either way; but one is an error.
            r#"{"_id":"o1","total":1,"note":"n","lines":[{"price":"x"}]}"#,
            r#"{"_id":"o1","total":1,"note":"n"}"#,
        ] {
            assert_ne!(look(operation, other, &[]), before, "{operation}: {other}");
        }
    }
}

#[test]
fn a_hidden_field_looks_the_same_whatever_it_holds() {
    let operation = "subscription { orders { nodes { id note } } }";
    let hidden = |order| look(operation, order, &["note"]);
    let one = hidden(r#"{"_id":"o1","note":"a"}"#);
    assert_eq!(hidden(r#"{"_id":"o1","note":"b"}"#), one);
    assert_eq!(hidden(r#"{"_id":"o1"}"#), one);
    // That it is denied is told, so it is not the same as nothing being there.
    assert_ne!(look(operation, r#"{"_id":"o1"}"#, &[]), one);
}

#[test]
fn a_fingerprint_leaves_no_trace_in_the_event() {
    let sample = Sample::of("subscription { orders { nodes { total note } } }");
    let plan = sample.plan();
    let loads = Loads::new(plan.loads.len());
    let caller = Caller::none();
    let documents = [sample.order(r#"{"_id":"o1","total":"x","note":"n"}"#, &["note"])];
    let happening = Happening {
        sequence: 1,
        kind: EventKind::Snapshot,
        documents: &documents,
        changes: &[],
    };
    let mut renderer = Renderer::new(&caller, IndexMap::new(), LARGE);
    let look = renderer.fingerprint(&plan, &documents[0], &loads);
    look.expect("it is small");
    renderer.event(&plan, happening, &loads);
    let text =
        String::from_utf8(renderer.finish(Told::default()).body.into()).expect("events are UTF-8");
    assert_eq!(text, render(&sample, happening, LARGE));
}
