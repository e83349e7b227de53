//! What they would like to know, or to pass off as something else.

use serde_json::json;

use super::boxes;

#[tokio::test]
async fn a_bulk_update_does_not_tell_whether_it_changed_what_cannot_be_read() {
    let app = boxes().await;
    let alice = app.caller("openid:alice").await;
    let guess = |id: &str| {
        format!(
            "mutation {{ updateBoxes(where: {{id: {{eq: \"{id}\"}}}}, atMost: 1, set: {{flagged: true}}) {{ matched modified }} }}"
        )
    };
    let right = alice.query(&guess("b1")).await;
    let wrong = alice.query(&guess("b2")).await;
    assert_eq!(right.data(), wrong.data());
    // What can be read can be told.
    let same = alice
        .query("mutation { updateBoxes(where: {id: {eq: \"b1\"}}, atMost: 1, set: {title: \"one\"}) { matched modified } }")
        .await;
    assert_eq!(
        same.data(),
        &json!({"updateBoxes": {"matched": 1, "modified": 0}})
    );
}

/// A condition that is none or all whatever the document is still names its fields.
#[tokio::test]
async fn a_condition_that_decides_nothing_still_names_its_fields() {
    let app = boxes().await;
    let alice = app.caller("openid:alice").await;
    let conditions = [
        "{cost: {gt: 1}, or: []}",
        "{and: [{cost: {gt: 1}}, {or: []}]}",
        "{or: [{and: []}, {cost: {gt: 1}}]}",
        "{not: {cost: {gt: 1}, or: []}}",
        "{or: [{title: {eq: \"x\"}}, {cost: {gt: 1}, or: []}]}",
    ];
    for condition in conditions {
        for operation in [
            format!("{{ boxes(where: {condition}) {{ totalCount }} }}"),
            format!(
                "mutation {{ updateBox(id: \"b1\", if: {condition}, set: {{title: \"x\"}}) {{ id }} }}"
            ),
            format!(
                "mutation {{ updateBoxes(where: {condition}, all: true, atMost: 9, set: {{title: \"x\"}}) {{ matched }} }}"
            ),
        ] {
            let answer = alice.query(&operation).await;
            let errors = answer.errors();
            assert!(
                errors[0].starts_with("FORBIDDEN"),
                "{operation}: {errors:?}"
            );
            let extensions = &answer.json["errors"][0]["extensions"];
            assert_eq!(extensions["coordinate"], "Box.cost", "{operation}");
        }
    }
}

#[tokio::test]
async fn a_plan_does_not_show_what_a_rule_read_elsewhere() {
    let app = boxes().await;
    let clara = app.holder("openid:clara", &["clerk"]);
    let answer = clara.explained("{ boxes { nodes { id } } }").await;
    assert_eq!(answer.data(), &json!({"boxes": {"nodes": [{"id": "b2"}]}}));
    let plan = answer.json["extensions"]["plan"].to_string();
    assert!(!plan.contains("s2"), "{plan}");
    let on = &answer.json["extensions"]["plan"]["filters"][0]["on"];
    assert_eq!(on, "Box", "that a filter was added is told");
}

#[tokio::test]
async fn a_document_that_grows_too_large_does_not_tell_how_large_it_is() {
    let app = boxes().await;
    let hidden = "x".repeat(900_000);
    let large = format!(r#"{{"_id":"large","_openid":"alice","hidden":"{hidden}"}}"#);
    app.insert("boxes", [large.as_str()]).await;
    let alice = app.caller("openid:alice").await;
    let answer = alice
        .query_with(
            "mutation($title: String) { updateBox(id: \"large\", set: {title: $title}) { id } }",
            json!({"title": "y".repeat(200_000)}),
        )
        .await;
    assert_eq!(answer.errors(), ["LIMIT_EXCEEDED updateBox"]);
    assert_eq!(
        answer.message(),
        "the document would be larger than 1048576 bytes"
    );
}

#[tokio::test]
async fn a_new_document_does_not_take_the_place_of_an_imported_one() {
    let app = boxes().await;
    let imported = [
        r#"{"_id":{"$oid":"64b7f0c2a1b2c3d4e5f60718"},"_openid":"bob","title":"imported"}"#,
        r#"{"_id":12,"_openid":"bob","title":"imported"}"#,
    ];
    app.insert("boxes", imported).await;
    let alice = app.caller("openid:alice").await;
    let create = |id: &str| {
        format!("mutation {{ createBox(input: {{id: \"{id}\", title: \"fake\"}}) {{ id }} }}")
    };
    for id in ["64b7f0c2a1b2c3d4e5f60718", "12"] {
        let answer = alice.query(&create(id)).await;
        assert_eq!(answer.errors(), ["CONFLICT createBox"]);
        assert_eq!(answer.message(), "another Box has the same id");
        let admin = app.holder("openid:ada", &["admin"]);
        let found = admin
            .query(&format!("{{ box(id: \"{id}\") {{ title }} }}"))
            .await;
        assert_eq!(found.data(), &json!({"box": {"title": "imported"}}));
    }
    alice.query(&create("13")).await.data();
}
