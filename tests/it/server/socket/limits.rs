//! Sockets, operations and messages are limited.

use std::time::Duration;

use cloudbase_graphql::server::Config;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::super::dev;
use super::{ALICE, NOTES, PROTOCOL, Server};

#[tokio::test]
async fn one_socket_too_many_is_503_and_one_that_is_gone_leaves_nothing() {
    let server = Server::start(Config {
        max_sockets: 1,
        ..dev()
    })
    .await;
    for how in 0..3 {
        let mut socket = server.acknowledged(ALICE).await;
        socket.subscribe("live", NOTES).await;
        assert_eq!(socket.receive().await["type"], "next");
        let (head, _) = server.shake_hands(&[PROTOCOL]).await;
        assert!(head.starts_with("HTTP/1.1 503"), "{head}");
        assert!(head.contains("retry-after: 1\r\n"), "{head}");
        match how {
            0 => drop(socket),
            1 => {
                socket.send_raw(Message::Close(None)).await;
                while socket.frame().await.is_some() {}
            }
            _ => {
                socket.send(json!({"type": "connection_init"})).await;
                assert_eq!(socket.closed().await.0, 4429);
            }
        }
        // The only place is free again once the task is gone.
        while !server
            .shake_hands(&[PROTOCOL])
            .await
            .0
            .starts_with("HTTP/1.1 101")
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        while server
            .shake_hands(&[PROTOCOL])
            .await
            .0
            .starts_with("HTTP/1.1 503")
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn one_caller_has_few_sockets() {
    let server = Server::start(Config {
        max_sockets_per_caller: 1,
        max_sockets: 4,
        ..dev()
    })
    .await;
    let alice = server.acknowledged(ALICE).await;
    let mut second = server.open().await;
    second.init(ALICE).await;
    let (code, reason) = second.closed().await;
    assert_eq!((code, &*reason), (1013, "too many sockets of one caller"));

    // Who becomes somebody else needs a seat of theirs.
    let mut bob = server.acknowledged("dev:openid:bob").await;
    bob.send(json!({"type": "ping", "payload": {"token": ALICE}}))
        .await;
    assert_eq!(bob.closed().await.0, 1013);

    drop(alice);
    loop {
        let mut again = server.open().await;
        again.init(ALICE).await;
        match again.frame().await.expect("an answer") {
            Message::Text(_) => break,
            _ => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

#[tokio::test]
async fn a_socket_runs_few_operations() {
    let server = Server::start(Config {
        max_operations_per_socket: 1,
        ..dev()
    })
    .await;
    let mut socket = server.acknowledged(ALICE).await;
    socket.subscribe("1", NOTES).await;
    assert_eq!(socket.receive().await["type"], "next");
    socket.subscribe("2", "{ __typename }").await;
    let refused = socket.receive().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["id"], "2");
    let code = &refused["payload"][0]["extensions"]["code"];
    assert_eq!(code, "LIMIT_EXCEEDED");
    socket.send(json!({"id": "1", "type": "complete"})).await;
    socket.subscribe("2", "{ __typename }").await;
    assert_eq!(socket.receive().await["type"], "next");
}

#[tokio::test]
async fn operations_need_a_slot_and_sockets_none() {
    let server = Server::start(Config {
        max_requests: 0,
        ..dev()
    })
    .await;
    let mut socket = server.acknowledged(ALICE).await;
    socket.subscribe("1", "{ __typename }").await;
    let refused = socket.receive().await;
    assert_eq!(refused["type"], "error");
    let code = &refused["payload"][0]["extensions"]["code"];
    assert_eq!(code, "UNAVAILABLE");

    let server = Server::start(Config {
        max_requests: 1,
        ..dev()
    })
    .await;
    let mut socket = server.acknowledged(ALICE).await;
    for id in ["1", "2", "3"] {
        socket.subscribe(id, NOTES).await;
        assert_eq!(socket.receive().await["type"], "next");
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_is_1009() {
    let server = Server::start(Config {
        max_message: 2000,
        ..dev()
    })
    .await;
    let mut socket = server.acknowledged(ALICE).await;
    let ping = json!({"type": "ping", "payload": {"text": "x".repeat(1900)}});
    socket.send(ping).await;
    assert_eq!(socket.receive().await["type"], "pong");
    let ping = json!({"type": "ping", "payload": {"text": "x".repeat(100_000)}});
    socket.send(ping).await;
    let (code, reason) = socket.closed().await;
    assert_eq!((code, &*reason), (1009, "a message has at most 2000 bytes"));
}

/// A client that reads nothing: what it asked for fills the buffers of both systems, and no more.
#[tokio::test]
async fn who_takes_nothing_is_cut_off() {
    let server = Server::start(Config {
        write_timeout: Duration::from_millis(200),
        ..dev()
    })
    .await;
    let mut socket = server.acknowledged(ALICE).await;
    let payload = json!({"text": "x".repeat(200_000)});
    let ping = json!({"type": "ping", "payload": payload}).to_string();
    let mut sent = 0;
    let flood = async {
        while futures_util::SinkExt::send(&mut socket.0, Message::text(ping.as_str()))
            .await
            .is_ok()
        {
            sent += 1;
        }
    };
    tokio::time::timeout(super::PATIENCE, flood)
        .await
        .expect("it is cut off");
    // What is not read here must be read there: some megabytes fit into the buffers between.
    assert!(sent < 1000, "{sent} messages were taken");
    assert!(format!("{:?}", server.stop().await).contains("Finished"));
}
