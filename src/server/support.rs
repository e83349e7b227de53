//! `/support/<code>`: what staff are told about somebody else's refusal. Whoever is no staff learns nothing, not even
//! whether there is such a code.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::arrival::Arrival;
use super::negotiate::MediaType;
use super::refusal::Refusal;
use super::source::Source;
use super::{App, auth, endpoint};

pub(super) async fn case(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let (head, _body) = request.into_parts();
    let told = timeout(app.config.request_timeout, tell(&app, &code, &head));
    let told = told.await.unwrap_or(Err(Refusal::TimedOut));
    told.unwrap_or_else(|refusal| refusal.into_response(MediaType::Json))
}

async fn tell(app: &App, code: &str, head: &Parts) -> Result<Response, Refusal> {
    let headers = &head.headers;
    if !auth::host_fits(headers, app.config.auth) {
        return Err(Refusal::ForeignHost);
    }
    let arrival = Arrival::of(&head.extensions);
    Source::of(&arrival, &app.config).knock(app)?;
    let _slot = app.slots.try_acquire().map_err(|_| Refusal::Busy)?;
    let now = app.executor.gateway().now();
    let credential = auth::credential(headers, &arrival.trust, &app.config, now).await;
    let credential = credential.map_err(Refusal::Unauthenticated)?;
    if credential.user.is_none() {
        return Err(Refusal::Unauthenticated(auth::Refused::NotBearer));
    }
    let standing = endpoint::standing(app, &credential).await?;
    if !standing.caller.is_staff() {
        return Err(Refusal::NotStaff);
    }
    let case = app.executor.support_case(code).ok_or(Refusal::NoCase)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(case)).into_response())
}
