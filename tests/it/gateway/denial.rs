//! Default deny: without rules, and without being signed in, every method of a session refuses.

use cloudbase_graphql::data::{Filter, Test, Update, Value};
use cloudbase_graphql::gateway::{Config, Error, UnauthenticatedAccess};

use super::world::{Actor, World, input, is, kind, set, test};

/// No permission, no rule, no grant: `CUSTOM` with nothing.
const BARE: &str = r#"
extend schema @role(name: "owner")
type T @collection(name: "ts") { id: ID! n: Int us: [U!]! @relation(from: "n", to: "n") }
type U @collection(name: "us") { id: ID! n: Int }
"#;

const SEED: &[(&str, &str)] = &[
    ("ts", r#"{"_id":"t","_openid":"a","n":1}"#),
    ("us", r#"{"_id":"u","n":1}"#),
];

/// What each method that touches documents answers.
async fn every_method(actor: &Actor) -> Vec<(&'static str, Option<Error>)> {
    let ts = actor.collection("ts");
    let n = actor.field("ts", "n");
    let session = &actor.session;
    let request = actor.request("ts", Filter::all());
    let bulk = actor.bulk("ts", test("n", Test::Exists(true)), 10);
    let update = Update {
        ops: vec![set("n", "2")],
    };
    let key = vec![Value::Int(1)];
    vec![
        ("list", session.list(&request).await.err()),
        ("get", actor.get("ts", "t").await.err()),
        ("get missing", actor.get("ts", "x").await.err()),
        (
            "look up",
            actor.look_up("ts", "n", Value::Int(1)).await.err(),
        ),
        ("to many", session.to_many(&request, n, key).await.err()),
        (
            "create",
            session.create(ts, vec![input(None, "{}")]).await.err(),
        ),
        ("create one", actor.create("ts", "{}").await.err()),
        (
            "update",
            actor.update("ts", "t", vec![set("n", "2")]).await.err(),
        ),
        (
            "update missing",
            actor.update("ts", "x", vec![set("n", "2")]).await.err(),
        ),
        (
            "update if",
            actor
                .update_if("ts", "t", vec![set("n", "2")], Some(is("n", "1")))
                .await
                .err(),
        ),
        (
            "update many",
            session.update_many(&bulk, &update).await.err(),
        ),
        ("delete", actor.delete("ts", "t", None).await.err()),
        ("delete missing", actor.delete("ts", "x", None).await.err()),
        ("delete many", session.delete_many(&bulk).await.err()),
    ]
}

#[tokio::test]
async fn without_rules_everything_is_forbidden() {
    let config = Config {
        owners: [cloudbase_graphql::data::Principal::openid("root")].into(),
        ..Config::default()
    };
    let world = World::configured(BARE, SEED, config).await;
    // Not even an owner: no grant, no right.
    for principal in ["openid:a", "uid:a", "openid:root"] {
        let actor = world.as_(principal).await;
        for (method, error) in every_method(&actor).await {
            let error = error.unwrap_or_else(|| panic!("{principal} {method} is allowed"));
            assert_eq!(kind(&error), "forbidden", "{principal} {method}");
        }
        let to = actor.field("ts", "n");
        let select = actor.all("ts");
        let found = actor
            .session
            .to_one(actor.collection("ts"), to, vec![Value::Int(1)], &select)
            .await;
        assert!(found.expect("hidden targets are no error")[0].is_none());
        assert_eq!(
            actor.session.trace().reads,
            0,
            "nothing is read that nobody may see"
        );
    }
    assert!(world.audit.entries().is_empty());
}

#[tokio::test]
async fn who_is_not_signed_in_is_refused_everywhere() {
    let open = r#"type T @collection(name: "ts", permission: CUSTOM) @rule(read: true, write: true) { id: ID! n: Int }"#;
    let world = World::new(open, &SEED[..1]).await;
    let nobody = world.as_("-").await;
    for (method, error) in every_method(&nobody).await {
        let error = error.unwrap_or_else(|| panic!("{method} is allowed"));
        assert_eq!(kind(&error), "unauthenticated", "{method}");
    }
    let (ts, n) = (nobody.collection("ts"), nobody.field("ts", "n"));
    let session = &nobody.session;
    let select = nobody.all("ts");
    assert!(
        session
            .to_one(ts, n, vec![Value::Int(1)], &select)
            .await
            .is_err()
    );
    assert!(session.mask(ts).await.is_err());
    assert!(session.field_decision(ts, n).await.is_err());
    assert!(session.target_allowed(ts, n).await.is_err());
}

#[tokio::test]
async fn where_it_is_allowed_custom_rules_decide_about_nobody() {
    let schema = r#"
        extend schema @role(name: "owner")
        type A @collection(name: "open", permission: CUSTOM) @rule(read: true, create: true) { id: ID! n: Int }
        type B @collection(name: "closed", permission: CUSTOM) @rule(read: "auth != null") { id: ID! n: Int }
        type C @collection(name: "simple", permission: READONLY) { id: ID! n: Int }
    "#;
    let seed = [
        ("open", r#"{"_id":"x"}"#),
        ("closed", r#"{"_id":"x"}"#),
        ("simple", r#"{"_id":"x"}"#),
    ];
    let config = Config {
        unauthenticated: UnauthenticatedAccess::CustomRulesOnly,
        ..Config::default()
    };
    let world = World::configured(schema, &seed, config).await;
    let nobody = world.as_("-").await;
    assert_eq!(nobody.find("open", Filter::all()).await, "x");
    assert_eq!(
        nobody.find("closed", Filter::all()).await,
        "read of B is not allowed"
    );
    assert_eq!(
        nobody.find("simple", Filter::all()).await,
        "read of C is not allowed"
    );
    let written = nobody.create("open", "{}").await.expect("created");
    let stored = world
        .stored("open", &written.id.to_string())
        .await
        .expect("stored");
    assert_eq!(stored.get("_openid"), None);
}
