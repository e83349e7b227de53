//! Who a connection speaks for, and until when that holds.
//!
//! A connection outlives what it proved: tokens expire, staff roles are given and
//! taken. So it keeps a [`Credential`] and asks again, at the time it is told and
//! whenever [`Gateway::roles_version`] grows or other collections are [closed](Gateway::closed).
//! Of staff it is asked as well whether they are still signed in (`vouch.rs`).

use std::sync::Arc;

use tokio::sync::watch;

use crate::data::{Caller, CollectionName, User};

use super::error::{Error, Result};
use super::{Closed, Gateway, Proof, Vouched, roles};

/// What a connection proved: who is signed in, until its token expires.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// `None`: not signed in.
    pub user: Option<User>,
    /// Milliseconds since 1970 from which on the user counts as not signed in.
    pub until: Option<i64>,
    /// What proved it, where that can be asked about again.
    pub proof: Option<Proof>,
}

/// The caller that a credential makes at this moment, and under what is decided for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub caller: Arc<Caller>,
    /// Milliseconds since 1970 at which it must be asked for again: the token expires then, or staff roles do, or
    /// staff may have signed out.
    pub until: Option<i64>,
    /// The same without that: who is found to be signed in still was so all the time.
    ends: Option<i64>,
    /// Milliseconds since 1970 at which it was asked for.
    since: i64,
    /// Of the roles: the same as before if nothing was different in between.
    reading: roles::Reading,
    /// What is decided for them is decided under this.
    closed: Closed,
}

impl Standing {
    /// Whether the login that the credential proved is over. Who shows a proof of it asks for nothing as somebody who
    /// never signed in: that may be more than they had.
    pub fn is_of_lost_login(&self, credential: &Credential) -> bool {
        credential.user.is_some() && self.caller.signed_in().is_none()
    }

    /// Of whoever is not signed in: nothing that time could take away.
    fn nobody(now: i64, closed: Closed) -> Self {
        Self {
            caller: Arc::new(Caller::none()),
            until: None,
            ends: None,
            since: now,
            reading: roles::Reading::default(),
            closed,
        }
    }

    /// Whether it has been like this without a break since an earlier one, as far as the store tells of commits: what
    /// came in between was for this caller too.
    pub fn continues(&self, earlier: &Self) -> bool {
        self.caller == earlier.caller
            && self.reading == earlier.reading
            && self.closed.is_same(&earlier.closed)
            && earlier.ends.is_none_or(|end| self.since < end)
    }
}

impl Gateway {
    /// The caller a credential makes now, with the staff roles held now. A credential that has expired makes nobody, nor
    /// does a staff member's who has signed out.
    ///
    /// # Errors
    /// Those of reading the roles, and [`Error::Unvouched`]: who somebody is, is not known then.
    pub async fn standing(&self, credential: &Credential) -> Result<Standing> {
        let now = self.clock.now_ms();
        let closed = self.mirror.closed();
        let expired = credential.until.is_some_and(|until| until <= now);
        let user = credential.user.as_ref().filter(|_| !expired);
        let Some(user) = user else {
            return Ok(Standing::nobody(now, closed));
        };
        let known = self.known_caller(user.clone(), now).await?;
        let vouched = match known.caller.is_staff() {
            true => self.vouched(user, credential.proof.as_ref()).await?,
            false => None,
        };
        let ends = credential.until.into_iter().chain(known.until).min();
        let until = match vouched {
            Some(Vouched::SignedOut) => return Ok(Standing::nobody(now, closed)),
            Some(Vouched::Until(until)) => Some(ends.map_or(until, |end| end.min(until))),
            None => ends,
        };
        Ok(Standing {
            caller: Arc::new(known.caller),
            until,
            ends,
            since: now,
            reading: known.reading,
            closed,
        })
    }

    /// Whether the caller still holds every staff role of this standing: what was read with roles that were taken meanwhile
    /// is not to be handed out. As new as what is remembered of roles; who never had any has none to lose.
    ///
    /// # Errors
    /// `Conflict` if one was taken, and those of reading the roles.
    pub async fn confirm(&self, standing: &Standing) -> Result<()> {
        let caller = &standing.caller;
        let Some(user) = caller.signed_in().filter(|_| caller.is_staff()) else {
            return Ok(());
        };
        let known = self.known_caller(user.clone(), self.clock.now_ms()).await?;
        if caller.roles.is_subset(&known.caller.roles) {
            return Ok(());
        }
        let message = "your roles changed while this was being answered: ask again";
        Err(Error::conflict(message))
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
