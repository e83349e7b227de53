//! Stored documents that do not fit the model, through the API: each error says
//! where, in which document and field; it costs its own place and nothing else.

use serde_json::{Value as Json, json};

use crate::harness::{Answer, Client, SHOP, TestApp};

const SEED: &[(&str, &str)] = &[
    (
        "items",
        r#"{"_id":"i1","title":"Tea","price":5,"cost":"x","stock":"many","category":"c","tags":"hot","images":null,"status":"ON_SALE","createdAt":{"$date":1},"updatedAt":{"$date":1}}"#,
    ),
    (
        "items",
        r#"{"_id":"i2","title":7,"price":"x","cost":null,"stock":1,"category":"c","tags":[],"images":[],"status":"ON_SALE","createdAt":{"$date":1},"updatedAt":{"$date":1}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o1","_openid":"alice","orderNo":"1","status":"PAID","lines":[{"itemId":"i1","title":"t","price":1,"quantity":1},7],"total":1,"createdAt":{"$date":1},"updatedAt":{"$date":1}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o2","_openid":"alice","orderNo":"2","status":"LOST","lines":[{"itemId":["i1"],"title":"t","price":1,"quantity":1}],"total":1,"createdAt":{"$date":1},"updatedAt":{"$date":1}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o3","_openid":"alice","orderNo":"3","status":"PAID","lines":"none","address":{"name":"n"},"createdAt":{"$date":1},"updatedAt":{"$date":1}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o4","_openid":"alice","orderNo":"4","status":"PAID","lines":[{"itemId":"i2","title":"t","price":1,"quantity":1}],"total":1,"createdAt":{"$date":1},"updatedAt":{"$date":1}}"#,
    ),
];

async fn shop() -> (TestApp, Client) {
    let app = TestApp::new(SHOP, SEED).await;
    let admin = app.staff(&["admin", "operator", "support"]);
    (app, admin)
}

/// Of the n-th error: the document and the field it names.
fn blamed(answer: &Answer) -> Vec<String> {
    let errors = answer.json["errors"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let blamed = |error: Json| {
        let extensions = &error["extensions"];
        format!(
            "{} {}",
            extensions["id"].as_str().unwrap(),
            extensions["field"].as_str().unwrap()
        )
    };
    errors.into_iter().map(blamed).collect()
}

#[tokio::test]
async fn lines_that_are_no_objects_cost_their_order() {
    let (_app, admin) = shop().await;
    let answer = admin
        .query("{ orders { totalCount nodes { id lines { item { id title } } } edges { node { id } } } }")
        .await;
    assert_eq!(
        answer.json["data"],
        json!({"orders": {
            "totalCount": 4,
            // A list of `!` in a place of `!`: the nearest that may be null is the node.
            "nodes": [null, {"id": "o2", "lines": [{"item": null}]}, null, {"id": "o4", "lines": [{"item": null}]}],
            "edges": [{"node": {"id": "o1"}}, {"node": {"id": "o2"}}, {"node": {"id": "o3"}}, {"node": {"id": "o4"}}],
        }})
    );
    assert_eq!(
        answer.errors(),
        [
            "INVALID_DOCUMENT orders.nodes.0.lines.1",
            "INVALID_DOCUMENT orders.nodes.2.lines",
            "INVALID_DOCUMENT orders.nodes.3.lines.0.item.title",
        ]
    );
    // The item is the misfit there, not the order that leads to it.
    assert_eq!(
        blamed(&answer),
        ["o1 Order.lines", "o3 Order.lines", "i2 Item.title"]
    );
}

#[tokio::test]
async fn what_is_not_selected_costs_nothing() {
    let (_app, admin) = shop().await;
    let answer = admin
        .query("{ orders { nodes { orderNo total address { name } } } order(id: \"o2\") { status } item(id: \"i1\") { title cost } }")
        .await;
    assert_eq!(
        answer.json["data"],
        json!({
            "orders": {"nodes": [
                {"orderNo": "1", "total": 1, "address": null}, {"orderNo": "2", "total": 1, "address": null},
                null, {"orderNo": "4", "total": 1, "address": null}]},
            "order": null,
            "item": {"title": "Tea", "cost": null},
        })
    );
    assert_eq!(
        answer.errors(),
        [
            "INVALID_DOCUMENT orders.nodes.2.total",
            "INVALID_DOCUMENT order.status",
            "INVALID_DOCUMENT item.cost",
        ]
    );
}

#[tokio::test]
async fn who_may_not_read_a_field_is_not_told_that_it_does_not_fit() {
    let app = TestApp::new(SHOP, SEED).await;
    let alice = app.caller("openid:alice").await;
    let answer = alice.query("{ items { nodes { id cost } } }").await;
    assert_eq!(
        answer.data(),
        &json!({"items": {"nodes": [{"id": "i1", "cost": null}, {"id": "i2", "cost": null}]}})
    );
    assert_eq!(answer.denied(), ["Item.cost 2"]);
}

/// `(change, code and path, document and field it names, a part of the message)`.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    (
        "updateItem(id: \"i1\", inc: {stock: 1})",
        "INVALID_DOCUMENT updateItem",
        "i1 Item.stock",
        "`inc` needs a number, but a string is stored",
    ),
    (
        "updateItem(id: \"i1\", inc: {cost: -1})",
        "INVALID_DOCUMENT updateItem",
        "i1 Item.cost",
        "`inc` needs a number, but a string is stored",
    ),
    (
        "updateItem(id: \"i1\", push: {tags: [\"a\"]})",
        "INVALID_DOCUMENT updateItem",
        "i1 Item.tags",
        "`push` needs an array, but a string is stored",
    ),
    (
        "updateItem(id: \"i1\", pull: {tags: [\"a\"]})",
        "INVALID_DOCUMENT updateItem",
        "i1 Item.tags",
        "`pull` needs an array, but a string is stored",
    ),
    (
        "updateOrder(id: \"o3\", pull: {lines: {title: {eq: \"t\"}}})",
        "INVALID_DOCUMENT updateOrder",
        "o3 Order.lines",
        "`pull` needs an array, but a string is stored",
    ),
    (
        "updateItems(where: {id: {in: [\"i1\", \"i2\"]}}, atMost: 2, inc: {stock: 1})",
        "INVALID_DOCUMENT updateItems",
        "i1 Item.stock",
        "`inc` needs a number, but a string is stored",
    ),
];

#[tokio::test]
async fn a_change_that_does_not_go_with_what_is_stored_names_it() {
    let (app, admin) = shop().await;
    let mut changes = app.writer.changes().expect("a feed");
    for (change, error, names, message) in CHANGES {
        let answer = admin
            .query(&format!("mutation {{ {change} {{ __typename }} }}"))
            .await;
        assert_eq!(answer.errors(), [*error], "{change}");
        assert_eq!(blamed(&answer), [*names], "{change}");
        assert!(answer.message().contains(message), "{}", answer.text);
        assert!(changes.try_recv().is_err(), "{change} changed something");
    }
}

#[tokio::test]
async fn null_is_neither_zero_nor_an_empty_list() {
    let (_app, admin) = shop().await;
    for (change, place) in [
        ("updateItem(id: \"i2\", inc: {cost: 1})", "inc.cost"),
        (
            "updateItem(id: \"i1\", push: {images: [\"cloud://b/i\"]})",
            "push.images",
        ),
        (
            "updateItem(id: \"i1\", pull: {images: [\"cloud://b/i\"]})",
            "pull.images",
        ),
    ] {
        let answer = admin
            .query(&format!("mutation {{ {change} {{ id }} }}"))
            .await;
        assert_eq!(answer.errors(), ["BAD_USER_INPUT updateItem"], "{change}");
        assert_eq!(answer.message(), format!("{place}: is null: `set` it"));
    }
}

#[tokio::test]
async fn a_change_is_done_even_if_its_document_cannot_be_shown() {
    let (_app, admin) = shop().await;
    let answer = admin
        .query("mutation { updateItem(id: \"i2\", set: {stock: 9}) { id item { stock title } } }")
        .await;
    assert_eq!(
        answer.json["data"],
        json!({"updateItem": {"id": "i2", "item": null}})
    );
    assert_eq!(answer.errors(), ["INVALID_DOCUMENT updateItem.item.title"]);
    let after = admin.query("{ item(id: \"i2\") { stock } }").await;
    assert_eq!(after.data(), &json!({"item": {"stock": 9}}));
    // Setting is how a misfit is mended.
    let mend = "mutation { updateItem(id: \"i2\", set: {title: \"t\", price: 1}) { item { stock title price } } }";
    let answer = admin.query(mend).await;
    let item = json!({"stock": 9, "title": "t", "price": 1});
    assert_eq!(answer.data(), &json!({"updateItem": {"item": item}}));
}

#[tokio::test]
async fn pages_visit_every_document_whatever_it_is_ordered_by() {
    let app = TestApp::new(SHOP, &[]).await;
    let odd = [
        json!(3),
        json!(3.5),
        json!("3"),
        json!(null),
        json!([3, "x"]),
        json!({"a": 3}),
        json!(true),
        json!({"$date": 3}),
        json!({"$oid": "0123456789abcdef01234567"}),
        json!([]),
        json!({}),
        json!({"$numberDouble": "NaN"}),
        json!({"$numberDouble": "-Infinity"}),
        json!({"$numberLong": "9007199254740993"}),
        json!({"$binary": {"base64": "AAE=", "subType": "00"}}),
        json!("长"),
        json!("x".repeat(2_000)),
        json!([[]]),
    ];
    let missing = json!({"_id": "missing", "_openid": "alice"});
    let documents: Vec<String> = odd.iter().enumerate().map(|(n, value)| {
        let id = if n % 2 == 0 { json!(n) } else { json!(format!("d{n}")) };
        json!({"_id": id, "_openid": "alice", "orderNo": format!("N{n}"), "total": value, "remark": value}).to_string()
    }).chain([missing.to_string()]).collect();
    app.insert("orders", documents.iter().map(String::as_str))
        .await;
    let admin = app.staff(&["admin"]);
    for order in [
        "{total: ASC}",
        "{total: DESC}",
        "{remark: ASC}, {total: DESC}",
        "{remark: DESC}, {id: DESC}",
    ] {
        for (size, cursor, more, to) in [
            ("first", "endCursor", "hasNextPage", "after"),
            ("last", "startCursor", "hasPreviousPage", "before"),
        ] {
            let (mut seen, mut page) = (Vec::new(), String::new());
            loop {
                let query = format!(
                    "{{ orders({size}: 4, orderBy: [{order}] {page}) {{ nodes {{ id }} pageInfo {{ {more} {cursor} }} }} }}"
                );
                let answer = admin.query(&query).await;
                let list = &answer.data()["orders"];
                let ids = list["nodes"].as_array().unwrap().iter();
                let mut ids: Vec<String> = ids
                    .map(|node| node["id"].as_str().unwrap().to_owned())
                    .collect();
                if size == "last" {
                    ids.reverse();
                }
                seen.append(&mut ids);
                if list["pageInfo"][more] != true {
                    break;
                }
                page = format!("{to}: {}", list["pageInfo"][cursor]);
            }
            let visits = seen.len();
            seen.sort();
            seen.dedup();
            assert_eq!(
                (visits, seen.len()),
                (odd.len() + 1, odd.len() + 1),
                "{size} {order}"
            );
        }
    }
}

#[tokio::test]
async fn relations_from_misfit_values_lead_nowhere() {
    let app = TestApp::new(SHOP, &[]).await;
    for (n, openid) in [
        "null",
        "5",
        "{\"a\":1}",
        "[\"alice\"]",
        "{\"$date\":5}",
        "\"\"",
    ]
    .iter()
    .enumerate()
    {
        let order = format!(r#"{{"_id":"o{n}","_openid":{openid},"orderNo":"N{n}"}}"#);
        let user = format!(r#"{{"_id":"u{n}","_openid":{openid},"nickname":"n"}}"#);
        app.insert("orders", [order.as_str()]).await;
        app.insert("users", [user.as_str()]).await;
    }
    let admin = app.staff(&["admin"]);
    let answer = admin.query("{ orders { nodes { id user { id } } } users { nodes { id orders { nodes { id } } } } }").await;
    let user = |n: usize| answer.data()["orders"]["nodes"][n]["user"]["id"].clone();
    let orders = |n: usize| answer.data()["users"]["nodes"][n]["orders"]["nodes"].clone();
    // A number or a date is a value that joins, though not one of this model; null and what has parts is none.
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(user),
        [
            json!(null),
            json!("u1"),
            json!(null),
            json!(null),
            json!("u4"),
            json!("u5")
        ]
    );
    let found = |n: usize| json!([{ "id": format!("o{n}") }]);
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(orders),
        [
            json!([]),
            found(1),
            json!([]),
            json!([]),
            found(4),
            found(5)
        ]
    );
}

#[tokio::test]
async fn a_caller_without_a_readable_document_is_still_somebody() {
    let app = TestApp::new(SHOP, SEED).await;
    let web = app.caller("uid:w1").await;
    let answer = web
        .query("{ me { principal roles user { id } } item(id: \"i1\") { id } }")
        .await;
    assert_eq!(
        answer.data(),
        &json!({"me": {"principal": "uid:w1", "roles": [], "user": null}, "item": {"id": "i1"}})
    );
}
