//! Access tokens of the emulator's sign-in, shown to a gateway.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use cloudbase_graphql::clock::Clock;
use cloudbase_graphql::emulator::{self, Credentials, User};
use cloudbase_graphql::gateway::{self, Gateway, Vouch};
use cloudbase_graphql::identity::{self, Tokens};
use cloudbase_graphql::server::{Config, router};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;

use super::{Answer, MODEL, post, query, request, send};
use crate::emulator::exchange::Served;
use crate::harness::TestApp;
use crate::identity::Hand;

const MINUTE: i64 = 60_000;
const ME: &str = "{ me { principal roles loginType } }";

/// `uid:ann` has the role `editor`; `uid:bob` has none.
struct World {
    emulator: Served,
    clock: Arc<Hand>,
    gateway: Router,
}

impl World {
    async fn new() -> Self {
        let clock = Hand::new();
        let users = r#"{"users":[
            {"uid":"ann","username":"ann","password":"p"},
            {"uid":"bob","username":"bob","password":"p","loginType":"EMAIL"}]}"#;
        let identity = Credentials {
            users: User::parse_file(users).expect("users"),
            secrets: [("id".to_owned(), "key".to_owned())].into(),
            ..Credentials::default()
        };
        let config = emulator::Config {
            env: Some("shop".to_owned()),
            identity,
            ..emulator::Config::default()
        };
        let emulator = Served::at(config, Arc::clone(&clock) as Arc<dyn Clock>).await;
        let config = identity::Config {
            url: format!("http://{}", emulator.address()),
            ..identity::Config::new("shop")
        };
        let tokens = Tokens::new(config, Arc::clone(&clock) as Arc<dyn Clock>);
        let tokens = Arc::new(tokens.expect("connections can be made"));
        let vouch = Arc::clone(&tokens) as Arc<dyn Vouch>;
        let time = Arc::clone(&clock) as Arc<dyn Clock>;
        let ann = r#"{"_id": "uid:ann", "roles": ["editor"], "status": "ACTIVE"}"#;
        let build = |model, store, _| {
            Gateway::new(model, store, time, gateway::Config::default()).with_vouch(vouch)
        };
        let app = TestApp::built(MODEL, &[("roles", ann)], build).await;
        let config = Config {
            tokens: Some(tokens),
            ..Config::default()
        };
        Self {
            gateway: router(app.executor, config),
            emulator,
            clock,
        }
    }

    /// Signs in at the emulator.
    async fn token(&self, path: &str, headers: &[(&str, &str)], body: Json) -> String {
        let tokens = self.emulator.post(path, headers, body).await;
        tokens["access_token"].as_str().expect("a token").to_owned()
    }

    async fn of_user(&self, name: &str) -> String {
        let password = json!({"username": name, "password": "p"});
        self.token("/auth/v1/signin", &[], password).await
    }

    async fn sign_out(&self, token: &str) {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let path = "/auth/v1/user/signout";
        self.emulator.post(path, &headers, json!({})).await;
    }

    async fn ask(&self, token: &str) -> Answer {
        let request = post().header("authorization", format!("Bearer {token}"));
        send(&self.gateway, request.body(query(ME)).expect("a request")).await
    }
}

/// Ends the emulator; nobody listens where it was.
async fn end(emulator: Served) {
    let address = emulator.address();
    drop(emulator);
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn whoever_signs_in_is_who_they_are() {
    let world = World::new().await;
    let ann = world.ask(&world.of_user("ann").await).await.json();
    let expected = json!({"principal": "uid:ann", "roles": ["editor"], "loginType": "OTHER"});
    assert_eq!(ann["data"]["me"], expected, "{ann}");
    let bob = world.ask(&world.of_user("bob").await).await.json();
    let expected = json!({"principal": "uid:bob", "roles": [], "loginType": "EMAIL"});
    assert_eq!(bob["data"]["me"], expected, "{bob}");
    let device = [("x-device-id", "0123456789abcdef")];
    let guest = world.token("/auth/v1/signin/anonymously", &device, json!({}));
    let guest = world.ask(&guest.await).await.json();
    assert_eq!(guest["data"]["me"]["loginType"], "ANONYMOUS", "{guest}");
}

#[tokio::test]
async fn a_token_that_proves_nobody_is_401() {
    let world = World::new().await;
    let basic = [("authorization", "Basic aWQ6a2V5")];
    let path = "/auth/v1/token/clientCredential";
    let administrator = world.token(path, &basic, json!({})).await;
    let bob = world.of_user("bob").await;
    for token in [administrator.as_str(), "nonsense", "a/@@/b", &bob[1..]] {
        let answer = world.ask(token).await;
        assert_eq!(answer.status, 401);
        let header = answer.header("www-authenticate");
        assert_eq!(header, r#"Bearer error="invalid_token""#);
        let (code, message) = answer.error();
        assert_eq!(code, "UNAUTHENTICATED");
        assert!(!message.contains(token), "tokens are not repeated");
    }
    world.clock.pass(7200 * 1000 + MINUTE);
    assert_eq!(world.ask(&bob).await.status, 401);
}

#[tokio::test]
async fn staff_who_sign_out_are_staff_for_a_minute_at_most() {
    let world = World::new().await;
    let (ann, bob) = (world.of_user("ann").await, world.of_user("bob").await);
    assert_eq!(world.ask(&ann).await.status, 200);
    world.sign_out(&ann).await;
    world.sign_out(&bob).await;
    world.clock.pass(MINUTE);
    let answer = world.ask(&ann).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.error().0, "UNAUTHENTICATED");
    assert_eq!(world.ask(&bob).await.status, 200, "until the token expires");
}

#[tokio::test]
async fn while_the_sign_in_is_away_staff_wait_and_end_users_do_not() {
    let world = World::new().await;
    let (ann, bob) = (world.of_user("ann").await, world.of_user("bob").await);
    assert_eq!(world.ask(&bob).await.status, 200);
    let World {
        emulator, gateway, ..
    } = world;
    end(emulator).await;
    let ask = async |token: &str| {
        let request = post().header("authorization", format!("Bearer {token}"));
        send(&gateway, request.body(query(ME)).expect("a request")).await
    };
    assert_eq!(ask(&bob).await.status, 200);
    let answer = ask(&ann).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.error().0, "UNAVAILABLE");
}

#[tokio::test]
async fn without_keys_a_token_is_503_and_no_token_is_nobody() {
    let world = World::new().await;
    let bob = world.of_user("bob").await;
    let World {
        emulator, gateway, ..
    } = world;
    end(emulator).await;
    let asked = post().header("authorization", format!("Bearer {bob}"));
    let answer = send(&gateway, asked.body(query(ME)).expect("a request")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.error().0, "UNAVAILABLE");
    let plain = send(&gateway, post().body(query(ME)).expect("a request")).await;
    assert_eq!(plain.status, 200);
}

#[tokio::test]
async fn an_address_proves_nothing() {
    let world = World::new().await;
    let bob = world.of_user("bob").await;
    let asked = "query=%7Bme%7Bprincipal%7D%7D";
    let answer = async |uri: String| {
        let request = request("GET", &uri).body(Body::empty());
        send(&world.gateway, request.expect("a request")).await
    };
    let plain = answer(format!("/graphql?{asked}")).await;
    for name in ["access_token", "token", "authorization", "Authorization"] {
        let with = answer(format!("/graphql?{asked}&{name}={bob}")).await;
        assert_eq!(with.body, plain.body, "{name}");
    }
    assert!(!plain.body.windows(7).any(|text| text == b"uid:bob"));
}
