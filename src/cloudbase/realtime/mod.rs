//! The realtime socket: tells when a watched list may have changed.
//!
//! What it tells are hints: what a list holds is always read. So nothing depends on how the real service words its
//! events; that they are numbered without gaps is all that is used of them.
//!
//! - `config.rs`: with what it is opened, and its times; `ticket.rs`: tickets of the custom login

mod config;
mod ticket;

use std::sync::Arc;

use tokio::sync::watch;

use super::client::Client;
use crate::data::{CollectionName, Direction, Object};

pub use self::config::{Config, Credential, Timing};
pub use self::ticket::{TicketKey, TicketKeyError};

/// A list to be told of.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub collection: CollectionName,
    pub query: Object,
    pub order: Vec<(String, Direction)>,
    pub limit: u64,
}

/// What is known of a watched list without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signal {
    /// Grows whenever the list may have changed.
    pub count: u64,
    /// Whether the cloud is watching at the moment: if not, only looking tells.
    pub attentive: bool,
}

/// How it went since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Lists that are watched at the moment, or should be.
    pub watches: u64,
    /// Of these, lists whose signal is attentive.
    pub attentive: u64,
    /// Sockets that are open at the moment.
    pub sockets: u64,
    /// Sockets that were lost, or could not be opened.
    pub interruptions: u64,
    /// Sockets that were replaced because of their age.
    pub rotations: u64,
    /// Watches that were taken up again where they had been.
    pub rebuilds: u64,
    /// Times that an event was found missing.
    pub gaps: u64,
    /// Watches that were refused, or not answered.
    pub refusals: u64,
}

/// Watches of one environment. Dropping it closes its sockets.
#[derive(Debug)]
pub struct Realtime {
    client: Arc<Client>,
    config: Config,
}

impl Realtime {
    pub fn new(client: Arc<Client>, config: Config) -> Arc<Self> {
        Arc::new(Self { client, config })
    }

    /// Watches a list for as long as somebody holds the receiver. `None`: there are as many watches as may be, or the
    /// cloud watches no such list ([`Config::max_limit`]).
    ///
    /// Must be called within a runtime.
    pub fn watch(self: &Arc<Self>, _query: Query) -> Option<watch::Receiver<Signal>> {
        let _ = (&self.client, &self.config);
        unimplemented!("realtime helper")
    }

    pub fn statistics(&self) -> Statistics {
        unimplemented!("realtime helper")
    }

    /// Closes all sockets and waits until they are; signals end.
    pub async fn close(&self) {
        unimplemented!("realtime helper")
    }
}
