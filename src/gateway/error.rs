//! Why a request was not carried out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::data::update::ApplyError;
use crate::store;

/// Said to those who cannot know that something is wrong on our side.
const CLOSED: &str = ": the collection is closed until its permission in the database is known to be that of the \
                      schema; the operator must look";

/// Why a request was not carried out. Nothing was written, unless it says otherwise.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("sign in first")]
    Unauthenticated,
    /// `coordinate`: `Order` or `Order.cost`; `operation`: `read`, `create`, `update` or `delete`. `is_closed`: the
    /// collection is closed for now, which may be why.
    #[error("{operation} of {coordinate} is not allowed{}", if *is_closed { CLOSED } else { "" })]
    Forbidden {
        operation: &'static str,
        coordinate: String,
        is_closed: bool,
    },
    /// A write that would give or take staff roles as nobody may, whatever the model grants.
    #[error("{operation} of {coordinate} is not allowed: {reason}")]
    Elevation {
        operation: &'static str,
        coordinate: String,
        reason: &'static str,
    },
    /// Not there, or not for this caller: the two cannot be told apart.
    #[error("no such {type_name}")]
    NotFound { type_name: String },
    /// `fields`: the fields (by their API name) that hold a value another document has; only those the caller may read.
    #[error("{message}")]
    Conflict {
        message: String,
        fields: Vec<String>,
    },
    /// One or more things are wrong with the input; each names its field or argument.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    BadInput { problems: Vec<InputProblem> },
    #[error("{message}")]
    Limit { message: String },
    /// `field` is a coordinate of the API: `Order.total`.
    #[error("a stored document does not fit the model: {reason}")]
    InvalidDocument {
        id: String,
        field: String,
        reason: String,
    },
    /// The store cannot answer now; trying again may help.
    #[error("the database is not available, try again")]
    Unavailable(#[source] Arc<store::Error>),
    /// Whether a staff member is still signed in cannot be found out now; trying again may help.
    #[error("whether you are still signed in cannot be found out at this moment, try again")]
    Unvouched { retry_after: Duration },
    /// The store did not say whether it has written: to try again may do it twice.
    #[error("the database did not say whether this was written: look before you try again")]
    OutcomeUnknown(#[source] Arc<store::Error>),
    /// A fault on our side. The chain is for the log, never for a caller: it may name documents they cannot see.
    #[error("something went wrong inside")]
    Internal(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// One thing that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// Where: `input.title`, `input[2].title`, `set.stock`, `first`.
    pub place: String,
    pub message: String,
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl InputProblem {
    pub(super) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

impl Error {
    /// One wrong argument.
    pub(super) fn bad_input(place: impl Into<String>, message: impl Into<String>) -> Self {
        Error::BadInput {
            problems: vec![InputProblem::new(place, message)],
        }
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Error::Conflict {
            message: message.into(),
            fields: Vec::new(),
        }
    }

    /// What is the matter with the store, in words for operators: they name no document.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Error::Unavailable(error) => match &**error {
                store::Error::Unavailable { reason, .. } => Some(reason),
                _ => None,
            },
            _ => None,
        }
    }

    /// How long to wait before trying again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Unavailable(error) => match **error {
                store::Error::Unavailable { retry_after, .. } => retry_after,
                _ => None,
            },
            Error::Unvouched { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    pub(super) fn internal(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Error::Internal(Arc::new(source))
    }
}

/// What a failure of the store means to a caller where nothing more is known of the request. Says nothing of any
/// document: the one that is damaged, or is a duplicate, may be one the caller cannot see.
impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Duplicate { .. } => {
                Error::conflict("another document has the same value in a unique index")
            }
            // Not how large it is: that would tell how much there is in fields that its writer cannot read.
            store::Error::TooLarge { max, .. } => Error::Limit {
                message: format!("the document would be larger than {max} bytes"),
            },
            store::Error::Apply(ApplyError::TooDeep) => Error::Limit {
                message: ApplyError::TooDeep.to_string(),
            },
            store::Error::Unavailable { .. } => Error::Unavailable(Arc::new(error)),
            store::Error::OutcomeUnknown(_) => Error::OutcomeUnknown(Arc::new(error)),
            store::Error::Apply(_) | store::Error::Damaged { .. } | store::Error::Failed(_) => {
                Error::internal(error)
            }
        }
    }
}
