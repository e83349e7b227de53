//! The key pair that access tokens are signed with, and its public half for
//! whoever verifies them.

use std::fmt;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::{SigningKey, VerifyingKey};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::Keypair;
use rsa::traits::PublicKeyParts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::jwt::{self, Jwt};
use super::random;

const BITS: usize = 2048;

/// Signs and verifies; the key is this process's own and dies with it.
pub(super) struct Signer {
    kid: String,
    /// Made when it is first needed: that takes a fifth of a second, and most runs never sign anybody in.
    key: OnceLock<SigningKey<Sha256>>,
}

impl Signer {
    pub(super) fn new() -> Self {
        Self {
            kid: format!("emulator-{}", random::id()),
            key: OnceLock::new(),
        }
    }

    fn key(&self) -> &SigningKey<Sha256> {
        self.key.get_or_init(|| {
            let key = RsaPrivateKey::new(&mut OsRng, BITS);
            SigningKey::new(key.expect("the operating system has random numbers"))
        })
    }

    pub(super) fn sign(&self, claims: &impl Serialize) -> String {
        jwt::sign(claims, &self.kid, self.key())
    }

    /// The claims of a token that was signed here.
    pub(super) fn verified<C: DeserializeOwned>(&self, token: &Jwt<'_>) -> Option<C> {
        (token.kid() == Some(&self.kid))
            .then(|| token.verified(&self.verifying_key()))
            .flatten()
    }

    fn verifying_key(&self) -> VerifyingKey<Sha256> {
        self.key().verifying_key()
    }

    /// The public half as a JSON web key set.
    pub(super) fn public_keys(&self) -> Value {
        let key = self.verifying_key();
        let number = |n: &rsa::BigUint| URL_SAFE_NO_PAD.encode(n.to_bytes_be());
        json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": number(key.as_ref().n()),
            "e": number(key.as_ref().e()),
        }]})
    }
}

/// Nothing of the key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}
