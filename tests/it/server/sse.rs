//! Answers as streams of events, by the protocol graphql-sse.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use cloudbase_graphql::server::{Config, router};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{app, dev, executor, post, query, request, send};

const ALICE: &str = "Bearer dev:openid:alice";
const NOTES: &str = "subscription { notes { kind nodes { text } } }";

fn ask(document: &str, token: &str) -> Request<Body> {
    post()
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, token)
        .body(query(document))
        .expect("a request")
}

async fn open(app: &Router, request: Request<Body>) -> Response {
    let response = app.clone().oneshot(request).await.expect("infallible");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream; charset=utf-8"
    );
    response
}

/// What a stream says until it has said this, or nothing more.
async fn read_until(stream: &mut Body, end: &str) -> String {
    let mut text = String::new();
    while !text.contains(end) {
        let frame = tokio::time::timeout(Duration::from_secs(20), stream.frame());
        let Some(frame) = frame.await.expect("in time") else {
            break;
        };
        let data = frame.expect("no error").into_data().expect("data");
        text.push_str(std::str::from_utf8(&data).expect("text"));
    }
    text
}

async fn write(app: &Router, text: &str) {
    let document = format!("mutation {{ createNote(input: {{text: \"{text}\"}}) {{ id }} }}");
    let request = post()
        .header(header::AUTHORIZATION, ALICE)
        .body(query(&document))
        .expect("a request");
    let answer = send(app, request).await;
    assert!(answer.json().get("errors").is_none(), "{}", answer.json());
}

const SNAPSHOT: &str = r#":

event: next
data: {"data":{"notes":{"kind":"SNAPSHOT","nodes":[]}}}

"#;

#[tokio::test]
async fn a_query_is_one_event() {
    let app = app(dev()).await;
    let response = open(&app, ask("{ me { principal } }", ALICE)).await;
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    let text = read_until(&mut response.into_body(), "never").await;
    assert_eq!(
        text,
        "event: next\ndata: {\"data\":{\"me\":{\"principal\":\"openid:alice\"}}}\n\n\
         event: complete\ndata:\n\n"
    );
}

#[tokio::test]
async fn what_is_wrong_with_an_operation_is_an_event() {
    let app = app(dev()).await;
    for document in [
        "{",
        "{ nothing }",
        "subscription { nothing }",
        "subscription { notes { nothing } }",
    ] {
        let response = open(&app, ask(document, ALICE)).await;
        let text = read_until(&mut response.into_body(), "never").await;
        assert!(
            text.starts_with("event: next\ndata: {\"errors\":["),
            "{text}"
        );
        assert!(text.ends_with("}\n\nevent: complete\ndata:\n\n"), "{text}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_a_status() {
    let app = app(dev()).await;
    let stream =
        |builder: axum::http::request::Builder| builder.header(header::ACCEPT, "text/event-stream");
    let mutation = "mutation%7BcreateNote(input:%7Btext:%22a%22%7D)%7Bid%7D%7D";
    for (refused, status, code) in [
        (
            ask("{ me { principal } }", "Bearer nonsense"),
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
        ),
        (
            stream(post()).body(Body::from("[]")).expect("a request"),
            StatusCode::BAD_REQUEST,
            "BAD_USER_INPUT",
        ),
        (
            stream(request("GET", &format!("/graphql?query={mutation}")))
                .body(Body::empty())
                .expect("a request"),
            StatusCode::METHOD_NOT_ALLOWED,
            "BAD_USER_INPUT",
        ),
        (
            stream(request("PUT", "/graphql"))
                .body(Body::empty())
                .expect("a request"),
            StatusCode::METHOD_NOT_ALLOWED,
            "BAD_USER_INPUT",
        ),
    ] {
        let answer = send(&app, refused).await;
        assert_eq!(answer.status, status);
        assert_eq!(
            answer.header("content-type"),
            "application/json; charset=utf-8"
        );
        assert_eq!(answer.error().0, code);
    }
}

#[tokio::test]
async fn a_subscription_goes_on_until_its_client_is_gone() {
    let executor = executor().await;
    let app = router(executor.clone(), dev());
    let mut stream = open(&app, ask(NOTES, ALICE)).await.into_body();
    assert_eq!(
        read_until(&mut stream, "SNAPSHOT\",\"nodes\":[]}}}\n\n").await,
        SNAPSHOT
    );
    write(&app, "one").await;
    assert_eq!(
        read_until(&mut stream, "\n\n").await,
        "event: next\ndata: {\"data\":{\"notes\":{\"kind\":\"CHANGE\",\"nodes\":[{\"text\":\"one\"}]}}}\n\n"
    );
    assert_eq!(executor.live_counts().subscribers, 1);
    drop(stream);
    assert_eq!(executor.live_counts().subscribers, 0);
}

#[tokio::test]
async fn a_get_may_subscribe() {
    let app = app(dev()).await;
    let uri = "/graphql?query=subscription%7Bnotes%7Bkind%20nodes%7Btext%7D%7D%7D";
    let get = request("GET", uri)
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, ALICE)
        .body(Body::empty())
        .expect("a request");
    let mut stream = open(&app, get).await.into_body();
    assert_eq!(
        read_until(&mut stream, "SNAPSHOT\",\"nodes\":[]}}}\n\n").await,
        SNAPSHOT
    );
}

#[tokio::test]
async fn a_caller_may_have_so_many_streams() {
    let app = app(Config {
        max_sockets_per_caller: 2,
        ..dev()
    })
    .await;
    let first = open(&app, ask(NOTES, ALICE)).await;
    let _second = open(&app, ask(NOTES, ALICE)).await;
    let third = send(&app, ask(NOTES, ALICE)).await;
    assert_eq!(third.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(third.error().0, "UNAVAILABLE");
    assert_eq!(third.header("retry-after"), "1");
    // Neither somebody else nor what is no stream is refused.
    open(&app, ask(NOTES, "Bearer dev:openid:bob")).await;
    open(&app, ask("{ __typename }", ALICE)).await;
    drop(first);
    open(&app, ask(NOTES, ALICE)).await;
}

/// Each keeps a connection, and requests need some too.
#[tokio::test]
async fn streams_take_half_of_the_connections() {
    let app = app(Config {
        max_connections: 3,
        ..dev()
    })
    .await;
    let _two = [
        open(&app, ask(NOTES, ALICE)).await,
        open(&app, ask(NOTES, "Bearer dev:openid:bob")).await,
    ];
    let third = send(&app, ask(NOTES, "Bearer dev:openid:carol")).await;
    assert_eq!(third.status, StatusCode::SERVICE_UNAVAILABLE);
    open(&app, ask("{ __typename }", ALICE)).await;
}

#[tokio::test]
async fn an_open_stream_holds_neither_a_slot_nor_a_deadline() {
    let app = app(Config {
        max_requests: 1,
        request_timeout: Duration::from_secs(1),
        ..dev()
    })
    .await;
    let mut stream = open(&app, ask(NOTES, ALICE)).await.into_body();
    assert_eq!(
        read_until(&mut stream, "SNAPSHOT\",\"nodes\":[]}}}\n\n").await,
        SNAPSHOT
    );
    tokio::time::sleep(Duration::from_millis(1200)).await;
    write(&app, "later").await;
    let text = read_until(&mut stream, "\n\n").await;
    assert!(text.contains("later"), "{text}");
}
