//! Text → a document that is safe to resolve: parsed, small enough, valid.
//!
//! In this order, so that nothing costs more than what the step before
//! allowed: `prescan` (tokens), async-graphql's parser (after `close_up`), `size` (fragments
//! written out), `self_description`, async-graphql's validation (`validate`), and `rules`:
//! what its validation leaves out.
//!
//! # What is checked where
//!
//! async-graphql 7.2 checks: fields, arguments, fragments, directives and types
//! are known and used in their place; required arguments; leaf selections;
//! unique names of operations, fragments, variables and arguments; a lone
//! anonymous operation; undefined and unused variables, unused fragments.
//!
//! It does not, or not well: tokens (`prescan`); input fields given twice
//! (`prescan`: the parser keeps the last); literals beside a variable, quoted
//! enum values, numbers out of range, `@oneOf` (`rules`); variables inside
//! single values that stand for lists, nullable ones in `@oneOf`, null as a
//! default (`rules`); anything about `__typename` (`validate`, `rules`);
//! directives on variables (`rules`); the single root field of a subscription (`rules`).
//!
//! Not checked here: selections of one key that cannot be merged (the skeleton
//! merges them), and the values of variables (coerced when an operation is bound).

mod close_up;
mod error;
mod lexer;
mod prescan;
mod rules;
mod self_description;
mod size;
mod types;
mod validate;

use std::sync::Arc;

use async_graphql::dynamic::SchemaError;
use async_graphql_parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition};
use async_graphql_parser::{Error as ParserError, Pos, Positioned, parse_query};

pub use self::error::IntakeError;
use self::validate::Validator;
use super::api::Api;

/// How large an operation may be at all, whoever sends it. Checked before validation, in time linear in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub bytes: usize,
    pub tokens: usize,
    /// Brackets inside brackets, and selection sets inside selection sets with fragments followed:
    /// how deep parser and validator recurse.
    pub nesting: usize,
    /// Fields inside fields, fragments followed.
    pub depth: usize,
    /// Fields and fragments of all definitions, with every spread written out.
    pub selections: usize,
    /// Fields under another name than their own, with every spread written out.
    pub aliases: usize,
    /// Values in arguments of all definitions, with every spread written out: a fragment multiplies those of its fields.
    pub values: usize,
    /// Root fields of each operation.
    pub root_fields: usize,
    pub directives: usize,
    /// Selections inside `__schema` and `__type`, fragments followed. What clients send has about 300.
    pub introspection_selections: usize,
    /// Lists of fields, input fields, interfaces and possible types inside each other there. Clients need one.
    pub introspection_lists: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 * 1024,
            tokens: 20_000,
            nesting: 60,
            depth: 20,
            selections: 20_000,
            aliases: 1_000,
            values: 20_000,
            root_fields: 100,
            directives: 200,
            introspection_selections: 500,
            introspection_lists: 2,
        }
    }
}

/// What a document amounts to, in the terms of [`Limits`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    pub bytes: usize,
    pub tokens: usize,
    pub depth: usize,
    pub selections: usize,
    pub aliases: usize,
    pub root_fields: usize,
    pub directives: usize,
}

/// Takes operations in against one API.
#[derive(Debug)]
pub struct Intake {
    api: Arc<Api>,
    limits: Limits,
    validator: Validator,
}

/// A valid document and which of its operations is meant.
#[derive(Clone, Debug)]
pub struct Taken {
    pub document: ExecutableDocument,
    pub measure: Measure,
    /// INVARIANT: an operation of this name (or the only one) is in the document.
    operation: Option<String>,
}

impl Intake {
    /// # Errors
    ///
    /// async-graphql finds the types inconsistent, which [`Api::of`] rules out.
    pub fn new(api: Arc<Api>, limits: Limits) -> Result<Self, SchemaError> {
        let validator = Validator::new(&api, &limits)?;
        Ok(Self {
            api,
            limits,
            validator,
        })
    }

    pub fn api(&self) -> &Arc<Api> {
        &self.api
    }

    /// Reads one operation. Variables play no part: they are coerced when the operation is bound.
    ///
    /// # Errors
    ///
    /// Every reason to refuse it, as far as the first step that fails.
    pub fn take_in(
        &self,
        text: &str,
        operation_name: Option<&str>,
    ) -> Result<Taken, Vec<IntakeError>> {
        let (document, measure) = self.check(text)?;
        let operation = select(&document, operation_name).map_err(|error| vec![error])?;
        Ok(Taken {
            document,
            measure,
            operation,
        })
    }

    /// Reads a document, whichever of its operations may be meant, and tells what it amounts to.
    ///
    /// # Errors
    ///
    /// Every reason to refuse it, as far as the first step that fails.
    pub fn check(&self, text: &str) -> Result<(ExecutableDocument, Measure), Vec<IntakeError>> {
        let (document, measure) = self.read(text).map_err(|error| vec![error])?;
        self.validator.validate(&document)?;
        rules::check(&self.api, &document)?;
        Ok((document, measure))
    }

    fn read(&self, text: &str) -> Result<(ExecutableDocument, Measure), IntakeError> {
        let tokens = prescan::prescan(text, &self.limits)?;
        let document = parse_query(close_up::close_up(text)).map_err(|error| unparsed(&error))?;
        let measure = Measure {
            bytes: text.len(),
            tokens,
            ..size::check(&document, &self.limits)?
        };
        self_description::check(&document, &self.limits)?;
        Ok((document, measure))
    }
}

/// The name of the operation that is meant, unless the document has but one without a name.
fn select(
    document: &ExecutableDocument,
    name: Option<&str>,
) -> Result<Option<String>, IntakeError> {
    match (&document.operations, name) {
        (DocumentOperations::Single(_), None) => Ok(None),
        (DocumentOperations::Multiple(operations), None) => {
            let mut names = operations.keys();
            match (names.next(), names.next()) {
                (Some(only), None) => Ok(Some(only.to_string())),
                _ => Err(IntakeError::OperationNameRequired),
            }
        }
        (DocumentOperations::Multiple(operations), Some(name)) if operations.contains_key(name) => {
            Ok(Some(name.to_owned()))
        }
        (_, Some(name)) => Err(IntakeError::UnknownOperation {
            name: name.to_owned(),
        }),
    }
}

/// The parser draws the place, which the location tells as well, and says after a `=` what it expected there.
fn in_one_line(drawing: &str) -> &str {
    drawing.rsplit_once("= ").map_or(drawing, |(_, said)| said)
}

/// The parser names what it expected as its grammar does.
fn in_words(expected: &str) -> String {
    expected
        .replace("executable_definition", "an operation or a fragment")
        .replace('_', " ")
}

/// What the parser calls errors are partly violations of section 5.
fn unparsed(error: &ParserError) -> IntakeError {
    let locations: Vec<Pos> = error.positions().collect();
    let message = error.to_string();
    match error {
        ParserError::Syntax { .. } => IntakeError::Syntax {
            message: format!("syntax error: {}", in_words(in_one_line(&message))),
            location: locations.first().copied(),
        },
        ParserError::MissingOperation | ParserError::RecursionLimitExceeded => {
            IntakeError::Syntax {
                message,
                location: None,
            }
        }
        _ => IntakeError::Invalid { message, locations },
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
