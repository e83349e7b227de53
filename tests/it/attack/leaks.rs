//! What they would like to know.

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
