//! Proof of who a client is: access tokens of the cloud, and our own tickets for sockets (`ticket.rs`).
//!
//! What it is not: it reads no request and knows no roles. It is handed a token, and says whom it proves.

mod error;
mod ticket;

pub use self::error::TokenError;
pub use self::ticket::{NoTicket, TicketKey, Tickets};
use crate::gateway::Credential;

/// Judges access tokens of the cloud's user accounts (auth v2).
#[derive(Debug)]
pub struct Tokens {}

impl Tokens {
    /// Whom a token proves, and until when.
    ///
    /// # Errors
    /// It proves nobody, or that cannot be known at this moment.
    #[expect(clippy::unused_async, reason = "keys come over the network")]
    pub async fn verify(&self, _token: &str) -> Result<Credential, TokenError> {
        Err(TokenError::Malformed)
    }
}
