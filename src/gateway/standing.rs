//! Who a connection speaks for, and until when that holds.
//!
//! A connection outlives what it proved: tokens expire, staff roles are given and
//! taken. So it keeps a [`Credential`] and asks again, at the time it is told and
//! whenever [`Gateway::roles_version`] grows or other collections are [closed](Gateway::closed).

use std::sync::Arc;

use tokio::sync::watch;

use crate::data::{Caller, CollectionName, User};

use super::error::Result;
use super::{Closed, Gateway, roles};

/// What a connection proved: who is signed in, until its token expires.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// `None`: not signed in.
    pub user: Option<User>,
    /// Milliseconds since 1970 from which on the user counts as not signed in.
    pub until: Option<i64>,
}

/// The caller that a credential makes at this moment, and under what is decided for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub caller: Arc<Caller>,
    /// Milliseconds since 1970 at which it must be asked for again: the token expires then, or staff roles do.
    pub until: Option<i64>,
    /// Milliseconds since 1970 at which it was asked for.
    since: i64,
    /// Of the roles: the same number as before if nothing was different in between.
    reading: u64,
    /// What is decided for them is decided under this.
    closed: Closed,
}

impl Standing {
    /// Whether it has been like this without a break since an earlier one, as far as the store tells of commits: what
    /// came in between was for this caller too.
    pub fn continues(&self, earlier: &Self) -> bool {
        self.caller == earlier.caller
            && self.reading == earlier.reading
            && self.closed.is_same(&earlier.closed)
            && earlier.until.is_none_or(|until| self.since < until)
    }
}

impl Gateway {
    /// The caller a credential makes now, with the staff roles held now. A credential that has expired makes nobody.
    ///
    /// # Errors
    /// Those of reading the roles: who somebody is, is not known then.
    pub async fn standing(&self, credential: &Credential) -> Result<Standing> {
        let now = self.clock.now_ms();
        let closed = self.mirror.closed();
        let expired = credential.until.is_some_and(|until| until <= now);
        match &credential.user {
            Some(user) if !expired => {
                let known = self.known_caller(user.clone(), now).await?;
                Ok(Standing {
                    caller: Arc::new(known.caller),
                    until: credential.until.into_iter().chain(known.until).min(),
                    since: now,
                    reading: known.reading,
                    closed,
                })
            }
            // Nothing that time could take away.
            _ => Ok(Standing {
                caller: Arc::new(Caller::none()),
                until: None,
                since: now,
                reading: 0,
                closed,
            }),
        }
    }

    /// A number that grows whenever somebody's staff roles may have changed; never, if the model has no collection of
    /// them. What is asked for after it has grown is not older than the commit that made it grow. Where others write to
    /// the store too it grows at intervals: that is when to look.
    pub fn roles_version(&self) -> watch::Receiver<u64> {
        let Some(ix) = self.model.collection_named(roles::COLLECTION) else {
            return self.still.subscribe();
        };
        let mut version = self.hub.polled_version(&self.model.collection(ix).name);
        version.mark_unchanged();
        version
    }

    /// A number that grows with each commit to the collection that the store tells of, from now on.
    pub(super) fn version(&self, collection: &CollectionName) -> watch::Receiver<u64> {
        let mut version = self.hub.version(collection);
        // Others looked at it before; what it has grown by then is old.
        version.mark_unchanged();
        version
    }

    /// Milliseconds since 1970, by the gateway's clock.
    pub fn now(&self) -> i64 {
        self.clock.now_ms()
    }
}
