//! Real sockets: connections, shutdown, and what is cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::graphql::Executor;
use cloudbase_graphql::server::{Config, Door, End, Trust, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::dev;

/// A server on a free port that can be told to stop.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    stop: oneshot::Sender<()>,
    end: JoinSet<End>,
}

impl Running {
    async fn start(config: Config) -> Self {
        Self::over(super::executor().await, config).await
    }

    pub(super) async fn over(executor: Arc<Executor>, config: Config) -> Self {
        Self::behind(executor, config, Trust::BearerOnly).await
    }

    /// The same with a door that believes more.
    pub(super) async fn behind(executor: Arc<Executor>, config: Config, trust: Trust) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let door = Door { listener, trust };
        Self::with(vec![door], address, executor, config)
    }

    /// The same with several doors, of which `address` is one.
    pub(super) fn with(
        doors: Vec<Door>,
        address: SocketAddr,
        executor: Arc<Executor>,
        config: Config,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let mut end = JoinSet::new();
        end.spawn(async move {
            let shutdown = async {
                stopped.await.ok();
            };
            serve(doors, executor, config, shutdown).await
        });
        Self { address, stop, end }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address)
            .await
            .expect("a connection")
    }

    /// A client that has sent half a request, which the server has begun to read.
    async fn begin(&self) -> TcpStream {
        let mut client = self.connect().await;
        client.write_all(HALF.as_bytes()).await.expect("sent");
        // Somebody who comes later is answered, so what was sent before has arrived.
        let mut other = self.connect().await;
        other.write_all(HEALTH.as_bytes()).await.expect("sent");
        assert!(read_all(&mut other).await.starts_with("HTTP/1.1 200"));
        client
    }

    pub(super) async fn stop(mut self) -> End {
        self.stop.send(()).expect("it runs");
        let end = tokio::time::timeout(Duration::from_secs(10), self.end.join_next()).await;
        end.expect("in time").expect("a task").expect("no panic")
    }
}

/// The head of a POST and the first half of its body.
const HALF: &str = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                    content-length: 27\r\nconnection: close\r\n\r\n{\"query\": ";
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
const OTHER_HALF: &str = "\"{ __typename }\"}";

async fn read_all(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer");
    text
}

#[tokio::test]
async fn what_has_begun_is_answered() {
    let server = Running::start(dev()).await;
    let address = server.address;
    let mut client = server.begin().await;
    let rest = async {
        // It goes on once nothing more is accepted.
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        client.write_all(OTHER_HALF.as_bytes()).await.expect("sent");
        read_all(&mut client).await
    };
    let (end, answer) = tokio::join!(server.stop(), rest);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.ends_with(r#"{"data":{"__typename":"Query"}}"#),
        "{answer}"
    );
    assert_eq!(end, End::Finished);
}

#[tokio::test]
async fn what_does_not_end_is_cut() {
    let config = Config {
        shutdown_grace: Duration::from_millis(50),
        ..dev()
    };
    let server = Running::start(config).await;
    let _client = server.begin().await;
    assert_eq!(server.stop().await, End::Cut { connections: 1 });
}

#[tokio::test]
async fn a_stream_breaks_off_and_holds_nobody_up() {
    const ASK: &str = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                       accept: text/event-stream\r\nauthorization: Bearer dev:openid:alice\r\n\
                       content-length: 44\r\n\r\n{\"query\": \"subscription { notes { kind } }\"}";
    let server = Running::start(dev()).await;
    let mut client = server.connect().await;
    client.write_all(ASK.as_bytes()).await.expect("sent");
    let mut told = String::new();
    while !told.contains("SNAPSHOT") {
        let mut bytes = [0; 4096];
        let count = client.read(&mut bytes).await.expect("an answer");
        assert_ne!(count, 0, "{told}");
        told.push_str(std::str::from_utf8(&bytes[..count]).expect("text"));
    }
    assert_eq!(server.stop().await, End::Finished);
    told.push_str(&read_all(&mut client).await);
    // The last chunk is there, so nothing was cut, but no `complete`: the client is to come back.
    assert!(told.ends_with("\r\n0\r\n\r\n"), "{told}");
    assert!(!told.contains("complete"), "{told}");
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let server = Running::start(dev()).await;
    let mut idle = server.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .expect("sent");
    let mut start = [0; 12];
    idle.read_exact(&mut start).await.expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 200");
    assert_eq!(server.stop().await, End::Finished);
}

#[tokio::test]
async fn a_head_that_never_ends_is_hung_up_on() {
    let config = Config {
        header_timeout: Duration::from_millis(50),
        ..dev()
    };
    let server = Running::start(config).await;
    let mut client = server.connect().await;
    client
        .write_all(b"POST /graphql HTTP/1.1\r\nhost: ")
        .await
        .expect("sent");
    let hung_up = tokio::time::timeout(Duration::from_secs(5), read_all(&mut client)).await;
    assert_eq!(hung_up.expect("in time"), "");
    assert_eq!(server.stop().await, End::Finished);
}

#[tokio::test]
async fn a_connection_too_many_waits_for_its_turn() {
    let config = Config {
        max_connections: 1,
        ..dev()
    };
    let server = Running::start(config).await;
    let first = server.connect().await;
    let mut second = server.connect().await;
    second.write_all(HEALTH.as_bytes()).await.expect("sent");
    let mut byte = [0];
    let early =
        tokio::time::timeout(Duration::from_millis(100), second.read_exact(&mut byte)).await;
    assert!(early.is_err(), "answered out of turn");
    drop(first);
    assert!(!read_all(&mut second).await.is_empty());
    assert_eq!(server.stop().await, End::Finished);
}
