//! What `/metrics` tells.

use axum::body::Body;
use axum::http::{StatusCode, header};
use cloudbase_graphql::server::Config;
use http_body_util::BodyExt;

use super::{app, dev, post, query, request, send};

async fn numbers(app: &axum::Router) -> String {
    let request = request("GET", "/metrics").body(Body::empty());
    let answer = send(app, request.expect("a request")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    String::from_utf8(answer.body.to_vec()).expect("text")
}

#[tokio::test]
async fn live_lists_are_counted() {
    let app = app(dev()).await;
    let idle = numbers(&app).await;
    for line in [
        "# TYPE cloudbase_graphql_live_subscribers gauge",
        "cloudbase_graphql_live_subscribers 0",
        "cloudbase_graphql_live_cohorts 0",
        "cloudbase_graphql_live_watches 0",
        "cloudbase_graphql_live_missed_total 0",
        "# TYPE cloudbase_graphql_live_renders_total counter",
        "cloudbase_graphql_live_renders_total 0",
        "cloudbase_graphql_live_delivered_total 0",
        "cloudbase_graphql_live_resyncs_total 0",
    ] {
        assert!(idle.lines().any(|told| told == line), "{line} in {idle}");
    }

    let ask = post()
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, "Bearer dev:openid:alice")
        .body(query("subscription { notes { kind } }"));
    let stream = tower::ServiceExt::oneshot(app.clone(), ask.expect("a request")).await;
    let mut stream = stream.expect("infallible").into_body();
    // The comment at the beginning, then the first piece of the first event.
    for _ in 0..2 {
        stream.frame().await.expect("a frame").expect("no error");
    }
    let busy = numbers(&app).await;
    for line in [
        "cloudbase_graphql_sockets 0",
        "cloudbase_graphql_streams 1",
        "cloudbase_graphql_live_subscribers 1",
        "cloudbase_graphql_live_cohorts 1",
        "cloudbase_graphql_live_watches 1",
        "cloudbase_graphql_live_renders_total 1",
        "cloudbase_graphql_live_delivered_total 1",
    ] {
        assert!(busy.lines().any(|told| told == line), "{line} in {busy}");
    }
}

#[tokio::test]
async fn where_strangers_ask_there_are_none() {
    let app = app(Config {
        metrics: false,
        ..dev()
    })
    .await;
    let request = request("GET", "/metrics").body(Body::empty());
    let answer = send(&app, request.expect("a request")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
