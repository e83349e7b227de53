//! Access tokens, signed with real keys and judged with what a small server publishes.

/// Whether staff are still signed in.
mod introspection;
/// A server that publishes keys and tells of tokens, and counts who asks.
pub(crate) mod issuer;
/// When keys are fetched, and what holds while they cannot be.
mod keys;
/// Which tokens prove whom.
mod verify;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloudbase_graphql::clock::Clock;
use cloudbase_graphql::identity::{Config, Tokens};
use rsa::pkcs1v15::SigningKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use serde_json::{Value as Json, json};

use self::issuer::{Issuer, private_key};
use crate::harness::NOW;

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(NOW)))
    }

    pub(crate) fn pass(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) const HEADER: &str = r#"{"alg":"RS256","typ":"JWT","kid":"k0"}"#;

/// What the token of a user who just signed in says.
pub(crate) fn claims() -> Json {
    json!({
        "iss": "https://shop.api.tcloudbasegateway.com",
        "aud": "shop",
        "sub": "u1",
        "iat": NOW / 1000,
        "exp": NOW / 1000 + 7200,
        "provider": "email",
        "scope": "",
    })
}

fn with(name: &str, value: Json) -> String {
    let mut claims = claims();
    claims[name] = value;
    claims.to_string()
}

/// A token of these segments' texts, signed with the private key of this number.
pub(crate) fn signed(header: &str, claims: &str, key: usize) -> String {
    let text = [header, claims].map(|text| URL_SAFE_NO_PAD.encode(text));
    let text = text.join(".");
    let key = SigningKey::<Sha256>::new(private_key(key).clone());
    let signature = key.sign(text.as_bytes()).to_vec();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A good token.
fn good() -> String {
    signed(HEADER, &claims().to_string(), 0)
}

/// A judge of the tokens of this issuer's environment `shop`.
fn judge(issuer: &Issuer, clock: &Arc<Hand>) -> Arc<Tokens> {
    let config = Config {
        url: issuer.url(),
        ..Config::new("shop")
    };
    let tokens = Tokens::new(config, Arc::clone(clock) as Arc<dyn Clock>);
    Arc::new(tokens.expect("connections can be made"))
}
