//! Validation by async-graphql's rules, without running anything.
//!
//! Its rules run when a request is executed. An extension lets them run and
//! then answers in place of the executor. It is given no variables: they are
//! coerced when the operation is bound, and without them its rules leave
//! every value that contains one to [`super::rules`].

use std::sync::Arc;

use async_graphql::dynamic::{Schema, SchemaError};
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Request, Response, ServerError};
use async_graphql_parser::Positioned;
use async_graphql_parser::types::{
    DocumentOperations, ExecutableDocument, InlineFragment, Selection, SelectionSet,
};
use futures_util::FutureExt;

use super::{IntakeError, Limits};
use crate::graphql::api::Api;
use crate::graphql::dynamic;

/// A schema that validates and never executes.
#[derive(Debug)]
pub(super) struct Validator {
    schema: Schema,
}

impl Validator {
    pub(super) fn new(api: &Api, limits: &Limits) -> Result<Self, SchemaError> {
        let schema = dynamic::builder(api)
            .limit_recursive_depth(limits.nesting)
            .disable_suggestions()
            .extension(AnswerBeforeExecuting)
            .finish()?;
        Ok(Self { schema })
    }

    /// # Errors
    ///
    /// Every violation its rules find, by place.
    pub(super) fn validate(&self, document: &ExecutableDocument) -> Result<(), Vec<IntakeError>> {
        let mut request = Request::new(String::new());
        request.set_parsed_query(with_plain_typenames(document));
        // All operations are validated, whichever is named; without a name one of several is refused.
        request.operation_name = document
            .operations
            .iter()
            .find_map(|(name, _)| name)
            .map(ToString::to_string);
        let response = self
            .schema
            .execute(request)
            .now_or_never()
            .expect("nothing is awaited: the extension answers before any resolver runs");
        if response.errors.is_empty() {
            return Ok(());
        }
        let mut errors: Vec<_> = response.errors.into_iter().map(invalid).collect();
        IntakeError::sort(&mut errors);
        Err(errors)
    }
}

fn invalid(error: ServerError) -> IntakeError {
    IntakeError::Invalid {
        message: error.message,
        locations: error.locations,
    }
}

struct AnswerBeforeExecuting;

impl ExtensionFactory for AnswerBeforeExecuting {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for AnswerBeforeExecuting {
    async fn execute(
        &self,
        _ctx: &ExtensionContext<'_>,
        _operation_name: Option<&str>,
        _next: NextExecute<'_>,
    ) -> Response {
        Response::default()
    }
}

/// A copy in which `__typename @skip(if: $a)` is written `... @skip(if: $a) { __typename }`, which means the same:
/// the rules do not look at `__typename`, not even at the variables its directives use.
fn with_plain_typenames(document: &ExecutableDocument) -> ExecutableDocument {
    let mut copy = document.clone();
    match &mut copy.operations {
        DocumentOperations::Single(operation) => {
            plain_typenames(&mut operation.node.selection_set.node);
        }
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                plain_typenames(&mut operation.node.selection_set.node);
            }
        }
    }
    for fragment in copy.fragments.values_mut() {
        plain_typenames(&mut fragment.node.selection_set.node);
    }
    copy
}

fn plain_typenames(set: &mut SelectionSet) {
    for item in &mut set.items {
        match &mut item.node {
            Selection::InlineFragment(fragment) => {
                plain_typenames(&mut fragment.node.selection_set.node);
            }
            Selection::FragmentSpread(_) => {}
            Selection::Field(field) => {
                if field.node.name.node != "__typename" {
                    plain_typenames(&mut field.node.selection_set.node);
                    continue;
                }
                let directives = std::mem::take(&mut field.node.directives);
                if !directives.is_empty() {
                    let at = item.pos;
                    let items = vec![item.clone()];
                    let selection_set = Positioned::new(SelectionSet { items }, at);
                    let fragment = InlineFragment {
                        type_condition: None,
                        directives,
                        selection_set,
                    };
                    item.node = Selection::InlineFragment(Positioned::new(fragment, at));
                }
            }
        }
    }
}
