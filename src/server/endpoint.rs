//! `/graphql`: one request, one operation, one answer (GraphQL over HTTP), which may be a stream (`sse.rs`);
//! or a socket for many (`socket/`).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, timeout_at};

use super::arrival::Arrival;
use super::negotiate::{self, MediaType};
use super::refusal::Refusal;
use super::request::{self, Parameters};
use super::source::Source;
use super::{App, auth, socket, sse};
use crate::gateway::{Credential, Standing};
use crate::graphql::{self, Allowed, Outcome};

/// `x-explain: plan, permissions` asks for `extensions.plan` and `extensions.permissions`.
const EXPLAIN: HeaderName = HeaderName::from_static("x-explain");

pub(super) async fn graphql(State(app): State<Arc<App>>, request: Request) -> Response {
    let Some(media_type) = negotiate::media_type(request.headers()) else {
        return Refusal::NotAcceptable.into_response(MediaType::Json);
    };
    if !auth::host_fits(request.headers(), app.config.auth) {
        return Refusal::ForeignHost.into_response(media_type);
    }
    let source = Source::of(&Arrival::of(request.extensions()), &app.config);
    if let Err(refusal) = source.knock(&app) {
        return refusal.into_response(media_type);
    }
    if socket::is_asked_for(request.headers()) {
        return socket::open(&app, request, source)
            .unwrap_or_else(|refusal| refusal.into_response(media_type));
    }
    answer(&app, request, source, media_type)
        .await
        .unwrap_or_else(|refusal| refusal.into_response(media_type))
}

async fn answer(
    app: &Arc<App>,
    request: Request,
    source: Source,
    media_type: MediaType,
) -> Result<Response, Refusal> {
    let deadline = Instant::now() + app.config.request_timeout;
    let (head, body) = request.into_parts();
    let large = match request::is_large(&body) {
        true => Some(app.large_bodies.try_acquire().map_err(|_| Refusal::Busy)?),
        false => None,
    };
    let reading = request::read(
        &head.method,
        &head.uri,
        &head.headers,
        body,
        app.config.max_body,
    );
    let parameters = timeout_at(deadline, reading)
        .await
        .map_err(|_| Refusal::SlowToAsk)??;
    drop(large);
    // Only now: a client that takes its time with the body keeps nobody else out. A live operation gives the slot
    // back once it is open, and nobody looks at the deadline any more.
    let _slot = app.slots.try_acquire().map_err(|_| Refusal::Busy)?;
    let run = run(app, &head, parameters, source, media_type);
    timeout_at(deadline, app.within(deadline, run))
        .await
        .map_err(|_| Refusal::TimedOut)?
}

/// Runs the operation of a request that was read.
async fn run(
    app: &Arc<App>,
    head: &Parts,
    parameters: Parameters,
    source: Source,
    media_type: MediaType,
) -> Result<Response, Refusal> {
    let now = app.executor.gateway().now();
    let trust = &Arrival::of(&head.extensions).trust;
    let credential = auth::credential(&head.headers, trust, &app.config, now).await;
    let credential = credential.map_err(Refusal::Unauthenticated)?;
    let mut request = parameters.into_request(if head.method == Method::GET {
        Allowed::Queries
    } else {
        Allowed::All
    });
    request = source.of_request(request);
    if media_type == MediaType::EventStream {
        return sse::answer(app, request, credential).await;
    }
    let standing = standing(app, &credential).await?;
    let caller = Arc::clone(&standing.caller);
    request.standing = Some(standing);
    let may_know = caller.is_staff() || app.config.auth.believes();
    request.explain = may_know && is_asked_for(&head.headers, "plan");
    request.permissions = may_know && is_asked_for(&head.headers, "permissions");
    request.credential = credential;
    let answer = app.executor.execute(request, caller).await;
    match answer.outcome {
        Outcome::NotAllowed => Err(Refusal::MutationByGet),
        _ => Ok(respond(answer, media_type)),
    }
}

/// Who the credential of a request makes its caller.
pub(super) async fn standing(app: &App, credential: &Credential) -> Result<Standing, Refusal> {
    let standing = app.executor.gateway().standing(credential).await;
    let standing = standing.map_err(|error| Refusal::Failed(error.into()))?;
    if standing.is_of_lost_login(credential) {
        return Err(Refusal::Unauthenticated(auth::Refused::SignedOut));
    }
    Ok(standing)
}

/// Whether this is among what is to be explained. It is told to staff, and to everybody where identities are not proven
/// anyway.
fn is_asked_for(headers: &HeaderMap, what: &str) -> bool {
    let asked = headers.get_all(EXPLAIN).iter();
    let mut asked = asked.filter_map(|value| value.to_str().ok());
    asked.any(|text| {
        text.split(',')
            .any(|word| word.trim().eq_ignore_ascii_case(what))
    })
}

/// An operation that ran is 200, with errors or without. That one was not let in, or was given up, is for clients and
/// proxies to act on, and told by the status whatever is accepted. Any other that did not run is 200 as
/// `application/json`, which has no other way to say "this is a GraphQL answer", and a client error otherwise.
pub(super) fn respond(answer: graphql::Response, media_type: MediaType) -> Response {
    let status = match (answer.outcome, media_type) {
        (Outcome::Throttled { .. }, _) => StatusCode::TOO_MANY_REQUESTS,
        (Outcome::TimedOut, _) => StatusCode::GATEWAY_TIMEOUT,
        (Outcome::Refused, MediaType::GraphqlResponse) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let mut response = (
        status,
        [
            (header::CONTENT_TYPE, media_type.content_type()),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        Body::from(answer.body),
    )
        .into_response();
    if let Outcome::Throttled { retry_after } = answer.outcome {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, retry_after.into());
    }
    response
}
