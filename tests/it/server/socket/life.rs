//! Signs of life, and the end of the server.

use std::time::Duration;

use cloudbase_graphql::server::{Config, End};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::super::dev;
use super::{ALICE, NOTES, Server};

#[tokio::test]
async fn who_gives_signs_of_life_stays() {
    let server = Server::start(Config {
        ping_interval: Duration::from_millis(100),
        ..dev()
    })
    .await;
    let mut socket = server.acknowledged(ALICE).await;
    for _ in 0..5 {
        // The library answers.
        let frame = socket.frame().await.expect("the socket is open");
        assert!(frame.is_ping(), "{frame:?}");
    }
    socket.subscribe("1", "{ __typename }").await;
    assert_eq!(socket.receive().await["type"], "next");
}

#[tokio::test]
async fn who_gives_none_is_cut_off() {
    let server = Server::start(Config {
        ping_interval: Duration::from_millis(50),
        max_sockets: 1,
        ..dev()
    })
    .await;
    let socket = server.acknowledged(ALICE).await;
    // Nothing is read, so nothing is answered, until the place is free again.
    while server.shake_hands(&[]).await.0.starts_with("HTTP/1.1 503") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    socket.cut().await;
}

#[tokio::test]
async fn the_end_of_the_server_is_1001() {
    let server = Server::start(dev()).await;
    let fresh = server.open().await;
    let idle = server.acknowledged(ALICE).await;
    let mut live = server.acknowledged(ALICE).await;
    live.subscribe("1", NOTES).await;
    assert_eq!(live.receive().await["type"], "next");
    let closed = async {
        (
            fresh.closed().await,
            idle.closed().await,
            live.closed().await,
        )
    };
    let (end, (fresh, idle, live)) = tokio::join!(server.stop(), closed);
    assert_eq!(end, End::Finished);
    for (code, reason) in [fresh, idle, live] {
        assert_eq!(
            (code, &*reason),
            (1001, "the server shuts down: connect again")
        );
    }
}

/// Takes long enough for much to happen meanwhile.
fn slow() -> serde_json::Value {
    let contains = |at: usize| json!({"text": {"contains": format!("xx{at}")}});
    let any: Vec<_> = (0..200).map(contains).collect();
    json!({
        "query": "query($any: [NoteFilter!]) { notes(where: {or: $any}) { totalCount } }",
        "variables": { "any": any },
    })
}

#[tokio::test]
async fn what_runs_is_answered_before_the_end_and_nothing_new_begins() {
    let server = Server::start(Config {
        request_timeout: Duration::from_secs(60),
        shutdown_grace: Duration::from_secs(60),
        ..dev()
    })
    .await;
    let mut socket = server.acknowledged(ALICE).await;
    let text = "x".repeat(1000);
    for at in 0..100 {
        socket.write(&at.to_string(), &text).await;
        assert_eq!(socket.receive().await["type"], "next");
        assert_eq!(socket.receive().await["type"], "complete");
    }
    for id in ["a", "b"] {
        socket
            .send(json!({"id": id, "type": "subscribe", "payload": slow()}))
            .await;
    }
    // Asked after the others, so they have begun.
    socket.send(json!({"type": "ping"})).await;
    assert_eq!(socket.receive().await, json!({"type": "pong"}));
    let address = server.running.address;
    let client = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        socket.subscribe("late", "{ __typename }").await;
        let mut messages = Vec::new();
        let code = loop {
            match socket.frame().await.expect("it is closed with a code") {
                Message::Text(text) => {
                    let message: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                    messages.push(message);
                }
                Message::Close(frame) => break u16::from(frame.expect("a code").code),
                other => panic!("{other:?}"),
            }
        };
        (messages, code)
    };
    let (end, (messages, code)) = tokio::join!(server.stop(), client);
    assert_eq!((end, code), (End::Finished, 1001));
    let told = |id: &str| -> Vec<_> {
        let of = messages.iter().filter(|message| message["id"] == id);
        of.map(|message| message["type"].as_str().expect("a type"))
            .collect()
    };
    for id in ["a", "b"] {
        assert_eq!(told(id), ["next", "complete"], "{messages:?}");
    }
    assert_eq!(told("late"), ["error"], "{messages:?}");
}

#[tokio::test]
async fn who_does_not_end_is_cut() {
    let server = Server::start(Config {
        shutdown_grace: Duration::from_millis(50),
        ..dev()
    })
    .await;
    // It never agrees to the end.
    let _socket = server.acknowledged(ALICE).await;
    assert_eq!(server.stop().await, End::Cut { connections: 1 });
}
