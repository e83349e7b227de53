//! The handshake, and what closes a socket.

use std::time::Duration;

use cloudbase_graphql::server::Config;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use super::super::dev;
use super::{ALICE, NOTES, PROTOCOL, Server};

#[tokio::test]
async fn the_sub_protocol_is_chosen_among_those_offered() {
    let server = Server::start(dev()).await;
    for (offers, chosen) in [
        ("graphql-transport-ws", true),
        ("graphql-ws, graphql-transport-ws", true),
        ("graphql-ws", false),
    ] {
        let (head, _) = server.shake_hands(&[(PROTOCOL.0, offers)]).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        let told = head.contains("sec-websocket-protocol: graphql-transport-ws\r\n");
        assert_eq!(told, chosen, "{head}");
    }
    let socket = server.open_with(&[(PROTOCOL.0, "graphql-ws")]).await;
    let (code, reason) = socket.closed().await;
    assert_eq!((code, &*reason), (4406, "Subprotocol not acceptable"));
}

#[tokio::test]
async fn without_a_sub_protocol_the_first_message_shows_which_is_meant() {
    let server = Server::start(dev()).await;
    let mut socket = server.open_with(&[]).await;
    socket.init(ALICE).await;
    assert_eq!(socket.receive().await, json!({"type": "connection_ack"}));
    socket.subscribe("1", "{ me { principal } }").await;
    assert_eq!(socket.receive().await["type"], "next");

    for message in [
        json!({"type": "ping"}),
        json!({"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}),
    ] {
        let mut socket = server.open_with(&[]).await;
        socket.send(message).await;
        assert_eq!(socket.closed().await.0, 4406);
    }
}

#[tokio::test]
async fn a_request_that_is_no_handshake_is_400() {
    let server = Server::start(dev()).await;
    let client = reqwest::Client::new();
    let request = client
        .get(format!("http://{}/graphql", server.running.address))
        .header("host", "localhost")
        .header("upgrade", "websocket");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 400);
    let body = answer.text().await.expect("a body");
    assert!(body.contains("BAD_USER_INPUT"), "{body}");
}

/// Somebody's page could say it were anybody.
#[tokio::test]
async fn pages_of_other_sites_open_no_socket() {
    let server = Server::start(dev()).await;
    for (name, value, status) in [
        ("origin", "https://example.com", 403),
        ("origin", "null", 403),
        ("origin", "http://localhost:3000", 101),
        ("host", "example.com", 421),
    ] {
        let (head, _) = server.shake_hands(&[(name, value), PROTOCOL]).await;
        let begin = format!("HTTP/1.1 {status} ");
        assert!(head.starts_with(&begin), "{name} {value}: {head}");
    }
    let closed = Server::start(Config::default()).await;
    let (head, _) = closed
        .shake_hands(&[("origin", "https://example.com"), PROTOCOL])
        .await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
}

#[tokio::test]
async fn what_no_client_says_closes_the_socket() {
    let server = Server::start(dev()).await;
    let init = r#"{"type":"connection_init","payload":{"token":"dev:openid:alice"}}"#;
    let subscribe =
        |payload: &str| format!(r#"{{"type":"subscribe","id":"1","payload":{payload}}}"#);
    let live = subscribe(&json!({ "query": NOTES }).to_string());
    let long = "x".repeat(257);
    for (messages, code, reason) in [
        (vec!["hello".to_owned()], 4400, "it is no JSON object"),
        (vec![String::new()], 4400, "it is no JSON object"),
        (vec!["[]".to_owned()], 4400, "it is no JSON object"),
        (
            vec![r#"{"type":"ping""#.to_owned()],
            4400,
            "EOF while parsing",
        ),
        (
            vec![r#"{"type":"ping","type":"pong"}"#.to_owned()],
            4400,
            "duplicate field",
        ),
        (vec!["{}".to_owned()], 4400, "`type` is not a string"),
        (
            vec![r#"{"type":1}"#.to_owned()],
            4400,
            "`type` is not a string",
        ),
        (
            vec![r#"{"type":"start"}"#.to_owned()],
            4400,
            "no client sends this `type`",
        ),
        (
            vec![r#"{"type":"next","id":"1","payload":{}}"#.to_owned()],
            4400,
            "no client sends this `type`",
        ),
        (
            vec![r#"{"type":"connection_init","payload":[]}"#.to_owned()],
            4400,
            "`payload` is not an object",
        ),
        (
            vec![r#"{"type":"ping","payload":1}"#.to_owned()],
            4400,
            "`payload` is not an object",
        ),
        (
            vec![r#"{"type":"pong","payload":"a"}"#.to_owned()],
            4400,
            "`payload` is not an object",
        ),
        (
            vec![
                init.to_owned(),
                r#"{"type":"subscribe","id":"1"}"#.to_owned(),
            ],
            4400,
            "`payload` is not an object",
        ),
        (
            vec![init.to_owned(), subscribe("{}")],
            4400,
            "the request has no `query`",
        ),
        (
            vec![init.to_owned(), subscribe(r#"{"query":1}"#)],
            4400,
            "`query` is not a string",
        ),
        (
            vec![
                init.to_owned(),
                subscribe(r#"{"query":"{me}","variables":[]}"#),
            ],
            4400,
            "`variables` is not an object",
        ),
        (
            vec![
                init.to_owned(),
                subscribe(r#"{"query":"{me}","operationName":1}"#),
            ],
            4400,
            "`operationName` is not a string",
        ),
        (
            vec![
                init.to_owned(),
                subscribe(r#"{"query":"{me}","extensions":1}"#),
            ],
            4400,
            "`extensions` is not an object",
        ),
        (
            vec![init.to_owned(), r#"{"type":"complete"}"#.to_owned()],
            4400,
            "`id` is not a string",
        ),
        (
            vec![init.to_owned(), r#"{"type":"complete","id":1}"#.to_owned()],
            4400,
            "`id` is not a string",
        ),
        (
            vec![init.to_owned(), r#"{"type":"complete","id":""}"#.to_owned()],
            4400,
            "`id` is empty",
        ),
        (
            vec![
                init.to_owned(),
                format!(r#"{{"type":"complete","id":"{long}"}}"#),
            ],
            4400,
            "`id` has more than 256 bytes",
        ),
        (vec![subscribe(r#"{"query":"{me}"}"#)], 4401, "Unauthorized"),
        (
            vec![init.to_owned(), live.clone(), live],
            4409,
            "Subscriber for 1 already exists",
        ),
        (
            vec![init.to_owned(), init.to_owned()],
            4429,
            "Too many initialisation requests",
        ),
    ] {
        let mut socket = server.open().await;
        for message in &messages {
            socket.send_raw(Message::text(message.as_str())).await;
        }
        let (got, why) = loop {
            match socket.frame().await.expect("it is closed with a code") {
                Message::Close(Some(frame)) => {
                    break (u16::from(frame.code), frame.reason.as_str().to_owned());
                }
                Message::Text(_) => {}
                other => panic!("{other:?} after {messages:?}"),
            }
        };
        assert_eq!(got, code, "{messages:?}: {why}");
        assert!(why.contains(reason), "{messages:?}: {why}");
    }
}

#[tokio::test]
async fn bytes_are_no_message() {
    let server = Server::start(dev()).await;
    let mut socket = server.open().await;
    socket
        .send_raw(Message::binary(br#"{"type":"connection_init"}"#.to_vec()))
        .await;
    assert_eq!(socket.closed().await.0, 4400);
}

#[tokio::test]
async fn frames_that_are_none_are_1002() {
    const PONG: &[u8] = br#"{"type":"pong"}"#;
    let server = Server::start(dev()).await;
    let masked = |first: u8, payload: &[u8]| {
        let length = u8::try_from(payload.len()).expect("it is short");
        // A mask of zeros changes nothing.
        [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat()
    };
    for (what, bytes) in [
        ("not masked", [&[0x81, 15], PONG].concat()),
        ("reserved bit", masked(0xC1, PONG)),
        ("reserved opcode", masked(0x83, PONG)),
        ("reserved control opcode", masked(0x8B, b"")),
        ("no beginning", masked(0x80, PONG)),
        (
            "two beginnings",
            [masked(0x01, b"{"), masked(0x81, PONG)].concat(),
        ),
        ("a ping in parts", masked(0x09, b"")),
        ("a close with half a code", masked(0x88, b"x")),
        ("a close with no code", masked(0x88, &[0, 5])),
    ] {
        let mut socket = server.open().await;
        let stream = socket.0.get_mut();
        stream.write_all(&bytes).await.expect("sent");
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 1002, "{what}: {reason}");
        assert!(reason.starts_with("Protocol violation"), "{what}: {reason}");
    }
}

#[tokio::test]
async fn who_never_begins_is_4408() {
    let server = Server::start(Config {
        init_timeout: Duration::from_millis(50),
        ..dev()
    })
    .await;
    let mut socket = server.open().await;
    // A sign of life is no beginning.
    socket.send(json!({"type": "ping"})).await;
    assert_eq!(socket.receive().await, json!({"type": "pong"}));
    let (code, reason) = socket.closed().await;
    assert_eq!(
        (code, &*reason),
        (4408, "Connection initialisation timeout")
    );
}

#[tokio::test]
async fn a_ping_is_sent_back_with_what_it_says() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(ALICE).await;
    socket.send(json!({"type": "pong"})).await;
    socket.send(json!({"type": "ping"})).await;
    assert_eq!(socket.receive().await, json!({"type": "pong"}));
    let payload = json!({"at": 1, "text": "嗨 \"\n"});
    socket
        .send(json!({"type": "ping", "payload": payload}))
        .await;
    assert_eq!(
        socket.receive().await,
        json!({"type": "pong", "payload": payload})
    );
}
