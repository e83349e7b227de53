//! HTTP to the cloud: what is sent, what is made of answers, and of no answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request as Received;
use axum::http::{Response, StatusCode};
use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::client::{Answer, Authentication, Host, Label, Method, Request};
use cloudbase_graphql::cloudbase::{
    Client, Code, Config, Credentials, Error, Limits, Protocol, Refusal, Result, Secret,
};
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// Short enough for tests, long enough for a busy machine.
fn limits() -> Limits {
    Limits {
        attempt_timeout: Duration::from_secs(5),
        deadline: Duration::from_secs(20),
        ..Limits::default()
    }
}

fn config(origin: String) -> Config {
    Config {
        env: "demo-env-1a2b3c".to_owned(),
        protocol: Protocol::Rest,
        region: "ap-shanghai".to_owned(),
        wx_app_id: None,
        origin: Some(origin),
        credentials: Credentials {
            api_key: Some(Secret::new("the-key")),
            key_pair: None,
        },
        limits: limits(),
    }
}

fn client(config: Config) -> Client {
    Client::new(config, Arc::new(SystemClock)).unwrap()
}

/// A read, over a path of a server of the test's.
fn read() -> Request {
    Request {
        method: Method::Get,
        target: "/v1/todos?limit=1".to_owned(),
        host: Host::Gateway,
        headers: Vec::new(),
        body: Bytes::new(),
        authentication: Authentication::ApiKey,
        repeatable: true,
        label: Label {
            operation: "find",
            subject: "todos".to_owned(),
        },
    }
}

/// An insert, which cannot be repeated.
fn write() -> Request {
    Request {
        method: Method::Post,
        body: Bytes::from_static(b"{}"),
        repeatable: false,
        label: Label {
            operation: "insert",
            subject: "todos".to_owned(),
        },
        ..read()
    }
}

/// Reads an answer as `/admin` and REST give it: a `code` is a refusal.
fn understand(answer: &Answer) -> Result<Json> {
    let json: Json = serde_json::from_slice(&answer.body)
        .map_err(|error| Error::Malformed(error.to_string()))?;
    let error = &json["Response"]["Error"]["Code"];
    match json["code"].as_str().or(error.as_str()) {
        None => Ok(json),
        Some(word) => Err(Error::Refused(Refusal {
            code: Code::parse(word),
            word: word.to_owned(),
            message: json["message"].as_str().unwrap_or_default().to_owned(),
            request_id: None,
        })),
    }
}

/// A server that answers the n-th request, from 0 on, with what `answer` says; its origin, and how many it had.
async fn server<A>(
    answer: impl Fn(usize, Received) -> A + Clone + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>)
where
    A: Future<Output = Response<Body>> + Send + 'static,
{
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let routes = Router::new()
        .fallback(move |request: Received| answer(count.fetch_add(1, Ordering::SeqCst), request));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    TaskTracker::new().spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (origin, seen)
}

fn answer(status: u16, body: impl Into<Body>) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap();
    Response::builder()
        .status(status)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_request_is_sent_as_it_is_with_the_key() {
    let (origin, _) = server(|_, request| async move {
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        let told = json!({
            "method": request.method().as_str(),
            "target": request.uri().to_string(),
            "authorization": header("authorization"),
            "agent": header("user-agent"),
            "type": header("content-type"),
            "own": header("x-own"),
        });
        answer(200, told.to_string())
    })
    .await;
    let request = Request {
        target: "/v1/(default)/a%20b%2Fc?query=%7B%22a%22%3A1%7D".to_owned(),
        headers: vec![("x-own", "1".to_owned())],
        ..write()
    };
    let told = client(config(origin))
        .call(&request, None, understand)
        .await;
    let agent = concat!("cloudbase-graphql/", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        told.unwrap(),
        json!({
            "method": "POST",
            "target": request.target,
            "authorization": "Bearer the-key",
            "agent": agent,
            "type": "application/json",
            "own": "1",
        })
    );
}

#[tokio::test]
async fn a_fault_of_the_server_is_tried_again_where_that_is_safe() {
    for (request, sent) in [(read(), 3), (write(), 1)] {
        let (origin, seen) = server(|n, _| async move {
            match n {
                0 => answer(503, ""),
                1 => answer(500, r#"{"code":"SYS_ERR","message":"x"}"#),
                _ => answer(200, "{}"),
            }
        })
        .await;
        let client = client(config(origin));
        let outcome = client.call(&request, None, understand).await;
        assert_eq!(outcome.is_ok(), sent == 3, "{outcome:?}");
        assert_eq!(seen.load(Ordering::SeqCst), sent);
        let statistics = client.statistics();
        let sent = u64::try_from(sent).unwrap();
        assert_eq!((statistics.requests, statistics.retries), (sent, sent - 1));
    }
}
