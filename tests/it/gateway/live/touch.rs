//! Which commits touch what a relation looked for.

use std::sync::Arc;

use cloudbase_graphql::gateway::{Interest, Touches};
use cloudbase_graphql::live;
use futures_util::FutureExt as _;

use super::super::fickle::Fickle;
use super::super::world::{World, set, value};
use super::PATIENCE;

const SCHEMA: &str = r#"
type T @collection(name: "ts", permission: READONLY) { id: ID! to: String list: [Int!] inner: Inner }
type Inner { x: Int }
type Witness @collection(name: "witnesses", permission: READONLY) { id: ID! }
"#;

fn interest(world: &World, collection: &str, field: &str, keys: &[&str]) -> Interest {
    let model = world.gateway.model();
    let target = model.collection_named(collection).expect("a collection");
    let shape = &model.collection(target).shape;
    Interest {
        target,
        to: shape.field_named(field).expect("a field"),
        keys: keys.iter().map(|key| value(key)).collect(),
    }
}

/// Whether the commits up to now touched it.
async fn was_touched(world: &World, touches: &mut Touches, round: usize) -> bool {
    // Commits come in order: when this one has come, all before it have.
    let mut witness = world.gateway.touches();
    witness.attend_to(vec![interest(
        world,
        "witnesses",
        "id",
        &[&format!("\"w{round}\"")],
    )]);
    world
        .put("witnesses", &format!(r#"{{"_id":"w{round}"}}"#))
        .await;
    let waited = tokio::time::timeout(PATIENCE, witness.touched()).await;
    waited.expect("word of the witness");
    touches.touched().now_or_never().is_some()
}

#[tokio::test]
async fn keys_are_compared_as_relations_compare_them() {
    // The field and keys that are looked for, the document that is written, whether it is found.
    let cases: &[(&str, &[&str], &str, bool)] = &[
        ("to", &["\"a\"", "\"b\""], r#""to":"b""#, true),
        ("to", &["\"a\"", "\"b\""], r#""to":"c""#, false),
        ("to", &["1"], r#""to":{"$numberDouble":"1.0"}"#, true),
        ("to", &["1"], r#""to":"1""#, false),
        ("to", &["null"], r#""to":null"#, false),
        ("to", &["null"], "", false),
        ("to", &["\"a\"", "null"], "", false),
        ("to", &[], r#""to":"a""#, false),
        ("list", &["2"], r#""list":[1,2]"#, true),
        ("list", &["3"], r#""list":[1,2]"#, false),
        ("list", &["2"], r#""list":2"#, true),
        ("list", &["null"], r#""list":[]"#, false),
        ("list", &["[1,2]"], r#""list":[1,2]"#, true),
        ("to", &["\"a\""], r#""to":[["a"]]"#, false),
        ("id", &["\"t1\""], "", true),
        ("id", &["\"t2\""], "", false),
    ];
    let world = World::new(SCHEMA, &[]).await;
    for (round, (field, keys, members, expected)) in cases.iter().enumerate() {
        let mut touches = world.gateway.touches();
        touches.attend_to(vec![interest(&world, "ts", field, keys)]);
        let comma = if members.is_empty() { "" } else { "," };
        world
            .put("ts", &format!(r#"{{"_id":"t1"{comma}{members}}}"#))
            .await;
        let touched = was_touched(&world, &mut touches, 2 * round).await;
        assert_eq!(touched, *expected, "created: {field} {keys:?} {members}");
        world.remove("ts", "t1").await;
        let touched = was_touched(&world, &mut touches, 2 * round + 1).await;
        assert_eq!(touched, *expected, "deleted: {field} {keys:?} {members}");
    }
}

#[tokio::test]
async fn a_document_that_moves_in_or_out_touches() {
    let seed = [("ts", r#"{"_id":"t1","to":"a","inner":{"x":1}}"#)];
    let world = World::new(SCHEMA, &seed).await;
    let steps = [
        ("\"b\"", true),
        ("\"a\"", true),
        ("\"a\"", true),
        ("\"b\"", true),
        ("\"c\"", false),
    ];
    let mut touches = world.gateway.touches();
    touches.attend_to(vec![
        interest(&world, "ts", "to", &["\"z\""]),
        interest(&world, "ts", "to", &["\"a\""]),
    ]);
    for (round, (to, expected)) in steps.into_iter().enumerate() {
        let ops = vec![set("to", to), set("inner.x", &round.to_string())];
        world.change("ts", "t1", ops).await;
        let touched = was_touched(&world, &mut touches, round).await;
        assert_eq!(touched, expected, "{round}: {to}");
    }
}

#[tokio::test]
async fn what_is_named_after_the_commit_is_not_missed() {
    let world = World::new(SCHEMA, &[]).await;
    let mut touches = world.gateway.touches();
    world.put("ts", r#"{"_id":"t1","to":"a"}"#).await;
    touches.attend_to(vec![interest(&world, "ts", "to", &["\"a\""])]);
    assert!(was_touched(&world, &mut touches, 0).await);
    // Several commits are one touch, and what is of no interest any more touches nothing.
    world.change("ts", "t1", vec![set("to", "\"b\"")]).await;
    world.change("ts", "t1", vec![set("to", "\"a\"")]).await;
    assert!(was_touched(&world, &mut touches, 1).await);
    assert!(!was_touched(&world, &mut touches, 2).await);
    touches.attend_to(Vec::new());
    world.remove("ts", "t1").await;
    assert!(!was_touched(&world, &mut touches, 3).await);
}

#[tokio::test]
async fn of_a_store_that_tells_nothing_anything_may_be_touched() {
    let world = World::new(SCHEMA, &[]).await;
    let gateway = world.over(
        Arc::new(Fickle::silent(Arc::clone(&world.store))),
        live::Config::default(),
    );
    let mut touches = gateway.touches();
    let waited = tokio::time::timeout(PATIENCE, touches.touched()).await;
    waited.expect("it is time to look");
}
