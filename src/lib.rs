//! cloudbase-graphql: a GraphQL admin gateway for WeChat cloud development
//! (微信云开发, Tencent `CloudBase`).
//!
//! One file, `schema.graphql`, maps types to collections of the cloud document
//! database and declares who may see or change what. This crate turns it into
//! a GraphQL API.
//!
//! # Layout
//!
//! In reading order, from the ground up. Each module may use those above it
//! that `ARCHITECTURE.md` lists, and nothing below itself; a test keeps this.
//!
//! - [`clock`]: the time.
//! - [`data`]: values, documents, filters, updates: the vocabulary. Pure.
//! - [`rules`]: the security-rule language. Pure.
//! - [`access`]: policy and caller give a decision. Pure.
//! - [`model`]: `schema.graphql` becomes a checked model. Pure.
//! - [`store`]: where documents live: embedded, or in the cloud.
//! - [`live`]: watches of the store, shared by who watches the same.
//! - [`cloudbase`]: the cloud: facts of its wire, and the client.
//! - [`mongo`]: the document database's own language. Pure.
//! - [`doctor`]: whether the cloud is what the model says.
//! - [`emulator`]: the database's wire protocols, served from a store.
//! - [`gateway`]: the one door to documents.
//! - [`mirror`]: whether database and gateway give the same to whoever asks.
//! - [`graphql`]: the served API and how operations run.
//! - [`server`]: HTTP in front of the API.
//! - [`testing`]: permission tests as data. Pure.
//! - [`config`]: file and environment become a typed configuration.
//! - [`cli`]: one file per command.

pub mod access;
pub mod cli;
pub mod clock;
pub mod cloudbase;
pub mod config;
pub mod data;
pub mod doctor;
pub mod emulator;
pub mod gateway;
pub mod graphql;
pub mod identity;
pub mod live;
pub mod mirror;
pub mod model;
pub mod mongo;
pub mod rules;
pub mod server;
pub mod store;
pub mod testing;
