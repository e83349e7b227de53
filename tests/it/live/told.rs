//! What becomes of a list.

use std::sync::Arc;

use cloudbase_graphql::graphql::{Allowance, Config, End, Event, Executor, Limits};
use cloudbase_graphql::live;
use serde_json::json;

use super::subscriber::{live_document, live_list};
use crate::harness::{SEED, SHOP, TestApp};

const ORDER: &str = r#"{"_id":"o5","_openid":"demo-alice","orderNo":"N5","status":"PAID","lines":[],"total":5,"createdAt":{"$date":1735689660000},"updatedAt":{"$date":1735689660000}}"#;

#[tokio::test]
async fn the_list_comes_first_then_what_becomes_of_it() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "remark status");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT +o1@0 +o2@1 +o3@2");
    app.set("orders", "o2", "remark", r#""soon""#).await;
    assert_eq!(alice.told().await, "CHANGE ~o2@1");
    assert_eq!(
        alice.list[1],
        json!({"id": "o2", "remark": "soon", "status": "CLOSED"})
    );
    app.insert("orders", [ORDER]).await;
    assert_eq!(alice.told().await, "CHANGE +o5@3");
    app.delete("orders", "o1").await;
    assert_eq!(alice.told().await, "CHANGE -o1");
    assert_eq!(alice.list.len(), 3);
}

#[tokio::test]
async fn what_is_not_selected_or_not_readable_makes_no_event() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "status address { city }");
    let mut support = app.subscribe("openid:demo-support", &query).await;
    assert_eq!(support.told().await, "SNAPSHOT +o1@0 +o3@1 +o4@2");
    app.set("orders", "o1", "remark", r#""not selected""#).await;
    app.set("orders", "o4", "address.city", r#""not readable""#)
        .await;
    app.set("orders", "o2", "total", "1").await;
    app.set("orders", "o3", "status", r#""DONE""#).await;
    let told = support.next().await;
    assert_eq!(told.brief(), "CHANGE ~o3@1");
    assert!(!told.text().contains("not readable"), "{}", told.text());
}

#[tokio::test]
async fn a_limited_list_is_filled_up_and_kept_in_order() {
    let app = TestApp::shop().await;
    let query = live_list("items(orderBy: [{price: ASC}], first: 2)", "price");
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    assert_eq!(admin.told().await, "SNAPSHOT +i1@0 +i2@1");
    app.set("items", "i2", "price", "99000").await;
    assert_eq!(admin.told().await, "CHANGE -i2 +i3@1");
    app.set("items", "i1", "price", "9901").await;
    assert_eq!(admin.told().await, "CHANGE ~i1@1");
    app.set("items", "i2", "price", "1").await;
    assert_eq!(admin.told().await, "CHANGE -i1 +i2@0");
    app.delete("items", "i2").await;
    assert_eq!(admin.told().await, "CHANGE -i2 +i1@1");
}

#[tokio::test]
async fn whoever_only_moves_is_updated() {
    let app = TestApp::shop().await;
    // The price decides the order and is not shown.
    let query = live_list("items(orderBy: [{price: ASC}])", "title");
    let mut admin = app.subscribe("openid:demo-admin", &query).await;
    assert_eq!(admin.told().await, "SNAPSHOT +i1@0 +i2@1 +i3@2");
    app.set("items", "i3", "price", "1").await;
    assert_eq!(admin.told().await, "CHANGE ~i3@0");
    app.set("items", "i3", "price", "2").await;
    app.set("items", "i2", "title", r#""Mug""#).await;
    assert_eq!(admin.told().await, "CHANGE ~i2@2");
}

#[tokio::test]
async fn a_document_comes_changes_and_goes() {
    let app = TestApp::shop().await;
    let query = live_document(r#"order(id: "o5")"#, "total");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT");
    app.insert("orders", [ORDER]).await;
    assert_eq!(alice.told().await, "CHANGE +o5@0");
    app.set("orders", "o5", "total", "6").await;
    let told = alice.next().await;
    assert_eq!(told.brief(), "CHANGE ~o5@0");
    assert_eq!(told.event()["node"], json!({"id": "o5", "total": 6}));
    app.set("orders", "o5", "_openid", r#""demo-bob""#).await;
    assert_eq!(alice.told().await, "CHANGE -o5");
    assert!(alice.list.is_empty());
}

#[tokio::test]
async fn only_what_is_selected_is_told() {
    let app = TestApp::shop().await;
    let query = "subscription Mine($status: OrderStatus = PAID) { \
        mine: orders(where: {status: {eq: $status}}) { changes { id } kind } }";
    let mut alice = app.subscribe("openid:demo-alice", query).await;
    let told = alice.event().await;
    let body = r#"{"data":{"mine":{"changes":[{"id":"o1"}],"kind":"SNAPSHOT"}}}"#;
    assert_eq!(told, Event::Next(body.into()));
    app.set("orders", "o3", "status", r#""PAID""#).await;
    let told = alice.event().await;
    let body = r#"{"data":{"mine":{"changes":[{"id":"o3"}],"kind":"CHANGE"}}}"#;
    assert_eq!(told, Event::Next(body.into()));
}

#[tokio::test]
async fn a_place_that_cannot_be_shown_costs_itself() {
    let app = TestApp::shop().await;
    let query = live_list("orders", "total");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    alice.next().await;
    app.set("orders", "o1", "total", r#""many""#).await;
    let told = alice.next().await;
    assert_eq!(
        told.json["errors"][0]["extensions"]["code"],
        "INVALID_DOCUMENT"
    );
    assert_eq!(told.event()["nodes"][0], json!(null));
    assert_eq!(told.event()["nodes"][1], json!({"id": "o2", "total": 3500}));
}

#[tokio::test]
async fn a_list_that_grows_too_long_fails() {
    let short = live::Config {
        max_documents: 3,
        ..Default::default()
    };
    let app = TestApp::watching(SHOP, SEED, Default::default(), short).await;
    let query = live_list("orders", "total");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    alice.next().await;
    app.insert("orders", [ORDER]).await;
    assert_eq!(alice.failure().await, "LIMIT_EXCEEDED");
    assert_eq!(alice.end().await, End::Failed);
}

/// The shop with answers of at most so many bytes.
async fn brief_shop(answer: usize) -> TestApp {
    let shop = TestApp::shop().await;
    let config = Config {
        limits: Limits::same(Allowance {
            answer,
            ..Allowance::default()
        }),
        ..Config::default()
    };
    let executor = Executor::new(Arc::clone(shop.executor.gateway()), config).expect("an API");
    TestApp {
        executor: Arc::new(executor),
        ..shop
    }
}

#[tokio::test]
async fn an_event_that_is_too_large_is_the_last() {
    let app = brief_shop(2_000).await;
    let query = live_list("orders", "remark status");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    assert_eq!(alice.told().await, "SNAPSHOT +o1@0 +o2@1 +o3@2");
    let long = json!("x".repeat(2_000)).to_string();
    app.set("orders", "o2", "remark", &long).await;
    // Whoever does not know what became of the list cannot make the next one of it.
    assert_eq!(alice.failure().await, "LIMIT_EXCEEDED");
    assert_eq!(alice.end().await, End::Failed);
}

#[tokio::test]
async fn also_where_only_the_changes_are_too_large() {
    let app = brief_shop(100).await;
    let query = "subscription { orders { changes { type id index } } }";
    let mut alice = app.subscribe("openid:demo-alice", query).await;
    assert_eq!(alice.failure().await, "LIMIT_EXCEEDED");
    app.delete("orders", "o2").await;
    assert_eq!(alice.end().await, End::Failed);
}

#[tokio::test]
async fn what_leaves_a_full_list_is_replaced_for_as_long_as_there_is_more() {
    let app = TestApp::shop().await;
    let ids: Vec<String> = (10..40).map(|id| format!("x{id}")).collect();
    for id in &ids {
        let item = format!(
            r#"{{"_id":"{id}","title":"X","price":1,"stock":1,"category":"x","tags":[],"images":[],"status":"ON_SALE",
            "createdAt":{{"$date":1735689660000}},"updatedAt":{{"$date":1735689660000}}}}"#
        );
        app.insert("items", [item.as_str()]).await;
    }
    let query = live_list(r#"items(where: {category: {eq: "x"}}, first: 2)"#, "");
    let mut alice = app.subscribe("openid:demo-alice", &query).await;
    alice.next().await;
    for (gone, next) in ids.iter().zip(&ids[2..]) {
        app.set("items", gone, "status", r#""DRAFT""#).await;
        assert_eq!(alice.told().await, format!("CHANGE -{gone} +{next}@1"));
    }
    app.set("items", &ids[28], "status", r#""DRAFT""#).await;
    assert_eq!(alice.told().await, "CHANGE -x38");
}
