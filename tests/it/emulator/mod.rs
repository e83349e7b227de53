//! The emulator, over real connections.

/// Watches on the socket.
mod realtime;
