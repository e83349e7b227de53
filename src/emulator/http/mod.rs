//! Connections and routes.
//!
//! - `listen.rs`: connections, and how serving ends; `connection.rs`: one that can be broken on purpose
//! - `around.rs`: what is done around every request; `origins.rs`: which pages of a browser may send any

mod around;
mod connection;
mod listen;
mod origins;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::BytesRejection;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use super::app::App;
use super::failure::Failure;
use super::{admin, fault, manage, realtime, rest, sign_in, storage};
use crate::cloudbase::Code;

pub(super) use self::connection::Connection;
pub(super) use self::listen::run;
pub use self::origins::{OriginError, Origins};

/// The largest body, in bytes: what functions can send to the cloud.
pub(super) const MAX_BODY: usize = 50 << 20;

/// All that is served.
pub(super) fn routes(app: Arc<App>, origins: Origins) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/healthz", get(|| async { "ok\n" }))
        .merge(admin::routes())
        .merge(rest::routes())
        .merge(manage::routes())
        .merge(sign_in::routes())
        .merge(realtime::routes())
        .merge(storage::routes())
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            fault::strike,
        ))
        // Faults are not subject to faults.
        .merge(fault::routes().method_not_allowed_fallback(wrong_method))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(around::bodies))
        .layer(CatchPanicLayer::custom(around::panicked))
        .layer(middleware::from_fn_with_state(
            Arc::new(origins),
            around::pages,
        ))
        .layer(middleware::from_fn(around::log))
        .with_state(app)
}

async fn index() -> &'static str {
    "The CloudBase emulator of cloudbase-graphql.\n\n\
     POST /admin, /web   actions of the Node and web SDKs\n\
     /v1/database/...    the REST gateway\n\
     POST /              the cloud API (X-TC-Action), for the manager SDK\n\
     /auth/v1/...        sign-in\n\
     /ws                 realtime watches\n\
     /_emulator/faults   what goes wrong on purpose\n\
     /_emulator/clock    the time\n\
     /healthz            200 when ready\n"
}

async fn not_found(uri: Uri) -> Response {
    let message = format!("the emulator serves nothing at `{}`", uri.path());
    told(StatusCode::NOT_FOUND, "NOT_FOUND", &message)
}

async fn wrong_method(method: Method, uri: Uri) -> Response {
    let message = format!(
        "`{}` cannot be asked with {method}; the header `allow` says with what",
        uri.path()
    );
    told(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        &message,
    )
}

/// Why a body was not read to its end.
pub(super) fn unread(rejection: &BytesRejection) -> Failure {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Failure::new(Code::ExceedRequestSizeLimit, TOO_LARGE)
    } else {
        Failure::invalid("the body ended early, or nothing came of it for two minutes")
    }
}

/// What is said of a body larger than [`MAX_BODY`].
const TOO_LARGE: &str = "a request has at most 50 MiB";

/// A body larger than [`MAX_BODY`].
pub(super) fn too_large() -> Response {
    let code = Code::ExceedRequestSizeLimit.as_str();
    told(StatusCode::PAYLOAD_TOO_LARGE, code, TOO_LARGE)
}

/// What is said before a protocol has a word in it.
fn told(status: StatusCode, code: &str, message: &str) -> Response {
    let text = serde_json::json!({ "code": code, "message": message });
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, text.to_string()).into_response()
}
