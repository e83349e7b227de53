//! The database's own wire protocols, served from the embedded store, so that
//! the cloud's official clients work against a laptop.
//!
//! A request is taken off the wire by one of the protocols, its sender is
//! known by [`identity`], and what it asks for is done by a [`session`]: judged
//! by the collection's permission in the database's own strict way, then run
//! by the [`database`]. Nothing here is used by the gateway.
//!
//! - `http.rs`: connections and routes; `fault/`: what goes wrong on purpose; `failure.rs`: refusals; `clock.rs`: time
//! - `admin/`: `/admin` and `/web`, actions of the Node SDKs; `rest/`: `/v1/database`; `manage/`: the cloud API
//! - `identity/`: keys, signatures, users and tokens; `sign_in/`: `/auth/v1`; `realtime/`: watches on a socket; `storage/`: files
//! - `session/`: permissions; `database/`: collections, documents, transactions, commits; `wire.rs`: values

mod admin;
mod app;
mod clock;
mod database;
mod failure;
mod fault;
mod http;
mod identity;
mod manage;
mod realtime;
mod rest;
mod session;
mod sign_in;
mod storage;
mod wire;
