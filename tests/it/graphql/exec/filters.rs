//! Every operator of a filter, on the shop's documents.

use serde_json::Value as Json;

use crate::harness::TestApp;

/// `(list, where, ids)`, ordered by id.
const CASES: &[(&str, &str, &str)] = &[
    ("orders", "{}", "o1 o2 o3 o4"),
    ("orders", "{and: []}", "o1 o2 o3 o4"),
    ("orders", "{or: []}", ""),
    ("orders", "{not: {or: []}}", "o1 o2 o3 o4"),
    ("orders", "{status: {eq: PAID}}", "o1 o4"),
    ("orders", "{status: {ne: PAID}}", "o2 o3"),
    ("orders", "{status: {in: []}}", ""),
    ("orders", "{status: {notIn: []}}", "o1 o2 o3 o4"),
    ("orders", "{status: {in: [PAID, CLOSED]}}", "o1 o2 o4"),
    ("orders", "{status: {notIn: [PAID, CLOSED]}}", "o3"),
    ("orders", "{total: {gt: 3500}}", "o1 o4"),
    ("orders", "{total: {gte: 3500, lt: 12300}}", "o2 o4"),
    ("orders", "{total: {lte: 1200}}", "o3"),
    ("orders", "{paidAt: {exists: true}}", "o1"),
    ("orders", "{paidAt: {exists: false}}", "o2 o3 o4"),
    ("orders", "{address: {city: {eq: \"Beijing\"}}}", "o4"),
    ("orders", "{address: {exists: false}}", "o2 o3"),
    (
        "orders",
        "{not: {address: {city: {eq: \"Beijing\"}}}}",
        "o1 o2 o3",
    ),
    (
        "orders",
        "{or: [{status: {eq: CLOSED}}, {and: [{status: {eq: PAID}}, {total: {gt: 10000}}]}]}",
        "o1 o2",
    ),
    ("orders", "{lines: {size: 2}}", "o1 o4"),
    ("orders", "{lines: {some: {itemId: {eq: \"i2\"}}}}", "o2 o4"),
    (
        "orders",
        "{lines: {some: {itemId: {eq: \"i1\"}, quantity: {gt: 1}}}}",
        "o1 o4",
    ),
    (
        "orders",
        "{not: {lines: {some: {itemId: {eq: \"i1\"}}}}}",
        "o2",
    ),
    (
        "orders",
        "{lines: {some: {or: [{price: {gt: 5000}}, {quantity: {gte: 3}}]}}}",
        "o1 o4",
    ),
    ("orders", "{id: {eq: \"o1\"}}", "o1"),
    ("orders", "{id: {ne: \"o1\"}}", "o2 o3 o4"),
    ("orders", "{id: {in: [\"o1\", \"o4\", \"zz\"]}}", "o1 o4"),
    (
        "orders",
        "{createdAt: {gt: \"2025-01-01T00:00:51Z\"}}",
        "o3 o4",
    ),
    ("orders", "{openid: {eq: \"demo-bob\"}}", "o4"),
    ("users", "{nickname: {startsWith: \"Ali\"}}", "u1"),
    ("users", "{nickname: {contains: \"\\\"\"}}", "u1"),
    ("users", "{nickname: {endsWith: \"勃\"}}", "u2"),
    ("users", "{nickname: {startsWith: \".*\"}}", ""),
    ("items", "{tags: {has: \"hot\"}}", "i1"),
    ("items", "{tags: {hasEvery: [\"green\", \"hot\"]}}", "i1"),
    ("items", "{tags: {hasSome: [\"china\", \"hot\"]}}", "i1 i2"),
    ("items", "{tags: {some: {startsWith: \"ch\"}}}", "i2"),
    ("items", "{tags: {size: 0}}", "i3"),
    ("items", "{cost: {eq: null}}", "i3"),
    (
        "items",
        "{location: {within: {polygon: [{longitude: 121, latitude: 31}, {longitude: 122, latitude: 31}, {longitude: 122, latitude: 32}, {longitude: 121, latitude: 32}, {longitude: 121, latitude: 31}]}}}",
        "i1",
    ),
    (
        "items",
        "{location: {intersects: {point: {longitude: 121.5, latitude: 31.25}}}}",
        "i1",
    ),
    (
        "items",
        "{location: {within: {circle: {center: {longitude: 0, latitude: 0}, radius: 1000}}}}",
        "",
    ),
    ("items", "{location: {exists: false}}", "i2 i3"),
];

#[tokio::test]
async fn filters_find_what_they_say() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    for (list, filter, ids) in CASES {
        let query = format!(
            "{{ {list}(where: {filter}, orderBy: [{{id: ASC}}]) {{ nodes {{ id }} totalCount }} }}"
        );
        let answer = admin.query(&query).await;
        let found = &answer.data()[*list];
        let nodes: Vec<&str> = found["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node: &Json| node["id"].as_str().unwrap())
            .collect();
        assert_eq!(nodes.join(" "), *ids, "{filter}");
        assert_eq!(found["totalCount"], nodes.len(), "{filter}");
    }
}

#[tokio::test]
async fn an_id_is_found_in_every_form_its_text_can_spell() {
    let app = TestApp::shop().await;
    let oid = "507f1f77bcf86cd799439011";
    let item = |id: &str| {
        format!(
            r#"{{"_id":{id},"title":"t","price":1,"stock":0,"category":"c","tags":[],"images":[],"status":"DRAFT","createdAt":{{"$date":0}},"updatedAt":{{"$date":0}}}}"#
        )
    };
    app.insert(
        "items",
        [
            item("7").as_str(),
            item(&format!("{{\"$oid\":\"{oid}\"}}")).as_str(),
        ],
    )
    .await;
    let admin = app.caller("openid:demo-admin").await;
    for id in ["7", oid] {
        for query in [
            format!("{{ items(where: {{id: {{eq: \"{id}\"}}}}) {{ nodes {{ id }} }} }}"),
            format!("{{ items(where: {{id: {{in: [\"{id}\"]}}}}) {{ nodes {{ id }} }} }}"),
        ] {
            let answer = admin.query(&query).await;
            assert_eq!(answer.data()["items"]["nodes"][0]["id"], id, "{query}");
        }
        let one = admin
            .query(&format!("{{ item(id: \"{id}\") {{ id }} }}"))
            .await;
        assert_eq!(one.data()["item"]["id"], id);
        let others = admin
            .query(&format!(
                "{{ items(where: {{id: {{ne: \"{id}\"}}}}) {{ totalCount }} }}"
            ))
            .await;
        assert_eq!(others.data()["items"]["totalCount"], 4);
    }
}
