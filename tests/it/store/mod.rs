//! Stores: one contract suite for every store, and what is the embedded one's own.

pub(crate) mod cloud;
mod contract;
mod random;
pub(crate) mod sqlite;
mod sqlite_cache;
mod sqlite_commit;
mod sqlite_kill;
mod sqlite_open;
pub(crate) mod words;
