//! `/graphql` as a WebSocket: many operations on one connection, live ones among
//! them (the protocol graphql-transport-ws).
//!
//! - `upgrade.rs`: a request becomes a socket, or is refused as every request is
//! - `connection.rs`: the one task of a socket: what comes in, what goes out, when it ends
//! - `protocol.rs`: messages, and the codes a socket is closed with; `wire.rs`: their frames
//! - `operations.rs`: what runs on a socket
//! - `seats.rs`: how many sockets there may be
//!
//! What it is not: it knows no documents and decides nothing. An operation is run
//! by the executor for the credential that the socket showed last.

mod connection;
mod operations;
mod protocol;
mod seats;
mod upgrade;
mod wire;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

pub(super) use self::upgrade::{is_asked_for, open};

use self::seats::Seats;
use super::Config;

/// The sockets of a server.
#[derive(Debug)]
pub(super) struct Sockets {
    /// Has the task of every socket, so that the end of the server can wait for all of them.
    tracker: TaskTracker,
    /// A permit for every socket there may be; a socket holds it from its handshake to its end.
    slots: Arc<Semaphore>,
    seats: Arc<Seats>,
}

impl Sockets {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            tracker: TaskTracker::new(),
            slots: Arc::new(Semaphore::new(config.max_sockets)),
            seats: Arc::new(Seats::new(
                config.max_sockets_per_caller,
                config.max_sockets.div_ceil(2),
            )),
        }
    }

    /// How many are open.
    pub(super) fn open(&self) -> usize {
        self.tracker.len()
    }

    /// Resolves once none is open; called when no connection is left that could become one.
    pub(super) async fn wait(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}
