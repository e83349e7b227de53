//! What goes back: JSON with documents in canonical EJSON, or a refusal.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::cloudbase::Code;
use crate::data::ejson::{self, Mode};
use crate::data::{DocId, Object};
use crate::emulator::failure::Failure;
use crate::emulator::unique;

/// An answer with status 200, or a refusal.
pub(super) type Result<T, E = Refused> = std::result::Result<Json<T>, E>;

/// An answer that says only that it is done.
#[derive(Debug, Default, Serialize)]
pub(super) struct Nothing {}

/// EJSON inside of an answer.
pub(super) type Text = Box<RawValue>;

pub(super) fn document(document: &Object) -> Text {
    text(ejson::object_to_string(document, Mode::Canonical))
}

pub(super) fn documents(found: &[Object]) -> Vec<Text> {
    found.iter().map(document).collect()
}

/// Numbers as they are: clients ask by what they are told.
pub(super) fn id(id: &DocId) -> Text {
    text(ejson::value_to_string(&id.to_value(), Mode::Relaxed))
}

fn text(json: String) -> Text {
    RawValue::from_string(json).expect("EJSON is JSON")
}

/// A refusal on its way to the client.
#[derive(Debug)]
pub(super) struct Refused(Failure);

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<crate::mongo::Error> for Refused {
    fn from(error: crate::mongo::Error) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Failure { code, message } = self.0;
        let number = unique::number();
        let body = json!({
            "code": code.as_str(),
            "message": message,
            "requestId": format!("{number:016x}"),
        });
        (status(code), Json(body)).into_response()
    }
}

fn status(code: Code) -> StatusCode {
    match code {
        Code::DatabasePermissionDenied
        | Code::PermissionDenied
        | Code::SignParamInvalid
        | Code::MissingCredentials
        | Code::InvalidCredentials
        | Code::AccessTokenExpired
        | Code::CheckLoginFailed => StatusCode::UNAUTHORIZED,
        Code::DatabaseCollectionNotExist | Code::DocumentNotFound | Code::StorageFileNonexist => {
            StatusCode::NOT_FOUND
        }
        Code::DatabaseCollectionAlreadyExist | Code::DatabaseDuplicateWrite => StatusCode::CONFLICT,
        Code::ExceedRequestSizeLimit => StatusCode::PAYLOAD_TOO_LARGE,
        Code::ExceedRequestLimit
        | Code::ExceedConcurrentRequestLimit
        | Code::ExceedRateLimit
        | Code::DatabaseCollectionExceedLimit => StatusCode::UNPROCESSABLE_ENTITY,
        Code::SysErr | Code::DatabaseRequestFailed => StatusCode::INTERNAL_SERVER_ERROR,
        Code::DatabaseTransactionConflict | Code::DatabaseTransactionFail => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Code::ServerTimeout | Code::DatabaseTimeout => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    }
}
