//! Documents that are refused whatever the variables: what the validator of the
//! schema library lets through must not get further.

use cloudbase_graphql::graphql::Outcome;

use crate::harness::TestApp;

/// `(operation, a part of the message)`.
const CASES: &[(&str, &str)] = &[
    // Conflicting selections of one key.
    ("{ order(id: \"o1\") { id: status id } }", ""),
    ("{ order(id: \"o1\") { id } order(id: \"o2\") { id } }", ""),
    ("{ order(id: \"o1\") { id } order: me { principal } }", ""),
    (
        "{ order(id: \"o1\") { ...A ...B } } fragment A on Order { x: id } fragment B on Order { x: total }",
        "",
    ),
    (
        "{ a: order(id: \"o1\") { lines { x: title } } a: order(id: \"o1\") { lines { x: price } } }",
        "",
    ),
    (
        "{ orders(where: {status: {eq: PAID}}) { totalCount } orders(where: {status: {eq: CLOSED}}) { totalCount } }",
        "",
    ),
    (
        "query A { __typename } query B { order(id: \"o1\") { x: id x: total } }",
        "",
    ),
    (
        "query($a: ID, $b: ID) { order(id: $a) { id } order(id: $b) { id } }",
        "",
    ),
    (
        "{ order(id: \"o1\") @include(if: false) { id } order(id: \"o2\") { id } }",
        "",
    ),
    // Literals.
    ("{ orders(first: 99999999999) { totalCount } }", ""),
    ("{ orders(first: 1.0) { totalCount } }", ""),
    ("{ orders(first: \"1\") { totalCount } }", ""),
    ("{ orders(where: \"x\") { totalCount } }", ""),
    (
        "{ orders(where: {status: {eq: \"PAID\"}}) { totalCount } }",
        "",
    ),
    ("{ orders(where: {status: {eq: NOPE}}) { totalCount } }", ""),
    ("{ orders(where: {nope: {eq: 1}}) { totalCount } }", ""),
    (
        "{ orders(orderBy: [{id: ASC, total: ASC}]) { totalCount } }",
        "",
    ),
    ("{ orders(orderBy: [{id: null}]) { totalCount } }", ""),
    ("{ orders(orderBy: [{}]) { totalCount } }", ""),
    ("{ orders(orderBy: [null]) { totalCount } }", ""),
    ("{ order(id: 1.5) { id } }", ""),
    ("{ order(by: {}) { id } }", ""),
    ("mutation { createItem(input: {title: \"t\"}) { id } }", ""),
    ("mutation { updateItem(set: {stock: 1}) { id } }", ""),
    ("{ order(id: \"o1\", nope: 1) { id } }", ""),
    ("{ order(id: \"o1\") @include(if: \"yes\") { id } }", ""),
    ("{ order(id: \"o1\") @include(if: null) { id } }", ""),
    ("{ order(id: \"o1\") @include { id } }", ""),
    (
        "{ a: order(id: \"o1\") { id } b: orders(first: \"x\") @include(if: false) { totalCount } }",
        "",
    ),
    // Variables where their type does not fit.
    ("query($n: String) { orders(first: $n) { totalCount } }", ""),
    (
        "query($n: Int) { order(id: \"o1\") { lines @include(if: $n) { title } } }",
        "",
    ),
    (
        "query($y: Boolean) { order(id: \"o1\") { id @include(if: $y) } }",
        "",
    ),
    (
        "query($w: OrderFilter) { orders(where: {and: [$w]}) { totalCount } }",
        "",
    ),
    (
        "query($s: OrderStatus) { orders(where: {status: {in: $s}}) { totalCount } }",
        "",
    ),
    (
        "query($s: [OrderStatus]) { orders(where: {status: {in: $s}}) { totalCount } }",
        "",
    ),
    (
        "query($d: Direction) { orders(orderBy: [{id: $d}]) { totalCount } }",
        "",
    ),
    (
        "query($a: Direction!, $b: Direction!) { orders(orderBy: [{id: $a, total: $b}]) { totalCount } }",
        "",
    ),
    (
        "query($n: Int = \"x\") { orders(first: $n) { totalCount } }",
        "",
    ),
    ("query($n: Nope) { orders(first: $n) { totalCount } }", ""),
    ("query($n: Order) { orders(first: $n) { totalCount } }", ""),
    ("{ orders(first: $n) { totalCount } }", ""),
    ("query($n: Int) { orders { totalCount } }", ""),
    // Selections.
    ("{ order(id: \"o1\") { nope } }", ""),
    ("{ order(id: \"o1\") }", ""),
    ("{ order(id: \"o1\") { id { x } } }", ""),
    ("{ order(id: \"o1\") { ...Nope } }", ""),
    ("{ order(id: \"o1\") { ... on Item { id } } }", ""),
    (
        "{ order(id: \"o1\") { ...A } } fragment A on Order { ...B } fragment B on Order { ...A }",
        "",
    ),
    ("subscription { order(id: \"o1\") { id } }", ""),
    ("{ order(id: \"o1\") { id }", ""),
    ("", ""),
];

#[tokio::test]
async fn what_is_invalid_is_refused_and_nothing_runs() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let before = app.executor.gateway().reads();
    for (query, message) in CASES {
        let answer = admin.query(query).await;
        assert_eq!(answer.outcome, Outcome::Refused, "{query}: {}", answer.text);
        assert!(answer.json.get("data").is_none(), "{query}");
        assert!(
            answer.message().contains(message),
            "{query}: {}",
            answer.text
        );
        let codes = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"];
        assert!(
            codes.contains(&answer.errors()[0].as_str()),
            "{query}: {}",
            answer.text
        );
    }
    assert_eq!(app.executor.gateway().reads(), before);
}
