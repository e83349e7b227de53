//! The client of the cloud, against the emulator and against servers that misbehave.

/// HTTP: pool, limits, retries, signatures.
mod client;
/// The cloud API.
mod manage;
