//! Rules that ask for other documents.

use cloudbase_graphql::data::{Filter, Test};

use super::world::{World, is, said, set, test, value};

const SCHEMA: &str = r#"
type Room @collection(name: "rooms", permission: CUSTOM)
  @rule(read: "get(`database.members.${auth.openid}`).active == true", create: "get(`database.members.${auth.openid}`).level > 1") {
  id: ID!
  name: String
  key: String @rule(read: "get(`database.members.${auth.openid}`).level > 1")
}
type Member @collection(name: "members", permission: ADMINONLY) { id: ID! active: Boolean level: Int boss: String }
type Chat @collection(name: "chats", permission: ADMINONLY) { id: ID! members: [String!] }
type Message @collection(name: "messages", permission: CUSTOM)
  @rule(read: "auth.openid in get(`database.chats.${doc.chat}`).members",
        update: "auth.openid in get(`database.chats.${doc.chat}`).members",
        create: "auth.openid in get(`database.chats.${doc.chat}`).members",
        delete: "get(`database.members.${get(`database.members.${auth.openid}`).boss}`).active == true") {
  id: ID!
  chat: String!
  body: String
  grade: Int @rule(read: false)
}
"#;

const SEED: &[(&str, &str)] = &[
    ("members", r#"{"_id":"ann","active":true,"level":2}"#),
    ("members", r#"{"_id":"ben","active":true,"level":1}"#),
    ("members", r#"{"_id":"cat","active":false,"level":9}"#),
    ("rooms", r#"{"_id":"r1","name":"one","key":"k1"}"#),
    ("rooms", r#"{"_id":"r2","name":"two","key":"k2"}"#),
    ("chats", r#"{"_id":"c1","members":["ann","ben"]}"#),
    ("chats", r#"{"_id":"c2","members":["cat"]}"#),
    ("messages", r#"{"_id":"m1","chat":"c1","body":"hi"}"#),
    ("messages", r#"{"_id":"m2","chat":"c2","body":"psst"}"#),
    (
        "messages",
        r#"{"_id":"m3","chat":["c1","c2"],"body":"odd"}"#,
    ),
    ("messages", r#"{"_id":"m4","chat":"gone","body":"lost"}"#),
];

pub(crate) async fn world() -> World {
    World::new(SCHEMA, SEED).await
}

#[tokio::test]
async fn a_decision_may_depend_on_the_callers_own_document() {
    let world = world().await;
    for (who, rooms, key) in [
        ("openid:ann", "r1 r2", "\"k1\""),
        ("openid:ben", "r1 r2", "denied"),
        ("openid:cat", "read of Room is not allowed", "no document"),
        ("openid:dan", "read of Room is not allowed", "no document"),
    ] {
        let actor = world.as_(who).await;
        assert_eq!(actor.find("rooms", Filter::all()).await, rooms, "{who}");
        assert_eq!(actor.read("rooms", "r1", "key").await, key, "{who}");
    }
    let ben = world.as_("openid:ben").await;
    assert_eq!(
        ben.find("rooms", is("key", "\"k1\"")).await,
        "read of Room.key is not allowed"
    );
    assert_eq!(
        said(ben.create("rooms", "{}").await),
        "create of Room is not allowed"
    );
    assert_eq!(
        said(world.as_("openid:ann").await.create("rooms", "{}").await),
        "ok"
    );
}

#[tokio::test]
async fn what_a_rule_asks_for_is_read_once_in_a_session() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    ann.find("rooms", Filter::all()).await;
    ann.find("rooms", Filter::all()).await;
    // One get, and twice a find and a count.
    assert_eq!(ann.session.trace().reads, 5);
}

#[tokio::test]
async fn a_path_with_doc_must_be_pinned_by_the_filter() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let cases = [
        (Filter::all(), "read of Message is not allowed"),
        (is("body", "\"hi\""), "read of Message is not allowed"),
        (is("chat", "\"c1\""), "m1"),
        (is("chat", "\"c2\""), "read of Message is not allowed"),
        (is("chat", "\"gone\""), "read of Message is not allowed"),
        (test("chat", Test::In(vec![value("\"c1\"")])), "m1"),
        (
            test("chat", Test::In(vec![value("\"c1\""), value("\"c2\"")])),
            "read of Message is not allowed",
        ),
        (
            Filter::Or(vec![is("chat", "\"c1\""), is("body", "\"psst\"")]),
            "read of Message is not allowed",
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(
            ann.find("messages", filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
}

#[tokio::test]
async fn by_id_the_document_itself_is_looked_at() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    for (id, expected) in [
        ("m1", "\"hi\""),
        ("m2", "no document"),
        ("m3", "no document"),
        ("m4", "no document"),
        ("mx", "no document"),
    ] {
        assert_eq!(ann.read("messages", id, "body").await, expected, "{id}");
    }
    for (id, expected) in [
        ("m1", "ok"),
        ("m2", "no such Message"),
        ("m3", "no such Message"),
        ("m4", "no such Message"),
        ("mx", "no such Message"),
    ] {
        assert_eq!(
            said(ann.update("messages", id, vec![set("body", "\"x\"")]).await),
            expected,
            "{id}"
        );
    }
    assert_eq!(said(ann.create("messages", r#"{"chat":"c1"}"#).await), "ok");
    assert_eq!(
        said(ann.create("messages", r#"{"chat":"c2"}"#).await),
        "create of Message is not allowed"
    );
}

#[tokio::test]
async fn what_was_decided_about_must_still_be_so_in_the_moment_of_the_write() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    // Moving the message away and changing it are two writes: the second one is decided anew.
    assert_eq!(
        said(
            ann.update("messages", "m1", vec![set("chat", "\"c2\"")])
                .await
        ),
        "ok"
    );
    assert_eq!(
        said(
            ann.update("messages", "m1", vec![set("body", "\"x\"")])
                .await
        ),
        "no such Message"
    );
}

#[tokio::test]
async fn a_refusal_does_not_tell_that_a_hidden_message_is_there() {
    let world = world().await;
    let ann = world.as_("openid:ann").await;
    let body = || vec![set("body", "\"x\"")];
    for condition in [is("grade", "1"), is("nope", "1"), is("body", "\"psst\"")] {
        let hidden = said(
            ann.update_if("messages", "m2", body(), Some(condition.clone()))
                .await,
        );
        let absent = said(
            ann.update_if("messages", "mx", body(), Some(condition.clone()))
                .await,
        );
        assert_eq!(hidden, "no such Message", "{condition:?}");
        assert_eq!(hidden, absent);
        let hidden = said(ann.delete("messages", "m2", Some(condition.clone())).await);
        assert_eq!(hidden, "no such Message", "{condition:?}");
    }
    let seen = said(
        ann.update_if("messages", "m1", body(), Some(is("grade", "1")))
            .await,
    );
    assert_eq!(seen, "read of Message.grade is not allowed");
}
