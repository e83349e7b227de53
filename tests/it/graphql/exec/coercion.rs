//! Inputs that do not fit are refused before anything runs; those that do become what they mean.

use cloudbase_graphql::graphql::Outcome;
use serde_json::{Value as Json, json};

use crate::harness::TestApp;

/// `(operation, variables, a part of the message)`: each is refused as a whole.
const REFUSED: &[(&str, &str, &str)] = &[
    // Variables: the value does not fit the declared type.
    (
        "query($w: OrderFilter) { orders(where: $w) { totalCount } }",
        r#"{"w": "x"}"#,
        "`$w` is `\"x\"`, expected `OrderFilter`",
    ),
    (
        "query($w: OrderFilter = {}) { orders(where: $w) { totalCount } }",
        r#"{"w": {"nope": 1}}"#,
        "`$w.nope` is not a member of OrderFilter",
    ),
    (
        "query($n: Int) { orders(first: $n) { totalCount } }",
        r#"{"n": 99999999999}"#,
        "`$n` is `99999999999`, expected an Int",
    ),
    (
        "query($n: Int) { orders(first: $n) { totalCount } }",
        r#"{"n": 1.5}"#,
        "`$n` is `1.5`",
    ),
    (
        "query($n: Int) { orders(first: $n) { totalCount } }",
        r#"{"n": "1"}"#,
        "`$n`",
    ),
    (
        "query($n: Int) { orders(first: $n) { totalCount } }",
        r#"{"n": true}"#,
        "`$n`",
    ),
    (
        "query($n: Int) { orders(first: $n) { totalCount } }",
        r#"{"n": [1]}"#,
        "`$n` is a list",
    ),
    (
        "query($id: ID!) { order(id: $id) { id } }",
        "{}",
        "`$id` is required",
    ),
    (
        "query($id: ID!) { order(id: $id) { id } }",
        r#"{"id": null}"#,
        "`$id` must not be null",
    ),
    (
        "query($id: ID!) { order(id: $id) { id } }",
        r#"{"id": 1.5}"#,
        "`$id`",
    ),
    (
        "query($id: ID!) { order(id: $id) { id } }",
        r#"{"id": true}"#,
        "`$id`",
    ),
    (
        "query($s: OrderStatus!) { orders(where: {status: {eq: $s}}) { totalCount } }",
        r#"{"s": "NOPE"}"#,
        "`$s` is `\"NOPE\"`, which is no value of `OrderStatus`",
    ),
    (
        "query($s: OrderStatus!) { orders(where: {status: {eq: $s}}) { totalCount } }",
        r#"{"s": 1}"#,
        "`$s`",
    ),
    (
        "query($s: [OrderStatus!]) { orders(where: {status: {in: $s}}) { totalCount } }",
        r#"{"s": ["PAID", null]}"#,
        "`$s.1` must not be null",
    ),
    (
        "query($t: DateTime) { orders(where: {createdAt: {gt: $t}}) { totalCount } }",
        r#"{"t": "2026-01-01T00:00:00"}"#,
        "`$t`",
    ),
    (
        "query($t: DateTime) { orders(where: {createdAt: {gt: $t}}) { totalCount } }",
        r#"{"t": 5}"#,
        "`$t`",
    ),
    (
        "query($o: [OrderOrder!]) { orders(orderBy: $o) { totalCount } }",
        r#"{"o": [{"id": "ASC", "total": "ASC"}]}"#,
        "`$o.0` must have exactly one member",
    ),
    (
        "query($o: [OrderOrder!]) { orders(orderBy: $o) { totalCount } }",
        r#"{"o": [{"id": null}]}"#,
        "`$o.0.id` must not be null",
    ),
    (
        "query($o: [OrderOrder!]) { orders(orderBy: $o) { totalCount } }",
        r#"{"o": [{}]}"#,
        "`$o.0` must have exactly one member",
    ),
    // Variables inside objects.
    (
        "query($w: OrderFilter!) { orders(where: {and: [$w]}) { totalCount } }",
        "{}",
        "`$w` is required",
    ),
    // A null that a default lets stand where a Boolean! is asked for.
    (
        "query($y: Boolean = true) { order(id: \"o1\") { id @include(if: $y) } }",
        r#"{"y": null}"#,
        "`$y` must not be null",
    ),
    (
        "query($n: Int = 1) { orders(first: $n, where: {not: {total: {eq: $n}}}) { totalCount } a: orders(where: {lines: {size: $n}}) { totalCount } }",
        r#"{"n": null}"#,
        "only `eq` and `ne` know null",
    ),
    // Literals that only their scalar can judge.
    (
        "{ orders(where: {createdAt: {gt: \"yesterday\"}}) { totalCount } }",
        "{}",
        "`where.createdAt.gt`",
    ),
    // Operators left without a value.
    (
        "query($s: OrderStatus) { orders(where: {status: {eq: $s}}) { totalCount } }",
        "{}",
        "`where.status` has no operator",
    ),
    (
        "query($f: OrderStatusFilter) { orders(where: {status: $f}) { totalCount } }",
        "{}",
        "`where` has no condition",
    ),
    (
        "query($f: OrderStatusFilter) { orders(where: {not: {status: $f}}) { totalCount } }",
        "{}",
        "`where.not` has no condition",
    ),
    (
        "query($w: OrderFilter) { orders(where: {not: $w}) { totalCount } }",
        "{}",
        "`where` has no condition",
    ),
    (
        "{ orders(where: {status: {}}) { totalCount } }",
        "{}",
        "`where.status` has no operator",
    ),
    (
        "{ orders(where: {status: null}) { totalCount } }",
        "{}",
        "`where.status` must not be null",
    ),
    (
        "{ orders(where: {and: null}) { totalCount } }",
        "{}",
        "`where.and` must not be null",
    ),
    (
        "{ orders(where: {not: null}) { totalCount } }",
        "{}",
        "`where.not` must not be null",
    ),
    (
        "{ orders(where: {address: {}}) { totalCount } }",
        "{}",
        "`where.address` has no condition",
    ),
    (
        "{ orders(where: {status: {in: null}}) { totalCount } }",
        "{}",
        "only `eq` and `ne` know null",
    ),
    (
        "{ orders(where: {total: {gt: null}}) { totalCount } }",
        "{}",
        "only `eq` and `ne` know null",
    ),
    (
        "{ orders(where: {lines: {size: -1}}) { totalCount } }",
        "{}",
        "`where.lines.size`",
    ),
    (
        "{ items(where: {location: {within: {circle: {center: {longitude: 200, latitude: 0}, radius: 1}}}}) { totalCount } }",
        "{}",
        "longitude",
    ),
    (
        "{ items(where: {location: {within: {polygon: [{longitude: 0, latitude: 0}]}}}) { totalCount } }",
        "{}",
        "polygon",
    ),
    // One of the two.
    ("{ order { id } }", "{}", "exactly one of `id` and `by`"),
    (
        "{ order(id: \"o1\", by: {orderNo: \"N1\"}) { id } }",
        "{}",
        "exactly one of `id` and `by`",
    ),
    // Updates.
    (
        "mutation { updateItem(id: \"i1\") { id } }",
        "{}",
        "changes nothing",
    ),
    (
        "mutation { updateItem(id: \"i1\", set: {}) { id } }",
        "{}",
        "changes nothing",
    ),
    (
        "mutation { updateItem(id: \"i1\", set: {title: null}) { id } }",
        "{}",
        "`set.title` must not be null",
    ),
    (
        "mutation { updateItem(id: \"i1\", set: {stock: 1}, inc: {stock: 1}) { id } }",
        "{}",
        "`inc.stock` is changed by `set` too",
    ),
    (
        "mutation { updateItem(id: \"i1\", unset: [cost], set: {cost: 1}) { id } }",
        "{}",
        "one operator for one field",
    ),
    (
        "mutation { updateItem(id: \"i1\", push: {tags: [\"a\"]}, pull: {tags: [\"b\"]}) { id } }",
        "{}",
        "one operator for one field",
    ),
    (
        "mutation { updateItem(id: \"i1\", inc: {stock: null}) { id } }",
        "{}",
        "`inc.stock` must not be null",
    ),
    (
        "mutation { updateItem(id: \"i1\", push: {tags: null}) { id } }",
        "{}",
        "`push.tags` must not be null",
    ),
    (
        "mutation { updateItems(where: {}, atMost: -1, set: {stock: 1}) { matched } }",
        "{}",
        "`atMost` is `-1`",
    ),
    (
        "{ orders(first: -1) { totalCount } }",
        "{}",
        "`first` is `-1`",
    ),
    (
        "mutation($i: ItemCreate!) { createItem(input: $i) { id } }",
        r#"{"i": {"title": "t"}}"#,
        "`$i.price` is required",
    ),
    (
        "mutation($i: ItemCreate!) { createItem(input: $i) { id } }",
        r#"{"i": {"title": "t", "price": 1, "category": "c", "createdAt": "2026-01-01T00:00:00Z"}}"#,
        "`$i.createdAt` is not a member",
    ),
    (
        "mutation { createItem(input: {title: \"t\", price: 1, category: \"c\", images: [\"http://x\"]}) { id } }",
        "{}",
        "FileID",
    ),
];

#[tokio::test]
async fn what_does_not_fit_is_refused_and_nothing_runs() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let before = app.executor.gateway().reads();
    for (query, variables, message) in REFUSED {
        let variables = serde_json::from_str(variables).unwrap();
        let answer = admin.query_with(query, variables).await;
        assert_eq!(answer.outcome, Outcome::Refused, "{query}: {}", answer.text);
        assert!(answer.json.get("data").is_none(), "{query}");
        assert!(
            answer.message().contains(message),
            "{query}: {}",
            answer.text
        );
    }
    assert_eq!(app.executor.gateway().reads(), before);
}

/// `(operation, variables, data)`.
const TAKEN: &[(&str, &str, &str)] = &[
    // A single value is a list of one.
    (
        "{ orders(where: {status: {in: PAID}}, orderBy: {id: DESC}) { nodes { id } } }",
        "{}",
        r#"{"orders":{"nodes":[{"id":"o4"},{"id":"o1"}]}}"#,
    ),
    (
        "query($s: [OrderStatus!]) { orders(where: {status: {in: $s}}) { nodes { id } } }",
        r#"{"s": "CLOSED"}"#,
        r#"{"orders":{"nodes":[{"id":"o2"}]}}"#,
    ),
    (
        "query($w: OrderFilter!) { orders(where: {and: [$w, {total: {gt: 7100}}]}) { nodes { id } } }",
        r#"{"w": {"status": {"eq": "PAID"}}}"#,
        r#"{"orders":{"nodes":[{"id":"o1"}]}}"#,
    ),
    // Defaults of variables and of arguments, null told from nothing.
    (
        "query($n: Int = 1) { orders(first: $n) { nodes { id } } }",
        "{}",
        r#"{"orders":{"nodes":[{"id":"o1"}]}}"#,
    ),
    (
        "query($n: Int = 1) { orders(first: $n) { nodes { id } } }",
        r#"{"n": 2}"#,
        r#"{"orders":{"nodes":[{"id":"o1"},{"id":"o2"}]}}"#,
    ),
    (
        "query($n: Int) { orders(first: $n, where: {id: {in: [\"o1\", \"o2\"]}}) { nodes { id } } }",
        "{}",
        r#"{"orders":{"nodes":[{"id":"o1"},{"id":"o2"}]}}"#,
    ),
    (
        "query($p: DateTime) { orders(where: {paidAt: {eq: $p}}) { nodes { id } } }",
        r#"{"p": null}"#,
        r#"{"orders":{"nodes":[{"id":"o2"},{"id":"o3"},{"id":"o4"}]}}"#,
    ),
    (
        "{ orders(where: {paidAt: {ne: null}}) { nodes { id } } }",
        "{}",
        r#"{"orders":{"nodes":[{"id":"o1"}]}}"#,
    ),
    (
        "query($a: Int, $b: Int) { orders(where: {total: {gt: $a, lt: $b}}) { nodes { id } } }",
        r#"{"b": 2000}"#,
        r#"{"orders":{"nodes":[{"id":"o3"}]}}"#,
    ),
    (
        "query($f: OrderStatusFilter) { orders(where: {status: $f, total: {lt: 2000}}) { nodes { id } } }",
        "{}",
        r#"{"orders":{"nodes":[{"id":"o3"}]}}"#,
    ),
    // Whole numbers that JSON writes as 1.0; IDs from integers; floats from integers.
    (
        "query($n: Int) { orders(first: $n) { nodes { id } } }",
        r#"{"n": 1.0}"#,
        r#"{"orders":{"nodes":[{"id":"o1"}]}}"#,
    ),
    (
        "query($id: ID!) { order(id: $id) { id } }",
        r#"{"id": 7}"#,
        r#"{"order":null}"#,
    ),
    ("{ order(id: 7) { id } }", "{}", r#"{"order":null}"#),
    (
        "{ items(where: {location: {within: {circle: {center: {longitude: 121.5, latitude: 31}, radius: 50000}}}}) { nodes { id } } }",
        "{}",
        r#"{"items":{"nodes":[{"id":"i1"}]}}"#,
    ),
    (
        "{ order(by: {orderNo: \"N2\"}) { id } }",
        "{}",
        r#"{"order":{"id":"o2"}}"#,
    ),
    (
        "query($k: OrderKey!) { order(by: $k) { id } }",
        r#"{"k": {"orderNo": "N2"}}"#,
        r#"{"order":{"id":"o2"}}"#,
    ),
    // Variables nobody declared are of no interest.
    (
        "{ order(id: \"o1\") { id } }",
        r#"{"more": 1}"#,
        r#"{"order":{"id":"o1"}}"#,
    ),
    (
        "{ orders(where: {createdAt: {lte: \"2025-01-01T08:00:50+08:00\"}}) { nodes { id } } }",
        "{}",
        r#"{"orders":{"nodes":[{"id":"o1"}]}}"#,
    ),
    (
        "{ orders(where: {}) { totalCount } }",
        "{}",
        r#"{"orders":{"totalCount":4}}"#,
    ),
    (
        "{ orders(where: null, orderBy: null, after: null) { totalCount } }",
        "{}",
        r#"{"orders":{"totalCount":4}}"#,
    ),
];

#[tokio::test]
async fn what_fits_is_taken_for_what_it_means() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    for (query, variables, data) in TAKEN {
        let variables = serde_json::from_str(variables).unwrap();
        let answer = admin.query_with(query, variables).await;
        let expected: Json = serde_json::from_str(data).unwrap();
        assert_eq!(answer.data(), &expected, "{query}");
    }
}

#[tokio::test]
async fn every_problem_of_an_input_is_told() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin
        .query_with(
            "mutation($i: ItemCreate!) { createItem(input: $i) { id } }",
            json!({"i": {"title": 1, "price": "x", "more": true}}),
        )
        .await;
    let places: Vec<&str> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["extensions"]["place"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["$i.more", "$i.title", "$i.price", "$i.category"]);
}
