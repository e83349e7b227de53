//! One subscriber.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use crate::gateway::Credential;
use crate::graphql::{Executor, Request, Response};

/// How an operation is answered.
#[derive(Debug)]
pub enum Reply {
    /// A query or a mutation, or anything that was refused: one answer.
    Once(Response),
    Live(Subscription),
}

/// A live operation. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription(());

/// What a subscription tells next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// One answer, as the body of a response: `{"data":…}`. The same bytes for all subscribers that see the same.
    Next(Bytes),
    /// Nothing more will come.
    End(End),
}

/// Why a subscription ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The caller may not see any of it any more (roles were withdrawn, say), and was told that all of it left.
    Forbidden,
    /// The same because they count as not signed in any more: their token expired.
    Unauthenticated,
    /// It failed, and the last event said why.
    Failed,
}

impl Executor {
    /// Answers one operation of whoever the credential says, a live one for as long as the subscription is kept. A new
    /// credential (a token was refreshed) makes what is shown follow it.
    pub async fn open(
        self: &Arc<Self>,
        _request: Request,
        _credential: watch::Receiver<Credential>,
    ) -> Reply {
        unimplemented!("cohort helper")
    }
}

impl Subscription {
    /// The next event; the first is a SNAPSHOT. Dropping the future loses nothing, so that it can be one of several
    /// that are waited for. Never called again after [`Event::End`].
    pub async fn next(&mut self) -> Event {
        unimplemented!("cohort helper")
    }

    /// Whether an event waits to be handed out: what a socket flushes before it closes.
    pub fn has_pending(&self) -> bool {
        unimplemented!("cohort helper")
    }
}
