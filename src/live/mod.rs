//! Watches of the store: however many want to know of the same list, it is read
//! once and followed once.
//!
//! - `hub.rs`: which watches there are, shared by key, closed a while after the last watcher left
//! - `watch.rs`: one watch: its state, and those who watch
//! - `idle.rs`: how much is kept of what nobody watches
//! - `list.rs`: the documents of one watched list, pure: a change goes in, the list moves on
//! - `follow.rs`: the task behind a watch: reads the list, applies the store's changes, reads again when one may be missing
//! - `feed.rs`: the store's changes with losses told, for watches and for others who want to know of commits; of a
//!   store that tells of none: when it is time to look again
//! - `lookout.rs`: when a list of a store that others write to as well is looked at again, by the pure `schedule.rs` and
//!   `trust.rs`
//! - `version.rs`: how often a collection has changed
//! - `rounds.rs`: work that many wait for and one does: how who joins late is shown nothing old
//! - `pause.rs`: how long to wait, each time a little differently
//!
//! What it is not: it knows no callers. Its filters are final, as the store's are;
//! the gateway puts decisions into them.

mod config;
mod feed;
mod follow;
mod hub;
mod idle;
mod list;
mod lookout;
mod pause;
mod rounds;
mod schedule;
mod trust;
mod version;
mod watch;

pub use self::config::Config;
pub use self::feed::{Feed, Tidings};
pub use self::hub::Hub;
pub use self::pause::{Backoff, about};
pub use self::rounds::{Missed, Rounds};
pub use self::watch::Watcher;

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
    /// The last commit that is in it ([`crate::data::Change::sequence`]); 0 where the store tells of no changes.
    pub sequence: u64,
    /// In order, whole as they are stored. A document that did not change since the window before is the same `Arc`.
    pub documents: Vec<Arc<Document>>,
}
