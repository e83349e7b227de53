//! What an operator may decide about the gateway.

use std::collections::BTreeSet;
use std::time::Duration;

pub use crate::access::UnauthenticatedAccess;
use crate::data::{CollectionName, Principal, Role};

#[derive(Clone, Debug)]
pub struct Config {
    /// What callers who are not signed in may do (未登录模式).
    pub unauthenticated: UnauthenticatedAccess,
    /// Principals who hold [`Config::owner_role`] for as long as no `roles` document makes anybody an owner: without
    /// them nobody could ever write the first one.
    pub owners: BTreeSet<Principal>,
    pub owner_role: Role,
    /// Collections that are written only by callers whose roles are still the same in the moment of the write, besides
    /// `roles`.
    pub sensitive: BTreeSet<CollectionName>,
    /// How long staff roles are remembered where others write to the store too. Commits of this process count at once.
    pub roles_max_age: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            unauthenticated: UnauthenticatedAccess::default(),
            owners: BTreeSet::new(),
            owner_role: Role::new("owner"),
            sensitive: BTreeSet::new(),
            roles_max_age: Duration::from_secs(2),
        }
    }
}
