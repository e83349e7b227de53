//! HTTP to the cloud: what is sent, what is made of answers, and of no answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request as Received;
use axum::http::{Response, StatusCode};
use cloudbase_graphql::clock::{Clock, SystemClock};
use cloudbase_graphql::cloudbase::client::{Answer, Authentication, Host, Label, Method, Request};
use cloudbase_graphql::cloudbase::{
    Client, Code, Config, Credentials, Error, KeyPair, Limits, Protocol, Refusal, Result, Secret,
};
use cloudbase_graphql::emulator;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::emulator::exchange::Served;

/// Short enough for tests, long enough for a busy machine.
fn limits() -> Limits {
    Limits {
        attempt_timeout: Duration::from_secs(5),
        deadline: Duration::from_secs(20),
        ..Limits::default()
    }
}

pub(super) fn config(origin: String) -> Config {
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

pub(super) fn client(config: Config) -> Client {
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
pub(super) async fn server<A>(
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

/// The requests of a server that were seen.
fn count(seen: &AtomicUsize) -> usize {
    seen.load(Ordering::SeqCst)
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
        assert_eq!(count(&seen), sent);
        let statistics = client.statistics();
        let sent = u64::try_from(sent).unwrap();
        assert_eq!((statistics.requests, statistics.retries), (sent, sent - 1));
    }
}

#[tokio::test]
async fn an_upstream_that_asks_for_less_is_asked_again_later() {
    for code in ["EXCEED_REQUEST_LIMIT", "EXCEED_CONCURRENT_REQUEST_LIMIT"] {
        let served = emulator(&[json!({ "code": code, "times": 1 })]).await;
        let client = client(config(origin(&served)));
        client.call(&insert("a"), None, understand).await.unwrap();
        assert_eq!(total(&client).await, 1, "{code}");
        assert_eq!(client.statistics().retries, 1, "{code}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_open_what_was_done() {
    for (moment, done) in [("before", 0), ("after", 1), ("midway", 1)] {
        let fault = json!({ "reset": moment, "times": 1 });
        let served = emulator(&[fault]).await;
        let client = client(config(origin(&served)));
        let lost = client.call(&insert("a"), None, understand).await;
        assert!(matches!(lost, Err(Error::Lost(_))), "{moment}: {lost:?}");
        assert_eq!(client.statistics().retries, 0, "{moment}");
        assert_eq!(total(&client).await, done, "{moment}");
    }
    let served = emulator(&[json!({ "reset": "midway", "times": 2 })]).await;
    let client = client(config(origin(&served)));
    assert_eq!(total(&client).await, 0);
    assert_eq!(client.statistics().retries, 2);
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_not_waited_for() {
    let served = emulator(&[json!({ "latency_ms": 60_000, "times": 2 })]).await;
    let mut config = config(origin(&served));
    config.limits.attempt_timeout = Duration::from_millis(200);
    let client = client(config);
    let lost = client.call(&insert("a"), None, understand).await;
    let text = lost.expect_err("nothing came").to_string();
    assert!(text.contains("did not answer within 200 ms"), "{text}");
    assert_eq!(total(&client).await, 0);
}

#[tokio::test]
async fn an_answer_is_read_up_to_a_limit() {
    let told = || answer(200, format!("[{}]", "1,".repeat(5_000)));
    let untold = || {
        let chunks = (0..1_000).map(|_| Ok::<_, std::io::Error>("1234567890"));
        answer(200, Body::from_stream(futures_util::stream::iter(chunks)))
    };
    for endless in [false, true] {
        let (origin, seen) =
            server(move |_, _| async move { if endless { untold() } else { told() } }).await;
        let mut config = config(origin);
        config.limits.max_answer = 9_999;
        let outcome = client(config).call(&read(), None, understand).await;
        let text = outcome.expect_err("it is too large").to_string();
        assert!(text.contains("more than 9999 bytes"), "{text}");
        assert_eq!(count(&seen), 1, "it would be as large the next time");
    }
}

#[tokio::test]
async fn what_no_connection_leads_to_says_what_to_check() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = closed.local_addr().unwrap();
    drop(closed);
    let (plain, _) = server(|_, _| async { answer(200, "{}") }).await;
    for (origin, checked) in [
        (format!("http://{refusing}"), "refuses connections"),
        ("http://nowhere.invalid:9".to_owned(), "does not resolve"),
        (plain.replace("http:", "https:"), "no secure connection"),
    ] {
        let mut config = config(origin);
        config.limits.max_retries = 1;
        let client = client(config);
        let error = client.call(&write(), None, understand).await.unwrap_err();
        assert!(matches!(error, Error::Unreachable(_)), "{error}");
        assert!(error.to_string().contains(checked), "{error}");
        assert!(!error.to_string().contains("limit=1"), "{error}");
        assert_eq!(client.statistics().retries, 1, "nothing was sent");
    }
}

#[tokio::test]
async fn what_is_not_the_cloud_is_told_apart() {
    for (status, body, told) in [
        (302, "", "redirect"),
        (404, "<h1>nginx</h1>", "`<h1>nginx</h1>`"),
        (401, "no", "CLOUDBASE_APIKEY"),
        (200, "<html>Sign in to the Wi-Fi</html>", "no proxy's"),
        (200, "{", "cannot be understood"),
    ] {
        let (origin, seen) = server(move |_, _| async move {
            let mut answer = answer(status, body);
            let elsewhere = "/elsewhere".parse().unwrap();
            answer.headers_mut().insert("location", elsewhere);
            answer
        })
        .await;
        let error = client(config(origin))
            .call(&read(), None, understand)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(count(&seen), 1, "{error}");
    }
}

#[tokio::test]
async fn nothing_is_sent_without_credentials_an_address_or_time() {
    let (origin, seen) = server(|_, _| async { answer(200, "{}") }).await;
    let mut poor = config(origin.clone());
    poor.credentials = Credentials::default();
    let poor = client(poor).call(&read(), None, understand).await;
    assert!(matches!(poor, Err(Error::Unable(_))), "{poor:?}");
    let client = client(config(origin));
    for name in ["..", "%2e%2e", "."] {
        let request = Request {
            target: format!("/v1/todos/{name}"),
            ..write()
        };
        let error = client.call(&request, None, understand).await.unwrap_err();
        assert!(matches!(error, Error::Unable(_)), "{error}");
    }
    let late = client.call(&read(), Some(Instant::now()), understand).await;
    assert!(matches!(late, Err(Error::TooLate)), "{late:?}");
    assert_eq!(count(&seen), 0);
}

#[tokio::test]
async fn attempts_end_at_the_deadline() {
    let (origin, seen) = server(|_, _| async { answer(503, "") }).await;
    let client = client(config(origin));
    // The first pause is at least 100 ms.
    let soon = Instant::now() + Duration::from_millis(100);
    let error = client
        .call(&read(), Some(soon), understand)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Refused(_) | Error::Lost(_) | Error::TooLate),
        "{error}"
    );
    assert!(count(&seen) <= 1);
}

#[tokio::test]
async fn so_many_are_under_way_and_no_more() {
    let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (Arc::clone(&under_way), Arc::clone(&most));
    let (origin, seen) = server(move |_, _| {
        let (counted, highest) = (Arc::clone(&counted), Arc::clone(&highest));
        async move {
            highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(10)).await;
            counted.fetch_sub(1, Ordering::SeqCst);
            answer(200, "{}")
        }
    })
    .await;
    let mut config = config(origin);
    config.limits.max_concurrent = 4;
    let client = client(config);
    let request = read();
    let calls = (0..40).map(|_| client.call(&request, None, understand));
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!((count(&seen), count(&most)), (40, 4));
}

#[tokio::test]
async fn an_upstream_that_fails_is_left_alone() {
    let (origin, seen) = server(|_, _| async { answer(502, "<html>") }).await;
    let client = client(config(origin));
    let mut held_back = 0;
    for _ in 0..30 {
        match client.call(&write(), None, understand).await {
            Err(Error::Busy { retry_after, .. }) => {
                assert!(retry_after > Duration::ZERO);
                held_back += 1;
            }
            other => assert!(matches!(other, Err(Error::Refused(_))), "{other:?}"),
        }
    }
    assert!(client.is_held_back());
    assert_eq!((count(&seen), held_back), (20, 10));
    assert_eq!(client.statistics().refused, 10);
    let soon = Some(Instant::now() + Duration::from_secs(5));
    let other = client.call(&read(), soon, understand).await;
    let asked = matches!(other, Err(Error::Refused(_)));
    assert!(asked, "reads have a breaker of their own: {other:?}");
}

#[tokio::test]
async fn refusals_that_are_our_fault_do_not_count_against_the_upstream() {
    let refusal = r#"{"code":"DATABASE_PERMISSION_DENIED","message":"no"}"#;
    let (origin, seen) = server(move |_, _| async move { answer(500, refusal) }).await;
    let client = client(config(origin));
    for _ in 0..30 {
        let error = client.call(&read(), None, understand).await.unwrap_err();
        assert_eq!(error.code(), Some(Code::DatabasePermissionDenied));
    }
    assert_eq!(count(&seen), 30);
    assert!(!client.is_held_back());
}

#[tokio::test]
async fn slow_queries_hold_back_nobody_else() {
    let (origin, _) = server(|_, request| async move {
        match request.uri().query() {
            Some("timeout") => answer(504, r#"{"code":"DATABASE_TIMEOUT","message":"slow"}"#),
            Some("slow") => std::future::pending().await,
            _ => answer(200, "{}"),
        }
    })
    .await;
    let mut config = config(origin);
    config.limits.attempt_timeout = Duration::from_millis(300);
    config.limits.max_retries = 0;
    config.limits.max_concurrent = 64;
    let client = client(config);
    let query = |query: &str| Request {
        target: format!("/v1/todos?{query}"),
        ..read()
    };
    for _ in 0..30 {
        let refused = client.call(&query("timeout"), None, understand).await;
        assert_eq!(refused.unwrap_err().code(), Some(Code::DatabaseTimeout));
    }
    assert!(!client.is_held_back(), "the cloud answered");
    let slow = query("slow");
    let slow = (0..30).map(|_| client.call(&slow, None, understand));
    let fast = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        client.call(&query("fast"), None, understand).await.unwrap();
    };
    let (slow, ()) = tokio::join!(futures_util::future::join_all(slow), fast);
    assert!(slow.iter().all(|it| matches!(it, Err(Error::Lost(_)))));
    assert!(!client.is_held_back(), "another was answered meanwhile");
}

#[tokio::test]
async fn what_opens_sockets_and_finds_files_holds_back_no_documents() {
    let (origin, _) = server(|_, request| async move {
        match request.uri().path() {
            "/sign" | "/addresses" => answer(500, r#"{"code":"SYS_ERR","message":"no"}"#),
            _ => answer(200, "{}"),
        }
    })
    .await;
    let client = client(config(origin));
    for operation in ["sign", "addresses"] {
        let request = Request {
            target: format!("/{operation}"),
            repeatable: false,
            label: Label {
                operation,
                subject: String::new(),
            },
            ..read()
        };
        for _ in 0..20 {
            client.call(&request, None, understand).await.unwrap_err();
        }
        let held_back = client.call(&request, None, understand).await;
        assert!(matches!(held_back, Err(Error::Busy { .. })), "{operation}");
        client.call(&read(), None, understand).await.unwrap();
        client.call(&write(), None, understand).await.unwrap();
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_corrected_once() {
    #[derive(Debug)]
    struct Behind;
    impl Clock for Behind {
        fn now_ms(&self) -> i64 {
            SystemClock.now_ms() - 3_600_000
        }
    }
    let served = Served::with(strict()).await;
    let client = Client::new(signing(&served, "the-secret"), Arc::new(Behind)).unwrap();
    let made = client
        .call(
            &admin(&json!({ "action": "database.addCollection", "collectionName": "todos" })),
            None,
            understand,
        )
        .await;
    made.unwrap();
    assert_eq!(client.statistics().retries, 1);
    assert_eq!(total(&client).await, 0);
    let tables = client.call(&list_tables(), None, understand).await.unwrap();
    assert_eq!(tables["Response"]["Tables"][0]["TableName"], "todos");
    assert_eq!(client.statistics().retries, 1, "the time is known now");
}

#[tokio::test]
async fn a_wrong_key_is_refused_with_what_to_check() {
    let served = Served::with(strict()).await;
    let client = client(signing(&served, "another-secret"));
    for request in [count_todos(), list_tables()] {
        let error = client.call(&request, None, understand).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("clock") && text.contains("TENCENTCLOUD_SECRETKEY"),
            "{text}"
        );
        assert!(!text.contains("another-secret"), "{text}");
    }
    assert_eq!(
        client.statistics().requests,
        4,
        "each once more with a fresh signature"
    );
}

/// An emulator that believes nobody but one key pair, for as long as a signature is good.
fn strict() -> emulator::Config {
    let mut config = emulator::Config::default();
    let pair = ("AKIDEXAMPLE".to_owned(), "the-secret".to_owned());
    config.identity.secrets.extend([pair]);
    config.identity.check_signature_age = true;
    config
}

fn origin(served: &Served) -> String {
    format!("http://{}", served.address())
}

/// A client that signs.
fn signing(served: &Served, key: &str) -> Config {
    let mut config = config(origin(served));
    config.credentials = Credentials {
        api_key: None,
        key_pair: Some(KeyPair {
            id: "AKIDEXAMPLE".to_owned(),
            key: Secret::new(key),
            session_token: None,
        }),
    };
    config
}

/// An emulator with a collection, in which these go wrong on `/admin`.
async fn emulator(faults: &[Json]) -> Served {
    let served = Served::with(emulator::Config::default()).await;
    let key = [("authorization", "Bearer any")];
    let create = json!({ "action": "database.addCollection", "collectionName": "todos" });
    served.post("/admin", &key, create).await;
    for fault in faults {
        let set = served.post("/_emulator/faults", &[], fault.clone()).await;
        assert!(set["id"].is_u64(), "{set}");
    }
    served
}

/// A request to `/admin`.
fn admin(body: &Json) -> Request {
    Request {
        method: Method::Post,
        target: "/admin?env=demo-env-1a2b3c".to_owned(),
        host: Host::Admin,
        body: Bytes::from(body.to_string()),
        authentication: Authentication::Admin,
        ..write()
    }
}

fn insert(id: &str) -> Request {
    let document = json!({ "_id": id }).to_string();
    admin(
        &json!({ "action": "database.insertDocument", "collectionName": "todos", "data": [document] }),
    )
}

fn count_todos() -> Request {
    let body = json!({ "action": "database.calculateDocument", "collectionName": "todos" });
    let Request {
        label, repeatable, ..
    } = read();
    Request {
        label,
        repeatable,
        ..admin(&body)
    }
}

fn list_tables() -> Request {
    let action = "ListTables";
    let Request { label, .. } = read();
    Request {
        target: "/".to_owned(),
        host: Host::CloudApi,
        body: Bytes::from(r#"{"EnvId":"demo-env-1a2b3c","MgoLimit":10,"MgoOffset":0}"#),
        authentication: Authentication::CloudApi { action },
        label,
        ..write()
    }
}

async fn total(client: &Client) -> Json {
    let counted = client.call(&count_todos(), None, understand).await;
    counted.unwrap()["data"]["total"].clone()
}
