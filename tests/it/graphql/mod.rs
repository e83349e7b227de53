//! The served API: its schema and how operations run.

/// Which documents are taken in.
mod intake;
/// The schema that models give.
mod schema;
