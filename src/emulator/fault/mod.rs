//! What goes wrong on purpose, for tests and rehearsals.
//!
//! A [`Fault`] says which requests or events of sockets it strikes, and what
//! happens to them. They are set by flags and, while the emulator runs, at
//! `/_emulator/faults`.
//!
//! - `written.rs`: how a fault is written; `entry.rs`: whom it strikes; `strike.rs`: what happens to requests
//! - `control.rs`: `/_emulator/`

mod control;
mod entry;
mod strike;
mod written;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::sync::broadcast;

use self::entry::Entry;
use super::failure::{Failure, Result};
use crate::cloudbase::Code;

pub(super) use self::control::routes;
pub(super) use self::strike::strike;
pub use self::written::Fault;

/// Faults that may be set at a time.
const MAX_FAULTS: usize = 100;

/// Orders that sockets may be behind with; the oldest is forgotten first.
const ORDERS: usize = 16;

/// The faults that are set, shared by requests and sockets.
#[derive(Debug)]
pub(crate) struct Faults {
    /// Held for as long as it takes to count.
    entries: Mutex<Entries>,
    /// What all open sockets are told to do at once. Nobody may listen.
    orders: broadcast::Sender<SocketOrder>,
}

#[derive(Debug, Default)]
struct Entries {
    list: Vec<Entry>,
    last_id: u64,
}

/// What can be said of a request before it is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) path: &'a str,
    pub(crate) action: Option<&'a str>,
    pub(crate) collection: Option<&'a str>,
}

/// What a request speaks, by its path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Protocol {
    /// `/admin`
    Admin,
    /// `/web`
    Web,
    /// `/v1/…`
    Rest,
    /// `/auth/…`
    SignIn,
    /// `POST /`: the cloud API.
    Manage,
    /// Anything else: files.
    #[default]
    Other,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestEffect {
    /// It is begun later.
    Latency(Duration),
    /// It is not done; its client is told this, as its protocol tells refusals.
    Refuse(Code),
    /// It is not done; the answer has this status and no body.
    Status(u16),
    /// Its connection breaks.
    Reset(Moment),
}

/// When the connection of a request breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Moment {
    /// Nothing was done.
    Before,
    /// All was done, nothing is answered.
    After,
    /// All was done, half is answered.
    Midway,
}

/// What happens to a socket, or to one message of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SocketEffect {
    /// The connection breaks.
    Drop,
    /// The socket is closed with this code.
    Close(u16),
    /// The push is not sent; its id is used up.
    SwallowPush,
    /// The push is sent twice.
    DuplicatePush,
    /// The push is sent with an id that leaves one out.
    Gap,
    /// The push is sent later.
    DelayPush(Duration),
    /// The ping is not answered.
    SwallowPing,
    /// What was asked is not done, and not answered.
    SwallowAnswer,
    /// What was asked is not done, or the push not sent; the client is told this code, which need not be one of the
    /// cloud's.
    Refuse(SmolStr),
    /// The events that the watch keeps for clients who missed some are forgotten.
    TrimHistory,
    /// The signature is taken for an expired one.
    ExpiredSign,
}

/// What a socket is about to do when it asks for faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SocketEvent {
    /// Answer a login.
    Login,
    /// Begin a watch.
    Watch,
    /// Take up a watch again.
    Rebuild,
    /// Tell a client whether it missed anything.
    Check,
    /// Send an event of a watch.
    Push,
    /// Answer a ping.
    Ping,
}

/// What all open sockets are told to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SocketOrder {
    /// Break the connection.
    Drop,
    /// Close the socket with this code.
    Close(u16),
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        let (orders, _) = broadcast::channel(ORDERS);
        let mut entries = Entries::default();
        for fault in faults {
            entries.add(fault);
        }
        Self {
            entries: Mutex::new(entries),
            orders,
        }
    }

    /// What happens to this request, which counts as one more that was seen.
    pub(crate) fn for_request(&self, asked: &Asked<'_>) -> Vec<RequestEffect> {
        let mut entries = self.entries();
        let struck = entries.list.iter_mut();
        struck
            .filter_map(|entry| entry.for_request(asked))
            .collect()
    }

    /// What happens to a socket at this event, in the order in which the faults were set. The collection is that of the
    /// watch, if the event is about one.
    pub(crate) fn for_socket_event(
        &self,
        event: SocketEvent,
        collection: Option<&str>,
    ) -> Vec<SocketEffect> {
        let mut entries = self.entries();
        let struck = entries.list.iter_mut();
        struck
            .filter_map(|entry| entry.for_socket(event, collection))
            .collect()
    }

    /// What sockets are told from now on.
    pub(crate) fn orders(&self) -> broadcast::Receiver<SocketOrder> {
        self.orders.subscribe()
    }

    /// Tells all open sockets; how many there are.
    fn order(&self, order: SocketOrder) -> usize {
        self.orders.send(order).unwrap_or(0)
    }

    /// Whether any fault is about requests: those need not be looked into otherwise.
    fn concern_requests(&self) -> bool {
        self.entries().list.iter().any(Entry::is_of_requests)
    }

    fn add(&self, fault: Fault) -> Result<u64> {
        let mut entries = self.entries();
        if entries.list.len() >= MAX_FAULTS {
            return Err(Failure::invalid(format!(
                "there are {MAX_FAULTS} faults already; delete some"
            )));
        }
        Ok(entries.add(fault))
    }

    /// Forgets one fault, or all; whether there was one.
    fn remove(&self, id: Option<u64>) -> bool {
        let mut entries = self.entries();
        let before = entries.list.len();
        entries
            .list
            .retain(|entry| id.is_some_and(|id| id != entry.id));
        entries.list.len() < before
    }

    fn list(&self) -> Vec<serde_json::Value> {
        self.entries().list.iter().map(Entry::described).collect()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing panics under the lock.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn add(&mut self, fault: Fault) -> u64 {
        self.last_id += 1;
        self.list.push(Entry::new(self.last_id, fault));
        self.last_id
    }
}
