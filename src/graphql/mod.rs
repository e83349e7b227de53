//! The served GraphQL API and how its operations run.
//!
//! take in → bind → load → render; see `ARCHITECTURE.md`.

pub mod api;
