//! The realtime socket: tells when a watched list may have changed.
//!
//! What it tells are hints: what a list holds is always read. So nothing depends on how the real service words its events.

use std::sync::Arc;

use tokio::sync::watch;

use super::client::Client;
use crate::data::{CollectionName, Direction, Object};

/// With what the socket is opened; the cloud confirms none of them for servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credential {
    /// The API key as access token.
    #[default]
    ApiKey,
    /// A token for the key pair (`/auth/v1/token/clientCredential`).
    ClientCredential,
}

#[derive(Clone, Debug)]
pub struct Config {
    pub credential: Credential,
    pub max_watches_per_socket: usize,
    pub max_sockets: usize,
}

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

    /// Watches a list for as long as somebody holds the receiver. `None`: there are as many watches as may be.
    pub fn watch(self: &Arc<Self>, _query: Query) -> Option<watch::Receiver<Signal>> {
        let _ = (&self.client, &self.config);
        unimplemented!("realtime helper")
    }
}
