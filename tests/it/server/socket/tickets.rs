//! Tickets: asked for where a client can prove itself, shown on a socket that cannot.

use std::sync::Arc;

use cloudbase_graphql::identity::{TicketKey, Tickets};
use cloudbase_graphql::server::{Auth, Config};
use serde_json::{Value as Json, json};

use super::super::doors::{self, Header, ME, SIGNED_IN};
use super::{ALICE, NOTES, PROTOCOL, Server, Socket, notes};
use crate::harness::NOW;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const ASK: &str = "mutation { wsTicket { ticket expiresAt } }";

fn giving(secret: &[u8], auth: Auth) -> Config {
    let key = TicketKey::of(secret).expect("long enough");
    Config {
        auth,
        tickets: Some(Arc::new(Tickets::new(key))),
        ..Config::default()
    }
}

async fn server() -> Server {
    Server::start(giving(SECRET, Auth::DevOnLoopback)).await
}

/// What `wsTicket` answers to a request with this header.
async fn ask(server: &Server, headers: &[Header]) -> Json {
    let url = format!("http://{}/graphql", server.running.address);
    let body = json!({ "query": ASK }).to_string();
    let request = reqwest::Client::new().post(url).body(body);
    let headers = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    let request = headers.header("content-type", "application/json");
    let answer = request.send().await.expect("an answer");
    let text = answer.text().await.expect("a body");
    serde_json::from_str(&text).expect("JSON")
}

async fn ticket_of(server: &Server, token: &str) -> String {
    let authorization = format!("Bearer {token}");
    let answer = ask(server, &[("authorization", authorization.leak())]).await;
    let ticket = answer["data"]["wsTicket"]["ticket"].as_str();
    ticket.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// A socket that shows this ticket first.
async fn showing(server: &Server, headers: &[Header], ticket: &str) -> Socket {
    let mut socket = server.open_with(&[&[PROTOCOL], headers].concat()).await;
    let payload = json!({ "ticket": ticket });
    socket
        .send(json!({"type": "connection_init", "payload": payload}))
        .await;
    socket
}

async fn principal(socket: &mut Socket) -> Json {
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("me", "{ me { principal } }").await;
    let answer = socket.receive().await;
    assert_eq!(socket.receive().await["type"], "complete");
    answer["payload"]["data"]["me"]["principal"].clone()
}

/// The reason it is closed for with 4403.
async fn refused(socket: Socket) -> String {
    let (code, why) = socket.closed().await;
    assert_eq!(code, 4403, "{why}");
    why
}

#[tokio::test]
async fn a_ticket_proves_its_caller_once() {
    let server = server().await;
    let answer = ask(&server, &[("authorization", "Bearer dev:openid:alice")]).await;
    let given = &answer["data"]["wsTicket"];
    assert_eq!(given["expiresAt"], "2026-01-01T00:01:00.000Z", "{answer}");
    let ticket = given["ticket"].as_str().expect("a ticket");
    let mut socket = showing(&server, &[], ticket).await;
    assert_eq!(principal(&mut socket).await, "openid:alice");
    let why = refused(showing(&server, &[], ticket).await).await;
    assert!(why.contains("used already"), "{why}");
}

#[tokio::test]
async fn a_socket_gives_tickets_too() {
    let server = server().await;
    let mut alice = server.acknowledged(ALICE).await;
    alice.subscribe("1", ASK).await;
    let answer = alice.receive().await;
    let ticket = answer["payload"]["data"]["wsTicket"]["ticket"].as_str();
    let mut other = showing(&server, &[], ticket.expect("a ticket")).await;
    assert_eq!(principal(&mut other).await, "openid:alice");
}

#[tokio::test]
async fn who_is_not_signed_in_gets_none() {
    let server = server().await;
    let answer = ask(&server, &[]).await;
    assert_eq!(answer["data"]["wsTicket"], Json::Null);
    let code = &answer["errors"][0]["extensions"]["code"];
    assert_eq!(code, "UNAUTHENTICATED", "{answer}");
    let none = Server::start(super::super::dev()).await;
    let answer = ask(&none, &[("authorization", "Bearer dev:openid:alice")]).await;
    let code = &answer["errors"][0]["extensions"]["code"];
    assert_eq!(code, "GRAPHQL_VALIDATION_FAILED", "{answer}");
}

#[tokio::test]
async fn tickets_that_are_not_good_are_4403() {
    let server = server().await;
    let ticket = ticket_of(&server, ALICE).await;
    let mut altered = ticket.clone().into_bytes();
    altered[20] ^= 1;
    let altered = String::from_utf8(altered).expect("ASCII");
    let stranger = Server::start(giving(
        b"another secret that is long enough",
        Auth::DevOnLoopback,
    ));
    let strange = ticket_of(&stranger.await, ALICE).await;
    for text in [altered.as_str(), &strange, "nonsense", "a.b"] {
        let why = refused(showing(&server, &[], text).await).await;
        assert!(why.contains("none of this server's"), "{why}");
    }
    let none = Server::start(super::super::dev()).await;
    refused(showing(&none, &[], &ticket).await).await;
    // Another instance with the secret takes it.
    let brother = self::server().await;
    assert_eq!(
        principal(&mut showing(&brother, &[], &ticket).await).await,
        "openid:alice"
    );
    server.pass(60_000);
    let why = refused(showing(&server, &[], &ticket).await).await;
    assert!(why.contains("expired"), "{why}");
}

#[tokio::test]
async fn a_ticket_does_not_outlive_the_token_it_was_made_from() {
    let server = server().await;
    let token = format!("{ALICE};expires={}", NOW / 1000 + 90);
    let ticket = ticket_of(&server, &token).await;
    let mut socket = showing(&server, &[], &ticket).await;
    assert_eq!(principal(&mut socket).await, "openid:alice");
    socket.subscribe("live", NOTES).await;
    assert_eq!(notes(&socket.receive().await).0, "SNAPSHOT");
    server.pass(90_000);
    socket.subscribe("late", "{ me { principal } }").await;
    let late = socket.receive().await;
    assert_ne!(
        late["payload"]["data"]["me"]["principal"], "openid:alice",
        "{late}"
    );
}

#[tokio::test]
async fn the_platform_and_a_ticket_agree() {
    let config = || giving(SECRET, Auth::Closed);
    let private = Server::believing(config(), doors::trust()).await;
    let public = Server::start(config()).await;
    let me = format!("openid:{ME}");
    let mine = async || {
        let answer = ask(&private, &SIGNED_IN).await;
        let ticket = answer["data"]["wsTicket"]["ticket"].as_str();
        ticket.unwrap_or_else(|| panic!("{answer}")).to_owned()
    };
    // The headers alone, the ticket alone, and both.
    let mut by_headers = private
        .open_with(&[&[PROTOCOL], &SIGNED_IN[..]].concat())
        .await;
    by_headers.send(json!({"type": "connection_init"})).await;
    assert_eq!(principal(&mut by_headers).await, me);
    for headers in [&[][..], &SIGNED_IN, &SIGNED_IN[1..]] {
        let mut socket = showing(&private, headers, &mine().await).await;
        assert_eq!(principal(&mut socket).await, me, "{headers:?}");
    }
    let mut elsewhere = showing(&public, &SIGNED_IN, &mine().await).await;
    assert_eq!(principal(&mut elsewhere).await, me);
    // Somebody else's.
    let bob = Server::start(giving(SECRET, Auth::DevOnLoopback)).await;
    let bob = ticket_of(&bob, "dev:openid:bob").await;
    let why = refused(showing(&private, &SIGNED_IN, &bob).await).await;
    assert!(why.contains("somebody else's"), "{why}");
}

#[tokio::test]
async fn who_is_named_by_the_platform_shows_no_token() {
    let config = giving(SECRET, Auth::DevOnLoopback);
    let server = Server::believing(config, doors::trust()).await;
    let mut socket = server
        .open_with(&[&[PROTOCOL], &SIGNED_IN[..]].concat())
        .await;
    socket.init(ALICE).await;
    let why = refused(socket).await;
    assert!(why.contains("one proof"), "{why}");
    // Who is not named may.
    let mut socket = server.open().await;
    socket.init(ALICE).await;
    assert_eq!(principal(&mut socket).await, "openid:alice");
}

#[tokio::test]
async fn a_ticket_and_a_token_are_two_proofs() {
    let server = server().await;
    let ticket = ticket_of(&server, ALICE).await;
    let mut socket = server.open().await;
    let payload = json!({"ticket": ticket, "token": ALICE});
    socket
        .send(json!({"type": "connection_init", "payload": payload}))
        .await;
    refused(socket).await;
}
