//! An emulator that listens, and requests to it.

use std::net::SocketAddr;
use std::sync::Arc;

use cloudbase_graphql::clock::{Clock, SystemClock};
use cloudbase_graphql::emulator::{Config, Emulator};
use cloudbase_graphql::store::sqlite::SqliteStore;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Serves until it is dropped.
pub(crate) struct Served {
    address: SocketAddr,
    http: reqwest::Client,
    _stop: DropGuard,
}

impl Served {
    pub(crate) async fn with(config: Config) -> Self {
        Self::at(config, Arc::new(SystemClock)).await
    }

    /// With a clock of the test's.
    pub(crate) async fn at(config: Config, clock: Arc<dyn Clock>) -> Self {
        Self::over(SqliteStore::temporary().unwrap(), config, clock).await
    }

    /// With the documents, collections and indexes of a store that the test can look into.
    pub(crate) async fn over(
        store: Arc<SqliteStore>,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> Self {
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
    pub(crate) async fn send(
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
    pub(crate) async fn send_text(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> (StatusCode, Json) {
        let mut request = self.request(method, path, headers);
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

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: Json) -> Json {
        self.send("POST", path, headers, Some(&body)).await.1
    }
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The status of an answer whose body does not matter.
    pub(crate) async fn status(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Json,
    ) -> u16 {
        let request = self.request(method, path, headers);
        let answer = request.body(body.to_string()).send().await.unwrap();
        answer.status().as_u16()
    }

    /// The headers of an answer to a request without a body.
    pub(crate) async fn headers(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> HeaderMap {
        let answer = self.request(method, path, headers).send().await.unwrap();
        answer.headers().clone()
    }

    /// The text of an answer, if the connection lasts.
    pub(crate) async fn try_text(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Json,
    ) -> reqwest::Result<String> {
        let request = self.request(method, path, headers);
        request.body(body.to_string()).send().await?.text().await
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, url);
        headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
    }
}
