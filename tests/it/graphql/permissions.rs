//! `extensions.permissions`: what decided about an operation, told to those who may know, without a word of documents.

use cloudbase_graphql::graphql::Request;
use serde_json::{Value as Json, json};

use crate::harness::TestApp;

async fn told(app: &TestApp, principal: &str, query: &str) -> (String, Vec<Json>) {
    let request = Request {
        query: query.to_owned(),
        permissions: true,
        ..Request::default()
    };
    let answer = app.caller(principal).await.send(request).await;
    let permissions = answer.json["extensions"]["permissions"].clone();
    let Json::Array(permissions) = permissions else {
        panic!("nothing is told: {}", answer.text);
    };
    (json!(permissions).to_string(), permissions)
}

/// `read Order.address WHERE by rule; enough: operator`
fn brief(entry: &Json) -> String {
    let list = |name: &str| {
        let items = entry[name].as_array().expect("a list").iter();
        items
            .map(|it| it.as_str().expect("a text"))
            .collect::<Vec<_>>()
            .join("+")
    };
    let text = |name: &str| entry[name].as_str().expect("a text").to_owned();
    format!(
        "{} {} {} by {}; enough: {}",
        text("operation"),
        text("on"),
        text("decision"),
        list("by"),
        list("enough")
    )
}

#[tokio::test]
async fn each_collection_and_field_is_told_with_its_clauses_and_what_would_be_enough() {
    let app = TestApp::shop().await;
    for (principal, query, expected) in [
        (
            "openid:demo-support",
            "{ orders(first: 1) { nodes { id address { city } user { phone nickname } } } item(id: \"i1\") { cost } }",
            &[
                "read Order WHERE by rule+grant support; enough: operator",
                "read Order.address WHERE by rule; enough: operator",
                "read Item ALLOW by grant support; enough: ",
                "read Item.cost DENY by ; enough: admin",
                "read User ALLOW by grant support; enough: ",
                "read User.phone WHERE by rule; enough: admin",
            ][..],
        ),
        (
            "openid:demo-operator",
            "mutation { updateItem(id: \"i1\", set: {title: \"t\", cost: 2}) { item { title } } deleteItem(id: \"i2\") { id } }",
            &[
                "update Item ALLOW by grant operator; enough: ",
                "update Item.cost DENY by ; enough: admin",
                "read Item ALLOW by grant operator; enough: ",
                "delete Item DENY by ; enough: admin",
            ],
        ),
        // What is asked for in a condition or an order is read.
        (
            "openid:demo-alice",
            "{ items(where: {cost: {gt: 1}}) { totalCount } }",
            &[
                "read Item WHERE by rule; enough: operator+support",
                "read Item.cost DENY by ; enough: admin",
            ],
        ),
        ("openid:demo-alice", "{ me { principal } }", &[]),
        (
            "-",
            "{ items(first: 1) { totalCount } }",
            &["read Item DENY by ; enough: "],
        ),
    ] {
        let (_, entries) = told(&app, principal, query).await;
        let entries: Vec<String> = entries.iter().map(brief).collect();
        assert_eq!(entries, expected, "{principal}: {query}");
    }
}

#[tokio::test]
async fn a_clause_is_told_with_what_it_saw_of_the_caller() {
    let app = TestApp::shop().await;
    let query = "{ order(id: \"o1\") { address { city } } }";
    let (_, entries) = told(&app, "openid:demo-support", query).await;
    assert_eq!(
        entries[1]["clauses"],
        json!([
            {"clause": "rule", "rule": "doc._openid == auth.openid", "applies": true,
             "says": entries[1]["clauses"][0]["says"], "saw": {"auth.openid": "\"demo-support\""}},
            {"clause": "grant admin", "rule": "true", "applies": false, "says": null, "saw": {}},
            {"clause": "grant operator", "rule": "true", "applies": false, "says": null, "saw": {}},
        ])
    );
    let says = entries[1]["clauses"][0]["says"]
        .as_str()
        .expect("a condition");
    assert!(says.contains("demo-support"), "{says}");
}

#[tokio::test]
async fn nothing_that_stands_in_a_document_is_told() {
    let app = TestApp::shop().await;
    for query in [
        "{ user(id: \"u1\") { phone nickname points } }",
        "{ item(id: \"i1\") { cost stock } items { nodes { cost } } }",
        "{ order(id: \"o1\") { address { name } user { phone } lines { item { cost } } } }",
        "mutation { updateItem(id: \"i1\", if: {cost: {gt: 1}}, set: {cost: 2}) { item { cost } } }",
    ] {
        let (text, entries) = told(&app, "openid:demo-support", query).await;
        assert!(!entries.is_empty());
        // Phones, costs, names, owners.
        for hidden in ["13800000", "700", "2000", "Alice", "demo-alice", "Shanghai"] {
            assert!(!text.contains(hidden), "{query}: {hidden} in {text}");
        }
    }
}

#[tokio::test]
async fn what_depends_on_other_documents_is_told_to_depend() {
    let model = r#"
        type Room @collection(name: "rooms", permission: CUSTOM)
          @rule(read: "get(`database.members.${auth.openid}`).level > 41") { id: ID! name: String }
        type Member @collection(name: "members", permission: ADMINONLY) { id: ID! level: Int }
    "#;
    let seed = [
        ("members", r#"{"_id":"ann","level":42}"#),
        ("rooms", r#"{"_id":"r1","name":"one"}"#),
    ];
    let app = TestApp::new(model, &seed).await;
    for principal in ["openid:ann", "openid:ben"] {
        let (text, entries) = told(&app, principal, "{ rooms { nodes { name } } }").await;
        assert_eq!(brief(&entries[0]), "read Room DEPENDS by ; enough: ");
        let own = format!("{:?}", &principal["openid:".len()..]);
        let saw = &entries[0]["clauses"][0]["saw"];
        assert_eq!(*saw, json!({ "auth.openid": own }), "nobody looked further");
        assert!(!text.contains("42"), "{text}");
    }
}
