//! What the platform and operators ask, and the page for whoever comes by with a browser.

use std::error::Error;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::json;

use super::App;

/// `/healthz`: the process lives.
pub(super) async fn healthz() -> impl IntoResponse {
    (
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({ "status": "ok" })),
    )
}

/// `/readyz`: the store can answer; 503 while it cannot, and why. What is known of the collections of a shared database
/// comes along, and changes nothing about that: what is closed to end users is there for staff.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> impl IntoResponse {
    let (status, mut body) = match app.executor.gateway().ready().await {
        Ok(()) => (StatusCode::OK, json!({ "status": "ready" })),
        Err(error) => {
            let reason = error.reason();
            let cause = error.source().map(tracing::field::display);
            tracing::warn!(%error, cause, "the store is not ready");
            let body = json!({ "status": "not ready", "reason": reason });
            (StatusCode::SERVICE_UNAVAILABLE, body)
        }
    };
    let agreements = app.executor.gateway().agreements();
    if !agreements.is_empty() {
        let collections = agreements.iter();
        body["collections"] = collections
            .map(|(name, agreements)| (name.as_str().to_owned(), json!(agreements)))
            .collect();
    }
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body))
}

/// `/`: where the API is.
pub(super) async fn index() -> &'static str {
    "cloudbase-graphql\n\n\
     The API is at /graphql: POST a JSON object with `query`, or GET ?query=...\n\
     Live lists: a WebSocket to the same address, or `accept: text/event-stream`\n\
     Health: /healthz, /readyz; numbers, where they are served: /metrics\n"
}

/// Every other path.
pub(super) async fn not_found() -> impl IntoResponse {
    (
        StatusCode::NOT_FOUND,
        "nothing is served here; the API is at /graphql\n",
    )
}
