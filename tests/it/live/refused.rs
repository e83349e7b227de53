//! Beginnings that are refused, and what is answered once.

use cloudbase_graphql::graphql::{Allowed, Outcome, Reply, Request};
use tokio::sync::watch;

use super::subscriber::{credential, live_list};
use crate::harness::TestApp;

#[tokio::test]
async fn what_cannot_be_watched_is_refused_at_once() {
    let app = TestApp::shop().await;
    let cases = [
        ("-", live_list("orders", ""), "UNAUTHENTICATED"),
        ("openid:demo-support", live_list("roles", ""), "FORBIDDEN"),
        (
            "openid:demo-alice",
            "subscription { orders { nothing } }".to_owned(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "openid:demo-alice",
            "subscription {".to_owned(),
            "GRAPHQL_PARSE_FAILED",
        ),
        (
            "openid:demo-alice",
            live_list("orders(first: 501)", ""),
            "BAD_USER_INPUT",
        ),
        (
            "openid:demo-operator",
            live_list("items(where: {cost: {gt: 1}})", ""),
            "FORBIDDEN",
        ),
        (
            "openid:demo-alice",
            live_list("orders @skip(if: true)", ""),
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ];
    for (principal, query, code) in cases {
        assert_eq!(
            app.refusal(principal, &query).await,
            code,
            "{principal} {query}"
        );
    }
    assert_eq!(app.executor.live_counts().cohorts, 0);
}

#[tokio::test]
async fn other_operations_are_answered_once() {
    let app = TestApp::shop().await;
    let (_credential, proved) = watch::channel(credential("openid:demo-alice", None));
    let open = async |query: &str, allowed| {
        let request = Request {
            query: query.to_owned(),
            allowed,
            ..Request::default()
        };
        match app.executor.open(request, proved.clone()).await {
            Reply::Once(answer) => answer,
            Reply::Live(_) => panic!("{query} is live"),
        }
    };
    let answer = open("{ orders { totalCount } }", Allowed::All).await;
    assert_eq!(answer.body, r#"{"data":{"orders":{"totalCount":3}}}"#);
    let delete = r#"mutation { deleteItem(id: "i1") { id } }"#;
    let answer = open(delete, Allowed::Queries).await;
    assert_eq!(answer.outcome, Outcome::NotAllowed);
    assert_eq!(open(delete, Allowed::All).await.outcome, Outcome::Ran);
}

#[tokio::test]
async fn one_caller_has_so_many_documents_watched() {
    let app = TestApp::shop().await;
    // With the three there are, close to the longest list.
    let items: Vec<String> = (0..4_990).map(|n| format!(r#"{{"_id":"n{n}"}}"#)).collect();
    app.insert("items", items.iter().map(String::as_str)).await;
    let list = |n: usize| {
        format!("subscription {{ items(where: {{stock: {{ne: {n}}}}}) {{ nodes {{ id }} }} }}")
    };
    let admin = "openid:demo-admin";
    let mut open = Vec::new();
    for n in 1_000..1_020 {
        open.push(app.subscribe(admin, &list(n)).await);
    }
    assert_eq!(app.refusal(admin, &list(1_020)).await, "LIMIT_EXCEEDED");
    // One that is there already costs nothing more, and others have a budget of their own.
    assert_eq!(app.refusal(admin, &list(1_000)).await, "live");
    let other = "openid:demo-operator";
    assert_eq!(app.refusal(other, &list(1_020)).await, "live");
    open.pop();
    for _ in 0..1_000 {
        if app.refusal(admin, &list(1_020)).await == "live" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("nothing was given back");
}
