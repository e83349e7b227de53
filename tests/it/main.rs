//! The one integration test binary. Each module is an area.

/// Reading `schema.graphql`.
mod model;
