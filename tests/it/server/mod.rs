//! HTTP in front of the API: what is refused with which status, who asks, limits, the end.

mod anything;
mod distant;
mod documents;
mod doors;
mod http;
mod identity;
mod lifecycle;
mod limits;
mod metrics;
mod pages;
mod rates;
mod socket;
mod sse;
mod support;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, StatusCode, header};
use cloudbase_graphql::graphql::Executor;
use cloudbase_graphql::server::{Auth, Config, router};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::harness::TestApp;

const MODEL: &str = r#"
extend schema @role(name: "editor")

type Note @collection(name: "notes") @rule(read: "doc._openid == auth.openid", create: "auth.openid != null")
  @grant(role: "editor", read: true)
{
  id: ID!
  owner: String @field(name: "_openid")
  text: String!
}

type Role @collection(name: "roles", permission: ADMINONLY) { id: ID! roles: [String!]! status: String! }
"#;

/// An executor over a store of its own, where `openid:editor` has the role `editor`.
async fn executor() -> Arc<Executor> {
    let editor = r#"{"_id": "openid:editor", "roles": ["editor"], "status": "ACTIVE"}"#;
    TestApp::new(MODEL, &[("roles", editor)]).await.executor
}

async fn app(config: Config) -> Router {
    router(executor().await, config)
}

fn dev() -> Config {
    Config {
        auth: Auth::DevOnLoopback,
        ..Config::default()
    }
}

/// A request from this machine.
fn request(method: &str, uri: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(uri)
        .header(header::HOST, "localhost")
}

/// A POST of JSON; finish it with [`query`] as its body.
fn post() -> axum::http::request::Builder {
    request("POST", "/graphql").header(header::CONTENT_TYPE, "application/json")
}

fn query(document: &str) -> Body {
    Body::from(serde_json::json!({ "query": document }).to_string())
}

/// An answer, read whole.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: Bytes,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Self {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The code and message of the only error.
    fn error(&self) -> (String, String) {
        let json = self.json();
        let errors = json["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{json}");
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        (
            text(&errors[0]["extensions"]["code"]),
            text(&errors[0]["message"]),
        )
    }
}

async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.expect("infallible");
    Answer::of(response).await
}
