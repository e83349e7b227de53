//! How a refusal looks to the official SDKs: `error` is one of OAuth's words,
//! `error_code` a number they put into classes.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::emulator::failure::Failure;
use crate::emulator::identity::Refusal;

/// A refusal on its way to the client.
#[derive(Debug)]
pub(super) struct Refused(Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        const INVALID: u16 = 3;
        const UNAUTHENTICATED: u16 = 16;
        const UNAUTHORIZED_CLIENT: u16 = 4022;
        let bad = StatusCode::BAD_REQUEST;
        let (status, error, error_code, told) = match self.0 {
            Refusal::Argument(told) => (bad, "invalid_argument", INVALID, told),
            Refusal::Grant(told) => (bad, "invalid_grant", UNAUTHENTICATED, told),
            Refusal::Password => (
                bad,
                "invalid_username_or_password",
                UNAUTHENTICATED,
                "no user of that name with that password".to_owned(),
            ),
            Refusal::Token(told) => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                UNAUTHENTICATED,
                told,
            ),
            Refusal::Secret(told) => (
                StatusCode::UNAUTHORIZED,
                "unauthorized_client",
                UNAUTHORIZED_CLIENT,
                told,
            ),
        };
        let body = json!({
            "error": error,
            "error_code": error_code,
            "error_description": told,
        });
        (status, Json(body)).into_response()
    }
}

/// A refusal of a request that was not looked at.
pub(in crate::emulator) fn refusal(failure: &Failure) -> Response {
    let body = json!({
        "error": failure.code.as_str().to_ascii_lowercase(),
        "error_description": failure.message,
    });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
