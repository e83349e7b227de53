//! Why a token proves nobody.

use std::time::Duration;

/// Why a token proves nobody, in words for whoever sent it: they tell of the token's form, never of its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is no access token of the cloud: sign in, and send `access_token`")]
    Malformed,
    #[error("an access token has at most {max} bytes")]
    TooLong { max: usize },
    /// What the cloud's SDKs of version 1 send. They cannot be verified here: nobody but the cloud knows the key.
    #[error(
        "credentials of version 1 of the sign-in are not taken: sign in with version 2, and send its `access_token`"
    )]
    VersionOne,
    #[error(
        "access tokens are signed with RS256, by a key that the header names, and nothing else is taken"
    )]
    Algorithm,
    #[error("the token is signed with a key that is none of the environment's")]
    UnknownKey,
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim that is missing, there twice, or of another kind.
    #[error("the token's `{0}` is missing or makes no sense")]
    Claim(&'static str),
    #[error("a member of the token is there twice")]
    Duplicate,
    #[error("the token is of another issuer")]
    Issuer,
    #[error("the token is for another environment")]
    Audience,
    #[error("the token has expired: come back with a fresh one")]
    Expired,
    #[error("the token is not good yet: look at the clocks")]
    NotYet,
    /// Secrets of the environment are no user's.
    #[error("the token is an administrator's of the environment, and names no user")]
    Administrator,
    /// Nobody knows the keys now, so nobody knows whether it is good.
    #[error("tokens cannot be verified at this moment: try again")]
    Unavailable { retry_after: Duration },
}

impl TokenError {
    /// How long to wait before trying again, where nothing is wrong with the token.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            TokenError::Unavailable { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}
