//! The one integration test binary. Each module is an area.

/// The files that deploy the gateway.
mod deploy;
/// The map of the modules.
mod architecture;
/// Reading `schema.graphql`.
mod model;
