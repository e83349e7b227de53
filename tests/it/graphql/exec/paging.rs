//! Pages: forwards, backwards, by offset, and on relations.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::harness::{Client, TestApp};

async fn page(client: &Client, arguments: &str) -> (Vec<String>, Json) {
    let query = format!(
        "{{ orders({arguments}) {{ edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let answer = client.query(&query).await;
    let orders = &answer.data()["orders"];
    let edges = orders["edges"].as_array().unwrap();
    let ids = edges
        .iter()
        .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned());
    let info = orders["pageInfo"].clone();
    if let (Some(first), Some(last)) = (edges.first(), edges.last()) {
        assert_eq!(info["startCursor"], first["cursor"]);
        assert_eq!(info["endCursor"], last["cursor"]);
    }
    (ids.collect(), info)
}

#[tokio::test]
async fn pages_visit_every_document_once_in_any_order() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    for order in [
        "{id: ASC}",
        "{id: DESC}",
        "{status: ASC}",
        "{paidAt: DESC}",
        "{remark: ASC}",
        "{openid: DESC}, {total: ASC}",
    ] {
        let (all, _) = page(&admin, &format!("first: 50, orderBy: [{order}]")).await;
        let mut seen = Vec::new();
        let mut after = String::new();
        for step in 0.. {
            assert!(step < 10, "endless: {order}");
            let (ids, info) = page(&admin, &format!("first: 1, orderBy: [{order}]{after}")).await;
            assert_eq!(info["hasPreviousPage"], json!(step > 0), "{order}");
            seen.extend(ids);
            if info["hasNextPage"] == json!(false) {
                break;
            }
            after = format!(", after: {}", info["endCursor"]);
        }
        assert_eq!(seen, all, "{order}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 4);
        // And back.
        let (end, info) = page(&admin, &format!("last: 2, orderBy: [{order}]")).await;
        assert_eq!(end, all[2..], "{order}");
        let (before, info) = page(
            &admin,
            &format!(
                "last: 2, orderBy: [{order}], before: {}",
                info["startCursor"]
            ),
        )
        .await;
        assert_eq!(before, all[..2], "{order}");
        assert_eq!(info["hasNextPage"], json!(true));
        let last = info["endCursor"].clone();
        let (alone, _) = page(&admin, &format!("orderBy: [{order}], before: {last}")).await;
        assert_eq!(alone, all[..1], "{order}");
    }
}

#[tokio::test]
async fn offset_leaves_out_the_beginning() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let (ids, info) = page(&admin, "first: 2, offset: 1").await;
    assert_eq!(ids, ["o2", "o3"]);
    assert_eq!(
        (&info["hasNextPage"], &info["hasPreviousPage"]),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn pages_that_make_no_sense_are_refused() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let (_, info) = page(&admin, "first: 1").await;
    let cursor = &info["endCursor"];
    for arguments in [
        "first: 1, last: 1".to_owned(),
        "first: 501".to_owned(),
        "first: 1, offset: 10001".to_owned(),
        format!("first: 1, offset: 1, after: {cursor}"),
        format!("first: 1, after: {cursor}, orderBy: [{{total: ASC}}]"),
        "first: 1, after: \"nonsense\"".to_owned(),
        "first: 1, after: \"\"".to_owned(),
    ] {
        let answer = admin
            .query(&format!("{{ orders({arguments}) {{ nodes {{ id }} }} }}"))
            .await;
        assert_eq!(
            answer.errors(),
            ["BAD_USER_INPUT orders"],
            "{arguments}: {}",
            answer.text
        );
        assert_eq!(answer.json["data"], json!({"orders": null}));
    }
}

#[tokio::test]
async fn each_parent_has_its_own_page() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin.query("{ users(orderBy: [{id: ASC}]) { nodes { id orders(first: 2, orderBy: [{createdAt: DESC}]) { totalCount nodes { id } pageInfo { hasNextPage } } } } }").await;
    assert_eq!(
        answer.data(),
        &json!({"users": {"nodes": [
            {"id": "u1", "orders": {"totalCount": 3, "nodes": [{"id": "o3"}, {"id": "o2"}], "pageInfo": {"hasNextPage": true}}},
            {"id": "u2", "orders": {"totalCount": 1, "nodes": [{"id": "o4"}], "pageInfo": {"hasNextPage": false}}}]}})
    );
}

#[tokio::test]
async fn cursors_on_a_relation_need_a_single_parent() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let one = admin
        .query("{ user(id: \"u1\") { orders(first: 1) { pageInfo { endCursor } } } }")
        .await;
    let cursor = &one.data()["user"]["orders"]["pageInfo"]["endCursor"];
    let next = admin
        .query(&format!(
            "{{ user(id: \"u1\") {{ orders(first: 1, after: {cursor}) {{ nodes {{ id }} }} }} }}"
        ))
        .await;
    assert_eq!(
        next.data()["user"]["orders"]["nodes"],
        json!([{"id": "o2"}])
    );
    let many = admin.query(&format!("{{ users {{ nodes {{ id orders(first: 1, after: {cursor}) {{ nodes {{ id }} }} }} }} }}")).await;
    assert_eq!(many.errors()[0], "BAD_USER_INPUT users.nodes.0.orders");
    assert_eq!(
        many.json["data"]["users"]["nodes"][0],
        json!({"id": "u1", "orders": null})
    );
}

#[tokio::test]
async fn what_parents_ask_for_together_is_bounded() {
    let app = TestApp::shop().await;
    let users: Vec<String> = (0..30)
        .map(|n| format!(r#"{{"_id":"x{n}","_openid":"x{n}","nickname":"n","status":"ACTIVE","points":0,"createdAt":{{"$date":0}},"updatedAt":{{"$date":0}}}}"#))
        .collect();
    app.insert("users", users.iter().map(String::as_str)).await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin
        .query("{ users(first: 50) { nodes { orders(first: 500) { nodes { id } } } } }")
        .await;
    assert_eq!(answer.errors()[0], "LIMIT_EXCEEDED users.nodes.0.orders");
    let answer = admin
        .query("{ users(first: 50) { nodes { orders(first: 300) { nodes { id } } } } }")
        .await;
    answer.data();
}
