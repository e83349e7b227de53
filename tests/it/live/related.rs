//! What relations lead to.

use std::time::Duration;

use cloudbase_graphql::live;
use serde_json::json;

use super::subscriber::live_list;
use crate::harness::{SEED, SHOP, TestApp};

fn user(id: &str, openid: &str) -> String {
    let times = r#""createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}"#;
    format!(
        r#"{{"_id":"{id}","_openid":"{openid}","nickname":"New","status":"ACTIVE","points":0,{times}}}"#
    )
}

#[tokio::test]
async fn a_related_document_updates_those_that_lead_to_it() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "user { nickname }");
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    admin.next().await;
    app.set("users", "u1", "nickname", r#""Alicia""#).await;
    assert_eq!(admin.told().await, "CHANGE ~o1@0 ~o2@1 ~o3@2");
    // Not selected, then not related, then one that is both.
    app.set("users", "u1", "points", "7").await;
    app.insert("users", [user("u3", "demo-new").as_str()]).await;
    app.set("users", "u2", "nickname", r#""Rob""#).await;
    assert_eq!(admin.told().await, "CHANGE ~o4@3");
}

#[tokio::test]
async fn a_related_document_comes_and_goes() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "user { nickname }");
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    admin.next().await;
    // From now on a key is asked for to which there is no document.
    app.set("orders", "o4", "_openid", r#""demo-new""#).await;
    let told = admin.next().await;
    assert_eq!(told.node("o4")["user"], json!(null));
    app.insert("users", [user("u3", "demo-new").as_str()]).await;
    let told = admin.next().await;
    assert_eq!(told.brief(), "CHANGE ~o4@3");
    assert_eq!(told.node("o4")["user"], json!({"nickname": "New"}));
    app.delete("users", "u3").await;
    assert_eq!(admin.next().await.node("o4")["user"], json!(null));
}

#[tokio::test]
async fn lists_and_embedded_objects_lead_on() {
    let app = TestApp::shop().await;
    let query = live_list(
        "users",
        "orders(first: 5) { totalCount nodes { id lines { item { title } } } }",
    );
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    let told = admin.next().await;
    assert_eq!(told.node("u1")["orders"]["totalCount"], json!(3));
    app.delete("orders", "o2").await;
    let told = admin.next().await;
    assert_eq!(told.brief(), "CHANGE ~u1@0");
    assert_eq!(told.node("u1")["orders"]["totalCount"], json!(2));
    // Only bob's order has this one left.
    app.set("items", "i2", "title", r#""Mug""#).await;
    assert_eq!(admin.told().await, "CHANGE ~u2@1");
}

#[tokio::test]
async fn a_related_document_that_may_not_be_seen_is_not() {
    let app = TestApp::shop().await;
    let query = live_list(
        r#"orders(where: {id: {eq: "o1"}})"#,
        "lines { item { title } }",
    );
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    let told = alice.next().await;
    let hidden = json!([{"item": {"title": "Tea"}}, {"item": null}]);
    assert_eq!(told.node("o1")["lines"], hidden);
    app.set("items", "i3", "title", r#""Still secret""#).await;
    app.set("items", "i3", "status", r#""ON_SALE""#).await;
    let told = alice.next().await;
    assert_eq!(told.node("o1")["lines"][1]["item"]["title"], "Still secret");
    app.set("items", "i3", "status", r#""DRAFT""#).await;
    assert_eq!(alice.next().await.node("o1")["lines"], hidden);
}

/// Whoever writes all the time must not make it read all the time.
#[tokio::test]
async fn what_takes_reads_is_looked_at_now_and_then() {
    let seldom = live::Config {
        pace: Duration::from_secs(3600),
        ..live::Config::default()
    };
    let app = TestApp::watching(SHOP, SEED, Default::default(), seldom).await;
    let query = live_list("orders", "user { nickname }");
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    admin.next().await;
    let name = async |name: &str| {
        app.set("users", "u1", "nickname", &format!("{name:?}"))
            .await
    };
    name("Al").await;
    assert_eq!(admin.told().await, "CHANGE ~o1@0 ~o2@1 ~o3@2");
    for step in 0..5 {
        name(&format!("Al {step}")).await;
    }
    // Who comes is shown what is, and so is everybody else: once.
    let mut late = app.subscribe("openid:demo-admin", &query).await;
    for told in [late.next().await, admin.next().await] {
        assert_eq!(told.node("o1")["user"], json!({"nickname": "Al 4"}));
    }
    assert_eq!(app.executor.live_counts().delivered, 4);
}
