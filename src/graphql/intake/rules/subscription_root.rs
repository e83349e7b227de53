//! A subscription has a single root field, selected whatever the variables are
//! (5.2.4.1). That it is none of introspection, async-graphql sees to: to it, the
//! root of subscriptions has not even a `__typename`.

use std::collections::HashSet;

use async_graphql_parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};
use async_graphql_parser::{Pos, Positioned};

use super::Problems;

pub(super) fn check(document: &ExecutableDocument, problems: &mut Problems) {
    for (_, operation) in document.operations.iter() {
        if operation.node.ty == OperationType::Subscription {
            let mut root = Root {
                document,
                problems,
                first: None,
                spread: HashSet::new(),
            };
            root.selections(&operation.node.selection_set.node);
        }
    }
}

/// The root of one subscription, as far as it was read.
struct Root<'a, 'p> {
    document: &'a ExecutableDocument,
    problems: &'p mut Problems,
    /// The response key of the root field.
    first: Option<&'a str>,
    /// Fragments that were followed.
    spread: HashSet<&'a str>,
}

impl<'a> Root<'a, '_> {
    fn selections(&mut self, set: &'a SelectionSet) {
        for item in &set.items {
            self.unconditional(item);
            match &item.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    self.field(key, item.pos);
                }
                Selection::InlineFragment(fragment) => {
                    self.selections(&fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.spread.insert(name)
                    {
                        self.selections(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn field(&mut self, key: &'a str, at: Pos) {
        let first = *self.first.get_or_insert(key);
        if key != first {
            let message =
                format!("a subscription has one root field, not both `{first}` and `{key}`");
            self.problems.add(at, message);
        }
    }

    fn unconditional(&mut self, item: &'a Positioned<Selection>) {
        for directive in item.node.directives() {
            let name = directive.node.name.node.as_str();
            if matches!(name, "skip" | "include") {
                let message =
                    format!("the directive `@{name}` cannot be used at the root of a subscription");
                self.problems.add(directive.pos, message);
            }
        }
    }
}
