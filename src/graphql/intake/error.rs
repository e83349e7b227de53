//! Why an operation is not taken in. Nothing of it was run.

use async_graphql_parser::Pos;

/// One reason; every reason found is reported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The text is not a GraphQL document.
    #[error("{message}")]
    Syntax {
        message: String,
        location: Option<Pos>,
    },
    /// The document is larger than this server takes.
    #[error("the document has too many {what}: at most {limit} are taken")]
    Limit { what: &'static str, limit: usize },
    /// The document breaks a rule of section 5 of the specification.
    #[error("{message}")]
    Invalid {
        message: String,
        locations: Vec<Pos>,
    },
    #[error("there is no operation named `{name}` in the document")]
    UnknownOperation { name: String },
    #[error("the document has several operations: say with `operationName` which one to run")]
    OperationNameRequired,
}

impl IntakeError {
    /// By place, then by text; equal ones once. Validators visit fragments in no particular order.
    pub(super) fn sort(errors: &mut Vec<Self>) {
        errors.sort_by_cached_key(|error| {
            let first = error.locations().first();
            (first.map(|at| (at.line, at.column)), error.to_string())
        });
        errors.dedup();
    }

    pub fn locations(&self) -> &[Pos] {
        match self {
            IntakeError::Syntax { location, .. } => location.as_slice(),
            IntakeError::Invalid { locations, .. } => locations,
            IntakeError::Limit { .. }
            | IntakeError::UnknownOperation { .. }
            | IntakeError::OperationNameRequired => &[],
        }
    }
}
