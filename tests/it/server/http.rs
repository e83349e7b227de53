//! GraphQL over HTTP: statuses, media types, methods. (The specification's own audit runs in `conformance/`.)

use axum::body::Body;
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use cloudbase_graphql::server::router;
use serde_json::json;

use super::{app, dev, post, query, request, send};
use crate::harness::{SHOP, TestApp};

const NEW: &str = "application/graphql-response+json";

#[tokio::test]
async fn what_is_no_operation_is_refused_with_a_status_and_a_reason() {
    let app = app(dev()).await;
    let json = |body: &str| (Some("application/json"), body.to_owned());
    let cases = [
        ("POST", "/graphql", json("{}"), 400, "has no `query`"),
        ("POST", "/graphql", json(""), 400, "is empty"),
        (
            "POST",
            "/graphql",
            json("{\"query\": "),
            400,
            "cannot be read as JSON",
        ),
        (
            "POST",
            "/graphql",
            json("[{\"query\": \"{__typename}\"}]"),
            400,
            "batches are not taken",
        ),
        (
            "POST",
            "/graphql",
            json("{\"query\": 7}"),
            400,
            "`query` is not a string",
        ),
        (
            "POST",
            "/graphql",
            (None, "{}".to_owned()),
            415,
            "application/json",
        ),
        (
            "POST",
            "/graphql",
            (Some("text/plain"), "{}".to_owned()),
            415,
            "application/json",
        ),
        (
            "GET",
            "/graphql",
            (None, String::new()),
            400,
            "has no `query`",
        ),
        (
            "GET",
            "/graphql?query=mutation%7BcreateNote(input%3A%7Btext%3A%22a%22%7D)%7Bid%7D%7D",
            (None, String::new()),
            405,
            "send mutations by POST",
        ),
        ("PUT", "/graphql", json("{}"), 405, "POST or GET"),
        ("DELETE", "/graphql", json("{}"), 405, "POST or GET"),
        ("OPTIONS", "/graphql", json("{}"), 405, "POST or GET"),
    ];
    for (method, uri, (content_type, body), status, reason) in cases {
        let mut request = request(method, uri);
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let answer = send(
            &app,
            request.body(Body::from(body.clone())).expect("a request"),
        )
        .await;
        assert_eq!(answer.status, status, "{method} {uri} {body}");
        assert_eq!(
            answer.header("content-type"),
            "application/json; charset=utf-8"
        );
        let (code, message) = answer.error();
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.contains(reason), "{message}");
        assert!(answer.json().get("data").is_none());
        if status == 405 {
            assert!(answer.headers.contains_key(ALLOW), "{method}");
        }
    }
}

#[tokio::test]
async fn the_status_of_an_answer_depends_on_its_media_type() {
    let app = app(dev()).await;
    for (document, in_json, in_new) in [
        ("{ __typename }", 200, 200),
        ("{ __typename", 200, 400),
        ("{ nothing }", 200, 400),
        (
            "query($a: Int!) { __typename notes(first: $a) { totalCount } }",
            200,
            400,
        ),
        // It ran, with an error at one place.
        ("{ __typename notes { totalCount } }", 200, 200),
    ] {
        for (accept, status) in [("application/json", in_json), (NEW, in_new)] {
            let request = post().header(ACCEPT, accept).body(query(document));
            let answer = send(&app, request.expect("a request")).await;
            assert_eq!(answer.status, status, "{accept} {document}");
            assert!(answer.header("content-type").starts_with(accept));
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
}

#[tokio::test]
async fn an_answer_that_nobody_accepts_is_not_computed() {
    let app = app(dev()).await;
    let mutation = "mutation { createNote(input: {text: \"a\"}) { id } }";
    let request = post()
        .header(ACCEPT, "text/html")
        .header("authorization", "Bearer dev:openid:alice")
        .body(query(mutation));
    let answer = send(&app, request.expect("a request")).await;
    assert_eq!(answer.status, 406);
    let request = post()
        .header("authorization", "Bearer dev:openid:alice")
        .body(query("{ notes { totalCount } }"));
    let answer = send(&app, request.expect("a request")).await;
    assert_eq!(answer.json()["data"]["notes"]["totalCount"], 0);
}

#[tokio::test]
async fn a_query_by_get_is_the_same_as_by_post() {
    let app = app(dev()).await;
    let uri = "/graphql?query=query%20A(%24b%3ABoolean!)%7Ba%3A__typename%20%40include(if%3A%24b)%7D%20query%20B%7B__typename%7D\
               &operationName=A&variables=%7B%22b%22%3Atrue%7D";
    let answer = send(
        &app,
        request("GET", uri).body(Body::empty()).expect("a request"),
    )
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body.as_ref(), br#"{"data":{"a":"Query"}}"#);
}

#[tokio::test]
async fn other_paths_say_where_the_api_is() {
    let app = app(dev()).await;
    for (method, path, status, part) in [
        ("GET", "/", 200, "/graphql"),
        ("GET", "/nowhere", 404, "/graphql"),
        ("GET", "/healthz", 200, "ok"),
        ("GET", "/readyz", 200, "ready"),
        ("POST", "/healthz", 405, ""),
    ] {
        let answer = send(
            &app,
            request(method, path)
                .body(Body::empty())
                .expect("a request"),
        )
        .await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert!(String::from_utf8_lossy(&answer.body).contains(part));
    }
}

#[tokio::test]
async fn what_is_known_of_a_shared_database_comes_with_its_readiness() {
    let guarded = TestApp::guarded(SHOP, &[]).await;
    let app = router(guarded.executor, dev());
    let ready = request("GET", "/readyz").body(Body::empty());
    let answer = send(&app, ready.expect("a request")).await;
    // What is closed to end users is there for staff.
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(body["status"], "ready");
    let unknown = json!({"collection": "unknown", "indexes": "unknown", "permission": "unknown"});
    assert_eq!(body["collections"]["orders"], unknown);
}

#[tokio::test]
async fn every_answer_has_an_id_and_keeps_the_clients() {
    let app = app(dev()).await;
    let ask = async |id: Option<&str>| {
        let mut request = request("GET", "/healthz");
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        let answer = send(&app, request.body(Body::empty()).expect("a request")).await;
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(ask(Some("trace-1")).await, "trace-1");
    let (first, second) = (ask(None).await, ask(Some("not fit")).await);
    assert_eq!((first.len(), second.len()), (16, 16));
    assert_ne!(first, second);
}
