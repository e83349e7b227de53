//! The served GraphQL API and how its operations run.
//!
//! take in → bind → load → render; see `ARCHITECTURE.md`.

pub mod api;
mod build;
mod dynamic;
pub mod intake;
pub mod introspection;
pub mod naming;
pub mod role_view;
pub mod sdl;

pub use build::{MatchesOperator, NameClash};
