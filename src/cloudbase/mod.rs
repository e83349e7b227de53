//! The cloud: CloudBase (微信云开发) as its clients see it.
//!
//! Facts that both sides of its wire share:
//! - `code.rs`: error codes; [`signature`]: how requests are signed; `file_id.rs`: how files are named
//!
//! The client:
//! - `config.rs`: which environment, where, with which credentials, how much at once
//! - [`client`]: HTTP with all that keeps a busy or broken upstream from hurting us: pool, deadlines, a limiter, retries, a breaker
//! - `database.rs`: what can be done to documents, in one vocabulary; [`rest`] and [`admin`] say it in their protocols;
//!   `answer.rs` and `refusal.rs` read what both are answered
//! - [`manage`]: collections, indexes and permissions, over the cloud API
//! - `files.rs`: temporary addresses of stored files
//! - [`realtime`]: the socket that tells when a watched list has changed
//!
//! What it is not: it knows neither stores nor callers. Whoever holds the credentials may do everything.

pub mod admin;
mod answer;
pub mod client;
mod code;
mod config;
pub mod database;
mod error;
mod file_id;
pub mod files;
pub mod manage;
pub mod realtime;
mod refusal;
pub mod rest;
pub mod signature;

pub use self::client::Client;
pub use self::code::Code;
pub use self::config::{Config, Credentials, KeyPair, Limits, Protocol, Secret};
pub use self::database::Database;
pub use self::error::{Error, Refusal, Result, Retry};
pub use self::file_id::{FileId, FileIdError, FileKey};
