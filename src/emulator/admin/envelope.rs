//! Requests in, answers out.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::asked::{Asked, text};
use crate::clock::Clock;
use crate::data::{Object, Value, ejson};
use crate::emulator::app::App;
use crate::emulator::failure::{Failure, Result};
use crate::emulator::http::{too_large, unread};
use crate::emulator::identity::{Identity, Signed};
use crate::emulator::{unique, wire};

/// The longest part of an answer's id that is the client's.
const MAX_SEQUENCE: usize = 64;

pub(super) async fn admin(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let identify = |_: &Object, body: &[u8]| {
        app.identities.of_signed(Signed {
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers: &headers,
            body,
        })
    };
    answer(&app, &uri, &headers, body, identify).await
}

pub(super) async fn web(
    State(app): State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let identify = |members: &Object, _: &[u8]| {
        let token = text(members, "access_token").or_else(|| bearer(&headers));
        app.identities.of_token(token)
    };
    answer(&app, &uri, &headers, body, identify).await
}

fn unread_body(app: &App, uri: &Uri, rejection: &BytesRejection) -> Response {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    refusal(uri, app.clock.now_ms(), unread(rejection))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim)
}

async fn answer(
    app: &Arc<App>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    identify: impl FnOnce(&Object, &[u8]) -> Result<Identity>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return unread_body(app, uri, &rejection),
    };
    let now = app.clock.now_ms();
    let members = read(&body);
    let sequence = sequence(uri, members.as_ref().ok());
    let identify = |members: &Object| identify(members, &body);
    let outcome = match &members {
        Ok(members) => run(app, uri, headers, members, now, identify).await,
        Err(failure) => Err(failure.clone()),
    };
    let answer = outcome.unwrap_or_else(|failure| refused(&failure.on_admin()));
    respond(&request_id(now, sequence), answer)
}

async fn run(
    app: &Arc<App>,
    uri: &Uri,
    headers: &HeaderMap,
    members: &Object,
    now: i64,
    identify: impl FnOnce(&Object) -> Result<Identity>,
) -> Result<Object> {
    let identity = identify(members)?;
    for name in ["envName", "env"] {
        app.check_env(text(members, name).unwrap_or_default())?;
    }
    let asked = Asked {
        app,
        session: app.session(identity),
        host: host(uri, headers),
        members,
        now,
    };
    super::act(&asked).await
}

/// The members of a body, whatever its content type says.
fn read(body: &[u8]) -> Result<Object> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Failure::invalid("the body must be JSON, and JSON is UTF-8"))?;
    match wire::parse(text)? {
        Value::Object(members) => Ok(members),
        other => Err(Failure::invalid(format!(
            "the body must be a JSON object, found {}",
            other.kind()
        ))),
    }
}

/// This server as the client sees it.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let header = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let authority = uri.authority().map(|authority| authority.as_str());
    header.or(authority).unwrap_or("127.0.0.1")
}

/// What the client calls its request, by which its logs and ours can be joined.
fn sequence<'a>(uri: &'a Uri, members: Option<&'a Object>) -> Option<&'a str> {
    let in_query = uri.query().into_iter().flat_map(|query| query.split('&'));
    in_query
        .filter_map(|pair| pair.strip_prefix("seqId="))
        .next()
        .or_else(|| text(members?, "seqId"))
        .filter(|sequence| is_fit(sequence))
}

fn is_fit(sequence: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !sequence.is_empty() && sequence.len() <= MAX_SEQUENCE && sequence.bytes().all(letter)
}

/// Different for every request; ends with what the client calls it.
fn request_id(now: i64, sequence: Option<&str>) -> String {
    let random = unique::number();
    match sequence {
        Some(sequence) => format!("{now:x}_{random:016x}_{sequence}"),
        None => format!("{now:x}_{random:016x}"),
    }
}

/// A refusal of a request that was not looked at, at this moment.
pub(in crate::emulator) fn refusal(uri: &Uri, now: i64, failure: Failure) -> Response {
    let id = request_id(now, sequence(uri, None));
    respond(&id, refused(&failure.on_admin()))
}

fn refused(failure: &Failure) -> Object {
    Object::from_iter([
        ("code", Value::string(failure.code.as_str())),
        ("message", Value::string(failure.message.as_str())),
    ])
}

/// Clients look at nothing but the body of an answer with status 200.
fn respond(request_id: &str, answer: Object) -> Response {
    let id = ("requestId".into(), Value::string(request_id));
    let members: Object = std::iter::once(id).chain(answer).collect();
    let text = ejson::object_to_string(&members, ejson::Mode::Relaxed);
    let json = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (json, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_the_clients_name_for_its_request() {
        for (uri, body, expected) in [
            ("/admin?env=e&seqId=1a_2", "{}", Some("1a_2")),
            ("/admin?&eventId=1&seqId=3_b", "{}", Some("3_b")),
            ("/web?env=e", r#"{"seqId":"127e"}"#, Some("127e")),
            ("/web", "{}", None),
            ("/web?seqId=a%22b", "{}", None),
            ("/web?seqId=", "{}", None),
        ] {
            let members = read(body.as_bytes()).expect("JSON");
            let uri: Uri = uri.parse().expect("an address");
            let found = sequence(&uri, Some(&members));
            assert_eq!(found, expected, "{uri}");
            let id = request_id(5, found);
            assert!(id.ends_with(expected.unwrap_or_default()), "{id}");
            assert_ne!(id, request_id(5, found));
        }
    }

    #[test]
    fn bodies_that_cannot_be_read_are_refused() {
        for body in [&b""[..], b"[]", b"{", b"\xff", b"null"] {
            assert!(read(body).is_err(), "{body:?}");
        }
    }
}
