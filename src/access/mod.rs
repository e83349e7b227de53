//! Policy, caller and operation give a decision. No IO: what must be known of
//! other documents is asked for with [`Decision::Need`].
//!
//! Default deny: what no clause allows is refused, and a rule without an
//! answer allows nothing.
//!
//! - what is declared: `policy.rs`, and as the console writes it: `acl.rs`; what it decides: `decide.rs`; why: `explain.rs`
//! - what may ever be allowed, whatever the documents: `possible.rs`
//! - how the database itself would judge a client's request: `strict.rs`, `placeholder.rs`

#![warn(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod acl;
mod decide;
mod explain;
pub mod placeholder;
mod policy;
mod possible;
pub mod strict;

use std::fmt;

pub use self::decide::{CreateDecision, Decision, clauses, create, field, rows};
pub use self::explain::{ClauseVerdict, Explanation, explain_create, explain_field, explain_rows};
pub use self::policy::{FieldPolicy, Grant, Permission, Policy, Rules};
pub use self::possible::{ever, ever_for, field_ever_for};
use crate::data::{Path, Role};
// What an asker must name: the gateway knows the rules through this module only.
pub use crate::rules::{Context, Facts, Operation, Reference, RequestData, Truth};

/// What allowed: the collection's permission or `@rule`, or the grant of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// The permission or `@rule`.
    Rule,
    /// The `@grant` for this role.
    Grant(Role),
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Clause::Rule => f.write_str("rule"),
            Clause::Grant(role) => write!(f, "grant {role}"),
        }
    }
}

/// What the environment allows besides its rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What callers get who are not signed in.
    pub unauthenticated: UnauthenticatedAccess,
    /// Whether the collection is closed: its permission and rules allow nobody anything, grants do.
    pub is_closed: bool,
}

/// The console's setting for access without login (未登录模式).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnauthenticatedAccess {
    /// Nothing.
    #[default]
    Refuse,
    /// What the rules of `CUSTOM` collections allow them; nothing elsewhere.
    CustomRulesOnly,
}

/// Paths of documents that deciding this may look at, for projections.
pub fn paths(policy: &Policy, operation: Operation) -> Vec<Path> {
    policy::paths_of(policy.rules(operation))
}

/// Paths of documents that deciding this about a field may look at, for projections.
pub fn field_paths(policy: &FieldPolicy, operation: Operation) -> Vec<Path> {
    policy::paths_of(policy.rules(operation))
}
