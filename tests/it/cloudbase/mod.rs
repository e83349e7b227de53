//! The client of the cloud, against the emulator and against servers that misbehave.

/// `/admin`: signatures, and ids whose type it does not tell.
mod admin;
/// HTTP: pool, limits, retries, signatures.
mod client;
/// What holds of documents over both protocols.
mod documents;
/// Addresses of files.
mod files;
/// The cloud API.
mod manage;
/// An emulator, and a database over it.
mod reach;
/// The socket that tells of changes.
mod realtime;
/// REST: long conditions, and removing in one step.
mod rest;
