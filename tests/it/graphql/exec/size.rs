//! Inputs that are too large for one operation are refused before anything is read or written.

use serde_json::{Value as Json, json};

use crate::harness::{Answer, TestApp};

fn refusal(answer: &Answer) -> (&str, &str) {
    let error = &answer.json["errors"][0];
    assert_eq!(answer.json.get("data"), None, "{}", answer.text);
    (
        error["extensions"]["code"].as_str().expect("a code"),
        answer.message(),
    )
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("x{number}")).collect()
}

#[tokio::test]
async fn a_condition_is_compared_with_each_document_so_its_size_is_bounded() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let list = "query($w: OrderFilter) { orders(where: $w) { totalCount } }";
    let some = admin.query_with(list, json!({"w": {"id": {"in": texts(9_000)}}}));
    assert_eq!(some.await.data()["orders"]["totalCount"], 0);

    let contains = |text: &String| json!({"orderNo": {"contains": text}});
    let many: Vec<Json> = texts(4_000).iter().map(contains).collect();
    for filter in [
        json!({"id": {"in": texts(10_000)}}),
        json!({"or": many}),
        json!({"or": vec![json!({}); 10_000]}),
    ] {
        let answer = admin.query_with(list, json!({ "w": filter })).await;
        let (code, message) = refusal(&answer);
        assert_eq!(code, "LIMIT_EXCEEDED");
        assert!(
            message.starts_with("`where` is too large: it holds 1"),
            "{message}"
        );
        assert!(message.ends_with("at most 10000 are taken"), "{message}");
    }
}

#[tokio::test]
async fn a_variable_counts_each_time_it_is_used() {
    let app = TestApp::shop().await;
    let operator = app.caller("openid:demo-operator").await;
    let push = |at: usize| format!("a{at}: updateItem(id: \"i1\", push: {{tags: $t}}) {{ id }}");
    let document = |times: usize| {
        let fields: Vec<String> = (0..times).map(push).collect();
        format!("mutation($t: [String!]!) {{ {} }}", fields.join(" "))
    };
    let answer = operator
        .query_with(&document(60), json!({"t": texts(2_000)}))
        .await;
    let (code, message) = refusal(&answer);
    assert_eq!(code, "LIMIT_EXCEEDED");
    assert!(message.contains("a variable counts each time"), "{message}");
    let item = operator.query("{ item(id: \"i1\") { tags } }").await;
    assert_eq!(item.data()["item"]["tags"], json!(["hot", "green"]));
}

#[tokio::test]
async fn what_to_pull_is_looked_for_in_every_element() {
    let app = TestApp::shop().await;
    let operator = app.caller("openid:demo-operator").await;
    let pull = "mutation($t: [String!]!) { updateItem(id: \"i1\", pull: {tags: $t}) { id } }";
    let answer = operator.query_with(pull, json!({"t": texts(10_000)})).await;
    let (code, message) = refusal(&answer);
    assert_eq!(code, "LIMIT_EXCEEDED");
    assert!(message.starts_with("`pull.tags` is too large"), "{message}");
}
