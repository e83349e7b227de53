//! Collections that are closed to end users while their lists are watched, and open again.

use cloudbase_graphql::gateway::{Agreement, Agreements};
use cloudbase_graphql::graphql::End;
use serde_json::json;

use super::subscriber::live_list;
use crate::harness::{SEED, SHOP, TestApp};

/// Tells that the permissions of these collections are the model's, and of no others.
fn open(app: &TestApp, collections: &[&str]) {
    let gateway = app.executor.gateway();
    let names = gateway.model().collections.iter().map(|it| it.name.clone());
    let agreements = names.map(|name| {
        let permission = match collections.contains(&name.as_str()) {
            true => Agreement::Ok,
            false => Agreement::Different,
        };
        let agreements = Agreements {
            collection: Agreement::Ok,
            indexes: Agreement::Ok,
            permission,
        };
        (name, agreements)
    });
    gateway.tell_agreements(agreements.collect());
}

#[tokio::test]
async fn a_list_that_is_closed_takes_everything_and_ends_and_may_be_asked_for_again() {
    let app = TestApp::guarded(SHOP, SEED).await;
    open(&app, &["orders"]);
    let query = live_list("orders", "orderNo");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    let mut support = app.subscribe("openid:demo-support", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT +o1@0 +o2@1 +o3@2");
    assert_eq!(support.told().await, "SNAPSHOT +o1@0 +o3@1 +o4@2");
    open(&app, &[]);
    app.set("orders", "o1", "remark", r#""not for alice""#)
        .await;
    let told = alice.next().await;
    assert_eq!(told.brief(), "CHANGE -o1 -o2 -o3");
    assert!(!told.text().contains("not for"), "{}", told.text());
    assert_eq!(alice.end().await, End::Forbidden);
    // What staff are granted goes on.
    app.set("orders", "o3", "orderNo", r#""N3b""#).await;
    assert_eq!(support.told().await, "CHANGE ~o3@1");
    open(&app, &["orders"]);
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT +o1@0 +o2@1 +o3@2");
}

#[tokio::test]
async fn what_a_relation_leads_to_leaves_and_comes_back() {
    let app = TestApp::guarded(SHOP, SEED).await;
    open(&app, &["orders", "users"]);
    let query = live_list("orders", "orderNo user { nickname }");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    let told = alice.next().await;
    let user = told.node("o1")["user"].clone();
    assert!(user["nickname"].is_string(), "{user}");
    open(&app, &["orders"]);
    let told = alice.next().await;
    assert_eq!(told.node("o1")["user"], json!(null));
    open(&app, &["orders", "users"]);
    let told = alice.next().await;
    assert_eq!(told.node("o1")["user"], user);
}

/// While profiles are closed, everybody sees the same of posts.
const POSTS: &str = r#"
type Post @collection(name: "posts", permission: READONLY) {
  id: ID!
  by: String
  profile: Profile @relation(from: "by", to: "_openid")
}
type Profile @collection(name: "profiles", permission: PRIVATE) {
  id: ID!
  openid: String @field(name: "_openid")
  secret: String
}
"#;

const POSTED: &[(&str, &str)] = &[
    ("posts", r#"{"_id":"p1","by":"alice"}"#),
    ("posts", r#"{"_id":"p2","by":"bob"}"#),
    (
        "profiles",
        r#"{"_id":"a","_openid":"alice","secret":"of alice"}"#,
    ),
    (
        "profiles",
        r#"{"_id":"b","_openid":"bob","secret":"of bob"}"#,
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_who_saw_equally_little_are_each_shown_their_own() {
    let app = TestApp::guarded(POSTS, POSTED).await;
    let query = live_list("posts", "profile { secret }");
    open(&app, &["posts"]);
    let mut alice = app.subscribe("openid:alice", &query).await;
    let mut bob = app.subscribe("openid:bob", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT +p1@0 +p2@1");
    assert_eq!(bob.told().await, "SNAPSHOT +p1@0 +p2@1");
    assert_eq!(app.executor.live_counts().cohorts, 1);
    for turn in 0..50 {
        open(&app, &["posts", "profiles"]);
        // Something to be told of, whoever looks first.
        app.set("profiles", "a", "secret", &format!(r#""of alice, {turn}""#))
            .await;
        let told = bob.next().await;
        assert!(!told.text().contains("of alice"), "{}", told.text());
        assert_eq!(told.node("p2")["profile"]["secret"], "of bob");
        // Of her own she may be told before and after the write.
        let mine = format!("of alice, {turn}");
        while !alice.next().await.text().contains(&mine) {}
        open(&app, &["posts"]);
        assert_eq!(
            bob.next().await.node("p2")["profile"],
            serde_json::Value::Null
        );
        let told = alice.next().await;
        assert_eq!(told.node("p1")["profile"], serde_json::Value::Null);
    }
}
