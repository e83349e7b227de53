//! For the sake of limits callers are of few kinds.

use std::collections::BTreeSet;
use std::fmt;

use crate::data::Role;

/// What decides about a caller's limits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Whoever is at an address, whatever they prove: what is counted before that is known.
    Address,
    Guest,
    Anonymous,
    User,
    /// With one staff role.
    Role(Role),
    /// With several, each of which may give something.
    Staff,
}

impl Level {
    pub(super) fn of_roles(roles: &BTreeSet<Role>) -> Self {
        let mut roles = roles.iter();
        match (roles.next(), roles.next()) {
            (Some(only), None) => Self::Role(only.clone()),
            _ => Self::Staff,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Level::Address => f.write_str("address"),
            Level::Guest => f.write_str("guest"),
            Level::Anonymous => f.write_str("anonymous"),
            Level::User => f.write_str("user"),
            Level::Role(role) => role.fmt(f),
            Level::Staff => f.write_str("staff"),
        }
    }
}
