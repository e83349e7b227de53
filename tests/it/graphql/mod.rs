//! The served API: its schema and how operations run.

/// What operations answer, by the letter of the specification.
mod exec;
/// Which documents are taken in.
mod intake;
/// What callers learn about the schema.
mod introspection;
/// What decided about an operation.
mod permissions;
/// The schema that models give.
mod schema;
/// Subscriptions before they run.
mod subscription;
