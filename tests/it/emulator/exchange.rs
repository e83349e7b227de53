//! An emulator that listens, and requests to it.

use std::net::SocketAddr;
use std::sync::Arc;

use cloudbase_graphql::clock::{Clock, SystemClock};
use cloudbase_graphql::emulator::{Config, Emulator};
use cloudbase_graphql::store::sqlite::SqliteStore;
use reqwest::{Method, StatusCode};
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Serves until it is dropped.
pub(super) struct Served {
    address: SocketAddr,
    http: reqwest::Client,
    _stop: DropGuard,
}

impl Served {
    pub(super) async fn with(config: Config) -> Self {
        Self::at(config, Arc::new(SystemClock)).await
    }

    /// With a clock of the test's.
    pub(super) async fn at(config: Config, clock: Arc<dyn Clock>) -> Self {
        let store = SqliteStore::temporary().unwrap();
        let emulator = Emulator::open(store, clock, config).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        TaskTracker::new().spawn(emulator.serve(listener, stop.clone().cancelled_owned()));
        Self {
            address,
            http: reqwest::Client::new(),
            _stop: stop.drop_guard(),
        }
    }

    /// Sends a request; headers as `name: value`.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Json>,
    ) -> (StatusCode, Json) {
        let body = body.map(Json::to_string);
        self.send_text(method, path, headers, body).await
    }

    /// As [`Served::send`], with the members of the body in the order that they have.
    pub(super) async fn send_text(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> (StatusCode, Json) {
        let url = format!("http://{}{path}", self.address);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json; charset=utf-8")
                .body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        let answer = serde_json::from_str(&text);
        (status, answer.unwrap_or_else(|_| panic!("{path}: {text}")))
    }

    pub(super) async fn post(&self, path: &str, headers: &[(&str, &str)], body: Json) -> Json {
        self.send("POST", path, headers, Some(&body)).await.1
    }
}
