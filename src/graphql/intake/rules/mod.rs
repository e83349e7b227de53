//! The rules of section 5 of the specification that async-graphql's validation
//! leaves out or gets wrong. One file each.

mod given;
mod leaf_typename;
mod literals;
mod subscription_root;
mod variable_definitions;
mod variable_positions;

use async_graphql_parser::Pos;
use async_graphql_parser::types::ExecutableDocument;

use self::given::Given;
use super::IntakeError;
use crate::graphql::api::Api;

/// # Errors
///
/// Every violation, by place.
pub(super) fn check(api: &Api, document: &ExecutableDocument) -> Result<(), Vec<IntakeError>> {
    let given = Given::of(api, document);
    let mut problems = Problems::default();
    leaf_typename::check(document, &mut problems);
    subscription_root::check(document, &mut problems);
    variable_definitions::check(document, &mut problems);
    literals::check(api, document, &given, &mut problems);
    variable_positions::check(api, document, &given, &mut problems);
    problems.finish()
}

#[derive(Default)]
struct Problems {
    found: Vec<IntakeError>,
}

impl Problems {
    fn add(&mut self, at: Pos, message: String) {
        self.found.push(IntakeError::Invalid {
            message,
            locations: vec![at],
        });
    }

    fn finish(mut self) -> Result<(), Vec<IntakeError>> {
        if self.found.is_empty() {
            return Ok(());
        }
        IntakeError::sort(&mut self.found);
        Err(self.found)
    }
}
