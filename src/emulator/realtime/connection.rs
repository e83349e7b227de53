//! One socket, from its handshake to its end.

use std::collections::HashMap;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use smol_str::SmolStr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message as Frame};

use super::kept::Handle;
use super::message::Message;
use super::outlet::{self, End, Outlet, Queue};
use super::refusal::Refusal;
use super::request::{Address, Asked, List, Request, Wish};
use super::trouble::Trouble;
use super::watch::{self, Client, Command};
use crate::emulator::app::App;
use crate::emulator::fault::{SocketEvent, SocketOrder};
use crate::emulator::identity::Identity;

/// How long a client may say nothing: the official ones ask for a sign of life every ten seconds.
const MAX_SILENCE: Duration = Duration::from_secs(600);

/// How long a client may take nothing of what is sent.
const MAX_STALL: Duration = Duration::from_secs(30);

/// How long a client may take to agree that a socket ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// The codes a socket is closed with.
const GOING_AWAY: End = End::Close(1001, "the emulator stops");
const PROTOCOL_VIOLATED: End = End::Close(1002, "this is no frame of a WebSocket");
const NOT_TEXT: End = End::Close(1003, "messages are texts");
const MALFORMED: End = End::Close(
    1008,
    "a message is a JSON object with a `requestId` and a `msgType`, and a `watchId` where it is about a watch",
);
const TOO_LARGE: End = End::Close(1009, "a message has at most 1 MiB");

/// What a socket consists of while it is open.
pub(super) struct Connection<S> {
    app: Arc<App>,
    socket: WebSocketStream<S>,
    /// What watches of this socket tell.
    queue: Queue,
    outlet: Outlet,
    /// Who logged in last.
    who: Option<Identity>,
    /// The watches that were begun or taken up here, by what the client calls them.
    watches: HashMap<SmolStr, Handle>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(app: Arc<App>, socket: WebSocketStream<S>) -> Self {
        let (outlet, queue) = outlet::queue();
        Self {
            app,
            socket,
            queue,
            outlet,
            who: None,
            watches: HashMap::new(),
        }
    }

    /// Serves the socket to its end. Its watches notice that it is gone.
    pub(super) async fn serve(mut self) {
        tracing::debug!("socket opened");
        let end = self.converse().await;
        tracing::debug!(?end, "socket ends");
        let Self { mut socket, .. } = self;
        let End::Close(code, reason) = end else {
            return;
        };
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        let farewell = async {
            socket.close(Some(frame)).await?;
            while socket.next().await.is_some() {}
            Ok::<_, tungstenite::Error>(())
        };
        // Who does not agree is left.
        drop(timeout(FAREWELL, farewell).await);
    }

    async fn converse(&mut self) -> End {
        let closing = self.app.realtime.closing.clone();
        let mut orders = self.app.faults.orders();
        loop {
            let flow = tokio::select! {
                // What waits to be sent goes first: who asks more and more is answered before they are heard again.
                biased;
                () = closing.cancelled() => Break(GOING_AWAY),
                Ok(order) = orders.recv() => Break(ordered(order)),
                text = self.queue.next() => match text {
                    Ok(text) => self.send(text).await,
                    Err(end) => Break(end),
                },
                frame = timeout(MAX_SILENCE, self.socket.next()) => match frame {
                    Ok(Some(frame)) => self.receive(frame).await,
                    Ok(None) | Err(_) => Break(End::Drop),
                },
            };
            if let Break(end) = flow {
                return end;
            }
        }
    }

    /// Sends what watches tell. Meanwhile nothing is listened to, or a client could make more and more wait for it.
    async fn send(&mut self, text: String) -> ControlFlow<End> {
        tokio::select! {
            end = self.queue.ended() => Break(end),
            sent = timeout(MAX_STALL, self.socket.send(Frame::text(text))) => match sent {
                Ok(Ok(())) => Continue(()),
                Ok(Err(_)) | Err(_) => Break(End::Drop),
            },
        }
    }

    async fn receive(&mut self, frame: Result<Frame, tungstenite::Error>) -> ControlFlow<End> {
        match frame {
            Ok(Frame::Text(text)) => self.hear(&text).await,
            // Pings are answered by the library.
            Ok(Frame::Ping(_) | Frame::Pong(_)) => Continue(()),
            Ok(Frame::Binary(_) | Frame::Frame(_)) => Break(NOT_TEXT),
            // The library has agreed; that is sent while it is waited for the end.
            Ok(Frame::Close(_)) => Continue(()),
            Err(error) => Break(end_of(&error)),
        }
    }

    /// Does what a message says.
    async fn hear(&mut self, text: &str) -> ControlFlow<End> {
        let Request { address, asked } = match Request::parse(text) {
            Ok(request) => request,
            Err(error) => {
                tracing::debug!(error, "a message cannot be read");
                return Break(MALFORMED);
            }
        };
        match (asked, address.watch_id.clone()) {
            (Ok(Asked::Ping), _) => self.answer_ping(&address),
            (Ok(Asked::Login { env, signature }), _) => self.login(&address, &env, signature),
            (Ok(Asked::OfWatch(wish)), Some(watch_id)) => {
                let client = Client {
                    outlet: self.outlet.clone(),
                    watch_id,
                };
                if let Err(refusal) = self.grant(wish, &client, &address).await {
                    client.tell(&Message::Refused(&refusal), &address.request_id);
                }
                Continue(())
            }
            (Err(error), Some(_)) => {
                self.tell(&address, &Message::Refused(&Refusal::malformed(error)));
                Continue(())
            }
            // An error that names no watch would be taken for one of any.
            (_, None) => Break(MALFORMED),
        }
    }

    fn tell(&self, address: &Address, message: &Message<'_>) {
        let text = message.text(address.watch_id.as_deref(), &address.request_id);
        self.outlet.send(text);
    }

    fn answer_ping(&self, address: &Address) -> ControlFlow<End> {
        let trouble = Trouble::at(&self.app, SocketEvent::Ping, None);
        if let Some(end) = trouble.end {
            return Break(end);
        }
        if !trouble.is_silent {
            self.tell(address, &Message::Pong);
        }
        Continue(())
    }

    fn login(
        &mut self,
        address: &Address,
        env: &str,
        signature: Option<SmolStr>,
    ) -> ControlFlow<End> {
        let trouble = Trouble::at(&self.app, SocketEvent::Login, None);
        if let Some(end) = trouble.end {
            return Break(end);
        }
        if trouble.is_silent {
            return Continue(());
        }
        let who = match trouble.refusal {
            Some(refusal) => Err(refusal),
            None => self.recognize(env, signature),
        };
        match who {
            Ok(who) => {
                self.who = Some(who);
                self.tell(address, &Message::LoggedIn { env });
            }
            Err(refusal) => self.tell(address, &Message::Refused(&refusal)),
        }
        Continue(())
    }

    fn recognize(&self, env: &str, signature: Option<SmolStr>) -> Result<Identity, Refusal> {
        self.app.check_env(env)?;
        let signature = signature.ok_or_else(Refusal::sign_missing)?;
        Ok(self.app.identities.of_socket(&signature)?)
    }

    /// Hands on what is wished for a watch.
    async fn grant(
        &mut self,
        wish: Wish,
        client: &Client,
        address: &Address,
    ) -> Result<(), Refusal> {
        let request_id = address.request_id.clone();
        match wish {
            Wish::Begin { env, list } => self.begin(&env, *list, client, request_id).await,
            Wish::Rebuild {
                env,
                query_id,
                event_id,
            } => {
                let handle = self.find(&env, &query_id)?;
                self.keep(client.watch_id.clone(), handle.clone()).await?;
                let client = client.clone();
                let command = Command::Rebuild {
                    client,
                    request_id,
                    event_id,
                };
                order(&handle, command).await;
                Ok(())
            }
            Wish::Check { query_id } => {
                let known = self.watches.get(&client.watch_id);
                let handle = known.filter(|handle| handle.query_id.as_str() == query_id);
                let handle = handle.ok_or_else(Refusal::no_query)?;
                let client = client.clone();
                order(handle, Command::Check { client, request_id }).await;
                Ok(())
            }
            Wish::Close => {
                self.forget(&client.watch_id).await;
                Ok(())
            }
        }
    }

    async fn begin(
        &mut self,
        env: &str,
        list: List,
        client: &Client,
        request_id: SmolStr,
    ) -> Result<(), Refusal> {
        let who = self.who.clone().ok_or_else(Refusal::not_logged_in)?;
        self.app.check_env(env)?;
        // A client that begins a watch again has given the first up.
        self.forget(&client.watch_id).await;
        self.check_room()?;
        let handle = watch::begin(&self.app, &who, list, client.clone(), request_id)?;
        self.watches.insert(client.watch_id.clone(), handle);
        Ok(())
    }

    /// The watch of this id, which only who began it finds.
    fn find(&self, env: &str, query_id: &str) -> Result<Handle, Refusal> {
        let who = self.who.as_ref().ok_or_else(Refusal::not_logged_in)?;
        self.app.check_env(env)?;
        let found = self.app.realtime.kept.find(query_id, who);
        found.ok_or_else(Refusal::no_query)
    }

    /// Has a watch under this name; what else had it ends.
    async fn keep(&mut self, watch_id: SmolStr, handle: Handle) -> Result<(), Refusal> {
        let is_new = |former: &Handle| former.query_id != handle.query_id;
        if self.watches.get(&watch_id).is_some_and(is_new) {
            self.forget(&watch_id).await;
        }
        if !self.watches.contains_key(&watch_id) {
            self.check_room()?;
        }
        self.watches.insert(watch_id, handle);
        Ok(())
    }

    fn check_room(&mut self) -> Result<(), Refusal> {
        let max = self.app.realtime.limits.max_watches_per_socket;
        if self.watches.len() >= max {
            // Some may have ended by themselves.
            self.watches
                .retain(|_, handle| !handle.commands.is_closed());
        }
        let has_room = self.watches.len() < max;
        has_room
            .then_some(())
            .ok_or_else(|| Refusal::too_many_watches(max))
    }

    async fn forget(&mut self, watch_id: &str) {
        if let Some(handle) = self.watches.remove(watch_id) {
            let outlet = self.outlet.clone();
            order(&handle, Command::Close { outlet }).await;
        }
    }
}

/// Tells a watch what to do, or its client that it has ended.
async fn order(handle: &Handle, command: Command) {
    if let Err(unheard) = handle.commands.send(command).await {
        unheard.0.refuse();
    }
}

/// What somebody who rehearses wants of all sockets.
fn ordered(order: SocketOrder) -> End {
    match order {
        SocketOrder::Drop => End::Drop,
        SocketOrder::Close(code) => End::Close(code, ""),
    }
}

fn end_of(error: &tungstenite::Error) -> End {
    match error {
        tungstenite::Error::Capacity(_) => TOO_LARGE,
        tungstenite::Error::Utf8(_) => MALFORMED,
        tungstenite::Error::Protocol(_) => PROTOCOL_VIOLATED,
        _ => End::Drop,
    }
}
