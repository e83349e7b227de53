//! What can go wrong between us and the cloud, by meaning.

use std::time::Duration;

use super::Code;

/// Why a call brought no answer of use.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The upstream answered, with a refusal.
    #[error(transparent)]
    Refused(Refusal),
    /// No connection: nothing was sent. The text says what to check (name, network, address).
    #[error("the cloud cannot be reached: {0}")]
    Unreachable(String),
    /// The connection broke, or no answer came in time, after the request was sent: whether it was carried out is not known.
    #[error("the cloud did not answer: {0}")]
    Lost(String),
    /// Our own limiter or breaker holds the request back; nothing was sent.
    #[error("too much is asked of the cloud at the moment: {reason}")]
    Busy {
        reason: &'static str,
        retry_after: Duration,
    },
    /// The deadline passed before anything was sent.
    #[error("there was no time left to ask the cloud")]
    TooLate,
    /// The answer is not what the protocol says.
    #[error("the cloud's answer cannot be understood: {0}")]
    Malformed(String),
    /// The configuration does not suffice for this call; the text says what to set.
    #[error("{0}")]
    Unable(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal in the upstream's words.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the cloud refused with {word}: {message}")]
pub struct Refusal {
    /// `None`: a code that we do not know, or none.
    pub code: Option<Code>,
    /// The code as it was sent, or the HTTP status.
    pub word: String,
    pub message: String,
    /// What the upstream's operators know the request by.
    pub request_id: Option<String>,
}

/// What may be done after a failure (the cloud's documentation of its codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// Nothing was carried out: whatever it was may be tried again after a pause.
    Safe,
    /// As `Safe`, and the upstream asks for less: the pause is longer, and less is sent at once.
    Slower,
    /// It may have been carried out: only what changes nothing may be tried again.
    Ambiguous,
    /// A fresh signature or token may help, once.
    Credential,
}

impl Error {
    /// What may be done about it.
    pub fn retry(&self) -> Retry {
        unimplemented!("client helper")
    }

    /// How long to wait before asking again, if that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        unimplemented!("client helper")
    }

    /// The code of a refusal.
    pub fn code(&self) -> Option<Code> {
        match self {
            Error::Refused(refusal) => refusal.code,
            _ => None,
        }
    }
}
