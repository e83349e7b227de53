//! `/graphql` as a WebSocket, frame by frame.

mod identity;
mod life;
mod limits;
mod operations;
mod protocol;
mod slow;
mod tickets;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::data::{Principal, Role};
use cloudbase_graphql::gateway::{self, Clock, Gateway};
use cloudbase_graphql::graphql::{self, Executor};
use cloudbase_graphql::model::Model;
use cloudbase_graphql::server::{Config, End, Trust};
use cloudbase_graphql::store::Store;
use cloudbase_graphql::store::sqlite::SqliteStore;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role as Side;

use super::MODEL;
use super::lifecycle::Running;
use crate::backend;
use crate::identity::Hand;

/// Long enough for a busy machine; nothing waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(20);

const ALICE: &str = "dev:openid:alice";
const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");
const NOTES: &str = "subscription { notes { kind nodes { text } changes { type } } }";

/// A server where `openid:editor` has the role `editor`.
pub(super) struct Server {
    running: Running,
    clock: Arc<Hand>,
}

impl Server {
    async fn start(config: Config) -> Self {
        Self::believing(config, Trust::BearerOnly).await
    }

    async fn believing(config: Config, trust: Trust) -> Self {
        let specs = Gateway::collection_specs(&Model::parse(MODEL).expect("a model").model);
        let documents = SqliteStore::temporary().expect("a temporary store");
        documents.prepare(&specs).await.expect("collections");
        Self::behind(backend::over(&documents, &specs).await, config, trust).await
    }

    /// The same over a store that has the model's collections.
    pub(super) async fn over(store: Arc<dyn Store>, config: Config) -> Self {
        Self::behind(store, config, Trust::BearerOnly).await
    }

    /// The same behind a door that believes more. It gives the tickets that it takes.
    async fn behind(store: Arc<dyn Store>, config: Config, trust: Trust) -> Self {
        let model = Arc::new(Model::parse(MODEL).expect("a model").model);
        let clock = Hand::new();
        let mut gateway = Gateway::new(
            model,
            store,
            Arc::clone(&clock) as Arc<dyn Clock>,
            gateway::Config {
                owners: [Principal::openid("editor")].into(),
                owner_role: Role::new("editor"),
                ..gateway::Config::default()
            },
        );
        if let Some(tickets) = &config.tickets {
            gateway = gateway.with_tickets(Arc::clone(tickets) as Arc<dyn gateway::Tickets>);
        }
        let executor = Executor::new(Arc::new(gateway), graphql::Config::default());
        let executor = Arc::new(executor.expect("a model that can be served"));
        let running = Running::behind(executor, config, trust).await;
        Self { running, clock }
    }

    fn pass(&self, milliseconds: i64) {
        self.clock.pass(milliseconds);
    }

    async fn stop(self) -> End {
        self.running.stop().await
    }

    /// The answer to a request for a socket: its head, and the connection.
    async fn shake_hands(&self, headers: &[(&str, &str)]) -> (String, TcpStream) {
        self.shake_hands_at("/graphql", headers).await
    }

    async fn shake_hands_at(&self, uri: &str, headers: &[(&str, &str)]) -> (String, TcpStream) {
        let mut stream = TcpStream::connect(self.running.address)
            .await
            .expect("a connection");
        let mut request = format!(
            "GET {uri} HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        if !headers.iter().any(|(name, _)| *name == "host") {
            request += "host: localhost\r\n";
        }
        for (name, value) in headers {
            request.extend([*name, ": ", *value, "\r\n"]);
        }
        request += "\r\n";
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        (String::from_utf8(head).expect("text"), stream)
    }

    async fn open_with(&self, headers: &[(&str, &str)]) -> Socket {
        self.open_at("/graphql", headers).await
    }

    async fn open_at(&self, uri: &str, headers: &[(&str, &str)]) -> Socket {
        let (head, stream) = self.shake_hands_at(uri, headers).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        // What a server answers to the key above, as the RFC has it.
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        Socket(WebSocketStream::from_raw_socket(stream, Side::Client, None).await)
    }

    async fn open(&self) -> Socket {
        self.open_with(&[PROTOCOL]).await
    }

    /// A socket that speaks for somebody.
    pub(super) async fn acknowledged(&self, token: &str) -> Socket {
        let mut socket = self.open().await;
        socket.init(token).await;
        assert_eq!(socket.receive().await, json!({"type": "connection_ack"}));
        socket
    }
}

/// A client's end of a socket.
pub(super) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn send(&mut self, message: Json) {
        self.send_raw(Message::text(message.to_string())).await;
    }

    async fn send_raw(&mut self, message: Message) {
        self.0.send(message).await.expect("sent");
    }

    async fn init(&mut self, token: &str) {
        let payload = json!({"authorization": format!("Bearer {token}")});
        self.send(json!({"type": "connection_init", "payload": payload}))
            .await;
    }

    pub(super) async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({"id": id, "type": "subscribe", "payload": {"query": query}}))
            .await;
    }

    /// Writes a note of whoever the socket speaks for.
    async fn write(&mut self, id: &str, text: &str) {
        let mutation = format!("mutation {{ createNote(input: {{text: \"{text}\"}}) {{ id }} }}");
        self.subscribe(id, &mutation).await;
    }

    async fn frame(&mut self) -> Option<Message> {
        let frame = tokio::time::timeout(PATIENCE, self.0.next()).await;
        frame.expect("in time").and_then(Result::ok)
    }

    /// The next message.
    pub(super) async fn receive(&mut self) -> Json {
        loop {
            match self.frame().await.expect("the socket is open") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("no message: {other:?}"),
            }
        }
    }

    /// So many messages, whatever their order.
    async fn receive_sorted<const N: usize>(&mut self) -> [Json; N] {
        let mut messages = Vec::new();
        for _ in 0..N {
            messages.push(self.receive().await);
        }
        messages.sort_by_key(Json::to_string);
        messages.try_into().expect("as many")
    }

    /// The code and reason it is closed with, which is what comes next.
    async fn closed(mut self) -> (u16, String) {
        loop {
            match self.frame().await.expect("it is closed with a code") {
                Message::Close(Some(frame)) => {
                    return (frame.code.into(), frame.reason.as_str().to_owned());
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not closed: {other:?}"),
            }
        }
    }

    /// Waits until it is gone without a word.
    async fn cut(mut self) {
        while let Some(frame) = self.frame().await {
            assert!(!frame.is_close(), "closed: {frame:?}");
        }
    }
}

/// The payload of a `next` of the live notes: kind, texts, types of changes.
fn notes(message: &Json) -> (String, Vec<String>, Vec<String>) {
    assert_eq!(message["type"], "next", "{message}");
    let event = &message["payload"]["data"]["notes"];
    let texts = |list: &Json, member: &str| {
        let list = list.as_array().unwrap_or_else(|| panic!("{message}"));
        let text = |entry: &Json| entry[member].as_str().expect("a text").to_owned();
        list.iter().map(text).collect()
    };
    (
        event["kind"].as_str().expect("a kind").to_owned(),
        texts(&event["nodes"], "text"),
        texts(&event["changes"], "type"),
    )
}

/// As [`notes`] tells it.
fn event(kind: &str, texts: &[&str], changes: &[&str]) -> (String, Vec<String>, Vec<String>) {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    (kind.to_owned(), owned(texts), owned(changes))
}
