//! Who a socket speaks for, and until when.

use cloudbase_graphql::server::Config;
use serde_json::{Value as Json, json};

use super::super::dev;
use super::{ALICE, NOTES, PROTOCOL, Server, event, notes};
use crate::harness::NOW;

const ME: &str = "{ me { principal } }";

fn expiring(after_seconds: i64) -> String {
    format!("{ALICE};expires={}", NOW / 1000 + after_seconds)
}

#[tokio::test]
async fn the_first_message_wins_over_the_request() {
    let server = Server::start(dev()).await;
    let alice = ("authorization", "Bearer dev:openid:alice");
    let wrong = ("authorization", "Bearer nonsense");
    let bob = "dev:openid:bob";
    for (header, payload, principal) in [
        (alice, Json::Null, json!("openid:alice")),
        (alice, json!({"other": 1}), json!("openid:alice")),
        (alice, json!({ "token": bob }), json!("openid:bob")),
        (wrong, json!({ "token": bob }), json!("openid:bob")),
        (
            PROTOCOL,
            json!({"Authorization": format!("Bearer {bob}")}),
            json!("openid:bob"),
        ),
        (
            PROTOCOL,
            json!({"headers": {"authorization": format!("Bearer {bob}")}}),
            json!("openid:bob"),
        ),
        (PROTOCOL, json!({"authorization": ""}), Json::Null),
    ] {
        let mut socket = server.open_with(&[header]).await;
        let init = json!({"type": "connection_init", "payload": payload});
        socket.send(init).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket.subscribe("1", ME).await;
        let answer = socket.receive().await;
        let me = &answer["payload"]["data"]["me"];
        assert_eq!(me.get("principal").unwrap_or(&Json::Null), &principal);
    }
}

#[tokio::test]
async fn a_proof_that_is_refused_is_4403() {
    let server = Server::start(dev()).await;
    let expired = expiring(0);
    for (token, reason) in [
        ("nonsense", "development tokens"),
        ("dev:nobody", "a principal is"),
        (&*expired, "expired"),
    ] {
        let mut socket = server.open().await;
        socket.init(token).await;
        let (code, why) = socket.closed().await;
        assert_eq!(code, 4403, "{why}");
        assert!(why.starts_with("Forbidden: "), "{why}");
        assert!(why.contains(reason), "{why}");
    }
    let header = ("authorization", "Bearer nonsense");
    let mut socket = server.open_with(&[PROTOCOL, header]).await;
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.closed().await.0, 4403);

    let closed = Server::start(Config::default()).await;
    let mut socket = closed.open().await;
    socket.init(ALICE).await;
    assert_eq!(socket.closed().await.0, 4403);
}

#[tokio::test]
async fn a_ping_with_a_token_changes_who_it_speaks_for() {
    let server = Server::start(dev()).await;
    let mut bob = server.acknowledged("dev:openid:bob").await;
    bob.write("w", "of bob").await;
    assert_eq!(bob.receive().await["type"], "next");

    let mut socket = server.acknowledged(ALICE).await;
    socket.subscribe("live", NOTES).await;
    assert_eq!(notes(&socket.receive().await).0, "SNAPSHOT");
    let payload = json!({"token": "dev:openid:editor"});
    let ping = json!({"type": "ping", "payload": payload});
    socket.send(ping).await;
    let [change, pong] = socket.receive_sorted::<2>().await;
    assert_eq!(pong, json!({"type": "pong", "payload": payload}));
    assert_eq!(notes(&change), event("CHANGE", &["of bob"], &["ADDED"]));
    socket.subscribe("1", ME).await;
    let answer = socket.receive().await;
    assert_eq!(
        answer["payload"]["data"]["me"]["principal"],
        "openid:editor"
    );
    assert_eq!(socket.receive().await["type"], "complete");

    let ping = json!({"type": "ping", "payload": {"token": "nonsense"}});
    socket.send(ping).await;
    assert_eq!(socket.closed().await.0, 4403);
}

#[tokio::test]
async fn a_token_that_expires_takes_its_lists_along_and_then_the_socket() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(&expiring(1)).await;
    socket.write("w", "one").await;
    assert_eq!(socket.receive().await["type"], "next");
    assert_eq!(socket.receive().await["type"], "complete");
    for id in ["a", "b"] {
        socket.subscribe(id, NOTES).await;
        let snapshot = notes(&socket.receive().await);
        assert_eq!(snapshot, event("SNAPSHOT", &["one"], &["ADDED"]));
    }
    server.pass(1000);
    let messages = socket.receive_sorted::<2>().await;
    for (message, id) in messages.iter().zip(["a", "b"]) {
        assert_eq!(message["id"], id);
        assert_eq!(notes(message), event("CHANGE", &[], &["REMOVED"]));
    }
    // No `complete`: clients that come back begin again what did not end.
    let (code, reason) = socket.closed().await;
    assert_eq!((code, &*reason), (4403, "Forbidden: the token has expired"));
}

#[tokio::test]
async fn a_fresh_token_in_time_changes_nothing() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(&expiring(1)).await;
    socket.subscribe("live", NOTES).await;
    assert_eq!(notes(&socket.receive().await).0, "SNAPSHOT");
    let payload = json!({"token": expiring(3600)});
    socket
        .send(json!({"type": "ping", "payload": payload}))
        .await;
    assert_eq!(socket.receive().await["type"], "pong");
    server.pass(2000);
    socket.write("w", "one").await;
    let [change, answer, _end] = socket.receive_sorted::<3>().await;
    assert_eq!(notes(&change), event("CHANGE", &["one"], &["ADDED"]));
    assert_eq!(answer["type"], "next");
}

#[tokio::test]
async fn an_operation_of_an_expired_token_is_not_run() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(&expiring(1)).await;
    server.pass(1000);
    socket.write("w", "too late").await;
    assert_eq!(socket.closed().await.0, 4403);
}
