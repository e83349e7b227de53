//! The served GraphQL API and how its operations run.
//!
//! take in → bind → load → render; see `ARCHITECTURE.md`.

pub mod api;
mod build;
mod dynamic;
pub mod intake;
pub mod naming;

pub use build::{MatchesOperator, NameClash};
