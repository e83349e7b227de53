//! How much a document asks the schema about itself.
//!
//! `{ __schema { types { fields { type { fields { type { … } } } } } } }` is
//! short, and its answer grows tenfold with each level. Runs after [`super::size`],
//! so following fragments here costs what that allowed.

use async_graphql_parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::{IntakeError, Limits};
use crate::graphql::introspection::is_introspection;

/// Lists of introspection from which more such lists can be reached.
const LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// # Errors
///
/// The limit that is exceeded.
pub(super) fn check(document: &ExecutableDocument, limits: &Limits) -> Result<(), IntakeError> {
    for (_, operation) in document.operations.iter() {
        let mut walk = Walk {
            document,
            limits,
            selections: 0,
        };
        walk.root(&operation.node.selection_set.node)?;
    }
    Ok(())
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    selections: usize,
}

impl<'a> Walk<'a> {
    fn root(&mut self, set: &'a SelectionSet) -> Result<(), IntakeError> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) if is_introspection(&field.node.name.node) => {
                    self.inside(&field.node.selection_set.node, 0)?;
                }
                Selection::Field(_) => {}
                other => {
                    if let Some(set) = self.fragment(other) {
                        self.root(set)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// `lists`: how many of [`LISTS`] this stands in.
    fn inside(&mut self, set: &'a SelectionSet, lists: usize) -> Result<(), IntakeError> {
        for item in &set.items {
            self.selections += 1;
            if self.selections > self.limits.introspection_selections {
                return Err(IntakeError::Limit {
                    what: "selections of introspection",
                    limit: self.limits.introspection_selections,
                });
            }
            match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let lists = lists + usize::from(LISTS.contains(&field.name.node.as_str()));
                    if lists > self.limits.introspection_lists {
                        return Err(IntakeError::Limit {
                            what: "nested lists of introspection",
                            limit: self.limits.introspection_lists,
                        });
                    }
                    self.inside(&field.selection_set.node, lists)?;
                }
                other => {
                    if let Some(set) = self.fragment(other) {
                        self.inside(set, lists)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn fragment(&self, selection: &'a Selection) -> Option<&'a SelectionSet> {
        match selection {
            Selection::Field(_) => None,
            Selection::InlineFragment(fragment) => Some(&fragment.node.selection_set.node),
            Selection::FragmentSpread(spread) => {
                let fragment = self
                    .document
                    .fragments
                    .get(&spread.node.fragment_name.node)?;
                Some(&fragment.node.selection_set.node)
            }
        }
    }
}
