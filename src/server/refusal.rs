//! What is answered when no operation ran: a status, and a GraphQL error that says why.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::auth;
use super::negotiate::MediaType;
use crate::graphql::error::{Code, Error, whole_seconds};

/// Why a request was not handed to the executor, or its answer not waited for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    Malformed(String),
    Unauthenticated(auth::Refused),
    /// The host that the request names is not this machine, where only this machine may ask.
    ForeignHost,
    /// The page that asks is of another site.
    ForeignOrigin,
    MethodNotAllowed,
    /// The operation of a GET must be a query.
    MutationByGet,
    NotAcceptable,
    UnsupportedMediaType,
    /// `max`: the largest body, in bytes.
    TooLarge {
        max: usize,
    },
    /// Too many operations run already.
    Busy,
    /// Too many sockets are open already.
    Crowded,
    /// What is asked for is for staff.
    NotStaff,
    /// There is no case under a support code.
    NoCase,
    /// The server shuts down.
    Closing,
    /// The request did not arrive in time.
    SlowToAsk,
    TimedOut,
    /// The operation could not begin; the error says why.
    Failed(Error),
    /// A panic; `id` leads to it in the log.
    Internal {
        id: String,
    },
}

impl Refusal {
    pub(super) fn into_response(self, media_type: MediaType) -> Response {
        let status = self.status();
        let extra = self.header();
        let body = json!({ "errors": [self.into_error().to_json()] }).to_string();
        let mut response = (
            status,
            [(
                header::CONTENT_TYPE,
                media_type.of_refusals().content_type(),
            )],
            body,
        )
            .into_response();
        if let Some((name, value)) = extra {
            response.headers_mut().insert(name, value);
        }
        response
    }

    fn status(&self) -> StatusCode {
        match self {
            Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
            Refusal::Unauthenticated(why) if why.is_ambiguous() => StatusCode::BAD_REQUEST,
            Refusal::Unauthenticated(why) if why.retry_after().is_some() => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Refusal::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Refusal::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Refusal::ForeignOrigin | Refusal::NotStaff => StatusCode::FORBIDDEN,
            Refusal::NoCase => StatusCode::NOT_FOUND,
            Refusal::MethodNotAllowed | Refusal::MutationByGet => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Refusal::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Busy | Refusal::Crowded | Refusal::Closing => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Failed(error) if error.code == Code::Unavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Refusal::Failed(error) if error.code == Code::LimitExceeded => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Refusal::SlowToAsk => StatusCode::REQUEST_TIMEOUT,
            Refusal::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Refusal::Failed(_) | Refusal::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The header that belongs to the status.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Refusal::Unauthenticated(why) if why.is_ambiguous() => return None,
            Refusal::Unauthenticated(why) => match why.retry_after() {
                Some(pause) => return Some((header::RETRY_AFTER, whole_seconds(pause).into())),
                None if why.is_of_token() => {
                    (header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)
                }
                None => (header::WWW_AUTHENTICATE, "Bearer"),
            },
            Refusal::MethodNotAllowed => (header::ALLOW, "GET, POST"),
            Refusal::MutationByGet => (header::ALLOW, "POST"),
            Refusal::UnsupportedMediaType => (header::ACCEPT, "application/json"),
            Refusal::Busy | Refusal::Crowded | Refusal::Closing => (header::RETRY_AFTER, "1"),
            Refusal::Failed(error) => {
                return Some((header::RETRY_AFTER, error.retry_after()?.into()));
            }
            _ => return None,
        };
        Some((name, HeaderValue::from_static(value)))
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Refusal::Malformed(message) => Error::new(Code::BadUserInput, message),
            Refusal::Unauthenticated(why) if why.is_ambiguous() => {
                Error::new(Code::BadUserInput, why.to_string())
            }
            Refusal::Unauthenticated(why) => match why.retry_after() {
                Some(pause) => Error::unavailable(why.to_string(), pause),
                None => Error::new(Code::Unauthenticated, why.to_string()),
            },
            Refusal::ForeignHost => Error::new(
                Code::Forbidden,
                "a server that takes development tokens is asked as `localhost` or by its address",
            ),
            Refusal::ForeignOrigin => Error::new(
                Code::Forbidden,
                "pages of other sites may not ask here, unless the operator names them in `server.cors_origins`",
            ),
            Refusal::NotStaff => Error::new(
                Code::Forbidden,
                "only staff are told what a support code stands for",
            ),
            Refusal::NoCase => Error::new(
                Code::NotFound,
                "no such support code is kept here: look for it in the log, of other instances as well",
            ),
            Refusal::MethodNotAllowed => {
                Error::new(Code::BadUserInput, "send GraphQL requests by POST or GET")
            }
            Refusal::MutationByGet => Error::new(
                Code::BadUserInput,
                "a GET can only query: send mutations by POST",
            ),
            Refusal::NotAcceptable => Error::new(
                Code::BadUserInput,
                "answers are `application/graphql-response+json`, `application/json` or `text/event-stream`, in UTF-8: accept one of them",
            ),
            Refusal::UnsupportedMediaType => Error::new(
                Code::BadUserInput,
                "send the request as `content-type: application/json`, in UTF-8 and not compressed",
            ),
            Refusal::TooLarge { max } => Error::new(
                Code::LimitExceeded,
                format!("the request's body is larger than {max} bytes"),
            ),
            Refusal::Busy => Error::new(
                Code::Unavailable,
                "too many operations run at this moment: try again",
            ),
            Refusal::Crowded => Error::new(
                Code::Unavailable,
                "too many sockets or event streams are open at this moment: try again",
            ),
            Refusal::Closing => {
                Error::new(Code::Unavailable, "the server shuts down: connect again")
            }
            Refusal::SlowToAsk => Error::new(
                Code::Timeout,
                "the request's body did not arrive in time; nothing was done",
            ),
            Refusal::TimedOut => Error::new(
                Code::Timeout,
                "the operation took too long and was given up; a mutation may have been carried out",
            ),
            Refusal::Failed(error) => error,
            Refusal::Internal { id } => Error::new(
                Code::Internal,
                "something went wrong here; the operators find it under this id",
            )
            .with("id", id),
        }
    }
}
