//! What operations answer, by the letter of the specification.

use serde_json::json;

use crate::harness::TestApp;

const NESTED: &str = "{ orders(first: 50, where: {status: {eq: PAID}}, orderBy: [{createdAt: DESC}]) {
    nodes { id status total createdAt user { id nickname } lines { quantity item { id title price } } } } }";

#[tokio::test]
async fn the_nested_query_of_the_tour() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    let answer = admin.explained(NESTED).await;
    assert_eq!(
        answer.data(),
        &json!({"orders": {"nodes": [
            {"id": "o4", "status": "PAID", "total": 7100, "createdAt": "2025-01-01T00:00:53.000Z",
             "user": {"id": "u2", "nickname": "鲍勃"},
             "lines": [
                {"quantity": 3, "item": {"id": "i1", "title": "Tea", "price": 1200}},
                {"quantity": 1, "item": {"id": "i2", "title": "Cup", "price": 3500}}]},
            {"id": "o1", "status": "PAID", "total": 12300, "createdAt": "2025-01-01T00:00:50.000Z",
             "user": {"id": "u1", "nickname": "Alice \"A\""},
             "lines": [
                {"quantity": 2, "item": {"id": "i1", "title": "Tea", "price": 1200}},
                {"quantity": 1, "item": {"id": "i3", "title": "Secret", "price": 9900}}]},
        ]}})
    );
    assert_eq!(answer.reads(), 3);
}
