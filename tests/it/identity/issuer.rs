//! A server that publishes keys and tells of tokens, and counts who asks.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::RsaPrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Keys of 2048 bits, made once; the last one has 1024 and is too weak.
pub(super) fn private_key(number: usize) -> &'static RsaPrivateKey {
    static KEYS: [OnceLock<RsaPrivateKey>; 3] = [const { OnceLock::new() }; 3];
    let bits = if number == 2 { 1024 } else { 2048 };
    KEYS[number].get_or_init(|| RsaPrivateKey::new(&mut OsRng, bits).expect("a key"))
}

/// The public half as an entry of a key set.
pub(super) fn entry(kid: &str, number: usize) -> Json {
    let key = private_key(number);
    let text = |n: &rsa::BigUint| URL_SAFE_NO_PAD.encode(n.to_bytes_be());
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": text(key.n()), "e": text(key.e())})
}

/// How an answer looks: status, and body; a redirect goes elsewhere.
pub(super) type Reply = (u16, String);

/// Serves until it is dropped.
pub(crate) struct Issuer {
    address: SocketAddr,
    told: Arc<Told>,
    _stop: DropGuard,
}

struct Told {
    certs: Mutex<Reply>,
    introspection: Mutex<Reply>,
    /// How often either was asked for.
    certs_asked: AtomicU32,
    introspections_asked: AtomicU32,
}

impl Issuer {
    /// One that publishes the key `k0`.
    pub(crate) async fn start() -> Self {
        let told = Arc::new(Told {
            certs: Mutex::new((503, String::new())),
            introspection: Mutex::new((200, json!({"sub": "u1", "scope": ""}).to_string())),
            certs_asked: AtomicU32::new(0),
            introspections_asked: AtomicU32::new(0),
        });
        let routes = Router::new()
            .route("/auth/v1/certs", get(certs))
            .route("/auth/v1/token/introspect", get(introspection))
            .with_state(Arc::clone(&told));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        TaskTracker::new().spawn(async move {
            let serving = axum::serve(listener, routes);
            stopped
                .run_until_cancelled_owned(serving.into_future())
                .await
        });
        let issuer = Self {
            address,
            told,
            _stop: stop.drop_guard(),
        };
        issuer.publish(&[entry("k0", 0)]);
        issuer
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn publish(&self, keys: &[Json]) {
        self.answer_certs(200, json!({ "keys": keys }).to_string());
    }

    pub(crate) fn answer_certs(&self, status: u16, body: String) {
        *self.told.certs.lock().expect("no panic under it") = (status, body);
    }

    pub(crate) fn answer_introspection(&self, status: u16, body: &str) {
        let reply = (status, body.to_owned());
        *self.told.introspection.lock().expect("no panic under it") = reply;
    }

    pub(super) fn certs_asked(&self) -> u32 {
        self.told.certs_asked.load(Ordering::SeqCst)
    }

    pub(crate) fn introspections_asked(&self) -> u32 {
        self.told.introspections_asked.load(Ordering::SeqCst)
    }
}

async fn certs(State(told): State<Arc<Told>>) -> Response {
    told.certs_asked.fetch_add(1, Ordering::SeqCst);
    respond(told.certs.lock().expect("no panic under it").clone())
}

async fn introspection(State(told): State<Arc<Told>>, headers: HeaderMap) -> Response {
    assert!(headers.contains_key(header::AUTHORIZATION));
    told.introspections_asked.fetch_add(1, Ordering::SeqCst);
    respond(
        told.introspection
            .lock()
            .expect("no panic under it")
            .clone(),
    )
}

fn respond((status, body): Reply) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    match status.is_redirection() {
        true => (status, [(header::LOCATION, body)]).into_response(),
        false => (status, body).into_response(),
    }
}
