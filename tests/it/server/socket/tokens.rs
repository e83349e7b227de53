//! Sockets of people with access tokens: signed with real keys, and judged with what a small server publishes.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::clock::Clock;
use cloudbase_graphql::gateway::{self, Gateway, UnauthenticatedAccess, Vouch};
use cloudbase_graphql::identity::{self, Tokens};
use cloudbase_graphql::live;
use cloudbase_graphql::server::Config;
use serde_json::{Value as Json, json};

use super::super::lifecycle::Running;
use super::{NOTES, PROTOCOL, Server, Socket, event, notes};
use crate::backend;
use crate::harness::{NOW, TestApp};
use crate::identity::issuer::Issuer;
use crate::identity::{HEADER, Hand, claims, signed};

/// How long an answer about staff holds. Short, since timers do not go by the test's clock.
const MAX_AGE: Duration = Duration::from_secs(1);
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60_000;

/// Notes are their authors', and staff's; posters are everybody's.
const MODEL: &str = r#"
extend schema @role(name: "editor")

type Note @collection(name: "notes", permission: PRIVATE) @grant(role: "editor", read: true) {
  id: ID!
  text: String!
}

type Poster @collection(name: "posters", permission: CUSTOM) @rule(read: "true", write: false) { id: ID! text: String! }

type Role @collection(name: "roles", permission: ADMINONLY) { id: ID! roles: [String!]! status: String! }
"#;

const POSTERS: &str = "subscription { posters { kind nodes { text } changes { type } } }";
const ME: &str = "{ me { principal } }";

/// `uid:u1` has the role `editor`; there is a note of somebody, and a poster.
struct World {
    issuer: Issuer,
    server: Server,
    app: TestApp,
}

impl World {
    async fn new() -> Self {
        let (issuer, clock) = (Issuer::start().await, Hand::new());
        let config = identity::Config {
            url: issuer.url(),
            introspect_max_age: MAX_AGE,
            ..identity::Config::new("shop")
        };
        let tokens = Tokens::new(config, Arc::clone(&clock) as Arc<dyn Clock>);
        let tokens = Arc::new(tokens.expect("connections can be made"));
        let app = served(&clock, Arc::clone(&tokens) as Arc<dyn Vouch>).await;
        let config = Config {
            tokens: Some(tokens),
            ..Config::default()
        };
        let running = Running::over(Arc::clone(&app.executor), config).await;
        let server = Server { running, clock };
        Self {
            issuer,
            server,
            app,
        }
    }

    async fn write(&self, collection: &str, text: &str) {
        let document = json!({"_id": text, "text": text, "_openid": "somebody"});
        self.app.insert(collection, [&*document.to_string()]).await;
    }

    /// A socket of the editor's that watches the notes.
    async fn watching(&self, token: &str) -> Socket {
        let mut socket = self.server.acknowledged(token).await;
        socket.subscribe("notes", NOTES).await;
        let snapshot = notes(&socket.receive().await);
        assert_eq!(snapshot, event("SNAPSHOT", &["one"], &["ADDED"]));
        socket
    }
}

async fn served(clock: &Arc<Hand>, vouch: Arc<dyn Vouch>) -> TestApp {
    let seed = [
        (
            "roles",
            r#"{"_id": "uid:u1", "roles": ["editor"], "status": "ACTIVE"}"#,
        ),
        (
            "notes",
            r#"{"_id": "one", "text": "one", "_openid": "somebody"}"#,
        ),
        ("posters", r#"{"_id": "p", "text": "p"}"#),
    ];
    let config = gateway::Config {
        unauthenticated: UnauthenticatedAccess::CustomRulesOnly,
        ..gateway::Config::default()
    };
    let live = backend::live(live::Config {
        pace: Duration::ZERO,
        ..live::Config::default()
    });
    let time = Arc::clone(clock) as Arc<dyn Clock>;
    let build = |model, store, _| {
        let gateway = Gateway::new(model, store, time, config);
        gateway.with_live(live).with_vouch(vouch)
    };
    TestApp::built(MODEL, &seed, build).await
}

/// A token of `uid:u1` that is good for so many seconds.
fn token(seconds: i64) -> String {
    let mut claims = claims();
    claims["exp"] = json!(NOW / 1000 + seconds);
    signed(HEADER, &claims.to_string(), 0)
}

fn ping(token: &str) -> Json {
    json!({"type": "ping", "payload": {"token": token}})
}

/// The operation that an error ends, and its code.
fn refused(message: &Json) -> (&str, &str) {
    assert_eq!(message["type"], "error", "{message}");
    let code = &message["payload"][0]["extensions"]["code"];
    (
        message["id"].as_str().unwrap_or_default(),
        code.as_str().unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_token_that_expires_takes_its_lists_along_and_then_the_socket() {
    let world = World::new().await;
    let mut socket = world.watching(&token(1)).await;
    world.server.pass(SECOND);
    world.write("notes", "two").await;
    let change = notes(&socket.receive().await);
    assert_eq!(change, event("CHANGE", &[], &["REMOVED"]));
    let (code, reason) = socket.closed().await;
    assert_eq!((code, &*reason), (4403, "Forbidden: the token has expired"));

    let mut late = world.server.open().await;
    late.init(&token(-60)).await;
    let (code, reason) = late.closed().await;
    assert_eq!(code, 4403);
    assert!(reason.contains("expired"), "{reason}");
}

#[tokio::test]
async fn what_an_expired_token_ended_is_told_when_there_is_a_fresh_one() {
    let world = World::new().await;
    let mut socket = world.watching(&token(1)).await;
    socket.subscribe("posters", POSTERS).await;
    assert_eq!(socket.receive().await["id"], "posters");
    world.server.pass(SECOND);
    let change = notes(&socket.receive().await);
    assert_eq!(change, event("CHANGE", &[], &["REMOVED"]));
    // The posters are nobody's too, so the socket stays: its notes are held.
    world.write("posters", "q").await;
    let change = socket.receive().await;
    assert_eq!(change["id"], "posters", "{change}");
    socket.subscribe("me", ME).await;
    assert_eq!(refused(&socket.receive().await), ("me", "UNAUTHENTICATED"));

    let fresh = ping(&token(7200));
    socket.send(fresh.clone()).await;
    let ended = socket.receive().await;
    assert_eq!(refused(&ended), ("notes", "UNAUTHENTICATED"));
    let pong = json!({"type": "pong", "payload": fresh["payload"]});
    assert_eq!(socket.receive().await, pong);
    socket.subscribe("notes", NOTES).await;
    let snapshot = notes(&socket.receive().await);
    assert_eq!(snapshot, event("SNAPSHOT", &["one"], &["ADDED"]));
}

#[tokio::test]
async fn a_fresh_token_in_time_changes_nothing() {
    let world = World::new().await;
    let mut socket = world.watching(&token(60)).await;
    socket.send(ping(&token(7200))).await;
    assert_eq!(socket.receive().await["type"], "pong");
    world.server.pass(2 * MINUTE);
    world.write("notes", "two").await;
    let change = notes(&socket.receive().await);
    assert_eq!(change, event("CHANGE", &["one", "two"], &["ADDED"]));
}

#[tokio::test]
async fn staff_who_sign_out_are_shown_nothing_more() {
    let world = World::new().await;
    let mut socket = world.watching(&token(7200)).await;
    world.issuer.answer_introspection(200, "{}");
    world.server.pass(SECOND);
    world.write("notes", "two").await;
    let change = notes(&socket.receive().await);
    assert_eq!(change, event("CHANGE", &[], &["REMOVED"]));
    assert_eq!(socket.closed().await.0, 4403);
}

/// Whoever signed out asks for nothing as somebody who never signed in: that may be more than they had.
#[tokio::test]
async fn staff_who_signed_out_ask_as_nobody_neither() {
    let world = World::new().await;
    let mut socket = world.server.acknowledged(&token(7200)).await;
    world.issuer.answer_introspection(200, "{}");
    world.server.pass(SECOND);
    for (id, operation) in [
        ("posters", POSTERS),
        ("list", "{ posters { nodes { text } } }"),
    ] {
        socket.subscribe(id, operation).await;
        assert_eq!(refused(&socket.receive().await), (id, "UNAUTHENTICATED"));
    }
}

/// Each one is verified, and would show all live lists anew, past every limit of operations.
#[tokio::test]
async fn a_socket_shows_no_token_after_token() {
    let world = World::new().await;
    let mut socket = world.server.acknowledged(&token(7200)).await;
    for _ in 0..5 {
        socket.send(ping(&token(7200))).await;
        assert_eq!(socket.receive().await["type"], "pong");
    }
    socket.send(ping("")).await;
    assert_eq!(socket.receive().await["type"], "pong");
    socket.send(ping(&token(7200))).await;
    assert_eq!(socket.closed().await.0, 1013);
}

#[tokio::test]
async fn staff_are_shown_nothing_while_nobody_vouches_for_them() {
    let back = (
        r#"{"sub":"u1"}"#,
        event("CHANGE", &["one", "two"], &["ADDED"]),
    );
    let signed_out = ("{}", event("CHANGE", &[], &["REMOVED"]));
    for (answer, told) in [back, signed_out] {
        let world = World::new().await;
        let mut socket = world.watching(&token(7200)).await;
        let before = world.issuer.introspections_asked();
        world.issuer.answer_introspection(500, "");
        world.server.pass(SECOND);
        world.write("notes", "two").await;
        while world.issuer.introspections_asked() == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        world.issuer.answer_introspection(200, answer);
        // So long it is not asked again that did not answer.
        world.server.pass(SECOND);
        assert_eq!(notes(&socket.receive().await), told, "{answer}");
    }
}

#[tokio::test]
async fn a_proof_that_nobody_can_judge_is_1013() {
    let world = World::new().await;
    let mut known = world.server.acknowledged(&token(7200)).await;
    world.issuer.answer_certs(500, String::new());
    // A key that may be new, when it may be looked for again.
    world.server.pass(MINUTE);
    let header = HEADER.replace("k0", "k1");
    let another = signed(&header, &claims().to_string(), 0);
    known.send(ping(&another)).await;
    assert_eq!(known.closed().await.0, 1013);

    let world = World::new().await;
    world.issuer.answer_certs(500, String::new());
    let mut socket = world.server.open().await;
    socket.init(&token(7200)).await;
    assert_eq!(socket.closed().await.0, 1013);
    let bearer = format!("Bearer {}", token(7200));
    let header = ("authorization", bearer.as_str());
    let mut socket = world.server.open_with(&[PROTOCOL, header]).await;
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.closed().await.0, 1013);
}

#[tokio::test]
async fn an_address_proves_nothing() {
    let world = World::new().await;
    let token = token(7200);
    for name in ["access_token", "token", "authorization", "Authorization"] {
        let uri = format!("/graphql?{name}={token}");
        let mut socket = world.server.open_at(&uri, &[PROTOCOL]).await;
        socket.send(json!({"type": "connection_init"})).await;
        assert_eq!(socket.receive().await["type"], "connection_ack");
        socket.subscribe("me", ME).await;
        let me = socket.receive().await;
        assert_eq!(me["payload"]["data"]["me"], Json::Null, "{name}: {me}");
    }
}
