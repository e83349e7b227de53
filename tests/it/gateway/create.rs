//! Creating documents.

use cloudbase_graphql::data::{DocId, Value};

use super::notes::world;
use super::world::{NOW, World, input, kind, said};

#[tokio::test]
async fn the_gateway_completes_a_document() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let written = alice
        .create("notes", r#"{"title":"new","slug":"l9","code":"c9"}"#)
        .await
        .expect("created");
    let id = written.id.to_string();
    assert!(
        id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
        "{id}"
    );
    assert!(written.document.is_some());
    let stored = world.stored("notes", &id).await.expect("stored");
    assert_eq!(stored.get("_openid"), Some(&Value::string("alice")));
    assert_eq!(stored.get("public"), Some(&Value::Bool(false)));
    assert_eq!(stored.get("createdAt"), Some(&Value::Date(NOW)));
    assert_eq!(stored.get("updatedMs"), Some(&Value::Int(NOW)));
    assert_eq!(stored.get("score"), None);
}

#[tokio::test]
async fn whose_a_document_is_depends_on_the_clause() {
    let schema = r#"
        extend schema @role(name: "owner") @role(name: "clerk")
        type Role @collection(name: "roles", permission: ADMINONLY) { id: ID! roles: [String!]! status: String! }
        type T @collection(name: "ts", permission: CUSTOM) @rule(read: true, create: "doc.kind == 'own' && doc._openid == auth.openid")
          @grant(role: "clerk", create: "doc.kind == 'shop' && doc._openid == null") { id: ID! kind: String! }
    "#;
    let seed = [(
        "roles",
        r#"{"_id":"openid:c","roles":["clerk"],"status":"ACTIVE"}"#,
    )];
    let world = World::new(schema, &seed).await;
    let clerk = world.as_("openid:c").await;
    let own = clerk
        .create("ts", r#"{"kind":"own"}"#)
        .await
        .expect("by the rule");
    let shop = clerk
        .create("ts", r#"{"kind":"shop"}"#)
        .await
        .expect("by the grant");
    let owner = async |id: DocId| {
        let stored = world.stored("ts", &id.to_string()).await.expect("stored");
        stored.get("_openid").cloned()
    };
    assert_eq!(owner(own.id).await, Some(Value::string("c")));
    assert_eq!(owner(shop.id).await, None);
    let user = world.as_("uid:u").await;
    assert_eq!(
        said(user.create("ts", r#"{"kind":"own"}"#).await),
        "create of T is not allowed"
    );
    assert_eq!(
        said(user.create("ts", r#"{"kind":"shop"}"#).await),
        "create of T is not allowed"
    );
}

#[tokio::test]
async fn every_problem_is_named_at_once() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let error = alice
        .create_with_id("notes", Some(""), r#"{"title":"much too long","tags":["ok","toolong",null,"x"],"stock":11,"parts":[{"weight":0}],"_openid":"bob","createdAt":{"$date":1},"nope":1}"#)
        .await
        .expect_err("all wrong");
    let text = error.to_string();
    let problems: Vec<&str> = text.split("; ").collect();
    assert_eq!(
        problems,
        [
            "input.id: must not be empty",
            "input.nope: there is no such field",
            "input.openid: the owner is set by the gateway",
            "input.title: must have at most 10 characters",
            "input.tags: must have at most 3 items",
            "input.tags[1]: must have at most 5 characters",
            "input.tags[2]: must not be null",
            "input.parts[0].name: is required",
            "input.parts[0].weight: must be at least 1",
            "input.stock: must be at most 10",
            "input.createdAt: the time is set by the gateway",
        ]
    );
}

#[tokio::test]
async fn problems_of_several_inputs_name_the_input() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let inputs = vec![
        input(None, r#"{"title":"ok"}"#),
        input(None, "{}"),
        input(None, r#"{"title":""}"#),
    ];
    let error = alice
        .session
        .create(alice.collection("notes"), inputs)
        .await
        .expect_err("two are wrong");
    assert_eq!(
        error.to_string(),
        "input[1].title: is required; input[2].title: must have at least 1 character"
    );
}

#[tokio::test]
async fn all_or_nothing() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let notes = alice.collection("notes");
    let before = alice.find("notes", super::world::all()).await;
    // The second id is taken; the third input names a field of the staff's.
    let inputs = vec![
        input(Some("m1"), r#"{"title":"1","slug":"m1","code":"m1"}"#),
        input(Some("n1"), r#"{"title":"2","slug":"m2","code":"m2"}"#),
    ];
    let error = alice
        .session
        .create(notes, inputs)
        .await
        .expect_err("taken");
    assert_eq!(error.to_string(), "another Note has the same id");
    let inputs = vec![
        input(None, r#"{"title":"1","slug":"m1"}"#),
        input(None, r#"{"title":"2","score":1}"#),
    ];
    let error = alice
        .session
        .create(notes, inputs)
        .await
        .expect_err("unwritable");
    assert_eq!(error.to_string(), "create of Note.score is not allowed");
    assert_eq!(alice.find("notes", super::world::all()).await, before);
    assert!(world.audit.entries().is_empty());
}

#[tokio::test]
async fn limits_of_a_create() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let notes = alice.collection("notes");
    let many = |count: usize| {
        (0..count)
            .map(|at| {
                input(
                    None,
                    &format!(r#"{{"title":"t","slug":"m{at}","code":"m{at}"}}"#),
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        kind(
            &alice
                .session
                .create(notes, many(0))
                .await
                .expect_err("none")
        ),
        "bad input"
    );
    assert_eq!(
        kind(
            &alice
                .session
                .create(notes, many(101))
                .await
                .expect_err("too many")
        ),
        "limit"
    );
    assert_eq!(
        alice
            .session
            .create(notes, many(100))
            .await
            .expect("as many as allowed")
            .len(),
        100
    );
    let long = "x".repeat(1 << 20);
    let error = alice
        .create("notes", &format!(r#"{{"title":"t","secret":"{long}"}}"#))
        .await
        .expect_err("too large");
    assert_eq!(kind(&error), "limit", "{error}");
    for id in ["x".repeat(65), " ".to_owned(), "a\nb".to_owned()] {
        let error = alice
            .create_with_id("notes", Some(&id), r#"{"title":"t"}"#)
            .await
            .expect_err("a bad id");
        assert_eq!(kind(&error), "bad input", "{id:?}");
    }
}

#[tokio::test]
async fn field_rules_hold_for_the_new_document() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    // She becomes the owner, so the owner's fields are hers to write.
    let written = alice
        .create("notes", r#"{"title":"t","secret":"mine","code":"x"}"#)
        .await
        .expect("created");
    let secret = alice.field("notes", "secret");
    assert_eq!(
        super::world::shown(&written.document.unwrap(), secret),
        "\"mine\""
    );
    assert_eq!(
        said(alice.create("notes", r#"{"title":"t","score":1}"#).await),
        "create of Note.score is not allowed"
    );
    // Defaults are the gateway's, whoever may write the field.
    let schema = r#"type T @collection(name: "ts", permission: PRIVATE) { id: ID! level: Int! @default(value: 1) @rule(read: true, write: false) }"#;
    let world = World::new(schema, &[]).await;
    let actor = world.as_("openid:a").await;
    let written = actor.create("ts", "{}").await.expect("with the default");
    assert_eq!(
        world
            .stored("ts", &written.id.to_string())
            .await
            .unwrap()
            .get("level"),
        Some(&Value::Int(1))
    );
    assert_eq!(
        said(actor.create("ts", r#"{"level":2}"#).await),
        "create of T.level is not allowed"
    );
}

#[tokio::test]
async fn a_created_document_the_caller_may_not_read_is_still_created() {
    let schema = r#"type T @collection(name: "ts", permission: CUSTOM) @rule(create: true, read: "doc.shown == true") { id: ID! shown: Boolean }"#;
    let world = World::new(schema, &[]).await;
    let actor = world.as_("openid:a").await;
    let hidden = actor
        .create("ts", r#"{"shown":false}"#)
        .await
        .expect("created");
    assert!(hidden.document.is_none());
    assert!(world.stored("ts", &hidden.id.to_string()).await.is_some());
    let shown = actor
        .create("ts", r#"{"shown":true}"#)
        .await
        .expect("created");
    assert!(shown.document.is_some());
}

#[tokio::test]
async fn a_null_is_not_a_missing_value() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    assert_eq!(
        said(alice.create("notes", r#"{"title":null}"#).await),
        "input.title: is required"
    );
    let written = alice
        .create("notes", r#"{"title":"t","public":null}"#)
        .await
        .expect("created");
    let stored = world
        .stored("notes", &written.id.to_string())
        .await
        .unwrap();
    assert_eq!(
        stored.get("public"),
        Some(&Value::Null),
        "the default is for what is not given"
    );
}
