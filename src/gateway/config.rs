//! What an operator may decide about the gateway.

use std::collections::BTreeSet;
use std::time::Duration;

pub use crate::access::UnauthenticatedAccess;
use crate::data::{Principal, Role};

#[derive(Clone, Debug)]
pub struct Config {
    /// What callers who are not signed in may do (未登录模式).
    pub unauthenticated: UnauthenticatedAccess,
    /// Principals who hold [`Config::owner_role`] whatever the `roles` collection says: without them nobody could ever
    /// write the first `roles` document.
    pub owners: BTreeSet<Principal>,
    pub owner_role: Role,
    /// How long staff roles are remembered where others write to the store too. Commits of this process count at once.
    pub roles_max_age: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            unauthenticated: UnauthenticatedAccess::default(),
            owners: BTreeSet::new(),
            owner_role: Role::new("owner"),
            roles_max_age: Duration::from_secs(2),
        }
    }
}
