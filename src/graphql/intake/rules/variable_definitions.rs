//! No directive may stand on a variable definition (5.7.2): none we have is for that place.

use async_graphql_parser::types::ExecutableDocument;

use super::Problems;

pub(super) fn check(document: &ExecutableDocument, problems: &mut Problems) {
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            for directive in &definition.node.directives {
                let name = &directive.node.name.node;
                let message = format!("the directive `@{name}` cannot be used on a variable");
                problems.add(directive.pos, message);
            }
        }
    }
}
