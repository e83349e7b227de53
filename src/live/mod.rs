//! Watches of the store: however many want to know of the same list, it is read
//! once and followed once.
//!
//! - `hub.rs`: which watches there are, shared by key, closed a while after the last watcher left
//! - `window.rs`: the documents of one watched list, pure: a change goes in, the list moves on
//! - `follow.rs`: the task behind a watch: reads the window, applies the store's changes, reads again when one may be missing
//! - `poll.rs`: the same for a store that tells of no changes: looks again and again
//! - `feed.rs`: the store's changes for others who want to know of commits
//!
//! What it is not: it knows no callers. Its filters are final, as the store's are;
//! the gateway puts decisions into them.

mod config;
mod feed;
mod hub;

pub use self::config::Config;
pub use self::feed::{Feed, Tidings};
pub use self::hub::{Hub, Watcher};

use std::sync::Arc;

use crate::data::{CollectionName, Document, Filter, Order};

/// A list to watch: the first `limit` documents that match, in order.
#[derive(Clone, Debug)]
pub struct Query {
    pub collection: CollectionName,
    pub filter: Filter,
    pub order: Order,
    pub limit: u64,
}

/// What a watched list holds at one moment.
#[derive(Clone, Debug)]
pub struct Window {
    /// The last commit that is in it ([`crate::data::Change::sequence`]).
    pub sequence: u64,
    /// In order, whole as they are stored.
    pub documents: Vec<Arc<Document>>,
}
