//! Each kind of mutation, and the order among them.

use serde_json::json;

use crate::harness::TestApp;

#[tokio::test]
async fn roots_run_one_after_the_other() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin
        .query("mutation { a: updateItem(id: \"i1\", inc: {stock: 1}) { item { stock } } b: updateItem(id: \"i1\", inc: {stock: 1}) { item { stock } } c: updateItem(id: \"i1\", set: {stock: 0}) { item { stock } } d: updateItem(id: \"i1\", inc: {stock: 5}) { item { stock } } }")
        .await;
    assert_eq!(
        answer.data_text(),
        r#"{"a":{"item":{"stock":11}},"b":{"item":{"stock":12}},"c":{"item":{"stock":0}},"d":{"item":{"stock":5}}}"#
    );
}

#[tokio::test]
async fn one_that_fails_does_not_stop_the_next() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin
        .query("mutation { a: updateItem(id: \"nope\", inc: {stock: 1}) { id } b: updateItem(id: \"i1\", inc: {stock: -100}) { id } c: updateItem(id: \"i1\", set: {stock: 7}) { item { stock } } }")
        .await;
    assert_eq!(
        answer.json["data"],
        json!({"a": null, "b": null, "c": {"item": {"stock": 7}}})
    );
    assert_eq!(answer.errors(), ["NOT_FOUND a", "BAD_USER_INPUT b"]);
}

#[tokio::test]
async fn create_answers_with_the_document() {
    let app = TestApp::shop().await;
    let operator = app.caller("openid:demo-operator").await;
    let answer = operator
        .query("mutation { createItem(input: {title: \"New\", price: 5, category: \"c\"}) { __typename id item { id title stock status tags createdAt } } }")
        .await;
    let payload = &answer.data()["createItem"];
    assert_eq!(payload["__typename"], "CreateItemPayload");
    assert_eq!(payload["id"], payload["item"]["id"]);
    assert_eq!(payload["item"]["stock"], 0);
    assert_eq!(payload["item"]["status"], "DRAFT");
    assert_eq!(payload["item"]["createdAt"], "2026-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn create_of_many_keeps_the_order() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin
        .query("mutation { createItems(input: [{id: \"n2\", title: \"B\", price: 2, category: \"c\"}, {id: \"n1\", title: \"A\", price: 1, category: \"c\"}]) { ids items { id title } } }")
        .await;
    assert_eq!(
        answer.data(),
        &json!({"createItems": {"ids": ["n2", "n1"], "items": [{"id": "n2", "title": "B"}, {"id": "n1", "title": "A"}]}})
    );
    let again = admin
        .query("mutation { createItems(input: [{id: \"n3\", title: \"C\", price: 2, category: \"c\"}, {id: \"n1\", title: \"A\", price: 1, category: \"c\"}]) { ids } }")
        .await;
    assert_eq!(again.errors(), ["CONFLICT createItems"]);
    assert_eq!(
        admin.query("{ item(id: \"n3\") { id } }").await.data(),
        &json!({"item": null})
    );
}

#[tokio::test]
async fn a_conflict_names_its_fields() {
    let app = TestApp::shop().await;
    let alice = app.caller("openid:demo-alice").await;
    let answer = alice
        .query("mutation { createUser(input: {nickname: \"again\"}) { id } }")
        .await;
    assert_eq!(answer.errors(), ["CONFLICT createUser"]);
    assert_eq!(
        answer.json["errors"][0]["extensions"]["fields"],
        json!(["openid"])
    );
}

#[tokio::test]
async fn constraints_name_every_field() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin
        .query("mutation { createItem(input: {title: \"\", price: -1, category: \"c\"}) { id } }")
        .await;
    assert_eq!(answer.errors(), ["BAD_USER_INPUT createItem"]);
    let problems = answer.json["errors"][0]["extensions"]["problems"]
        .as_array()
        .unwrap();
    let places: Vec<_> = problems
        .iter()
        .map(|problem| problem["place"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["input.title", "input.price"]);
}

#[tokio::test]
async fn a_write_that_is_not_allowed_is_forbidden_and_says_what() {
    let app = TestApp::shop().await;
    let alice = app.caller("openid:demo-alice").await;
    let answer = alice
        .query("mutation { updateUser(id: \"u1\", set: {points: 1000}) { id } }")
        .await;
    assert_eq!(answer.errors(), ["FORBIDDEN updateUser"]);
    let extensions = &answer.json["errors"][0]["extensions"];
    assert_eq!(extensions["operation"], "update");
    assert_eq!(extensions["coordinate"], "User.points");
    let nickname = alice.query("mutation { updateUser(id: \"u1\", set: {nickname: \"Al\"}) { user { nickname points } } }").await;
    assert_eq!(
        nickname.data(),
        &json!({"updateUser": {"user": {"nickname": "Al", "points": 5}}})
    );
}

#[tokio::test]
async fn a_condition_that_does_not_hold_is_a_conflict() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin
        .query("mutation { updateItem(id: \"i1\", if: {stock: {eq: 99}}, set: {stock: 1}) { id } }")
        .await;
    assert_eq!(answer.errors(), ["CONFLICT updateItem"]);
    let answer = admin
        .query("mutation { updateItem(id: \"i1\", if: {stock: {eq: 10}}, set: {stock: 1}) { item { stock } } }")
        .await;
    assert_eq!(answer.data()["updateItem"]["item"]["stock"], 1);
}

#[tokio::test]
async fn lists_are_pushed_to_and_pulled_from() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    for (change, tags) in [
        (
            "push: {tags: [\"x\", \"y\"]}",
            json!(["hot", "green", "x", "y"]),
        ),
        ("pull: {tags: [\"hot\", \"y\"]}", json!(["green", "x"])),
        ("set: {tags: []}", json!([])),
    ] {
        let query =
            format!("mutation {{ updateItem(id: \"i1\", {change}) {{ item {{ tags }} }} }}");
        let answer = admin.query(&query).await;
        assert_eq!(
            answer.data()["updateItem"]["item"]["tags"],
            tags,
            "{change}"
        );
    }
    let lines = admin
        .query("mutation { updateOrder(id: \"o4\", pull: {lines: {price: {gt: 2000}}}) { order { lines { title } } } }")
        .await;
    assert_eq!(
        lines.data()["updateOrder"]["order"]["lines"],
        json!([{"title": "Tea"}])
    );
    let unset = admin
        .query("mutation { updateItem(id: \"i1\", unset: [cost]) { item { cost } } }")
        .await;
    assert_eq!(unset.data()["updateItem"]["item"]["cost"], json!(null));
}

#[tokio::test]
async fn many_are_updated_and_deleted_within_bounds() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let query = |arguments: &str| {
        format!("mutation {{ updateItems({arguments}, set: {{stock: 1}}) {{ matched modified }} }}")
    };
    let answer = admin
        .query(&query("where: {category: {eq: \"ware\"}}, atMost: 5"))
        .await;
    assert_eq!(
        answer.data(),
        &json!({"updateItems": {"matched": 2, "modified": 2}})
    );
    let too_many = admin
        .query(&query("where: {category: {eq: \"ware\"}}, atMost: 1"))
        .await;
    assert_eq!(too_many.json["data"], json!({"updateItems": null}));
    let everything = admin.query(&query("where: {}, atMost: 50")).await;
    assert_eq!(everything.errors(), ["BAD_USER_INPUT updateItems"]);
    let meant = admin
        .query(&query("where: {}, all: true, atMost: 50"))
        .await;
    assert_eq!(meant.data()["updateItems"]["matched"], 3);
    let deleted = admin
        .query("mutation { deleteItems(where: {status: {eq: DRAFT}}, atMost: 5) { matched modified } one: deleteItem(id: \"i1\") { id } }")
        .await;
    assert_eq!(
        deleted.data(),
        &json!({"deleteItems": {"matched": 1, "modified": 1}, "one": {"id": "i1"}})
    );
    let left = admin.query("{ items { nodes { id } } }").await;
    assert_eq!(left.data(), &json!({"items": {"nodes": [{"id": "i2"}]}}));
}

#[tokio::test]
async fn relations_are_read_after_the_write_they_stand_below() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin
        .query("mutation { a: updateOrder(id: \"o4\", set: {remark: \"1\"}) { order { lines { item { stock } } } } b: updateItem(id: \"i1\", set: {stock: 77}) { id } c: updateOrder(id: \"o4\", set: {remark: \"2\"}) { order { user { nickname } lines { item { stock } } } } }")
        .await;
    let data = answer.data();
    assert_eq!(data["a"]["order"]["lines"][0]["item"]["stock"], 10);
    assert_eq!(data["c"]["order"]["lines"][0]["item"]["stock"], 77);
    assert_eq!(data["c"]["order"]["user"]["nickname"], "鲍勃");
}
