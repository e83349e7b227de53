//! Proof of who a client is: access tokens of the cloud, and our own tickets for sockets (`ticket.rs`).
//!
//! What it is not: it reads no request and knows no roles. It is handed a token, and says whom it proves. Only RS256 is
//! taken, with a key that the environment publishes; nothing that a token says chooses how it is verified.
//!
//! - the token: `jwt.rs` (its form), `unique.rs` (its JSON), `claims.rs` (for whom, by whom, how long)
//! - the user: `person.rs`, `login_type.rs`, `administrator.rs` (who is none)
//! - the keys: `jwks.rs` (what is published), `keys.rs` (when it is fetched)
//! - our own tickets: `ticket.rs`
//! - logins of staff: `introspection.rs`
//! - the network: `endpoint.rs`, `flight.rs` (one question for many)

mod administrator;
mod claims;
mod config;
mod endpoint;
mod error;
mod flight;
mod introspection;
mod jwks;
mod jwt;
mod keys;
mod login_type;
mod person;
mod ticket;
mod unique;

use std::sync::Arc;

use async_trait::async_trait;

pub use self::config::{Config, Introspect};
pub use self::error::TokenError;
pub use self::ticket::{NoTicket, TicketKey, Tickets};

use self::claims::Claims;
use self::endpoint::Endpoint;
use self::introspection::Introspection;
use self::jwt::Jwt;
use self::keys::Keys;
use crate::clock::Clock;
use crate::data::User;
use crate::gateway::{Credential, Proof, Silent, Vouch, Vouched};

/// Judges access tokens of one environment.
#[derive(Debug)]
pub struct Tokens {
    config: Config,
    clock: Arc<dyn Clock>,
    keys: Keys,
    introspection: Introspection,
}

impl Tokens {
    /// Asks nobody yet: keys are fetched when somebody shows a token.
    ///
    /// # Errors
    /// There is no encryption on this machine.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> reqwest::Result<Self> {
        let endpoint = Arc::new(Endpoint::new(&config.url)?);
        let keys = Keys::new(
            Arc::clone(&endpoint),
            Arc::clone(&clock),
            config.keys_max_age,
        );
        let introspection =
            Introspection::new(endpoint, Arc::clone(&clock), config.introspect_max_age);
        Ok(Self {
            config,
            clock,
            keys,
            introspection,
        })
    }

    /// Whom a token proves, and until when.
    ///
    /// # Errors
    /// It proves nobody, or that cannot be known at this moment.
    pub async fn verify(&self, token: &str) -> Result<Credential, TokenError> {
        let judged = self.judge(token).await;
        if let Err(why) = &judged {
            // Never a word of the token itself.
            tracing::debug!(%why, bytes = token.len(), "an access token was refused");
        }
        judged
    }

    async fn judge(&self, token: &str) -> Result<Credential, TokenError> {
        let jwt = Jwt::parse(token)?;
        let key = self.keys.get(jwt.kid()).await?;
        let claims = Claims::parse(jwt.verified(&key)?)?;
        let until = claims.until(&self.config, self.clock.now_ms())?;
        Ok(Credential {
            user: Some(person::of(&claims)?),
            until: Some(until),
            proof: Some(Proof::new(token)),
        })
    }
}

#[async_trait]
impl Vouch for Tokens {
    async fn vouch(&self, user: &User, proof: &Proof) -> Result<Vouched, Silent> {
        self.introspection.vouch(user, proof).await
    }
}
