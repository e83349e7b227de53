//! A store far away: it hears until when is waited for it, and what it says of its troubles reaches clients.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use cloudbase_graphql::data::{
    Change, CollectionName, DocId, Document, Filter, Path, Update, Value,
};
use cloudbase_graphql::gateway::{self, Gateway};
use cloudbase_graphql::live;
use cloudbase_graphql::model::Model;
use cloudbase_graphql::server::{Config, router};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{Error, Find, Result, Snapshot, Updated, Upstream, deadline};
use serde_json::json;
use tokio::sync::broadcast;
use tokio::time::Instant;

use super::socket::Server;
use super::{Answer, MODEL, dev, post, query, request, send};
use crate::harness::TestApp;

/// Nobody waits so long here: it is only told.
const TIMEOUT: Duration = Duration::from_secs(100);

#[derive(Debug)]
struct Distant {
    inner: Arc<SqliteStore>,
    /// What was told at each call.
    heard: Mutex<Vec<Option<Instant>>>,
    away: AtomicBool,
}

impl Distant {
    fn over(inner: Arc<SqliteStore>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            heard: Mutex::default(),
            away: AtomicBool::new(false),
        })
    }

    fn reach(&self) -> Result<&SqliteStore> {
        self.heard.lock().unwrap().push(deadline::current());
        match self.away.load(Ordering::SeqCst) {
            true => Err(Error::Unavailable {
                reason: "it is far away".to_owned(),
                retry_after: Some(Duration::from_millis(1_200)),
            }),
            false => Ok(&self.inner),
        }
    }

    /// Asserts that all calls heard how long is waited, and the last one, which is not about roles, that this is a little
    /// less than the request lasts.
    fn assert_told(&self, began: Instant) {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let latest = Instant::now() + TIMEOUT;
        let left = |deadline: &Option<Instant>| deadline.expect("a deadline") - began;
        assert!(heard.iter().all(|told| left(told) < latest - began));
        let last = heard.last().map(left).expect("a call");
        assert!(last > TIMEOUT / 2, "{last:?}");
    }
}

store_in_front!(Distant, |self| self.reach()?, {
    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        self.reach()?.snapshot(collection, find).await
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        self.inner.changes()
    }

    fn reads(&self) -> u64 {
        self.inner.reads()
    }

    fn upstream(&self) -> Option<Upstream> {
        Some(Upstream {
            requests: 7,
            retries: 2,
            refused: 1,
            waited_us: 1_500_000,
            interruptions: 3,
        })
    }
});

fn patient() -> Config {
    Config {
        request_timeout: TIMEOUT,
        ..dev()
    }
}

/// A server over such a store, where `openid:alice` has a note.
async fn served(config: Config) -> (Router, Arc<Distant>) {
    let note = r#"{"_id": "n1", "_openid": "alice", "text": "one"}"#;
    let mut distant = None;
    let app = TestApp::over(
        MODEL,
        &[("notes", note)],
        gateway::Config::default(),
        live::Config::default(),
        |inner| Arc::clone(distant.insert(Distant::over(inner))),
    )
    .await;
    let distant = distant.expect("it is in front of the documents");
    (router(app.executor, config), distant)
}

async fn ask(app: &Router, document: &str) -> Answer {
    let ask = post().header("authorization", "Bearer dev:openid:alice");
    send(app, ask.body(query(document)).expect("a request")).await
}

#[tokio::test]
async fn the_store_hears_how_long_a_request_may_take() {
    let (app, store) = served(patient()).await;
    for document in [
        "{ notes { totalCount nodes { text } } }",
        "{ note(id: \"n1\") { text } }",
        "mutation { createNote(input: {text: \"two\"}) { note { text } } }",
    ] {
        let began = Instant::now();
        let answer = ask(&app, document).await;
        assert!(answer.json().get("errors").is_none(), "{:?}", answer.json());
        store.assert_told(began);
    }
}

#[tokio::test]
async fn the_store_hears_how_long_an_operation_of_a_socket_may_take() {
    let documents = SqliteStore::temporary().expect("a temporary store");
    let model = Model::parse(MODEL).expect("a model").model;
    let specs = Gateway::collection_specs(&model);
    documents.prepare(&specs).await.expect("collections");
    let store = Distant::over(documents);
    let server = Server::over(Arc::clone(&store) as _, patient()).await;
    let mut socket = server.acknowledged("dev:openid:alice").await;
    store.heard.lock().unwrap().clear();
    let began = Instant::now();
    socket.subscribe("1", "{ notes { nodes { text } } }").await;
    let answer = socket.receive().await;
    assert_eq!(answer["payload"]["data"]["notes"]["nodes"], json!([]));
    store.assert_told(began);
}

#[tokio::test]
async fn clients_are_told_when_to_try_again() {
    let (app, store) = served(dev()).await;
    // Who asks is known from then on.
    assert_eq!(ask(&app, "{ notes { nodes { text } } }").await.status, 200);
    store.away.store(true, Ordering::SeqCst);
    let answer = ask(&app, "{ notes { nodes { text } } }").await;
    assert_eq!(answer.status, StatusCode::OK);
    let error = &answer.json()["errors"][0];
    assert_eq!(
        error["extensions"],
        json!({"code": "UNAVAILABLE", "retryAfter": 2})
    );
    assert_eq!(error["message"], "the database is not available, try again");
}

/// Nobody is known yet, so no operation begins.
#[tokio::test]
async fn a_request_that_cannot_begin_is_503_with_the_same_in_its_head() {
    let (app, store) = served(dev()).await;
    store.away.store(true, Ordering::SeqCst);
    let answer = ask(&app, "{ notes { nodes { text } } }").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(answer.json()["errors"][0]["extensions"]["retryAfter"], 2);
    let ready = request("GET", "/readyz").body(Body::empty());
    let ready = send(&app, ready.expect("a request")).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        ready.json(),
        json!({"status": "not ready", "reason": "it is far away"})
    );
}

#[tokio::test]
async fn what_it_asks_of_others_is_counted() {
    let (app, _store) = served(dev()).await;
    let numbers = request("GET", "/metrics").body(Body::empty());
    let page = send(&app, numbers.expect("a request")).await.body;
    let page = String::from_utf8(page.to_vec()).expect("text");
    for line in [
        "# TYPE cloudbase_graphql_store_reads_total counter",
        "cloudbase_graphql_upstream_requests_total 7",
        "cloudbase_graphql_upstream_retries_total 2",
        "cloudbase_graphql_upstream_refused_total 1",
        "# TYPE cloudbase_graphql_upstream_seconds_total counter",
        "cloudbase_graphql_upstream_seconds_total 1.500000",
        "cloudbase_graphql_upstream_interruptions_total 3",
    ] {
        assert!(page.lines().any(|told| told == line), "{line} in {page}");
    }
}
