//! What runs on a socket: queries and mutations that are being answered, and live operations.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::{AbortHandle, Abortable, BoxFuture};
use futures_util::stream::{BoxStream, FuturesUnordered, SelectAll};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::protocol::Close;
use crate::gateway::Credential;
use crate::graphql::error::{Code, Error};
use crate::graphql::{self, Allowed, End, Event, Reply, Subscription};
use crate::server::App;
use crate::server::observe::{self, RequestId};
use crate::server::refusal::Refusal;
use crate::server::request::Parameters;
use crate::server::source::Source;

/// What the client calls an operation, as JSON: quotes and all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id(Arc<str>);

impl Id {
    pub(super) fn new(text: &str) -> Self {
        Self(serde_json::Value::from(text).to_string().into())
    }

    pub(super) fn as_json(&self) -> &str {
        &self.0
    }
}

/// The operations of one socket. All of them run in the socket's own task, side by side.
pub(super) struct Operations {
    app: Arc<App>,
    /// The socket's, under which its panics are logged.
    request_id: RequestId,
    source: Source,
    /// Who the socket speaks for. Live operations watch it, and follow it.
    credential: watch::Sender<Credential>,
    /// Told once no more is waited for: live operations end when they have told what they know.
    closing: CancellationToken,
    /// Those that the client has not been told the end of.
    running: Vec<Running>,
    /// Those that are being answered, or opened.
    opening: FuturesUnordered<Abortable<BoxFuture<'static, Opened>>>,
    live: SelectAll<Abortable<BoxStream<'static, Told>>>,
    /// How many were begun.
    served: u64,
}

struct Running {
    id: Id,
    /// Drops it when the client wants no more of it.
    handle: AbortHandle,
    /// Whether it ended because the token expired, and its end is not told: clients that come back with a fresh token
    /// begin again what has not ended.
    is_held: bool,
}

struct Opened {
    id: Id,
    reply: Result<Reply, Refusal>,
}

/// What operations have to tell.
pub(super) enum Told {
    /// The answer of a query or a mutation, or why there is none.
    Answer(Id, Result<graphql::Response, Refusal>),
    /// What a live operation shows next.
    Event(Id, Bytes),
    End(Id, End),
    /// One failed in a way that nobody thought of.
    Failed(Id, Refusal),
    /// Some ended that have nothing to tell.
    Nothing,
}

impl Operations {
    pub(super) fn new(app: Arc<App>, request_id: RequestId, source: Source) -> Self {
        Self {
            closing: app.closing.child_token(),
            app,
            request_id,
            source,
            credential: watch::Sender::new(Credential::default()),
            running: Vec::new(),
            opening: FuturesUnordered::new(),
            live: SelectAll::new(),
            served: 0,
        }
    }

    pub(super) fn served(&self) -> u64 {
        self.served
    }

    /// Whether none runs that has anything to tell.
    pub(super) fn are_done(&self) -> bool {
        self.opening.is_empty() && self.live.is_empty()
    }

    /// Whether there is nothing left but operations that ended because the token expired.
    pub(super) fn are_held(&self) -> bool {
        !self.running.is_empty() && self.running.iter().all(|running| running.is_held)
    }

    /// Makes the socket speak for somebody. Operations that ended because the token had expired are returned: nobody
    /// waits for the others any more.
    pub(super) fn speak_for(&mut self, credential: Credential) -> Vec<Id> {
        self.credential.send_replace(credential);
        let held = self.running.extract_if(.., |running| running.is_held);
        held.map(|running| running.id).collect()
    }

    /// Begins an operation, unless it is refused: then it is over, and the error says why.
    ///
    /// # Errors
    ///
    /// The socket cannot go on.
    pub(super) fn start(
        &mut self,
        id: &str,
        parameters: Parameters,
    ) -> Result<Result<(), Error>, Close> {
        let name = Id::new(id);
        let max = self.app.config.max_operations_per_socket;
        if self.running.iter().any(|running| running.id == name) {
            return Err(Close::duplicate(id));
        }
        if self.running.is_empty() && self.has_expired() {
            return Err(Close::EXPIRED);
        }
        if self.closing.is_cancelled() {
            return Ok(Err(Refusal::Closing.into_error()));
        }
        if self.running.len() >= max {
            let message = format!("a socket runs at most {max} operations: complete others first");
            return Ok(Err(Error::new(Code::LimitExceeded, message)));
        }
        self.served += 1;
        let opening = open(
            Arc::clone(&self.app),
            self.source
                .of_request(parameters.into_request(Allowed::All)),
            self.credential.subscribe(),
        );
        let (request_id, opened) = (self.request_id.clone(), name.clone());
        let opening = async move {
            let reply = AssertUnwindSafe(opening).catch_unwind().await;
            let reply =
                reply.unwrap_or_else(|panic| Err(observe::panicked(&request_id, panic.as_ref())));
            Opened { id: opened, reply }
        };
        let (handle, registration) = AbortHandle::new_pair();
        let opening = Abortable::new(opening.boxed(), registration);
        self.opening.push(opening);
        self.running.push(Running {
            id: name,
            handle,
            is_held: false,
        });
        Ok(Ok(()))
    }

    fn has_expired(&self) -> bool {
        let until = self.credential.borrow().until;
        until.is_some_and(|until| until <= self.app.executor.gateway().now())
    }

    /// Ends the operation that the client calls so, if there is one.
    pub(super) fn stop(&mut self, id: &Id) {
        let at = self.running.iter().position(|running| running.id == *id);
        if let Some(at) = at {
            self.running.swap_remove(at).handle.abort();
        }
    }

    /// Keeps an operation that has ended from being told so.
    pub(super) fn hold(&mut self, id: &Id) {
        let found = self.running.iter_mut().find(|running| running.id == *id);
        if let Some(running) = found {
            running.is_held = true;
        }
    }

    /// What happens next; of live operations nothing, unless `live` is wanted. Dropping the future loses nothing.
    pub(super) async fn next(&mut self, live: bool) -> Told {
        std::future::poll_fn(|cx| self.poll_next(cx, live)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, live: bool) -> Poll<Told> {
        while let Poll::Ready(Some(opened)) = self.opening.poll_next_unpin(cx) {
            match opened {
                Ok(Opened { id, reply }) => match reply {
                    Ok(Reply::Live(subscription)) => self.follow(id, subscription),
                    Ok(Reply::Once(response)) => {
                        return Poll::Ready(Told::Answer(id, Ok(response)));
                    }
                    Err(refusal) => return Poll::Ready(Told::Answer(id, Err(refusal))),
                },
                Err(_aborted) => return Poll::Ready(Told::Nothing),
            }
        }
        if !live || self.live.is_empty() {
            return Poll::Pending;
        }
        self.live
            .poll_next_unpin(cx)
            .map(|told| told.unwrap_or(Told::Nothing))
    }

    /// Lets a subscription tell what it shows.
    fn follow(&mut self, id: Id, subscription: Subscription) {
        let (handle, registration) = AbortHandle::new_pair();
        let found = self.running.iter_mut().find(|running| running.id == id);
        let Some(running) = found else {
            return;
        };
        running.handle = handle;
        let live = Live {
            id,
            subscription,
            closing: self.closing.clone(),
            request_id: self.request_id.clone(),
        };
        self.live
            .push(Abortable::new(live.events().boxed(), registration));
    }
}

/// Opens an operation for whoever the credential says. It takes a slot as every request does: a live operation gives
/// it back once it is open.
async fn open(
    app: Arc<App>,
    request: graphql::Request,
    credential: watch::Receiver<Credential>,
) -> Result<Reply, Refusal> {
    let _slot = app.slots.try_acquire().map_err(|_| Refusal::Busy)?;
    let deadline = Instant::now() + app.config.request_timeout;
    let opening = app.executor.open(request, credential);
    timeout_at(deadline, app.within(deadline, opening))
        .await
        .map_err(|_| Refusal::TimedOut)
}

struct Live {
    id: Id,
    subscription: Subscription,
    closing: CancellationToken,
    request_id: RequestId,
}

impl Live {
    fn events(self) -> impl Stream<Item = Told> {
        stream::unfold(Some(self), async |live| {
            let mut live = live?;
            let told = AssertUnwindSafe(live.tell()).catch_unwind().await;
            match told {
                Ok(None) => None,
                Ok(Some(Event::Next(payload))) => {
                    Some((Told::Event(live.id.clone(), payload), Some(live)))
                }
                Ok(Some(Event::End(end))) => Some((Told::End(live.id, end), None)),
                Err(panic) => {
                    let refusal = observe::panicked(&live.request_id, panic.as_ref());
                    Some((Told::Failed(live.id, refusal), None))
                }
            }
        })
    }

    /// The next event; `None` if the socket closes and no event waits.
    async fn tell(&mut self) -> Option<Event> {
        loop {
            let closing = self.closing.is_cancelled();
            if closing && !self.subscription.has_pending() {
                return None;
            }
            tokio::select! {
                event = self.subscription.next() => return Some(event),
                () = self.closing.cancelled(), if !closing => {}
            }
        }
    }
}
