//! The emulator, over real connections.

/// `/admin` and `/web`.
mod admin;
/// What no client of ours sends.
mod edges;
/// An emulator that listens, and requests to it.
pub(crate) mod exchange;
/// What goes wrong on purpose.
mod fault;
/// Collections, indexes and permissions by the cloud API.
mod manage;
/// Watches on the socket.
mod realtime;
/// The database over REST.
mod rest;
/// Who must not be heard, and what must not be seen.
mod security;
/// Users sign in.
mod sign_in;
