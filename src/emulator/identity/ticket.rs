//! Tickets of the custom login: a server of the app says who somebody is.

use std::fmt;

use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1v15::VerifyingKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::sha2::Sha256;
use serde::Deserialize;

use super::jwt::Jwt;

/// What tickets are verified with: the public half of a downloaded private key.
#[derive(Clone)]
pub struct TicketKey {
    id: String,
    env: String,
    key: VerifyingKey<Sha256>,
}

/// Why a key file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketKeyError {
    #[error("the custom login's key file is not understood: {0}")]
    Syntax(String),
    #[error("`private_key` of the custom login's key file is no RSA key in PEM")]
    Key,
}

impl TicketKey {
    /// Reads the file that the console gives out, `{"private_key_id", "private_key", "env_id"}`.
    ///
    /// # Errors
    /// It is no such file.
    pub fn parse_file(text: &str) -> Result<Self, TicketKeyError> {
        #[derive(Deserialize)]
        struct File {
            private_key_id: String,
            private_key: String,
            env_id: String,
        }
        let file: File = serde_json::from_str(text)
            .map_err(|error| TicketKeyError::Syntax(error.to_string()))?;
        let pem = file.private_key.trim();
        let key = RsaPrivateKey::from_pkcs1_pem(pem)
            .ok()
            .or_else(|| RsaPrivateKey::from_pkcs8_pem(pem).ok())
            .ok_or(TicketKeyError::Key)?;
        Ok(Self {
            id: file.private_key_id,
            env: file.env_id,
            key: VerifyingKey::new(key.to_public_key()),
        })
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

/// What a ticket says. All times are in milliseconds, unlike in other tokens.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ticket {
    pub(super) uid: String,
    pub(super) env: String,
    /// When the ticket itself ends.
    exp: i64,
    /// How long an access token is good.
    pub(super) refresh: Option<i64>,
    /// When the login ends for good.
    pub(super) expire: Option<i64>,
}

/// Reads `private_key_id/@@/token`, verified if there is a key. The text of an error is for the client.
pub(super) fn read(text: &str, key: Option<&TicketKey>, now: i64) -> Result<Ticket, &'static str> {
    let (id, token) = text
        .split_once("/@@/")
        .ok_or("a ticket is `private_key_id/@@/token`")?;
    let token = Jwt::parse(token).ok_or("the ticket holds no token")?;
    let ticket: Option<Ticket> = match key {
        Some(key) if key.id != id => return Err("the ticket names another private key"),
        Some(key) => token.verified(&key.key),
        None => {
            tracing::warn!(
                "a ticket of the custom login is taken unverified: no key file is configured"
            );
            token.unverified()
        }
    };
    let ticket = ticket.ok_or("the signature of the ticket is wrong")?;
    if key.is_some_and(|key| key.env != ticket.env) {
        return Err("the ticket is for another environment");
    }
    if ticket.exp <= now {
        return Err("the ticket is over");
    }
    if !is_uid(&ticket.uid) {
        return Err("the uid of a ticket is 4 to 32 letters, digits and some signs");
    }
    Ok(ticket)
}

fn is_uid(uid: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-#@~=*(){}[]:.,<>+".contains(c);
    (4..=32).contains(&uid.len()) && uid.chars().all(fits)
}
