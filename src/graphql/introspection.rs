//! Answers `__schema` and `__type`, with async-graphql's executor.
//!
//! An operation may ask for documents at the same time; those root fields are
//! taken out before, and the answers of both are merged by whoever calls.

use async_graphql::dynamic::{Schema, SchemaError};
use async_graphql::{Request, ServerError, ValidationMode};
use async_graphql_parser::Positioned;
use async_graphql_parser::types::{
    DocumentOperations, ExecutableDocument, InlineFragment, Selection, SelectionSet,
};
use async_graphql_value::{ConstValue, Name};
use indexmap::IndexMap;

use super::api::Api;
use super::dynamic;
use super::intake::Taken;

/// A schema that describes itself.
#[derive(Debug)]
pub struct Introspection {
    schema: Schema,
}

impl Introspection {
    /// # Errors
    ///
    /// async-graphql finds the types inconsistent.
    pub fn new(api: &Api) -> Result<Self, SchemaError> {
        // The document was validated against the full API; what is left of it may have unused variables.
        let schema = dynamic::builder(api)
            .validation_mode(ValidationMode::Fast)
            .limit_recursive_depth(usize::MAX)
            .finish()?;
        Ok(Self { schema })
    }

    /// Answers by response key, in no particular order, for a query. `variables` are coerced.
    ///
    /// # Errors
    ///
    /// An argument cannot be used, such as a `name` without a value.
    pub async fn answer(
        &self,
        taken: &Taken,
        variables: IndexMap<Name, ConstValue>,
    ) -> Result<IndexMap<Name, ConstValue>, Vec<ServerError>> {
        let mut request = Request::new(String::new());
        request.set_parsed_query(only_introspection(taken));
        for (name, value) in variables {
            request.variables.insert(name, value);
        }
        let response = self.schema.execute(request).await;
        if !response.errors.is_empty() {
            return Err(response.errors);
        }
        Ok(match response.data {
            ConstValue::Object(answers) => answers,
            _ => IndexMap::new(),
        })
    }
}

/// Whether a root field of a query is answered here.
pub fn is_introspection(field: &str) -> bool {
    matches!(field, "__schema" | "__type")
}

/// The operation with only these root fields. Fragments of the root are written out; others are kept.
fn only_introspection(taken: &Taken) -> ExecutableDocument {
    let mut operation = taken.operation().clone();
    let root = &operation.node.selection_set.node;
    operation.node.selection_set.node = root_selections(root, &taken.document);
    let fragments = taken.document.fragments.iter();
    let fragments = fragments.filter(|(_, fragment)| {
        let on = &fragment.node.type_condition.node.on.node;
        on.starts_with("__")
    });
    ExecutableDocument {
        operations: DocumentOperations::Single(operation),
        fragments: fragments
            .map(|(name, fragment)| (name.clone(), fragment.clone()))
            .collect(),
    }
}

/// Recurses as deep as the document nests, which intake has limited.
fn root_selections(set: &SelectionSet, document: &ExecutableDocument) -> SelectionSet {
    let items = set.items.iter().filter_map(|item| {
        let (inner, directives) = match &item.node {
            Selection::Field(field) => {
                return is_introspection(&field.node.name.node).then(|| item.clone());
            }
            Selection::InlineFragment(fragment) => {
                (&fragment.node.selection_set, &fragment.node.directives)
            }
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.node.fragment_name.node)?;
                (&fragment.node.selection_set, &spread.node.directives)
            }
        };
        let fragment = InlineFragment {
            type_condition: None,
            directives: directives.clone(),
            selection_set: Positioned::new(root_selections(&inner.node, document), inner.pos),
        };
        let fragment = Selection::InlineFragment(Positioned::new(fragment, item.pos));
        Some(Positioned::new(fragment, item.pos))
    });
    SelectionSet {
        items: items.collect(),
    }
}
