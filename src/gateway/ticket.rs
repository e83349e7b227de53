//! Short-lived proofs for sockets: what the gateway needs to know of whoever makes them.
//!
//! Some clients cannot prove on a socket who they are: a mini program's socket may come without the platform's headers.
//! They ask for a ticket where they can, and show it there.

use std::fmt::Debug;

use crate::data::User;

use super::Session;

/// Makes tickets.
pub trait Tickets: Send + Sync + Debug {
    /// A ticket for this user, who counts as signed in until `until` (milliseconds since 1970). It proves no more, and
    /// nothing for longer.
    ///
    /// # Errors
    /// The system gives no randomness.
    fn mint(&self, user: &User, until: Option<i64>, now: i64) -> Result<Ticket, TicketError>;
}

/// What proves once who somebody is.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    pub text: String,
    /// Milliseconds since 1970 from which on it is not taken.
    pub expires_at: i64,
}

/// Why there is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    #[error("sign in first")]
    NotSignedIn,
    /// Whoever vouches for the login needs the token again, and a ticket does not carry it.
    #[error("a ticket is for those who have no token: send yours in `connection_init`")]
    ByToken,
    #[error("there are no tickets here")]
    Unconfigured,
    #[error("no ticket can be made at this moment, try again")]
    Unavailable,
}

impl Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A ticket for the caller, which proves on a socket what proved them here.
    ///
    /// # Errors
    /// The caller is nobody, or has a proof that a ticket does not replace.
    pub fn ticket(&self) -> Result<Ticket, TicketError> {
        let credential = self.credential();
        let user = self.caller().signed_in();
        let user = user.filter(|user| credential.user.as_ref() == Some(user));
        let user = user.ok_or(TicketError::NotSignedIn)?;
        if credential.proof.is_some() {
            return Err(TicketError::ByToken);
        }
        match self.gateway().tickets() {
            Some(tickets) => tickets.mint(user, credential.until, self.now()),
            None => Err(TicketError::Unconfigured),
        }
    }
}
