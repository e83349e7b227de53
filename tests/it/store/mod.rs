//! Stores: one contract suite for every store, and what is the embedded one's own.

mod contract;
mod sqlite;
mod words;
