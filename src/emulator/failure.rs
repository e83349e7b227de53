//! What a client is told when something is not done.

use crate::cloudbase::Code;
use crate::{mongo, store};

/// A refusal, as all protocols tell it: each puts code and message where its clients look for them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Failure {
    pub code: Code,
    pub message: String,
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// An argument that cannot be taken.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidParam, message)
    }

    /// The permission of the collection, or its rule, says no. Tells nothing more.
    pub fn denied() -> Self {
        Self::new(
            Code::DatabasePermissionDenied,
            "[FailedOperation] Permission denied: the collection's permission or security rule does not allow this",
        )
    }

    pub fn no_collection(name: &str) -> Self {
        Self::new(
            Code::DatabaseCollectionNotExist,
            format!("[ResourceNotFound] Db or Table not exist: {name}"),
        )
    }
}

impl From<mongo::Error> for Failure {
    fn from(error: mongo::Error) -> Self {
        Self::new(
            Code::DatabaseRequestFailed,
            format!("[FailedOperation] {error}"),
        )
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Duplicate { collection, fields } => Self::new(
                Code::DatabaseRequestFailed,
                format!(
                    "[FailedOperation] E11000 duplicate key error collection: {collection} index: {}",
                    fields.join("_")
                ),
            ),
            store::Error::Unavailable(reason) => Self::new(Code::SysErr, reason),
            other => Self::new(
                Code::DatabaseRequestFailed,
                format!("[FailedOperation] {other}"),
            ),
        }
    }
}
