//! `/auth/v1`: users sign in and get tokens.
//!
//! Answers are plain JSON; a refusal is `{error, error_code, error_description}` with a status, as OAuth has it.
//! Signing up, verification by mail or phone, and other identity providers are not emulated.
//!
//! - `refusal.rs`: how a refusal looks

mod refusal;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use self::refusal::Refused;
pub(super) use self::refusal::refusal;
use super::app::App;
use super::identity::{Profile, Refusal, Signed, Tokens, bearer};

/// Where administrators get a token; signed requests name it.
const CLIENT_CREDENTIAL: &str = "/auth/v1/token/clientCredential";

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/auth/v1/signin/anonymously", post(anonymously))
        .route("/auth/v1/signin", post(with_password))
        .route("/auth/v1/signin/custom", post(with_ticket))
        .route("/auth/v1/token", post(token))
        .route(CLIENT_CREDENTIAL, post(client_credential))
        .route("/auth/v1/token/introspect", get(introspect))
        .route("/auth/v1/user/me", get(me))
        .route("/auth/v1/user/signout", post(sign_out))
        .route("/auth/v1/revoke", post(revoke))
        .route("/auth/v1/certs", get(public_keys))
        .route("/auth/{*rest}", any(unknown))
}

type Result<T, E = Refused> = std::result::Result<T, E>;

/// What the address says.
#[derive(Debug, Deserialize)]
struct Address {
    client_id: Option<String>,
}

impl Address {
    /// The environment that the client names. Whose it is told in the tokens only where any is served, so a wrong one
    /// does no harm.
    fn client(&self) -> &str {
        self.client_id.as_deref().unwrap_or("emulator")
    }
}

async fn anonymously(
    State(app): State<Arc<App>>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Result<Json<Tokens>> {
    let device = header(&headers, "x-device-id");
    let tokens = app
        .identities
        .sign_in_anonymously(device, address.client())?;
    Ok(Json(tokens))
}

#[derive(Deserialize)]
struct Password {
    username: String,
    password: String,
}

async fn with_password(
    State(app): State<Arc<App>>,
    Query(address): Query<Address>,
    body: Bytes,
) -> Result<Json<Tokens>> {
    let Password { username, password } = read(&body)?;
    let tokens = app
        .identities
        .sign_in(&username, &password, address.client())?;
    Ok(Json(tokens))
}

#[derive(Deserialize)]
struct Ticket {
    ticket: String,
}

async fn with_ticket(
    State(app): State<Arc<App>>,
    Query(address): Query<Address>,
    body: Bytes,
) -> Result<Json<Tokens>> {
    let Ticket { ticket } = read(&body)?;
    let tokens = app
        .identities
        .sign_in_with_ticket(&ticket, address.client())?;
    Ok(Json(tokens))
}

/// What a token is asked for with.
#[derive(Deserialize)]
#[serde(tag = "grant_type", rename_all = "snake_case")]
enum Grant {
    RefreshToken { refresh_token: String },
    Password(Password),
    ClientCredentials {},
}

async fn token(
    State(app): State<Arc<App>>,
    Query(address): Query<Address>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Tokens>> {
    let (identities, client) = (&app.identities, address.client());
    let tokens = match read(&body)? {
        Grant::RefreshToken { refresh_token } => identities.refresh(&refresh_token, client),
        Grant::Password(Password { username, password }) => {
            identities.sign_in(&username, &password, client)
        }
        Grant::ClientCredentials {} => {
            let (id, key) = basic(&headers).ok_or_else(no_secret)?;
            identities.sign_in_with_secret(&id, &key, client)
        }
    };
    Ok(Json(tokens?))
}

/// An administrator, by a secret or by a signature that proves one.
async fn client_credential(
    State(app): State<Arc<App>>,
    Query(address): Query<Address>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Tokens>> {
    let (identities, client) = (&app.identities, address.client());
    let tokens = match basic(&headers) {
        Some((id, key)) => identities.sign_in_with_secret(&id, &key, client),
        None => {
            let signed = Signed {
                path: CLIENT_CREDENTIAL,
                query: query.as_deref().unwrap_or_default(),
                headers: &headers,
                body: &body,
            };
            identities.sign_in_signed(signed, header(&headers, "authorization"), client)
        }
    };
    Ok(Json(tokens?))
}

/// A token that is not good is described by nothing.
async fn introspect(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    match app.identities.introspect(bearer_token(&headers)) {
        Some(introspection) => Json(introspection).into_response(),
        None => Json(json!({})).into_response(),
    }
}

async fn me(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<Profile>> {
    Ok(Json(app.identities.profile(bearer_token(&headers))?))
}

async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response> {
    app.identities.sign_out(bearer_token(&headers))?;
    Ok(Json(json!({})).into_response())
}

#[derive(Deserialize)]
struct Revoke {
    token: String,
}

/// As a sign-out; what is no token needs none.
async fn revoke(State(app): State<Arc<App>>, body: Bytes) -> Result<Response> {
    let Revoke { token } = read(&body)?;
    let _ = app.identities.sign_out(&token);
    Ok(Json(json!({})).into_response())
}

async fn public_keys(State(app): State<Arc<App>>) -> Response {
    Json(app.identities.public_keys()).into_response()
}

async fn unknown() -> Response {
    let body = json!({
        "error": "unimplemented",
        "error_code": 12,
        "error_description": "the emulator does not know this way to sign in",
    });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let read = serde_json::from_slice(body);
    read.map_err(|error| Refusal::Argument(format!("the body: {error}")).into())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn bearer_token(headers: &HeaderMap) -> &str {
    bearer(header(headers, "authorization")).unwrap_or_default()
}

/// The secret of `Authorization: Basic`.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, pair) = header(headers, "authorization").split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(())?;
    let pair = STANDARD.decode(pair.trim()).ok()?;
    let (id, key) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some((id.to_owned(), key.to_owned()))
}

fn no_secret() -> Refusal {
    Refusal::Secret("`Authorization` needs `Basic` and a secret".to_owned())
}
