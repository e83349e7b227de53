//! Which fields an answer has, and in which order.

use cloudbase_graphql::graphql::{Allowed, Outcome, Request};
use serde_json::json;

use crate::harness::TestApp;

/// `(operation, variables, data as text)`: the text shows the order of members.
const CASES: &[(&str, &str, &str)] = &[
    // Order of the selection, not of the schema or the document.
    (
        "{ order(id: \"o2\") { total id status } }",
        "{}",
        r#"{"order":{"total":3500,"id":"o2","status":"CLOSED"}}"#,
    ),
    (
        "{ b: order(id: \"o2\") { id } a: order(id: \"o1\") { id } }",
        "{}",
        r#"{"b":{"id":"o2"},"a":{"id":"o1"}}"#,
    ),
    // Equal keys are merged where the first stands.
    (
        "{ order(id: \"o2\") { id total } order(id: \"o2\") { status id } }",
        "{}",
        r#"{"order":{"id":"o2","total":3500,"status":"CLOSED"}}"#,
    ),
    (
        "{ order(id: \"o2\") { lines { title } ...F lines { price } } } fragment F on Order { total lines { quantity } }",
        "{}",
        r#"{"order":{"lines":[{"title":"Cup","quantity":1,"price":3500}],"total":3500}}"#,
    ),
    // Fragments of all kinds.
    (
        "{ order(id: \"o2\") { ... { id } ... on Order { total } ...A ...A } } fragment A on Order { ...B } fragment B on Order { status }",
        "{}",
        r#"{"order":{"id":"o2","total":3500,"status":"CLOSED"}}"#,
    ),
    // `__typename` everywhere.
    (
        "{ __typename order(id: \"o2\") { __typename lines { t: __typename } user { __typename } } }",
        "{}",
        r#"{"__typename":"Query","order":{"__typename":"Order","lines":[{"t":"OrderLine"}],"user":{"__typename":"User"}}}"#,
    ),
    (
        "{ orders(first: 1) { __typename nodes { __typename } edges { __typename node { __typename } } pageInfo { __typename } } me { __typename } }",
        "{}",
        r#"{"orders":{"__typename":"OrderConnection","nodes":[{"__typename":"Order"}],"edges":[{"__typename":"OrderEdge","node":{"__typename":"Order"}}],"pageInfo":{"__typename":"PageInfo"}},"me":{"__typename":"Me"}}"#,
    ),
    (
        "{ item(id: \"i1\") { location { latitude __typename longitude } } }",
        "{}",
        r#"{"item":{"location":{"latitude":31.25,"__typename":"GeoPoint","longitude":121.5}}}"#,
    ),
    // One field, several aliases and arguments.
    (
        "{ user(id: \"u1\") { a: orders(first: 1) { nodes { id } } b: orders(first: 1, orderBy: [{createdAt: DESC}]) { nodes { id } } } }",
        "{}",
        r#"{"user":{"a":{"nodes":[{"id":"o1"}]},"b":{"nodes":[{"id":"o3"}]}}}"#,
    ),
    // `@skip` and `@include`, literal and by variable.
    (
        "{ order(id: \"o2\") { id @skip(if: true) total @include(if: false) status @skip(if: false) @include(if: true) } }",
        "{}",
        r#"{"order":{"status":"CLOSED"}}"#,
    ),
    (
        "query($y: Boolean!, $n: Boolean = false) { order(id: \"o2\") { id @include(if: $n) total @include(if: $y) status @skip(if: $y) @include(if: $y) } }",
        r#"{"y": true}"#,
        r#"{"order":{"total":3500}}"#,
    ),
    (
        "query($y: Boolean!) { order(id: \"o2\") { ...F @skip(if: $y) ... @include(if: $y) { total } } } fragment F on Order { status }",
        r#"{"y": true}"#,
        r#"{"order":{"total":3500}}"#,
    ),
    (
        "query($y: Boolean!) { order(id: \"o2\") { ...F @skip(if: $y) ... @include(if: $y) { total } } } fragment F on Order { status }",
        r#"{"y": false}"#,
        r#"{"order":{"status":"CLOSED"}}"#,
    ),
    // A key stands where its first occurrence that is not left out stands.
    (
        "query($n: Boolean!) { order(id: \"o2\") { id @include(if: $n) total id } }",
        r#"{"n": false}"#,
        r#"{"order":{"total":3500,"id":"o2"}}"#,
    ),
    (
        "query($n: Boolean!) { order(id: \"o2\") { id @include(if: $n) total id } }",
        r#"{"n": true}"#,
        r#"{"order":{"id":"o2","total":3500}}"#,
    ),
    // What stands below a field that is left out is not part of the field that stays.
    (
        "query($n: Boolean!) { order(id: \"o2\") @include(if: $n) { status } order(id: \"o2\") { id } }",
        r#"{"n": false}"#,
        r#"{"order":{"id":"o2"}}"#,
    ),
    (
        "query($n: Boolean!) { order(id: \"o2\") @include(if: $n) { status } order(id: \"o2\") { id } }",
        r#"{"n": true}"#,
        r#"{"order":{"status":"CLOSED","id":"o2"}}"#,
    ),
    (
        "query($n: Boolean!) { order(id: \"o2\") { ...F @include(if: $n) ...F } } fragment F on Order { id }",
        r#"{"n": false}"#,
        r#"{"order":{"id":"o2"}}"#,
    ),
    (
        "{ order(id: \"o2\") { id @include(if: false) } }",
        "{}",
        r#"{"order":{}}"#,
    ),
    // Arguments of what is left out may miss their variables.
    (
        "query($id: ID, $n: Boolean!) { a: order(id: $id) @include(if: $n) { id } b: order(id: \"o2\") { id } }",
        r#"{"n": false}"#,
        r#"{"b":{"id":"o2"}}"#,
    ),
    // Introspection beside documents, each where it stands.
    (
        "{ a: order(id: \"o2\") { id } __type(name: \"OrderStatus\") { kind } b: order(id: \"o1\") { id } }",
        "{}",
        r#"{"a":{"id":"o2"},"__type":{"kind":"ENUM"},"b":{"id":"o1"}}"#,
    ),
    (
        "query($t: String!) { t: __type(name: $t) { name } __typename }",
        r#"{"t": "Item"}"#,
        r#"{"t":{"name":"Item"},"__typename":"Query"}"#,
    ),
    (
        "{ me { roles principal loginType user { id } } }",
        "{}",
        r#"{"me":{"roles":["admin","operator","support"],"principal":"openid:demo-admin","loginType":"WECHAT_PUBLIC","user":null}}"#,
    ),
];

#[tokio::test]
async fn members_and_their_order() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    for (query, variables, expected) in CASES {
        let variables = serde_json::from_str(variables).unwrap();
        let answer = admin.query_with(query, variables).await;
        answer.data();
        assert_eq!(answer.data_text(), *expected, "{query}");
    }
}

#[tokio::test]
async fn one_of_several_operations() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let send = |name: Option<&str>| {
        admin.send(Request {
            query: "query A { order(id: \"o1\") { id } } query B { order(id: \"o2\") { id } }"
                .to_owned(),
            operation_name: name.map(str::to_owned),
            ..Request::default()
        })
    };
    assert_eq!(
        send(Some("B")).await.data(),
        &json!({"order": {"id": "o2"}})
    );
    assert_eq!(
        send(Some("A")).await.data(),
        &json!({"order": {"id": "o1"}})
    );
    for missing in [None, Some("C"), Some("")] {
        let answer = send(missing).await;
        assert_eq!(answer.outcome, Outcome::Refused, "{missing:?}");
        assert_eq!(answer.errors(), ["BAD_USER_INPUT"], "{missing:?}");
        assert!(answer.json.get("data").is_none());
    }
}

#[tokio::test]
async fn a_mutation_where_only_queries_are_allowed() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let send = |query: &str| {
        admin.send(Request {
            query: query.to_owned(),
            allowed: Allowed::Queries,
            ..Request::default()
        })
    };
    assert_eq!(send("{ __typename }").await.outcome, Outcome::Ran);
    let mutation = "mutation { updateItem(id: \"i1\", set: {stock: 0}) { id } }";
    assert_eq!(send(mutation).await.outcome, Outcome::NotAllowed);
    let stock = admin.query("{ item(id: \"i1\") { stock } }").await;
    assert_eq!(stock.data(), &json!({"item": {"stock": 10}}));
}

#[tokio::test]
async fn an_operation_that_is_kept_binds_anew() {
    let app = TestApp::shop().await;
    let (admin, alice) = (
        app.caller("openid:demo-admin").await,
        app.caller("openid:demo-alice").await,
    );
    let query = "query($id: ID!, $x: Boolean!) { order(id: $id) { id total @include(if: $x) } }";
    for _ in 0..2 {
        let one = admin
            .query_with(query, json!({"id": "o4", "x": true}))
            .await;
        assert_eq!(one.data(), &json!({"order": {"id": "o4", "total": 7100}}));
        let other = admin
            .query_with(query, json!({"id": "o1", "x": false}))
            .await;
        assert_eq!(other.data(), &json!({"order": {"id": "o1"}}));
        let hidden = alice
            .query_with(query, json!({"id": "o4", "x": true}))
            .await;
        assert_eq!(hidden.data(), &json!({"order": null}));
        let refused = admin.query_with(query, json!({"id": "o1"})).await;
        assert_eq!(refused.errors(), ["BAD_USER_INPUT"]);
    }
}
