//! The served GraphQL API and how its operations run.
//!
//! - what is served: `api.rs` (as data), `build/` (from the model), `naming.rs`,
//!   `sdl.rs`, `role_view.rs` (to whom), `dynamic.rs` and `introspection.rs` (for the schema library)
//! - how an operation runs: `intake/` (text → valid document) → `skeleton/` (resolved against the API,
//!   kept by `prepare.rs`) → `bind/` (with `coerce/`: variables and caller known) → `load/` (with `mutate.rs`)
//!   → `render/` (bytes); the whole of it in `executor.rs`
//! - who may run what: `admission/`, and of which documents: `trusted/`
//! - how a subscription lives: `live/`, over the same bind, load and render
//! - told afterwards: `error.rs`, `plan.rs`, `permissions.rs`, `support.rs`
//!
//! What it is not: it knows neither HTTP nor permissions. The gateway decides,
//! here its answers are asked for and written down.

pub mod admission;
pub mod api;
mod bind;
mod build;
mod coerce;
mod dynamic;
pub mod error;
mod executor;
pub mod intake;
pub mod introspection;
mod kept;
pub mod live;
mod load;
mod mutate;
pub mod naming;
mod permissions;
mod plan;
mod prepare;
mod render;
pub mod role_view;
#[cfg(test)]
mod sample;
pub mod sdl;
mod skeleton;
mod support;
pub mod trusted;

pub use admission::{Allowance, Limits};
pub use build::{MatchesOperator, NameClash};
pub use executor::{Allowed, BuildError, Config, Executor, Outcome, Request, Response};
pub use live::{End, Event, Reply, Subscription};
pub use trusted::{DocumentId, DocumentMode, Trusted};
