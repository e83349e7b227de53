//! The emulator, over real connections.

/// An emulator that listens, and requests to it.
mod exchange;
/// Watches on the socket.
mod realtime;
/// The database over REST.
mod rest;
/// Users sign in.
mod sign_in;
