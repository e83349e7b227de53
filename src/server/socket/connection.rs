//! One socket, from its handshake to its end.

use std::ops::ControlFlow::{self, Break, Continue};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value as Json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep};

use super::operations::{Id, Operations, Told};
use super::proofs::Proofs;
use super::protocol::{Close, Message, Phase};
use super::wire::{Turn, Wire};
use crate::gateway::{Credential, Share};
use crate::graphql::admission::Lobby;
use crate::graphql::error::{Code, Error};
use crate::graphql::{self, End, Outcome};
use crate::server::auth::Shown;
use crate::server::observe::RequestId;
use crate::server::request::Parameters;
use crate::server::source::Source;
use crate::server::{App, auth};

/// What a socket consists of while it is open.
pub(super) struct Connection<S> {
    app: Arc<App>,
    request_id: RequestId,
    wire: Box<Wire<S>>,
    phase: Phase,
    operations: Operations,
    client: Client,
    /// How often `ping` may still show who it speaks for.
    proofs: Proofs,
    /// The caller's, once there is one.
    seat: Option<Share>,
    /// When the other side gave the last sign of life.
    heard: Instant,
    /// Rings when the first message is overdue, later when it is time to ask for a sign of life.
    alarm: Pin<Box<Sleep>>,
    /// Whether it is known here that the server shuts down.
    is_closing: bool,
}

/// What is known of a client from its request for the socket.
pub(super) struct Client {
    /// What that proved; the first message may know better.
    pub(super) proven: Result<Credential, auth::Refused>,
    /// Whether the platform's headers did.
    pub(super) by_platform: bool,
    pub(super) source: Source,
    /// Its place among those of whom no more is known, until it says who it speaks for.
    pub(super) lobby: Option<Lobby>,
}

/// How a socket ends.
enum Ended {
    /// We close it.
    By(Close),
    /// The other side closes it, with this code.
    ByClient(u16),
    /// It is gone.
    Broken,
}

/// The code that stands for a socket which nobody closed.
const ABNORMAL: u16 = 1006;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(
        app: Arc<App>,
        request_id: RequestId,
        wire: Box<Wire<S>>,
        phase: Phase,
        client: Client,
    ) -> Self {
        Self {
            operations: Operations::new(Arc::clone(&app), request_id.clone(), client.source),
            alarm: Box::pin(sleep(app.config.init_timeout)),
            app,
            request_id,
            wire,
            phase,
            client,
            proofs: Proofs::new(),
            seat: None,
            heard: Instant::now(),
            is_closing: false,
        }
    }

    /// Serves the socket to its end.
    pub(super) async fn serve(mut self: Box<Self>) {
        let begun = Instant::now();
        tracing::info!(request.id = self.request_id.as_str(), "socket opened");
        let ended = self.converse().await;
        let Self {
            operations,
            wire,
            request_id,
            ..
        } = *self;
        let served = operations.served();
        // Nothing runs on while the socket says farewell.
        drop(operations);
        let code = match ended {
            Ended::By(close) => {
                Box::pin(wire.close(&close)).await;
                close.code
            }
            Ended::ByClient(code) => {
                Box::pin(wire.agree()).await;
                code
            }
            Ended::Broken => ABNORMAL,
        };
        tracing::info!(
            request.id = request_id.as_str(),
            code,
            operations = served,
            duration_ms = begun.elapsed().as_secs_f64() * 1000.0,
            "socket closed"
        );
    }

    async fn converse(&mut self) -> Ended {
        let closing = self.app.closing.clone();
        loop {
            // What cannot be sent yet is not asked for: a live operation that waits for a slow client catches up by
            // itself, and may meanwhile show less. Answers are taken always, so that they hold no slot.
            let live = self.wire.is_idle();
            let flow = tokio::select! {
                () = closing.cancelled(), if !self.is_closing => {
                    self.is_closing = true;
                    Continue(())
                }
                () = self.alarm.as_mut() => self.ring(),
                turn = self.wire.turn() => Box::pin(self.turn(turn)).await,
                told = self.operations.next(live) => {
                    self.tell(told);
                    Continue(())
                }
            };
            if let Break(ended) = flow {
                return ended;
            }
            if self.wire.is_overfull() {
                tracing::debug!(
                    request.id = self.request_id.as_str(),
                    "a socket's client takes too few of its answers"
                );
                return Ended::Broken;
            }
            if self.operations.are_held() {
                return Ended::By(Close::EXPIRED);
            }
            if self.is_closing && self.operations.are_done() {
                return Ended::By(Close::GOING_AWAY);
            }
        }
    }

    fn ring(&mut self) -> ControlFlow<Ended> {
        let interval = self.app.config.ping_interval;
        if self.phase != Phase::Acknowledged {
            return Break(Ended::By(Close::NO_INIT));
        }
        if !self.wire.is_idle() {
            // Who is not listened to cannot be heard. That they take what is written is watched elsewhere.
            self.heard = Instant::now();
        } else if self.heard.elapsed() < 2 * interval {
            self.wire.ping();
        } else {
            return Break(Ended::Broken);
        }
        self.alarm.as_mut().reset(Instant::now() + interval);
        Continue(())
    }

    async fn turn(&mut self, turn: Turn) -> ControlFlow<Ended> {
        if !matches!(turn, Turn::Sent) {
            self.heard = Instant::now();
        }
        match turn {
            Turn::Text(text) => match self.hear(&text).await {
                Ok(()) => Continue(()),
                Err(close) => Break(Ended::By(close)),
            },
            Turn::Binary => Break(Ended::By(Close::malformed("it is binary"))),
            Turn::TooLarge => {
                let max = self.app.config.max_message;
                Break(Ended::By(Close::too_large(max)))
            }
            Turn::NotText => Break(Ended::By(Close::NOT_TEXT)),
            Turn::Malformed(why) => Break(Ended::By(Close::violation(&why))),
            Turn::Alive | Turn::Sent => Continue(()),
            Turn::Closed { code } => Break(Ended::ByClient(code)),
            Turn::Broken => Break(Ended::Broken),
        }
    }

    /// Does what a message says.
    async fn hear(&mut self, text: &str) -> Result<(), Close> {
        let message = Message::parse(text)?;
        self.phase.take(&message)?;
        match message {
            Message::Init(payload) => self.begin(&payload).await,
            Message::Ping(payload) => self.answer_ping(payload).await,
            Message::Pong => Ok(()),
            Message::Subscribe { id, parameters } => self.subscribe(&id, parameters),
            Message::Complete { id } => {
                self.operations.stop(&Id::new(&id));
                Ok(())
            }
        }
    }

    async fn begin(&mut self, payload: &Map<String, Json>) -> Result<(), Close> {
        let credential = match credential(&self.app, self.shown(), payload).await? {
            Some(credential) => credential,
            None => match &self.client.proven {
                Ok(credential) => credential.clone(),
                Err(why) => return Err(Close::unproven(why)),
            },
        };
        self.speak_for(credential)?;
        self.client.lobby = None;
        let next_ping = Instant::now() + self.app.config.ping_interval;
        self.alarm.as_mut().reset(next_ping);
        self.wire
            .send(&[r#"{"type":"connection_ack"}"#], Bytes::new(), "");
        Ok(())
    }

    /// What the request for the socket showed.
    fn shown(&self) -> Shown<'_> {
        let proven = self.client.proven.as_ref().ok();
        Shown {
            user: proven.and_then(|credential| credential.user.as_ref()),
            by_platform: self.client.by_platform,
        }
    }

    /// Sends the payload back; if it has a token, the socket speaks for whoever that names from now on.
    async fn answer_ping(&mut self, payload: Option<Map<String, Json>>) -> Result<(), Close> {
        let Some(payload) = payload else {
            self.wire.send(&[r#"{"type":"pong"}"#], Bytes::new(), "");
            return Ok(());
        };
        if self.phase == Phase::Acknowledged && auth::shows_proof(&payload) {
            if !self.proofs.take() {
                return Err(Close::TOO_MANY_PROOFS);
            }
            if let Some(credential) = credential(&self.app, self.shown(), &payload).await? {
                self.speak_for(credential)?;
            }
        }
        let payload = Json::Object(payload).to_string();
        self.wire
            .send(&[r#"{"type":"pong","payload":"#], payload.into(), "}");
        Ok(())
    }

    fn speak_for(&mut self, credential: Credential) -> Result<(), Close> {
        let who = credential.user.as_ref().map(|user| user.principal.clone());
        if !self.seat.as_ref().is_some_and(|seat| seat.is_of(&who)) {
            let seat = self.app.sockets.seats.take(who, 1);
            self.seat = Some(seat.ok_or(Close::CROWDED)?);
        }
        for id in self.operations.speak_for(credential) {
            let error = Error::new(
                Code::Unauthenticated,
                "the token had expired before there was a fresh one: subscribe again",
            );
            self.refuse(&id, &error);
        }
        Ok(())
    }

    fn subscribe(&mut self, id: &str, parameters: Parameters) -> Result<(), Close> {
        if let Err(error) = self.operations.start(id, parameters)? {
            self.refuse(&Id::new(id), &error);
        }
        Ok(())
    }

    /// Hands on what operations have to tell.
    fn tell(&mut self, told: Told) {
        match told {
            Told::Answer(id, Ok(answer)) => self.answer(&id, answer),
            Told::Answer(id, Err(refusal)) | Told::Failed(id, refusal) => {
                self.operations.stop(&id);
                self.refuse(&id, &refusal.into_error());
            }
            Told::Event(id, payload) => self.next(&id, payload),
            Told::End(id, End::Unauthenticated) => self.operations.hold(&id),
            Told::End(id, End::Forbidden | End::Failed) => self.complete(&id),
            Told::Nothing => {}
        }
    }

    /// Answers a query or a mutation, or tells why it was refused.
    fn answer(&mut self, id: &Id, answer: graphql::Response) {
        match answer.outcome {
            Outcome::Ran => {
                self.next(id, answer.body);
                self.complete(id);
            }
            _ => {
                self.operations.stop(id);
                self.error(id, errors(&answer.body));
            }
        }
    }

    fn next(&mut self, id: &Id, payload: Bytes) {
        let before = [r#"{"id":"#, id.as_json(), r#","type":"next","payload":"#];
        self.wire.send(&before, payload, "}");
    }

    fn complete(&mut self, id: &Id) {
        self.operations.stop(id);
        let message = [r#"{"id":"#, id.as_json(), r#","type":"complete"}"#];
        self.wire.send(&message, Bytes::new(), "");
    }

    fn refuse(&mut self, id: &Id, error: &Error) {
        let errors = Json::Array(vec![error.to_json()]);
        self.error(id, errors.to_string().into());
    }

    fn error(&mut self, id: &Id, errors: Bytes) {
        let before = [r#"{"id":"#, id.as_json(), r#","type":"error","payload":"#];
        self.wire.send(&before, errors, "}");
    }
}

/// What a message's payload proves on a socket whose request showed something already.
async fn credential(
    app: &App,
    shown: Shown<'_>,
    payload: &Map<String, Json>,
) -> Result<Option<Credential>, Close> {
    let now = app.executor.gateway().now();
    let credential = auth::credential_of_payload(payload, shown, &app.config, now).await;
    credential.map_err(|why| Close::unproven(&why))
}

/// The errors of an answer that has nothing else.
fn errors(body: &[u8]) -> Bytes {
    let answer: Json = serde_json::from_slice(body).expect("answers are JSON");
    answer["errors"].to_string().into()
}
