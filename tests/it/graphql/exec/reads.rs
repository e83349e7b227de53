//! How many store reads operations take, whatever the number of rows.

use serde_json::json;

use crate::harness::TestApp;

const NESTED: &str = "{ orders(first: 50, where: {status: {eq: PAID}}, orderBy: [{createdAt: DESC}]) {
    nodes { id status total createdAt user { id nickname } lines { quantity item { id title price } } } } }";

#[tokio::test]
async fn the_nested_query_of_the_tour_takes_three() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin.explained(NESTED).await;
    assert_eq!(
        answer.data(),
        &json!({"orders": {"nodes": [
            {"id": "o4", "status": "PAID", "total": 7100, "createdAt": "2025-01-01T00:00:53.000Z",
             "user": {"id": "u2", "nickname": "鲍勃"},
             "lines": [
                {"quantity": 3, "item": {"id": "i1", "title": "Tea", "price": 1200}},
                {"quantity": 1, "item": {"id": "i2", "title": "Cup", "price": 3500}}]},
            {"id": "o1", "status": "PAID", "total": 12300, "createdAt": "2025-01-01T00:00:50.000Z",
             "user": {"id": "u1", "nickname": "Alice \"A\""},
             "lines": [
                {"quantity": 2, "item": {"id": "i1", "title": "Tea", "price": 1200}},
                {"quantity": 1, "item": {"id": "i3", "title": "Secret", "price": 9900}}]},
        ]}})
    );
    assert_eq!(answer.reads(), 3);
}

/// `(operation, reads)`.
const CASES: &[(&str, u64)] = &[
    ("{ orders { nodes { id } } }", 1),
    (
        "{ orders(first: 1) { nodes { user { id } lines { item { id } } } } }",
        3,
    ),
    (
        "{ orders { totalCount nodes { user { id } lines { item { id } } } } }",
        4,
    ),
    ("{ orders { totalCount } }", 2),
    // Aliases with equal arguments share a load, also where their selections differ.
    (
        "{ orders { nodes { a: user { id } b: user { nickname status } } } }",
        2,
    ),
    (
        "{ users { nodes { a: orders(first: 2) { nodes { id } } b: orders(first: 2) { nodes { total } totalCount } } } }",
        3,
    ),
    (
        "{ users { nodes { a: orders(first: 2) { nodes { id } } b: orders(first: 3) { nodes { id } } } } }",
        3,
    ),
    (
        "{ users(first: 50) { nodes { orders(first: 3, orderBy: [{createdAt: DESC}]) { nodes { id } } } } }",
        2,
    ),
    (
        "{ a: orders { nodes { user { id } } } b: orders(first: 2) { nodes { user { id } } } }",
        3,
    ),
    (
        "{ order(id: \"o1\") { user { orders { nodes { user { id } lines { item { id } } } } } } }",
        5,
    ),
    ("{ order(id: \"nobody\") { user { id } } }", 1),
    ("{ __typename me { principal roles } }", 0),
    ("{ me { user { id orders { nodes { id } } } } }", 2),
];

#[tokio::test]
async fn reads_are_roots_plus_distinct_relations_of_each_level() {
    let app = TestApp::shop().await;
    // An admin with a user document of their own.
    app.insert("users", [r#"{"_id":"u9","_openid":"demo-admin","nickname":"Admin","status":"ACTIVE","points":0,"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#]).await;
    app.insert("orders", [r#"{"_id":"o9","_openid":"demo-admin","orderNo":"N9","status":"PAID","lines":[{"itemId":"i1","title":"Tea","price":1,"quantity":1}],"total":1,"createdAt":{"$date":0},"updatedAt":{"$date":0}}"#]).await;
    let admin = app.caller("openid:demo-admin").await;
    for (query, reads) in CASES {
        let answer = admin.explained(query).await;
        answer.data();
        assert_eq!(answer.reads(), *reads, "{query}");
    }
}

#[tokio::test]
async fn the_number_of_rows_does_not_matter() {
    let app = TestApp::shop().await;
    let orders: Vec<String> = (0..500)
        .map(|n| {
            let (user, item) = (n % 2, n % 3 + 1);
            let owner = ["demo-alice", "demo-bob"][user];
            format!(r#"{{"_id":"x{n:03}","_openid":"{owner}","orderNo":"X{n}","status":"PAID","lines":[{{"itemId":"i{item}","title":"t","price":1,"quantity":1}}],"total":{n},"createdAt":{{"$date":{n}}},"updatedAt":{{"$date":{n}}}}}"#)
        })
        .collect();
    app.insert("orders", orders.iter().map(String::as_str))
        .await;
    let admin = app.caller("openid:demo-admin").await;
    for first in [1, 50, 500] {
        let query = NESTED.replace("first: 50", &format!("first: {first}"));
        let answer = admin.explained(&query).await;
        let nodes = answer.data()["orders"]["nodes"].as_array().unwrap();
        assert_eq!((nodes.len(), answer.reads()), (first, 3));
        assert!(nodes.iter().all(|node| node["user"]["id"].is_string()));
    }
}

#[tokio::test]
async fn a_plan_tells_steps_filters_and_times() {
    let app = TestApp::shop().await;
    let support = app.caller("openid:demo-support").await;
    let answer = support
        .explained("{ orders { nodes { user { id } } } }")
        .await;
    let plan = &answer.json["extensions"]["plan"];
    assert_eq!(
        plan["steps"],
        json!([
            "find orders: 3 documents",
            "findPerKey users: 2 keys, 2 documents"
        ])
    );
    let filters = plan["filters"].as_array().unwrap();
    assert!(
        filters.iter().any(|filter| filter["on"] == "Order"),
        "{plan}"
    );
    for phase in ["takeIn", "bind", "load", "render", "store"] {
        assert!(plan["ms"][phase].is_number(), "{plan}");
    }
    // In the cloud each of these reads is one request.
    let requests = plan.pointer("/upstream/requests");
    let expected = crate::backend::protocol().map(|_| json!(2));
    assert_eq!(requests, expected.as_ref());
    let unasked = support.query("{ orders { nodes { id } } }").await;
    assert!(unasked.json["extensions"].get("plan").is_none());
}
