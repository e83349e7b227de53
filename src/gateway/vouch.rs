//! Whether a login that was proved once is still one.
//!
//! An access token says until when it is good, and nobody can take that back: who signed out, or was locked out, holds
//! one that looks as good as before. For end users that is borne. Staff reach other people's documents, so whoever
//! vouches for logins is asked about theirs, again and again for as long as something goes on.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::data::User;

use super::Gateway;
use super::error::{Error, Result};

/// What proved a login, kept to ask about it again. A secret: it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof(Arc<str>);

/// Knows of logins whether they are still ones.
#[async_trait]
pub trait Vouch: Send + Sync + Debug {
    /// Whether this user's login, which `proof` proved, is still one.
    ///
    /// # Errors
    /// Nobody can say at this moment.
    async fn vouch(&self, user: &User, proof: &Proof) -> Result<Vouched, Silent>;
}

/// What is known of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// It is one; from so many milliseconds since 1970 on that must be asked again.
    Until(i64),
    /// It is over for good.
    SignedOut,
}

/// Nobody can say; after so long it may be otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silent {
    pub retry_after: Duration,
}

impl Proof {
    pub fn new(token: &str) -> Self {
        Self(Arc::from(token))
    }

    /// The token itself: for whoever vouches, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Gateway {
    /// What is known of a staff member's login; `None` if nobody is asked about such ones.
    ///
    /// # Errors
    /// Nobody can say. Then nothing is done in this name: roles that may be a stranger's are not given.
    pub(super) async fn vouched(
        &self,
        user: &User,
        proof: Option<&Proof>,
    ) -> Result<Option<Vouched>> {
        let (Some(vouch), Some(proof)) = (&self.vouch, proof) else {
            return Ok(None);
        };
        let vouched = vouch.vouch(user, proof).await;
        let vouched = vouched.map_err(|Silent { retry_after }| Error::Unvouched { retry_after })?;
        Ok(Some(vouched))
    }
}
