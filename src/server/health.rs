//! What the platform and operators ask, and the page for whoever comes by with a browser.

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

/// `/readyz`: the store can answer; 503 while it cannot.
pub(super) async fn readyz(State(app): State<Arc<App>>) -> impl IntoResponse {
    let (status, word) = match app.executor.gateway().ready().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(error = %error, "the store is not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready")
        }
    };
    (
        status,
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({ "status": word })),
    )
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
