//! What callers get to see of the same documents.

use serde_json::json;

use crate::harness::TestApp;

const ORDERS: &str =
    "{ orders(orderBy: [{createdAt: ASC}]) { totalCount nodes { id address { city } } } }";

#[tokio::test]
async fn a_customer_sees_their_own_orders() {
    let app = TestApp::shop().await;
    let alice = app.caller("openid:demo-alice").await;
    let answer = alice.query(ORDERS).await;
    assert_eq!(
        answer.data(),
        &json!({"orders": {"totalCount": 3, "nodes": [
            {"id": "o1", "address": {"city": "Shanghai"}}, {"id": "o2", "address": null}, {"id": "o3", "address": null}]}})
    );
    assert!(answer.denied().is_empty());
}

#[tokio::test]
async fn support_sees_no_closed_orders_and_no_addresses() {
    let app = TestApp::shop().await;
    let support = app.caller("openid:demo-support").await;
    let answer = support.query(ORDERS).await;
    assert_eq!(
        answer.data(),
        &json!({"orders": {"totalCount": 3, "nodes": [
            {"id": "o1", "address": null}, {"id": "o3", "address": null}, {"id": "o4", "address": null}]}})
    );
    assert_eq!(answer.denied(), ["Order.address 3"]);
}

#[tokio::test]
async fn nobody_gets_nothing_but_a_reason() {
    let app = TestApp::shop().await;
    let nobody = app.caller("-").await;
    let answer = nobody
        .query("{ orders { nodes { id } } item(id: \"i1\") { id } }")
        .await;
    assert_eq!(answer.json["data"], json!({"orders": null, "item": null}));
    assert_eq!(
        answer.errors(),
        ["UNAUTHENTICATED orders", "UNAUTHENTICATED item"]
    );
    let me = nobody
        .query("{ me { principal } item(id: \"i1\") { id } }")
        .await;
    assert_eq!(me.json["data"], json!(null));
    assert!(me.errors().contains(&"UNAUTHENTICATED me".to_owned()));
    let write = nobody
        .query("mutation { createUser(input: {nickname: \"x\"}) { id } }")
        .await;
    assert_eq!(write.errors(), ["UNAUTHENTICATED createUser"]);
}

#[tokio::test]
async fn a_customer_sees_what_is_on_sale_without_its_cost() {
    let app = TestApp::shop().await;
    let alice = app.caller("openid:demo-alice").await;
    let answer = alice
        .query("{ items { nodes { id cost } totalCount } }")
        .await;
    assert_eq!(
        answer.data(),
        &json!({"items": {"nodes": [{"id": "i1", "cost": null}, {"id": "i2", "cost": null}], "totalCount": 2}})
    );
    assert_eq!(answer.denied(), ["Item.cost 2"]);
    for list in [
        "{ items(where: {cost: {gt: 1}}) { nodes { id } } }",
        "{ items(where: {or: [{cost: {eq: null}}, {price: {gt: 0}}]}) { totalCount } }",
        "{ items(orderBy: [{cost: ASC}]) { nodes { id } } }",
    ] {
        let answer = alice.query(list).await;
        assert_eq!(answer.errors(), ["FORBIDDEN items"], "{list}");
        assert_eq!(answer.json["data"], json!({"items": null}));
        let extensions = &answer.json["errors"][0]["extensions"];
        assert_eq!(extensions["coordinate"], "Item.cost");
        assert_eq!(extensions["operation"], "read");
    }
}

#[tokio::test]
async fn a_hidden_target_is_null_and_not_denied() {
    let app = TestApp::shop().await;
    let alice = app.caller("openid:demo-alice").await;
    let answer = alice
        .query("{ order(id: \"o1\") { lines { title item { id } } } }")
        .await;
    assert_eq!(
        answer.data(),
        &json!({"order": {"lines": [{"title": "Tea", "item": {"id": "i1"}}, {"title": "Secret", "item": null}]}})
    );
    assert!(answer.denied().is_empty());
}

#[tokio::test]
async fn filtering_by_a_phone_reveals_nothing_to_support() {
    let app = TestApp::shop().await;
    let support = app.caller("openid:demo-support").await;
    for phone in ["13800000001", "13899999999"] {
        let query = format!(
            "{{ users(where: {{phone: {{eq: \"{phone}\"}}}}) {{ nodes {{ id }} totalCount pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let answer = support.query(&query).await;
        assert_eq!(
            answer.data(),
            &json!({"users": {"nodes": [], "totalCount": 0, "pageInfo": {"hasNextPage": false, "endCursor": null}}})
        );
    }
}

#[tokio::test]
async fn one_refusal_does_not_erase_its_siblings() {
    let app = TestApp::shop().await;
    let alice = app.caller("openid:demo-alice").await;
    let answer = alice
        .query("{ items(orderBy: [{cost: ASC}]) { nodes { id } } order(id: \"o2\") { id } }")
        .await;
    assert_eq!(
        answer.json["data"],
        json!({"items": null, "order": {"id": "o2"}})
    );
    assert_eq!(answer.errors(), ["FORBIDDEN items"]);
    assert_eq!(
        answer.json["errors"][0]["locations"],
        json!([{"line": 1, "column": 3}])
    );
}

#[tokio::test]
async fn introspection_shows_the_schema_of_the_caller() {
    let app = TestApp::shop().await;
    let query = "{ __type(name: \"Item\") { fields { name } } }";
    let has_cost = |json: &serde_json::Value| {
        let fields = json["__type"]["fields"].as_array().unwrap();
        fields.iter().any(|field| field["name"] == "cost")
    };
    let admin = app.caller("openid:demo-admin").await.query(query).await;
    let alice = app.caller("openid:demo-alice").await.query(query).await;
    assert!(has_cost(admin.data()) && !has_cost(alice.data()));
}
