//! `__typename` takes no arguments and has no fields (5.3.3, 5.4.1).

use async_graphql_parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::Problems;

pub(super) fn check(document: &ExecutableDocument, problems: &mut Problems) {
    for (_, operation) in document.operations.iter() {
        check_set(&operation.node.selection_set.node, problems);
    }
    for fragment in document.fragments.values() {
        check_set(&fragment.node.selection_set.node, problems);
    }
}

fn check_set(set: &SelectionSet, problems: &mut Problems) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                let field = &field.node;
                let inner = &field.selection_set.node;
                if field.name.node == "__typename" {
                    if let Some((name, _)) = field.arguments.first() {
                        let message = format!("unknown argument `{}` on `__typename`", name.node);
                        problems.add(name.pos, message);
                    }
                    if !inner.items.is_empty() {
                        let message = "`__typename` is a string and has no fields".to_owned();
                        problems.add(item.pos, message);
                    }
                }
                check_set(inner, problems);
            }
            Selection::InlineFragment(fragment) => {
                check_set(&fragment.node.selection_set.node, problems);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}
