//! The realtime socket: watches, pushed changes, and coming back after a loss.

mod difference;
mod history;
mod message;
mod record;
mod refusal;
mod text;
mod window;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;

use super::app::App;

/// The sockets and watches of an emulator.
#[derive(Debug)]
pub(crate) struct Realtime {
    limits: Limits,
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
            pause: Duration::from_millis(20),
        }
    }
}

impl Realtime {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Ends all sockets and watches, and waits until they are gone.
    pub(crate) async fn close(&self) {}
}

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
}
