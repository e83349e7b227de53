//! Around every request: a line in the log, the leave that pages of a browser
//! need (or their refusal), bounds of its body, and the place where a panic ends.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::timeout::TimeoutBody;

use super::listen::SILENCE;
use super::{MAX_BODY, Origins, told, too_large};
use crate::cloudbase::Code;

/// What pages may send.
const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS");

/// How long a browser may remember the leave, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Asked by browsers before a page of the internet reaches this machine.
const ASKS_PRIVATE: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOWS_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// One line: never the query, headers or bodies, which have keys and documents in them.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let answer = next.run(request).await;
    tracing::info!(
        %method,
        path,
        status = answer.status().as_u16(),
        duration_ms = start.elapsed().as_secs_f64() * 1000.0,
        "request"
    );
    answer
}

/// Refuses bodies that say they are too large before any of them is read, and gives up those of which nothing comes.
pub(super) async fn bodies(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > MAX_BODY) {
        return too_large();
    }
    next.run(request.map(|body| Body::new(TimeoutBody::new(SILENCE, Box::pin(body)))))
        .await
}

/// Refuses pages that are not let in, before anything is done: a browser asks for leave before some requests only, and
/// otherwise keeps no more than the answer from the page. The others may read answers; the question that browsers ask
/// first is answered on every path.
pub(super) async fn pages(
    State(origins): State<Arc<Origins>>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(host) = host(&request)
        && !origins.are_called(host)
    {
        return refused("called by the name", host);
    }
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return next.run(request).await;
    };
    let text = origin.to_str().unwrap_or_default();
    if !origins.admit(text) {
        return refused("for pages of", text);
    }
    let asked = request.headers().clone();
    let mut answer = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    allow(answer.headers_mut(), origin, &asked);
    answer
}

/// The name that the client calls this server by; the oldest clients tell none.
fn host(request: &Request) -> Option<&str> {
    let header = request.headers().get(header::HOST);
    // A name that is no text is nobody's.
    let header = header.map(|host| host.to_str().unwrap_or_default());
    let authority = request.uri().authority();
    header.or_else(|| authority.map(|authority| authority.as_str()))
}

fn refused(what: &str, who: &str) -> Response {
    let text = format!(
        "the emulator is not {what} `{who}`: start it with `--allow-origin` and the origin of the page if it is to be"
    );
    tracing::warn!(who, "{text}");
    told(StatusCode::FORBIDDEN, "FORBIDDEN", &text)
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue, asked: &HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::VARY, header::ORIGIN.into());
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("x-request-id"),
    );
    if asked.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    if asked.contains_key(ASKS_PRIVATE) {
        headers.insert(ALLOWS_PRIVATE, HeaderValue::from_static("true"));
    }
}

/// A bug of the emulator: told to the log, and to the client no more than that.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer that calls it hands the panic over"
)]
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = text, "a request panicked");
    let message = "a bug of the emulator; its log says more";
    told(
        StatusCode::INTERNAL_SERVER_ERROR,
        Code::SysErr.as_str(),
        message,
    )
}
