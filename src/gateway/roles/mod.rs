//! Who a signed-in user is: the staff roles of their document in the `roles`
//! collection. They come from nowhere else, but that the configured owners are
//! owners for as long as no document makes somebody one.
//!
//! - `stated.rs`: what a document says
//! - `cache.rs`: what is remembered of whom, and for how long
//! - `queue.rs`: those who wait for a document: however many they are, few reads
//! - `owners.rs`: who is an owner, and whether anybody is
//! - `judge.rs`: which changes of whose documents nobody may make, whatever the model grants
//! - `turn.rs`: writes to roles, one after the other, by callers who still hold theirs

mod cache;
mod judge;
mod owners;
mod queue;
mod stated;
mod turn;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::data::{
    Caller, CollectionName, DocId, Document, LoginType, Order, Principal, Role, User,
};
use crate::store::{Find, Projection, deadline};

pub(super) use self::cache::Cache;
pub(super) use self::stated::{ROLES, STATUS};
pub(super) use self::turn::{Turn, Write};
use super::Gateway;
use super::error::Result;
use super::get;

/// The collection that staff roles stand in, if the model declares it.
pub(super) const COLLECTION: &str = "roles";

/// How long a read may take that many wait for: the store need not go on longer, whoever of them began it.
const READ_TIME: Duration = Duration::from_secs(5);

/// The roles that a principal's document gives, includes followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Held {
    roles: BTreeSet<Role>,
    /// Milliseconds since 1970 from which on they are no longer held.
    until: Option<i64>,
    /// Another one for each time the document was found to be another, and after each commit to it that was told; 0
    /// where nothing tells of changes to it. As long as it is the same, nothing was different in between either, as far
    /// as can be known.
    reading: u64,
}

/// A caller, and how long they are one.
pub(super) struct Known {
    pub(super) caller: Caller,
    /// Milliseconds since 1970 from which on the roles are others.
    pub(super) until: Option<i64>,
    /// The same as before: nothing was different in between.
    pub(super) reading: Reading,
}

/// Numbers of what was found: of the principal's document, and of the owners where they make a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    document: u64,
    owners: u64,
}

/// Roles documents by principal, as one read found them.
type Documents = HashMap<Principal, Arc<Document>>;

impl Gateway {
    /// The caller a signed-in user is, with the staff roles of their `roles` document (status, expiry, includes) and of
    /// the configuration.
    ///
    /// A document that is not as it should be gives no roles, and a warning in the log.
    pub async fn caller(&self, user: User) -> Result<Caller> {
        let known = self.known_caller(user, self.clock.now_ms()).await?;
        Ok(known.caller)
    }

    /// The same with how long that holds. Who signed in anonymously holds no roles, whatever anybody wrote down: such a
    /// login proves nothing but that it is the same device.
    pub(super) async fn known_caller(&self, user: User, now: i64) -> Result<Known> {
        if user.login_type == LoginType::Anonymous {
            return Ok(Known {
                caller: Caller::user(user),
                until: None,
                reading: Reading::default(),
            });
        }
        let held = self.held(&user.principal, now).await?;
        let (mut roles, mut until) = (held.roles, held.until);
        let mut reading = Reading {
            document: held.reading,
            owners: 0,
        };
        if self.config.owners.contains(&user.principal) {
            let owned = self.owned(now).await?;
            reading.owners = owned.reading;
            match owned.until {
                // The day nobody is an owner any more, they are.
                Some(last) => until = until.into_iter().chain(Some(last)).min(),
                None => roles.extend(self.owner_roles()),
            }
        }
        let mut caller = Caller::user(user);
        caller.roles = roles;
        Ok(Known {
            caller,
            until,
            reading,
        })
    }

    /// The roles that a user holds by what is stored in this moment, past everything that is remembered.
    async fn fresh_roles(&self, user: &User, now: i64) -> Result<BTreeSet<Role>> {
        if user.login_type == LoginType::Anonymous {
            return Ok(BTreeSet::new());
        }
        let Some(collection) = self.roles_collection() else {
            return Ok(match self.config.owners.contains(&user.principal) {
                true => self.owner_roles(),
                false => BTreeSet::new(),
            });
        };
        let found = self
            .read_roles(collection, std::slice::from_ref(&user.principal))
            .await?;
        let document = found.get(&user.principal);
        let held = document.map(|document| self.given(&user.principal, document, now));
        let mut roles = held.unwrap_or_default().roles;
        if self.config.owners.contains(&user.principal) {
            let owners = self.read_owners(collection, now).await?;
            if self.latest(owners.iter().map(|it| &**it), now).is_none() {
                roles.extend(self.owner_roles());
            }
        }
        Ok(roles)
    }

    fn owner_roles(&self) -> BTreeSet<Role> {
        self.model.expand_roles([self.config.owner_role.as_str()])
    }

    /// The collection that staff roles stand in, if the model declares it.
    fn roles_collection(&self) -> Option<&CollectionName> {
        let ix = self.model.collection_named(COLLECTION)?;
        Some(&self.model.collection(ix).name)
    }

    /// What a document gives its principal at this moment. One that is not as it should be gives nothing, and a warning
    /// in the log, as does a role that nobody declared.
    fn given(&self, principal: &Principal, document: &Document, now: i64) -> Held {
        let stated = match stated::stated(document) {
            Ok(stated) => stated,
            Err(damage) => {
                let (field, problem) = (damage.field, damage.message);
                tracing::warn!(%principal, field, problem, "a roles document is damaged: it gives no roles");
                return Held::default();
            }
        };
        for role in stated.unknown(&self.model) {
            tracing::warn!(%principal, role, "a roles document names a role that the schema does not declare");
        }
        if !stated.is_in_force(now) {
            return Held::default();
        }
        Held {
            roles: stated.roles(&self.model),
            until: stated.until,
            reading: 0,
        }
    }

    async fn held(&self, principal: &Principal, now: i64) -> Result<Held> {
        let Some(collection) = self.roles_collection() else {
            return Ok(Held::default());
        };
        if let Some(held) = self.roles.known(principal, now) {
            return Ok(held);
        }
        let look = |principals| self.look(collection, principals);
        self.roles.queue.ask(principal, look).await
    }

    /// Reads the documents of these principals and remembers them.
    async fn look(
        &self,
        collection: &CollectionName,
        principals: Vec<Principal>,
    ) -> Result<HashMap<Principal, Held>> {
        let look = self.roles.begin();
        // Whoever began the read may have little time left. What they get is for others too.
        let read = self.read_roles(collection, &principals);
        let documents = deadline::within(Instant::now() + READ_TIME, read).await?;
        let now = self.clock.now_ms();
        let mut held = HashMap::with_capacity(principals.len());
        for principal in principals {
            let document = documents.get(&principal).cloned();
            let give = |document: &Document| self.given(&principal, document, now);
            let found = self.roles.remember(&look, &principal, document, now, give);
            held.insert(principal, found);
        }
        Ok(held)
    }

    async fn read_roles(
        &self,
        collection: &CollectionName,
        principals: &[Principal],
    ) -> Result<Documents> {
        let ids: Vec<DocId> = principals
            .iter()
            .map(|principal| DocId::string(principal.as_str()))
            .collect();
        let find = Find {
            filter: get::id_among(&ids),
            order: Order::default(),
            after: None,
            skip: 0,
            limit: ids.len() as u64,
            projection: Projection::All,
        };
        let found = self.store.find(collection, &find).await?;
        let principal = |document: &Document| match document.id() {
            DocId::String(id) => Principal::parse(id).ok(),
            _ => None,
        };
        let found = found.into_iter();
        Ok(found
            .filter_map(|document| Some((principal(&document)?, document)))
            .collect())
    }
}
