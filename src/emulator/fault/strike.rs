//! Faults around requests.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream;

use super::{Asked, Moment, Protocol, RequestEffect};
use crate::clock::Clock;
use crate::cloudbase::Code;
use crate::emulator::app::App;
use crate::emulator::database::TransactionId;
use crate::emulator::failure::Failure;
use crate::emulator::http::{Connection, MAX_BODY, too_large};
use crate::emulator::{admin, manage, rest, sign_in};

/// Lets a request through, with what is set to happen to it.
pub(in crate::emulator) async fn strike(
    State(app): State<Arc<App>>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if !app.faults.concern_requests() || is_spared(&request) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return too_large();
    };
    let named = Named::of(&head.headers, &body);
    let path = head.uri.path();
    let protocol = Protocol::of(&head.method, path);
    let effects = app.faults.for_request(&Asked {
        protocol,
        path,
        action: named.action.as_deref(),
        collection: named.collection.as_deref().or_else(|| collection(path)),
    });
    if let Some(id) = named.transaction.as_deref().or_else(|| transaction(path))
        && effects.iter().any(ends_transaction)
    {
        // One that is over already cannot be ended again, which is as well.
        let _ = app.database.abort(&TransactionId(id.into())).await;
    }
    let (uri, now) = (head.uri.clone(), app.clock.now_ms());
    let refuse = |code| refusal(protocol, &uri, now, code);
    let request = Request::from_parts(head, Body::from(body));
    suffer(&effects, &connection, refuse, request, next).await
}

/// Who is told of a conflict has no transaction any more, and its documents are free for the next one.
fn ends_transaction(effect: &RequestEffect) -> bool {
    let (conflict, over) = (
        Code::DatabaseTransactionConflict,
        Code::DatabaseTransactionFail,
    );
    matches!(effect, RequestEffect::Refuse(code) if *code == conflict || *code == over)
}

/// Signs of life, and what takes faults away again.
fn is_spared(request: &Request) -> bool {
    let path = request.uri().path();
    path == "/healthz" || path.starts_with("/_emulator/") || request.method() == Method::OPTIONS
}

async fn suffer(
    effects: &[RequestEffect],
    connection: &Connection,
    refuse: impl Fn(Code) -> Response,
    request: Request,
    next: Next,
) -> Response {
    let mut afterwards = None;
    for effect in effects {
        match *effect {
            RequestEffect::Latency(delay) => tokio::time::sleep(delay).await,
            RequestEffect::Refuse(code) => return refuse(code),
            RequestEffect::Status(status) => {
                return StatusCode::from_u16(status)
                    .unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
                    .into_response();
            }
            RequestEffect::Reset(Moment::Before) => return broken(connection).await,
            RequestEffect::Reset(moment) => afterwards = Some(moment),
        }
    }
    let answer = next.run(request).await;
    match afterwards {
        Some(Moment::Midway) => half(answer, connection.clone()).await,
        Some(_) => broken(connection).await,
        None => answer,
    }
}

/// Breaks the connection; there is nobody left to answer.
async fn broken(connection: &Connection) -> Response {
    connection.reset();
    std::future::pending().await
}

/// The first half of an answer that says how long it is; then the connection breaks.
async fn half(answer: Response, connection: Connection) -> Response {
    let (mut head, body) = answer.into_parts();
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    head.headers
        .insert(header::CONTENT_LENGTH, body.len().into());
    let first: Result<Bytes, std::io::Error> = Ok(body.slice(..body.len() / 2));
    let end = stream::once(async move {
        connection.reset();
        std::future::pending().await
    });
    let body = Body::from_stream(stream::iter([first]).chain(end));
    Response::from_parts(head, body)
}

/// What a request says of itself in its head or body, whatever else is wrong with it.
#[derive(Default, serde::Deserialize)]
struct Named {
    action: Option<String>,
    #[serde(rename = "collectionName", alias = "TableName")]
    collection: Option<String>,
    #[serde(rename = "transactionId")]
    transaction: Option<String>,
}

impl Named {
    fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        let mut named: Self = serde_json::from_slice(body).unwrap_or_default();
        let action = headers.get("x-tc-action").and_then(|it| it.to_str().ok());
        named.action = named.action.or_else(|| action.map(str::to_owned));
        named
    }
}

/// `todos` of `/v1/database/…/collections/todos/documents`.
fn collection(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("/collections/")?;
    rest.split(['/', ':']).next()
}

/// `t1` of `/v1/database/…/transactions/t1/commit`.
fn transaction(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("/transactions/")?;
    rest.split('/').next()
}

impl Protocol {
    fn of(method: &Method, path: &str) -> Self {
        match path {
            "/admin" => Protocol::Admin,
            "/web" => Protocol::Web,
            "/" if method == Method::POST => Protocol::Manage,
            _ if path.starts_with("/v1/") => Protocol::Rest,
            _ if path.starts_with("/auth/") => Protocol::SignIn,
            _ => Protocol::Other,
        }
    }
}

/// A refusal as the protocol tells it.
fn refusal(protocol: Protocol, uri: &Uri, now: i64, code: Code) -> Response {
    let failure = Failure::new(code, text(code));
    match protocol {
        Protocol::Admin | Protocol::Web | Protocol::Other => admin::refusal(uri, now, failure),
        Protocol::Rest => rest::refusal(failure),
        Protocol::Manage => manage::refusal(&failure),
        Protocol::SignIn => sign_in::refusal(&failure),
    }
}

/// The cloud's own words where clients are known to look at them.
fn text(code: Code) -> String {
    match code {
        Code::DatabaseTransactionConflict => Failure::transaction_conflict().message,
        Code::DatabaseTransactionFail => Failure::transaction_over().message,
        other => format!("[FailedOperation] {other} is rehearsed here, as the emulator was told"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_known_by_path_and_body() {
        for (method, path, protocol) in [
            (Method::POST, "/admin", Protocol::Admin),
            (Method::POST, "/web", Protocol::Web),
            (Method::POST, "/", Protocol::Manage),
            (Method::GET, "/", Protocol::Other),
            (Method::GET, "/v1/database/instances/x", Protocol::Rest),
            (Method::POST, "/auth/v1/signin", Protocol::SignIn),
            (Method::GET, "/files/a", Protocol::Other),
        ] {
            assert_eq!(Protocol::of(&method, path), protocol, "{method} {path}");
        }
        let path =
            "/v1/database/instances/(default)/databases/(default)/collections/todos/documents/1";
        assert_eq!(collection(path), Some("todos"));
        assert_eq!(collection("/v1/database"), None);
        let named = Named::of(
            &HeaderMap::new(),
            br#"{"action":"a","collectionName":"c","x":1}"#,
        );
        assert_eq!(named.action.as_deref(), Some("a"));
        assert_eq!(named.collection.as_deref(), Some("c"));
        let mut headers = HeaderMap::new();
        headers.insert("x-tc-action", "ListTables".parse().expect("a value"));
        let named = Named::of(&headers, br#"{"TableName":"t"}"#);
        assert_eq!(named.action.as_deref(), Some("ListTables"));
        assert_eq!(named.collection.as_deref(), Some("t"));
        assert_eq!(Named::of(&HeaderMap::new(), b"not JSON").action, None);
    }
}
