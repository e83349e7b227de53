//! Updating and deleting one document.

use cloudbase_graphql::data::Value;
use cloudbase_graphql::data::update::{Elements, Op};

use super::notes::{self, world};
use super::world::{NOW, World, inc, is, kind, path, said, set, value};

fn push(field: &str, items: &[&str]) -> Op {
    Op::Push(path(field), items.iter().map(|item| value(item)).collect())
}

fn pull(field: &str, items: &[&str]) -> Op {
    Op::Pull(
        path(field),
        Elements::Equal(items.iter().map(|item| value(item)).collect()),
    )
}

fn unset(field: &str) -> Op {
    Op::Unset(path(field))
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_the_time() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let ops = vec![
        set("title", "\"neu\""),
        inc("stock", "-5"),
        push("tags", &["\"b\""]),
        unset("slug"),
    ];
    let written = alice.update("notes", "n1", ops).await.expect("updated");
    let title = alice.field("notes", "title");
    assert_eq!(
        super::world::shown(&written.document.unwrap(), title),
        "\"neu\""
    );
    let stored = world.stored("notes", "n1").await.unwrap();
    assert_eq!(stored.get("stock"), Some(&Value::Int(0)));
    assert_eq!(stored.get("tags"), Some(&value(r#"["a","b"]"#)));
    assert_eq!(stored.get("slug"), None);
    assert_eq!(stored.get("updatedMs"), Some(&Value::Int(NOW)));
    assert_eq!(stored.get("createdAt"), Some(&Value::Date(0)));
    assert_eq!(stored.get("_openid"), Some(&Value::string("alice")));
}

#[tokio::test]
async fn what_is_wrong_with_an_update_is_said_before_anything_happens() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let cases = [
        (
            vec![],
            "set: nothing is changed: name a field in `set`, `unset`, `inc`, `push` or `pull`",
        ),
        (
            vec![set("_openid", "\"bob\"")],
            "set.openid: the owner is set by the gateway",
        ),
        (
            vec![set("_id", "\"x\"")],
            "set.id: the id of a document never changes",
        ),
        (
            vec![set("updatedMs", "1")],
            "set.updatedMs: the time is set by the gateway",
        ),
        (vec![set("nope", "1")], "set.nope: there is no such field"),
        (vec![set("title", "null")], "set.title: is required"),
        (vec![unset("title")], "unset.title: is required"),
        (
            vec![set("title", "\"\"")],
            "set.title: must have at least 1 character",
        ),
        (
            vec![set("stock", "11"), set("tags", "[]")],
            "set.stock: must be at most 10; set.tags: must have at least 1 item",
        ),
        (
            vec![set("stock", "1"), inc("stock", "1")],
            "inc.stock: `set.stock` changes it already",
        ),
        (
            vec![set("parts", "[]"), set("parts.0", "1")],
            "set.parts.0: `set.parts` changes it already; set.parts.0: there is no such field",
        ),
        (
            vec![set("stock", "\"many\"")],
            "set.stock: must be an integer, not a string",
        ),
        (vec![inc("title", "1")], "inc.title: is not a number"),
        (
            vec![inc("stock", "1.5")],
            "inc.stock: must be changed by an integer",
        ),
        (vec![push("title", &["1"])], "push.title: is not a list"),
        (
            vec![push("tags", &["\"toolong\""])],
            "push.tags[0]: must have at most 5 characters",
        ),
        (vec![pull("title", &["1"])], "pull.title: is not a list"),
    ];
    for (ops, expected) in cases {
        assert_eq!(said(alice.update("notes", "n1", ops).await), expected);
    }
    assert!(world.audit.entries().is_empty());
}

#[tokio::test]
async fn guards_hold_in_the_moment_of_the_write() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let cases = [
        (inc("stock", "-6"), "inc.stock: would fall below 0"),
        (inc("stock", "6"), "inc.stock: would rise above 10"),
        (inc("stock", "5"), "ok"),
        (inc("stock", "-10"), "ok"),
        (inc("stock", "-1"), "inc.stock: would fall below 0"),
        (
            push("tags", &["\"b\"", "\"c\"", "\"d\""]),
            "push.tags: would have more than 3 items",
        ),
        (push("tags", &["\"b\"", "\"c\""]), "ok"),
        (
            push("tags", &["\"d\""]),
            "push.tags: would have more than 3 items",
        ),
        (
            pull("tags", &["\"a\"", "\"b\"", "\"c\""]),
            "pull.tags: would have fewer than 1 items",
        ),
        (pull("tags", &["\"a\"", "\"b\""]), "ok"),
        (
            pull("tags", &["\"c\""]),
            "pull.tags: would have fewer than 1 items",
        ),
        (unset("stock"), "ok"),
        (inc("stock", "-1"), "inc.stock: would fall below 0"),
        (inc("stock", "11"), "inc.stock: would rise above 10"),
        (inc("stock", "10"), "ok"),
    ];
    for (op, expected) in cases {
        assert_eq!(
            said(alice.update("notes", "n1", vec![op.clone()]).await),
            expected,
            "{op:?}"
        );
    }
}

#[tokio::test]
async fn an_int_stays_one() {
    let schema = r#"type T @collection(name: "ts", permission: PRIVATE) { id: ID! n: Int l: Long f: Float }"#;
    let seed = [(
        "ts",
        r#"{"_id":"t","_openid":"a","n":2147483647,"l":{"$numberLong":"9223372036854775807"},"f":1.5}"#,
    )];
    let world = World::new(schema, &seed).await;
    let actor = world.as_("openid:a").await;
    let cases = [
        (inc("n", "1"), "inc.n: would rise above 2147483647"),
        (inc("n", "-1"), "ok"),
        (inc("n", "1"), "ok"),
        (
            inc("l", "1"),
            "inc.l: would leave the range of its type of number",
        ),
        (inc("l", "-1"), "ok"),
        (inc("f", "0.25"), "ok"),
    ];
    for (op, expected) in cases {
        assert_eq!(
            said(actor.update("ts", "t", vec![op.clone()]).await),
            expected,
            "{op:?}"
        );
    }
}

#[tokio::test]
async fn a_stored_value_of_another_type_is_an_invalid_document() {
    let seed = [(
        "notes",
        r#"{"_id":"odd","_openid":"alice","title":"t","ratio":"high"}"#,
    )];
    let world = World::new(notes::SCHEMA, &seed).await;
    let alice = world.as_("openid:alice").await;
    let error = alice
        .update("notes", "odd", vec![inc("ratio", "1")])
        .await
        .expect_err("a string");
    assert_eq!(kind(&error), "invalid document", "{error}");
    assert_eq!(
        world.stored("notes", "odd").await.unwrap().get("ratio"),
        Some(&Value::string("high"))
    );
}

#[tokio::test]
async fn refusals_are_told_apart_only_for_visible_documents() {
    let world = World::new(
        notes::SCHEMA,
        &[notes::SEED, &[("notes", r#"{"_id":"n5","_openid":"alice","title":"5","frozen":true,"slug":"l5","code":"c5","stock":1}"#)]].concat(),
    )
    .await;
    let alice = world.as_("openid:alice").await;
    let title = || vec![set("title", "\"x\"")];
    assert_eq!(
        said(alice.update("notes", "n2", title()).await),
        "update of Note is not allowed"
    );
    assert_eq!(
        said(alice.update("notes", "n5", title()).await),
        "update of Note is not allowed"
    );
    assert_eq!(
        said(alice.update("notes", "n3", title()).await),
        "no such Note"
    );
    assert_eq!(
        said(alice.update("notes", "nx", title()).await),
        "no such Note"
    );
    assert_eq!(
        said(alice.update("notes", "n1", vec![set("score", "1")]).await),
        "update of Note.score is not allowed"
    );
    let condition = Some(is("title", "\"other\""));
    assert_eq!(
        said(alice.update_if("notes", "n1", title(), condition).await),
        "the document does not match `if`"
    );
    // The decision comes before the caller's own condition, and the condition before a guard.
    let condition = || Some(is("title", "\"other\""));
    assert_eq!(
        said(alice.update_if("notes", "n5", title(), condition()).await),
        "update of Note is not allowed"
    );
    let both = said(
        alice
            .update_if("notes", "n1", vec![inc("stock", "9")], condition())
            .await,
    );
    assert_eq!(both, "the document does not match `if`");
    assert_eq!(
        said(alice.delete("notes", "n2", None).await),
        "delete of Note is not allowed"
    );
    assert_eq!(
        said(alice.delete("notes", "n4", Some(is("stock", "0"))).await),
        "the document does not match `if`"
    );
    assert_eq!(
        said(alice.delete("notes", "n4", Some(is("stock", "7"))).await),
        "ok"
    );
    assert!(world.stored("notes", "n4").await.is_none());
}

#[tokio::test]
async fn request_data_is_what_the_caller_touches() {
    let schema = r#"
        type T @collection(name: "ts", permission: CUSTOM)
          @rule(read: true, update: "request.data.price == undefined || request.data.price == doc.price")
        { id: ID! price: Int name: String updatedAt: DateTime! @timestamp(on: UPDATE) }
    "#;
    let seed = [("ts", r#"{"_id":"t","price":5,"name":"n"}"#)];
    let world = World::new(schema, &seed).await;
    let actor = world.as_("openid:a").await;
    let cases = [
        (vec![set("name", "\"m\"")], "ok"),
        (vec![set("name", "\"m\""), set("price", "5")], "ok"),
        (vec![set("price", "6")], "update of T is not allowed"),
        (vec![set("price", "null")], "update of T is not allowed"),
        (vec![unset("price")], "update of T is not allowed"),
        (vec![inc("price", "0")], "update of T is not allowed"),
    ];
    for (ops, expected) in cases {
        assert_eq!(
            said(actor.update("ts", "t", ops.clone()).await),
            expected,
            "{ops:?}"
        );
    }
}

#[tokio::test]
async fn a_document_that_leaves_the_callers_sight_is_written_and_not_shown() {
    let world = world().await;
    let schema = r#"type T @collection(name: "ts", permission: CUSTOM) @rule(read: "doc.shown == true", update: true) { id: ID! shown: Boolean }"#;
    let hidden = World::new(schema, &[("ts", r#"{"_id":"t","shown":true}"#)]).await;
    let actor = hidden.as_("openid:a").await;
    let written = actor
        .update("ts", "t", vec![set("shown", "false")])
        .await
        .expect("updated");
    assert!(written.document.is_none());
    let written = actor
        .update("ts", "t", vec![set("shown", "true")])
        .await
        .expect("updated");
    assert!(written.document.is_some());
    let clara = world.as_("openid:clara").await;
    assert_eq!(
        said(
            clara
                .update("notes", "n3", vec![set("secret", "\"x\"")])
                .await
        ),
        "no such Note"
    );
}

#[tokio::test]
async fn concurrent_writes_cannot_break_a_guard() {
    let world = world().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let alice = world.as_("openid:alice").await;
        tasks.spawn(async move {
            alice
                .update("notes", "n1", vec![inc("stock", "-1")])
                .await
                .is_ok()
        });
    }
    let done = tasks
        .join_all()
        .await
        .into_iter()
        .filter(|done| *done)
        .count();
    assert_eq!(done, 5);
    assert_eq!(
        world.stored("notes", "n1").await.unwrap().get("stock"),
        Some(&Value::Int(0))
    );
}
