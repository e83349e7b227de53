//! What a client is told when something is not done.

use crate::cloudbase::Code;
use crate::data::{CollectionName, DocId};
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

    /// An `_id` that another document has.
    pub(crate) fn duplicate_id(collection: &CollectionName, id: &DocId) -> Self {
        let value = id.to_value();
        Self::duplicate(collection, &format!("_id_ dup key: {{ _id: {value} }}"))
    }

    /// REST has a code of its own for it; see [`Failure::on_admin`].
    fn duplicate(collection: &CollectionName, index: &str) -> Self {
        Self::new(
            Code::DatabaseDuplicateWrite,
            format!(
                "[FailedOperation] E11000 duplicate key error collection: {collection} index: {index}"
            ),
        )
    }

    /// The transaction was committed, aborted, refused or never begun, or its time is over.
    pub(crate) fn transaction_over() -> Self {
        Self::transaction(
            Code::DatabaseTransactionFail,
            "TransactionNotExist",
            "Transaction does not exist on the server, transaction must be commit or abort in 30 seconds",
        )
    }

    /// Somebody else wrote a document that the transaction wants to write.
    pub(crate) fn transaction_conflict() -> Self {
        Self::transaction(
            Code::DatabaseTransactionConflict,
            "TransactionConflict",
            "Transaction is conflict, maybe resource operated by others",
        )
    }

    /// A plain write waited too long for documents that a transaction holds.
    pub(crate) fn transaction_busy() -> Self {
        Self::transaction(
            Code::DatabaseTransactionFail,
            "TransactionBusy",
            "Transaction is busy",
        )
    }

    pub(crate) fn too_many_transactions(most: usize) -> Self {
        Self::transaction(
            Code::DatabaseTransactionFail,
            "TransactionBusy",
            &format!("At most {most} transactions can be open"),
        )
    }

    /// The official clients' tests know these texts to the letter.
    fn transaction(code: Code, kind: &str, what: &str) -> Self {
        let message = format!(
            "[ResourceUnavailable.{kind}] {what}. Please check your request, but if the problem persists, contact us."
        );
        Self::new(code, message)
    }

    /// As the protocol on `/admin` tells it, which has fewer codes: those of REST's own are `DATABASE_REQUEST_FAILED`.
    #[must_use]
    pub(crate) fn on_admin(self) -> Self {
        let code = match self.code {
            Code::DatabaseDuplicateWrite | Code::DatabaseCollectionAlreadyExist => {
                Code::DatabaseRequestFailed
            }
            code => code,
        };
        Self { code, ..self }
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
            store::Error::Duplicate { collection, fields } => {
                Self::duplicate(&collection, &fields.join("_"))
            }
            store::Error::Unavailable { reason, .. } => Self::new(Code::SysErr, reason),
            other => Self::new(
                Code::DatabaseRequestFailed,
                format!("[FailedOperation] {other}"),
            ),
        }
    }
}
