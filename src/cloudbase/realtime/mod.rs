//! The realtime socket: tells when a watched list may have changed.
//!
//! What it tells are hints: what a list holds is always read. So nothing depends on how the real service words its
//! events; that they are numbered without gaps is all that is used of them.
//!
//! - `config.rs`: with what it is opened, and its times; `ticket.rs`: tickets of the custom login
//! - `machine/`: what is said and when, without IO
//! - `sign.rs`: tokens and signatures; `socket.rs`: one socket; `line.rs`: a machine and its sockets; `lists.rs`: who is told

mod config;
mod line;
mod lists;
mod machine;
mod sign;
mod socket;
mod ticket;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use self::lists::Lists;
use self::machine::List;
use self::sign::Signer;
use self::socket::Opener;
use super::client::Client;
use crate::clock::Clock;
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
    /// Sockets that are open or being opened at the moment.
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

/// The most fields that the cloud sorts a watched list by.
const MAX_ORDER: usize = 5;

/// Watches of one environment. Dropping it closes its sockets.
#[derive(Debug)]
pub struct Realtime {
    shared: Arc<Shared>,
    /// Ends all tasks when it is dropped.
    _closing: DropGuard,
}

/// What tasks need.
#[derive(Debug)]
struct Shared {
    config: Config,
    clock: Arc<dyn Clock>,
    opener: Arc<Opener>,
    /// Behind one lock, held for look-ups only.
    lists: Mutex<Lists>,
    counters: Counters,
    /// Has a task for each line, each socket and each list.
    tracker: TaskTracker,
    closing: CancellationToken,
}

#[derive(Debug, Default)]
struct Counters {
    sockets: AtomicU64,
    interruptions: AtomicU64,
    rotations: AtomicU64,
    rebuilds: AtomicU64,
    gaps: AtomicU64,
    refusals: AtomicU64,
}

impl Realtime {
    pub fn new(client: Arc<Client>, config: Config) -> Arc<Self> {
        let closing = CancellationToken::new();
        let clock = Arc::clone(client.clock());
        let opener = Opener {
            max_message: client.config().limits.max_answer,
            web_origin: config.web_origin.clone(),
            send_within: config.timing.dead_after,
            signer: Signer::new(client, config.credential.clone()),
        };
        let shared = Arc::new(Shared {
            config,
            clock,
            opener: Arc::new(opener),
            lists: Mutex::default(),
            counters: Counters::default(),
            tracker: TaskTracker::new(),
            closing: closing.clone(),
        });
        Arc::new(Self {
            shared,
            _closing: closing.drop_guard(),
        })
    }

    /// Watches a list for as long as somebody holds the receiver. `None`: there are as many watches as may be, or the
    /// cloud watches no such list ([`Config::max_limit`], or it is sorted by more than five fields).
    ///
    /// Must be called within a runtime.
    pub fn watch(&self, query: Query) -> Option<watch::Receiver<Signal>> {
        if query.limit > self.shared.config.max_limit || query.order.len() > MAX_ORDER {
            return None;
        }
        self.shared.watch(List::new(query))
    }

    pub fn statistics(&self) -> Statistics {
        let counters = &self.shared.counters;
        let (watches, attentive) = self.shared.lists().counts();
        Statistics {
            watches: watches as u64,
            attentive: attentive as u64,
            sockets: counters.sockets.load(Relaxed),
            interruptions: counters.interruptions.load(Relaxed),
            rotations: counters.rotations.load(Relaxed),
            rebuilds: counters.rebuilds.load(Relaxed),
            gaps: counters.gaps.load(Relaxed),
            refusals: counters.refusals.load(Relaxed),
        }
    }

    /// Closes all sockets and waits until they are; signals end.
    pub async fn close(&self) {
        self.shared.closing.cancel();
        self.shared.tracker.close();
        self.shared.tracker.wait().await;
        *self.shared.lists() = Lists::default();
    }
}
