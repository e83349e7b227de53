//! The realtime socket: watches, pushed changes, and coming back after a loss.
//!
//! A client signs in by a text that `auth.wsWebSign` gave it, begins watches, and
//! is told of each commit what it does to their lists. A client that lost its
//! socket takes its watches up on another one, and is told what it missed.
//!
//! - pure: `window.rs`, `ranking.rs`: a list, and what writes do to it; `record.rs`, `difference.rs`, `text.rs`: what is told of a
//!   document; `history.rs`: events, kept for a while
//! - the wire: `request.rs`: what clients ask; `message.rs`, `refusal.rs`: what they are told
//! - sockets: `upgrade.rs`, `connection.rs`; `outlet.rs`: what waits to be sent on one
//! - `watch/`: the task of a watch; `kept.rs`: all of them; `trouble.rs`: what goes wrong on purpose
//!
//! What it is not: it proves nothing about the cloud. What the cloud sends where its clients do not care was never
//! seen: the order of records in an event, rare types in documents, when a signature of an open socket is over (here:
//! never).

mod connection;
mod difference;
mod history;
mod kept;
mod message;
mod outlet;
mod ranking;
mod record;
mod refusal;
mod request;
mod text;
mod trouble;
mod upgrade;
mod watch;
mod window;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::kept::Kept;
use super::app::App;

/// The sockets and watches of an emulator.
#[derive(Debug)]
pub(crate) struct Realtime {
    limits: Limits,
    /// Has the tasks of all sockets and watches.
    tracker: TaskTracker,
    /// Ends them.
    closing: CancellationToken,
    /// A permit for every socket there may be; a socket holds it from its handshake to its end.
    slots: Arc<Semaphore>,
    kept: Arc<Kept>,
}

/// How much the realtime socket gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sockets at a time.
    pub max_sockets: usize,
    /// Watches at a time on one socket.
    pub max_watches_per_socket: usize,
    /// Documents that a watch shows. 5000 in the cloud.
    pub max_documents: usize,
    /// Events that are kept of each watch for clients that missed some.
    pub history: usize,
    /// How long a watch without a socket waits for its client to come back.
    pub keep: Duration,
    /// Watches without a socket at a time; beyond, the oldest are forgotten.
    pub max_detached: usize,
    /// Between the answer that begins (or rebuilds) a watch and its first push: the official clients drop what comes
    /// together with the answer.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_sockets: 256,
            max_watches_per_socket: 256,
            max_documents: 5000,
            history: 1000,
            keep: Duration::from_secs(180),
            max_detached: 256,
            pause: Duration::from_millis(50),
        }
    }
}

impl Realtime {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            tracker: TaskTracker::new(),
            closing: CancellationToken::new(),
            slots: Arc::new(Semaphore::new(limits.max_sockets)),
            kept: Kept::new(limits.max_detached),
        }
    }

    /// Ends all sockets and watches, and waits until they are gone.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/ws", get(upgrade::open))
}
