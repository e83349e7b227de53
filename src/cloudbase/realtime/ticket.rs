//! Tickets of the custom login (自定义登录): whoever holds the private key says who somebody is.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use serde::Deserialize;
use serde_json::json;

/// How long a ticket is good for, as the cloud's own SDK makes them.
const TICKET_LIFE_MS: i64 = 600_000;

/// How long an access token may be good that is given for a ticket, as the cloud's own SDK asks.
const TOKEN_LIFE_MS: i64 = 3_600_000;

/// How long the login may last, as the cloud's own SDK asks.
const LOGIN_LIFE_MS: i64 = 7 * 24 * 3_600_000;

/// The private key that the console gives out.
#[derive(Clone)]
pub struct TicketKey {
    id: String,
    env: String,
    /// Shared: it is large.
    key: Arc<SigningKey<Sha256>>,
}

/// Why a key file cannot be read. Nothing of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketKeyError {
    #[error(
        "the custom login's key file is JSON with `private_key_id`, `private_key` and `env_id`"
    )]
    Form,
    #[error("`private_key` of the custom login's key file is no RSA key in PEM")]
    Key,
}

impl TicketKey {
    /// Reads the file that the console gives out: `{"private_key_id", "private_key", "env_id"}`.
    pub fn parse_file(text: &str) -> Result<Self, TicketKeyError> {
        #[derive(Deserialize)]
        struct File {
            private_key_id: String,
            private_key: String,
            env_id: String,
        }
        let file: File = serde_json::from_str(text).map_err(|_| TicketKeyError::Form)?;
        let pem = file.private_key.trim();
        let key = RsaPrivateKey::from_pkcs1_pem(pem)
            .ok()
            .or_else(|| RsaPrivateKey::from_pkcs8_pem(pem).ok())
            .ok_or(TicketKeyError::Key)?;
        Ok(Self {
            id: file.private_key_id,
            env: file.env_id,
            key: Arc::new(SigningKey::new(key)),
        })
    }

    /// A ticket for a user, made now. All of its times are in milliseconds, unlike in other tokens.
    pub(super) fn ticket(&self, uid: &str, now_ms: i64) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT"});
        let claims = json!({
            "alg": "RS256",
            "env": self.env,
            "iat": now_ms,
            "exp": now_ms.saturating_add(TICKET_LIFE_MS),
            "uid": uid,
            "refresh": TOKEN_LIFE_MS,
            "expire": now_ms.saturating_add(LOGIN_LIFE_MS),
        });
        let [header, claims] =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signature = self.key.sign(format!("{header}.{claims}").as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        format!("{}/@@/{header}.{claims}.{signature}", self.id)
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketKey")
            .field("id", &self.id)
            .field("env", &self.env)
            .finish_non_exhaustive()
    }
}
