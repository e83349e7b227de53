//! What goes wrong with an operation, as a client reads it. The one place that
//! knows GraphQL error codes; the mapping from the gateway's errors is here too.

use std::time::Duration;

use async_graphql_parser::Pos;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::intake::IntakeError;
use crate::gateway;

/// `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    ParseFailed,
    ValidationFailed,
    BadUserInput,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    InvalidDocument,
    PersistedQueryNotFound,
    LimitExceeded,
    Timeout,
    Unavailable,
    Internal,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Code::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Code::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Code::BadUserInput => "BAD_USER_INPUT",
            Code::Unauthenticated => "UNAUTHENTICATED",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::Conflict => "CONFLICT",
            Code::InvalidDocument => "INVALID_DOCUMENT",
            Code::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Code::LimitExceeded => "LIMIT_EXCEEDED",
            Code::Timeout => "TIMEOUT",
            Code::Unavailable => "UNAVAILABLE",
            Code::Internal => "INTERNAL",
        }
    }
}

/// The member of `extensions` that says in how many seconds to try again.
const RETRY_AFTER: &str = "retryAfter";

/// A step of the way from the root of an answer to a place in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    Key(SmolStr),
    Index(usize),
}

/// One entry of `errors`.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub code: Code,
    pub message: String,
    /// Where in the document; empty if the error is about no place of it.
    pub locations: Vec<Pos>,
    /// Where in the answer; empty for an error that refused the operation as a whole.
    pub path: Vec<Segment>,
    /// Further members of `extensions`.
    pub details: Vec<(&'static str, Json)>,
}

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            locations: Vec::new(),
            path: Vec::new(),
            details: Vec::new(),
        }
    }

    /// `UNAVAILABLE`, with how long to wait.
    pub fn unavailable(message: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(Code::Unavailable, message).with(RETRY_AFTER, whole_seconds(retry_after))
    }

    #[must_use]
    pub fn at(mut self, locations: impl IntoIterator<Item = Pos>) -> Self {
        self.locations = locations.into_iter().collect();
        self
    }

    #[must_use]
    pub fn on_path(mut self, path: Vec<Segment>) -> Self {
        self.path = path;
        self
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Json>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// Says after how long to try again.
    #[must_use]
    pub fn with_retry_after(self, pause: Duration) -> Self {
        self.with(RETRY_AFTER, whole_seconds(pause))
    }

    /// Leaves nothing that could name what the API has: of an error of the document, or of what it was sent with, only
    /// the code and the places in the document.
    pub(crate) fn forget_names(&mut self) {
        let message = match self.code {
            Code::ValidationFailed => "the document does not fit the API",
            Code::BadUserInput => "an input does not fit the API",
            _ => return,
        };
        message.clone_into(&mut self.message);
        self.details.clear();
    }

    /// In how many seconds to try again, where that is known (`extensions.retryAfter`).
    pub fn retry_after(&self) -> Option<u64> {
        let mut details = self.details.iter();
        let (_, seconds) = details.find(|(name, _)| *name == RETRY_AFTER)?;
        seconds.as_u64()
    }

    /// A further member of `extensions` that is a text.
    pub(crate) fn detail(&self, name: &str) -> Option<&str> {
        let mut details = self.details.iter();
        let (_, value) = details.find(|(known, _)| *known == name)?;
        value.as_str()
    }

    /// The entry as it is sent.
    pub fn to_json(&self) -> Json {
        let mut entry = serde_json::Map::new();
        entry.insert("message".to_owned(), self.message.clone().into());
        if !self.locations.is_empty() {
            let place = |at: &Pos| json!({"line": at.line, "column": at.column});
            entry.insert(
                "locations".to_owned(),
                self.locations.iter().map(place).collect(),
            );
        }
        if !self.path.is_empty() {
            entry.insert(
                "path".to_owned(),
                self.path.iter().map(Segment::to_json).collect(),
            );
        }
        let mut extensions = serde_json::Map::new();
        extensions.insert("code".to_owned(), self.code.as_str().into());
        for (name, value) in &self.details {
            extensions.insert((*name).to_owned(), value.clone());
        }
        entry.insert("extensions".to_owned(), extensions.into());
        entry.into()
    }
}

impl Segment {
    fn to_json(&self) -> Json {
        match self {
            Segment::Key(key) => key.as_str().into(),
            Segment::Index(index) => (*index).into(),
        }
    }
}

impl From<gateway::Error> for Error {
    fn from(error: gateway::Error) -> Self {
        let message = error.to_string();
        let retry_after = error.retry_after();
        match error {
            gateway::Error::Unauthenticated => Error::new(Code::Unauthenticated, message),
            gateway::Error::Forbidden {
                operation,
                coordinate,
                ..
            }
            | gateway::Error::Elevation {
                operation,
                coordinate,
                ..
            } => Error::new(Code::Forbidden, message)
                .with("operation", operation)
                .with("coordinate", coordinate),
            gateway::Error::NotFound { type_name } => {
                Error::new(Code::NotFound, message).with("type", type_name)
            }
            gateway::Error::Conflict { fields, .. } => {
                Error::new(Code::Conflict, message).with("fields", fields)
            }
            gateway::Error::BadInput { problems } => {
                let entry = |problem: &gateway::InputProblem| json!({"place": problem.place, "message": problem.message});
                let problems: Json = problems.iter().map(entry).collect();
                Error::new(Code::BadUserInput, message).with("problems", problems)
            }
            gateway::Error::Limit { .. } => Error::new(Code::LimitExceeded, message),
            gateway::Error::InvalidDocument { id, field, .. } => {
                Error::new(Code::InvalidDocument, message)
                    .with("id", id)
                    .with("field", field)
            }
            gateway::Error::Unavailable(_) | gateway::Error::Unvouched { .. } => {
                match retry_after {
                    Some(pause) => Error::unavailable(message, pause),
                    None => Error::new(Code::Unavailable, message),
                }
            }
            gateway::Error::OutcomeUnknown(_) => {
                Error::new(Code::Unavailable, message).with("outcome", "UNKNOWN")
            }
            gateway::Error::Internal(cause) => internal(&*cause),
        }
    }
}

/// Rounded up: whoever tries again earlier is refused again.
pub fn whole_seconds(pause: Duration) -> u64 {
    pause.as_secs() + u64::from(pause.subsec_nanos() > 0)
}

impl From<gateway::FileError> for Error {
    fn from(error: gateway::FileError) -> Self {
        let code = match error {
            gateway::FileError::NotFound => Code::NotFound,
            gateway::FileError::Forbidden => Code::Forbidden,
            gateway::FileError::Unavailable | gateway::FileError::Unconfigured => Code::Unavailable,
        };
        Error::new(code, error.to_string())
    }
}

impl From<IntakeError> for Error {
    fn from(error: IntakeError) -> Self {
        let code = match error {
            IntakeError::Syntax { .. } => Code::ParseFailed,
            IntakeError::Limit { .. } => Code::LimitExceeded,
            IntakeError::Invalid { .. } => Code::ValidationFailed,
            IntakeError::UnknownOperation { .. } | IntakeError::OperationNameRequired => {
                Code::BadUserInput
            }
        };
        Error::new(code, error.to_string()).at(error.locations().iter().copied())
    }
}

/// Hides what went wrong behind an id; the whole chain is logged once, here.
pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Error {
    let id = error_id();
    tracing::error!(error.id = %id, error.chain = %Chain(error), "an operation failed");
    Error::new(
        Code::Internal,
        "something went wrong here; the operators find it under this id",
    )
    .with("id", id)
}

/// An error and what caused it, on one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Names one failure in the log and in the answer.
fn error_id() -> String {
    let number = getrandom::u64().unwrap_or_default();
    format!("{number:016x}")
}
