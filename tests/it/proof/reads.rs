//! The numbers of store reads that are promised for the queries of the tour,
//! whatever the number of rows.

use serde_json::{Value as Json, json};

use crate::harness::{Client, TestApp};

const ORDERS: &str = "{ orders(first: 50, where: {status: {eq: PAID}}, orderBy: [{createdAt: DESC}]) {
    nodes { id status total createdAt user { id nickname } lines { quantity item { id title price } } } } }";

/// What is changed in [`ORDERS`], and the reads it then takes.
const VARIATIONS: &[(&str, &str, u64)] = &[
    ("", "", 3),
    ("nodes {", "totalCount nodes {", 4),
    (
        "user { id nickname }",
        "user { id } buyer: user { nickname status }",
        3,
    ),
    (
        "lines { quantity item { id title price } }",
        "lines { quantity item { id } } others: lines { item { title } it: item { price } }",
        3,
    ),
    (
        "nodes {",
        "nodes { id } edges { cursor node { user { points } } } nodes {",
        3,
    ),
];

/// A shop with so many paid orders of ten users.
async fn shop(orders: usize) -> (TestApp, Client) {
    let app = TestApp::shop().await;
    let users: Vec<String> = (0..10)
        .map(|n| {
            let moment = json!({ "$date": n });
            json!({"_id": format!("w{n}"), "_openid": format!("w{n}"), "nickname": "n", "status": "ACTIVE",
                "points": 0, "createdAt": moment, "updatedAt": moment})
            .to_string()
        })
        .collect();
    app.insert("users", users.iter().map(String::as_str)).await;
    let orders: Vec<String> = (0..orders).map(|n| order(n).to_string()).collect();
    app.insert("orders", orders.iter().map(String::as_str))
        .await;
    let admin = app.caller("openid:demo-admin").await;
    (app, admin)
}

/// The first user has no orders, the second one, and so on; several were made in one moment.
fn order(n: usize) -> Json {
    let owner = (n * n) % 10;
    let moment = json!({ "$date": 1_000 + n / 3 });
    json!({
        "_id": format!("x{n:03}"), "_openid": format!("w{owner}"), "orderNo": format!("X{n}"), "status": "PAID",
        "lines": [
            {"itemId": format!("i{}", n % 3 + 1), "title": "t", "price": 1, "quantity": 1},
            {"itemId": "gone", "title": "t", "price": 1, "quantity": 2},
        ],
        "total": n, "createdAt": moment, "updatedAt": moment,
    })
}

#[tokio::test]
async fn the_orders_of_the_tour_take_three_for_any_number_of_rows() {
    let (_app, admin) = shop(500).await;
    for first in [1, 50, 500] {
        let query = ORDERS.replace("first: 50", &format!("first: {first}"));
        for (part, other, reads) in VARIATIONS {
            let query = query.replacen(part, other, 1);
            let answer = admin.explained(&query).await;
            let nodes = answer.data()["orders"]["nodes"].as_array().expect("nodes");
            assert_eq!((nodes.len(), answer.reads()), (first, *reads), "{query}");
        }
    }
}

#[tokio::test]
async fn everyones_own_three_newest_orders_take_two() {
    let (_app, admin) = shop(90).await;
    let query = "{ users(first: 50) { nodes { openid orders(first: 3, orderBy: [{createdAt: DESC}]) { nodes { id } } } } }";
    let answer = admin.explained(query).await;
    assert_eq!(answer.reads(), 2);
    let users = answer.data()["users"]["nodes"].as_array().expect("nodes");
    assert_eq!(users.len(), 12);
    let mut found = 0;
    for user in users
        .iter()
        .filter(|user| user["openid"].as_str().unwrap().starts_with('w'))
    {
        let mut own: Vec<Json> = (0..90).map(order).collect();
        own.retain(|order| order["_openid"] == user["openid"]);
        // Newest first, of one moment the lowest id first.
        own.sort_by_key(|order| std::cmp::Reverse(order["createdAt"]["$date"].as_u64()));
        let newest = own.iter().take(3).map(|order| json!({"id": order["_id"]}));
        let newest: Vec<Json> = newest.collect();
        found += newest.len();
        assert_eq!(user["orders"]["nodes"], json!(newest), "{}", user["openid"]);
    }
    assert!(found >= 12, "{found}");
}

#[tokio::test]
async fn a_plan_does_not_tell_that_a_rule_looked_further() {
    let model = r#"
type Person @collection(name: "people", permission: ADMINONLY) { id: ID! listed: Boolean }
type Room @collection(name: "rooms") @rule(read: "get(`database.people.${doc.host}`).listed == true") { id: ID! host: ID! }
"#;
    let seed = [
        ("people", r#"{"_id":"p1","listed":false}"#),
        ("rooms", r#"{"_id":"hidden","host":"p1"}"#),
    ];
    let app = TestApp::new(model, &seed).await;
    let alice = app.caller("openid:alice").await;
    let mut plans = Vec::new();
    for id in ["hidden", "missing"] {
        let answer = alice
            .explained(&format!("{{ room(id: \"{id}\") {{ id }} }}"))
            .await;
        assert_eq!(answer.data(), &json!({ "room": null }));
        let mut plan = answer.json["extensions"]["plan"].clone();
        plan["ms"] = Json::Null;
        plans.push(plan);
    }
    assert_eq!(plans[0], plans[1]);
}
