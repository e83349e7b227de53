//! The one integration test binary. Each module is an area.

/// The files that deploy the gateway.
mod deploy;
/// Reading `schema.graphql`.
mod model;
