//! The one integration test binary. Each module is an area.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops; clippy sees only functions marked as tests"
)]

/// Stores in front of others; before all modules, since they use its macro.
#[macro_use]
mod front;

/// The map of the modules.
mod architecture;
/// What somebody who means harm tries.
mod attack;
/// Where a gateway under test has its documents.
mod backend;
/// The commands, as a user runs them.
mod cli;
/// A whole gateway over the cloud, while things go wrong.
mod cloud;
/// The cloud as its clients see it.
mod cloudbase;
/// The files that deploy the gateway.
mod deploy;
/// Whether the cloud is what the schema says.
mod doctor;
/// The database's own protocols, served from a store.
mod emulator;
/// The one door to documents.
mod gateway;
/// The served API: its schema and how operations run.
mod graphql;
/// A whole gateway in this process, for tests of areas that need one.
mod harness;
/// Watches of the store, below the gateway.
mod hub;
/// Access tokens, and whom they prove.
mod identity;
/// How much callers may ask for.
mod limits;
/// Subscriptions: who is told what of a list, and when.
mod live;
/// Whether database and gateway give the same, found out by asking both.
mod mirror;
/// Reading `schema.graphql`.
mod model;
/// What is promised of the shop as a whole.
mod proof;
/// Random numbers that are the same each time.
mod random;
/// The rule language and what it decides.
mod rules;
/// HTTP in front of the API.
mod server;
/// Stores: the contract, and the embedded store.
mod store;
/// Time that stands still.
mod time;
