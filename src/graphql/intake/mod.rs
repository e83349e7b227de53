//! Text → a document that is safe to resolve: parsed, small enough, valid.

mod error;

use std::sync::Arc;

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};

pub use self::error::IntakeError;
use super::api::Api;

/// How large an operation may be. Checked before validation, in time linear in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub bytes: usize,
    pub tokens: usize,
    /// Nested fields, fragments followed.
    pub depth: usize,
    /// Nested lists and objects of values.
    pub value_depth: usize,
    /// Fields of the operation with every fragment spread written out.
    pub fields: usize,
    pub root_fields: usize,
    pub directives: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 * 1024,
            tokens: 20_000,
            depth: 20,
            value_depth: 20,
            fields: 10_000,
            root_fields: 100,
            directives: 200,
        }
    }
}

/// Takes operations in against one API.
#[derive(Debug)]
pub struct Intake {
    api: Arc<Api>,
    limits: Limits,
}

/// A valid document and which of its operations is meant.
#[derive(Clone, Debug)]
pub struct Taken {
    pub document: ExecutableDocument,
    /// INVARIANT: an operation of this name (or the only one) is in the document.
    operation: Option<String>,
}

impl Intake {
    pub fn new(api: Arc<Api>, limits: Limits) -> Self {
        Self { api, limits }
    }

    pub fn api(&self) -> &Arc<Api> {
        &self.api
    }

    /// Reads one operation. Variables play no part: they are coerced when the operation is bound.
    ///
    /// # Errors
    ///
    /// Every reason to refuse it.
    pub fn take_in(
        &self,
        _text: &str,
        _operation_name: Option<&str>,
    ) -> Result<Taken, Vec<IntakeError>> {
        let _ = self.limits;
        unimplemented!("schema helper")
    }
}

impl Taken {
    /// The operation that is meant.
    pub fn operation(&self) -> &Positioned<OperationDefinition> {
        match (&self.document.operations, &self.operation) {
            (DocumentOperations::Single(operation), _) => operation,
            (DocumentOperations::Multiple(operations), Some(name)) => &operations[name.as_str()],
            (DocumentOperations::Multiple(operations), None) => operations
                .values()
                .next()
                .expect("a document has at least one operation"),
        }
    }
}
