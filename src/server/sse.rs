//! Answers as a stream of events (the protocol graphql-sse, distinct connections
//! mode): each result is an event `next`, the end an event `complete`.
//!
//! A stream that ends without `complete` was broken off: its client comes back,
//! here or at another instance, and is told everything anew.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, interval_at};
use tokio_util::sync::CancellationToken;

use super::App;
use super::endpoint;
use super::negotiate::MediaType;
use super::refusal::Refusal;
use super::socket::StreamPlace;
use crate::gateway::Credential;
use crate::graphql::{Event, Outcome, Reply, Request, Subscription};

/// After how long a silence a stream says that it is alive: proxies cut connections that say nothing for a minute, and
/// some sooner.
const HEARTBEAT: Duration = Duration::from_secs(12);

/// A comment: clients skip it.
const COMMENT: &[u8] = b":\n\n";
/// What stands before and after the result in an event `next`. A result is JSON on one line.
const NEXT: &[u8] = b"event: next\ndata: ";
const END_OF_EVENT: &[u8] = b"\n\n";
/// With an empty `data`, without which browsers tell nobody of the event.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";

/// Tells proxies that read answers ahead (nginx) to hand them on as they come.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Runs an operation, and answers with its results. What is wrong with the operation itself is a result too, as the
/// protocol demands: a client takes any status but 200 for a failure of the network and asks again.
pub(super) async fn answer(
    app: &Arc<App>,
    request: Request,
    credential: Credential,
) -> Result<Response, Refusal> {
    let who = credential.user.as_ref().map(|user| user.principal.clone());
    // A stream is what its request's token makes it, to the end: nobody sends another one.
    let (_, credential) = watch::channel(credential);
    match app.executor.open(request, credential).await {
        Reply::Once(answer) if answer.outcome == Outcome::NotAllowed => Err(Refusal::MutationByGet),
        Reply::Once(answer) if matches!(answer.outcome, Outcome::Throttled { .. }) => {
            Ok(endpoint::respond(answer, MediaType::Json))
        }
        Reply::Once(answer) => Ok(respond(once(answer.body))),
        Reply::Live(subscription) => {
            let place = app.sockets.place_for_stream(who).ok_or(Refusal::Crowded)?;
            Ok(respond(Live::new(app, subscription, place).body()))
        }
    }
}

fn respond(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, MediaType::EventStream.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (BUFFERING, HeaderValue::from_static("no")),
    ];
    (StatusCode::OK, headers, body).into_response()
}

/// The stream of an operation with one result.
fn once(result: Bytes) -> Body {
    let [before, result, after] = next(result);
    let pieces = [before, result, after, Bytes::from_static(COMPLETE)];
    Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)))
}

/// An event `next`, in pieces: the result stays the one that all subscribers share.
fn next(result: Bytes) -> [Bytes; 3] {
    [
        Bytes::from_static(NEXT),
        result,
        Bytes::from_static(END_OF_EVENT),
    ]
}

/// A live operation on its connection. Whoever drops it, because the client is gone, ends the subscription.
struct Live {
    subscription: Subscription,
    /// Held until the end: it counts the streams there are.
    _place: StreamPlace,
    heartbeat: Interval,
    /// The server's shutdown: what waits is told, then the stream breaks off.
    closing: CancellationToken,
    ended: bool,
}

impl Live {
    fn new(app: &App, subscription: Subscription, place: StreamPlace) -> Self {
        Self {
            subscription,
            _place: place,
            heartbeat: interval_at(Instant::now() + HEARTBEAT, HEARTBEAT),
            closing: app.closing.clone(),
            ended: false,
        }
    }

    fn body(self) -> Body {
        // Some browsers do not say that they are connected before anything came.
        let opening = stream::iter([Bytes::from_static(COMMENT)]);
        let events = stream::unfold(self, async |mut live| {
            let pieces = live.pieces().await?;
            Some((stream::iter(pieces), live))
        });
        Body::from_stream(opening.chain(events.flatten()).map(Ok::<_, Infallible>))
    }

    /// What is written next; `None` at the end.
    async fn pieces(&mut self) -> Option<Vec<Bytes>> {
        if self.ended {
            return None;
        }
        tokio::select! {
            // What waits goes before the shutdown.
            biased;
            event = self.subscription.next() => Some(self.tell(event)),
            () = self.closing.cancelled() => None,
            _ = self.heartbeat.tick() => Some(vec![Bytes::from_static(COMMENT)]),
        }
    }

    fn tell(&mut self, event: Event) -> Vec<Bytes> {
        self.heartbeat.reset();
        match event {
            Event::Next(result) => next(result).into(),
            Event::End(_) => {
                self.ended = true;
                vec![Bytes::from_static(COMPLETE)]
            }
        }
    }
}
