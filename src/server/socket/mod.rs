//! `/graphql` as a WebSocket: many operations on one connection, live ones among
//! them (the protocol graphql-transport-ws).
//!
//! - `upgrade.rs`: a request becomes a socket, or is refused as every request is
//! - `connection.rs`: the one task of a socket: what comes in, what goes out, when it ends
//! - `protocol.rs`: messages, and the codes a socket is closed with; `wire.rs`: their frames
//! - `operations.rs`: what runs on a socket; `proofs.rs`: how often it may speak for somebody else
//!
//! What it is not: it knows no documents and decides nothing. An operation is run
//! by the executor for the credential that the socket showed last.

mod connection;
mod operations;
mod proofs;
mod protocol;
mod upgrade;
mod wire;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

pub(super) use self::upgrade::{is_asked_for, open};

use super::Config;
use crate::data::Principal;
use crate::gateway::{Quota, Share};

/// The sockets of a server, and the event streams that are counted among them.
#[derive(Debug)]
pub(super) struct Sockets {
    /// Has the task of every socket, so that the end of the server can wait for all of them.
    tracker: TaskTracker,
    /// Counts the event streams: each has a token of it.
    streams: TaskTracker,
    /// A permit for every socket there may be; a socket holds it from its handshake to its end.
    slots: Arc<Semaphore>,
    /// A permit for every event stream there may be: each keeps a connection of those that requests come by.
    stream_slots: Arc<Semaphore>,
    seats: Quota,
}

/// The place of an event stream, which costs a server what a socket costs, until it is dropped.
#[derive(Debug)]
pub(super) struct StreamPlace {
    _slot: OwnedSemaphorePermit,
    _connection: OwnedSemaphorePermit,
    _seat: Share,
    _counted: TaskTrackerToken,
}

impl Sockets {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            tracker: TaskTracker::new(),
            streams: TaskTracker::new(),
            slots: Arc::new(Semaphore::new(config.max_sockets)),
            stream_slots: Arc::new(Semaphore::new(config.max_connections.div_ceil(2))),
            seats: Quota::new(
                config.max_sockets_per_caller,
                config.max_sockets.div_ceil(2),
            ),
        }
    }

    /// How many sockets are open.
    pub(super) fn open(&self) -> usize {
        self.tracker.len()
    }

    /// How many event streams are open.
    pub(super) fn streams(&self) -> usize {
        self.streams.len()
    }

    /// A place for an event stream of this caller (`None`: not signed in), if there is one more.
    pub(super) fn place_for_stream(&self, who: Option<Principal>) -> Option<StreamPlace> {
        Some(StreamPlace {
            _slot: Arc::clone(&self.slots).try_acquire_owned().ok()?,
            _connection: Arc::clone(&self.stream_slots).try_acquire_owned().ok()?,
            _seat: self.seats.take(who, 1)?,
            _counted: self.streams.token(),
        })
    }

    /// Resolves once none is open; called when no connection is left that could become one.
    pub(super) async fn wait(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}
