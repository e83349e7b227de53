//! Limits that hold before there is an operation: size, time, number.

use std::time::Duration;

use axum::body::{Body, Bytes};
use cloudbase_graphql::server::{Config, router};
use futures_util::{StreamExt, stream};
use serde_json::json;

use super::{app, dev, post, query, request, send};
use crate::harness::TestApp;

/// A body of which one piece comes, and then never another.
fn stalled() -> Body {
    let first = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{")) });
    Body::from_stream(first.chain(stream::pending()))
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let config = Config {
        max_body: 100,
        ..dev()
    };
    let app = app(config).await;
    let fits = post().body(query("{ __typename }")).expect("a request");
    assert_eq!(send(&app, fits).await.status, 200);

    let announced = post()
        .header("content-length", 101)
        .body(stalled())
        .expect("a request");
    let pieces = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 10])));
    let unannounced = post().body(Body::from_stream(pieces)).expect("a request");
    for request in [announced, unannounced] {
        let answer = send(&app, request).await;
        assert_eq!(answer.status, 413);
        let (code, message) = answer.error();
        assert_eq!(code, "LIMIT_EXCEEDED");
        assert!(message.contains("100 bytes"), "{message}");
    }
}

#[tokio::test]
async fn a_request_that_does_not_arrive_is_408() {
    let config = Config {
        request_timeout: Duration::from_millis(50),
        ..dev()
    };
    let app = app(config).await;
    let answer = send(&app, post().body(stalled()).expect("a request")).await;
    assert_eq!(answer.status, 408);
    let (code, message) = answer.error();
    assert_eq!(code, "TIMEOUT");
    assert!(message.ends_with("nothing was done"), "{message}");
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_504() {
    let config = Config {
        request_timeout: Duration::from_millis(10),
        ..dev()
    };
    let stored = TestApp::new(super::MODEL, &[]).await;
    let note = |at: usize| {
        let text = "x".repeat(1000);
        format!(r#"{{"_id": "{at}", "_openid": "somebody", "text": "{text}"}}"#)
    };
    let notes: Vec<String> = (0..500).map(note).collect();
    let notes = notes.iter().map(String::as_str);
    stored.insert("notes", notes).await;
    // Every text is looked through three thousand times.
    let contains = |at: usize| json!({"text": {"contains": format!("xx{at}")}});
    let any: Vec<_> = (0..3000).map(contains).collect();
    let body = json!({
        "query": "query($any: [NoteFilter!]) { notes(where: {or: $any}) { totalCount } }",
        "variables": { "any": any },
    });
    let ask = post()
        .header("authorization", "Bearer dev:openid:somebody")
        .body(Body::from(body.to_string()))
        .expect("a request");
    let answer = send(&router(stored.executor, config), ask).await;
    assert_eq!(answer.status, 504);
    let (code, message) = answer.error();
    assert_eq!(code, "TIMEOUT");
    assert!(message.contains("may have been carried out"), "{message}");
}

#[tokio::test]
async fn one_operation_too_many_is_503_and_health_is_still_told() {
    let full = app(Config {
        max_requests: 0,
        ..dev()
    })
    .await;
    let ask = || post().body(query("{ __typename }")).expect("a request");
    let busy = send(&full, ask()).await;
    assert_eq!(busy.status, 503);
    assert_eq!(busy.header("retry-after"), "1");
    assert_eq!(busy.error().0, "UNAVAILABLE");
    let health = request("GET", "/readyz").body(Body::empty());
    assert_eq!(send(&full, health.expect("a request")).await.status, 200);
}

#[tokio::test]
async fn a_slot_is_given_back_and_not_held_by_who_is_slow_to_ask() {
    let app = app(Config {
        max_requests: 1,
        ..dev()
    })
    .await;
    let mut slow = tokio::task::JoinSet::new();
    let stalling = app.clone();
    slow.spawn(async move { send(&stalling, post().body(stalled()).expect("a request")).await });
    tokio::task::yield_now().await;
    for _ in 0..3 {
        let ask = post().body(query("{ __typename }")).expect("a request");
        assert_eq!(send(&app, ask).await.status, 200);
    }
}

/// Otherwise each of thousands of connections could hold a megabyte for as long as a request may take.
#[tokio::test]
async fn few_large_bodies_are_read_at_one_time_and_small_ones_always() {
    let app = app(Config {
        max_large_bodies: 1,
        ..dev()
    })
    .await;
    let small = || post().body(query("{ __typename }")).expect("a request");
    let large = || {
        let text = format!("{{ __typename }} #{}", "x".repeat(20_000));
        post().body(query(&text)).expect("a request")
    };
    assert_eq!(send(&app, large()).await.status, 200, "one after the other");
    assert_eq!(send(&app, large()).await.status, 200);
    let slow = post().body(stalled()).expect("a request");
    let mut slow = std::pin::pin!(send(&app, slow));
    assert!(futures_util::poll!(&mut slow).is_pending());
    assert_eq!(send(&app, large()).await.status, 503);
    assert_eq!(send(&app, small()).await.status, 200);
}
