//! What they would like to cost.

use serde_json::{Value as Json, json};

use super::boxes;

/// `[[[…]]]`, so many levels deep.
fn nested(levels: usize) -> Json {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

/// A document that is nested too deep to be read would spoil every list it is in.
#[tokio::test]
async fn a_document_that_could_not_be_read_again_is_not_created() {
    let app = boxes().await;
    let alice = app.caller("openid:alice").await;
    let wrapped = format!("{}$data{}", "[".repeat(30), "]".repeat(30));
    for (levels, deep) in [(70, false), (71, true), (110, true)] {
        let query =
            format!("mutation($data: JSON) {{ createBox(input: {{data: {wrapped}}}) {{ id }} }}");
        let variables = json!({"data": nested(levels - 1)});
        let answer = alice.query_with(&query, variables).await;
        let expected: &[&str] = if deep {
            &["LIMIT_EXCEEDED createBox"]
        } else {
            &[]
        };
        assert_eq!(answer.errors(), expected, "{levels}");
        let list = alice.query("{ boxes { nodes { data } } }").await;
        list.data();
    }
}
