//! Proof of who a client is: access tokens of the cloud.
//!
//! What it is not: it reads no request and knows no roles. It is handed a token, and says whom it proves.

use std::fmt;

use crate::gateway::Credential;

/// Judges access tokens of the cloud's user accounts (auth v2).
#[derive(Debug)]
pub struct Tokens {}

/// Why an access token proves nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It is no access token.
    Malformed,
}

impl Tokens {
    /// Whom a token proves, and until when.
    ///
    /// # Errors
    /// It proves nobody, or that cannot be known at this moment.
    #[expect(clippy::unused_async, reason = "keys come over the network")]
    pub async fn verify(&self, _token: &str) -> Result<Credential, TokenError> {
        unimplemented!("identity helper")
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::Malformed => f.write_str("the token is no access token"),
        }
    }
}
