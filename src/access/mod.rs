//! Policy, caller and operation give a decision. No IO: what must be known of
//! other documents is asked for with [`Decision::Need`].

use std::fmt;

use crate::data::{Filter, Object, Path, Role};
pub use crate::rules::Operation;
use crate::rules::{Context, Reference, Rule};

/// Who may do what with the documents of one collection, or with one field of them.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The collection's permission; `Custom` = `rules`.
    pub permission: Permission,
    /// The four `@rule` entries after the fallback to `write` was followed; `None` = refused.
    pub rules: Rules,
    pub grants: Vec<Grant>,
}

/// The console's names of the permissions (protocol: rules.md 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    ReadOnly,
    Private,
    AdminWrite,
    AdminOnly,
    Custom,
}

/// One rule an operation; `None` = not named.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub read: Option<Rule>,
    pub create: Option<Rule>,
    pub update: Option<Rule>,
    pub delete: Option<Rule>,
}

/// Rules that hold for one staff role.
#[derive(Clone, Debug)]
pub struct Grant {
    pub role: Role,
    pub rules: Rules,
}

/// The policy of one field. Per operation: if neither its rule nor any of its grants names the
/// operation, the field inherits the document's decision; otherwise both must hold.
#[derive(Clone, Debug, Default)]
pub struct FieldPolicy {
    pub rules: Rules,
    pub grants: Vec<Grant>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    Allow,
    Deny,
    /// Allowed for the documents of which the filter is true.
    Where(Filter),
    /// Load these and decide again.
    Need(Vec<Reference>),
}

/// What allowed: the collection's permission or `@rule`, or the grant of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    Rule,
    Grant(Role),
}

/// The decision on a concrete document to be created.
#[derive(Clone, Debug, PartialEq)]
pub enum CreateDecision {
    /// With `Clause::Rule`, `_openid` belongs to the caller.
    Allow(Clause),
    Deny,
    Need(Vec<Reference>),
}

/// What the environment allows besides its rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What callers get who are not signed in.
    pub unauthenticated: UnauthenticatedAccess,
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

/// Decides read, update or delete of documents. (Grants and rule are joined by OR; default deny.)
pub fn rows(
    _policy: &Policy,
    _operation: Operation,
    _cx: &Context<'_>,
    _settings: Settings,
) -> Decision {
    unimplemented!("access helper")
}

/// Decides the creation of `document` (complete: defaults, timestamps and, for the rule's clause, `_openid` set).
/// `with_owner` is the same document with the caller's `_openid`, seen by the rule; grants see `document`.
pub fn create(
    _policy: &Policy,
    _cx: &Context<'_>,
    _document: &Object,
    _with_owner: &Object,
    _settings: Settings,
) -> CreateDecision {
    unimplemented!("access helper")
}

/// The field's own decision, to be joined with the document's: `Allow` where the field inherits.
pub fn field(_policy: &FieldPolicy, _operation: Operation, _cx: &Context<'_>) -> Decision {
    unimplemented!("access helper")
}

/// Whether any caller at all may ever be allowed this (an operation nobody may perform is not served).
pub fn ever(_policy: &Policy, _operation: Operation) -> bool {
    unimplemented!("access helper")
}

/// Whether a caller with exactly these roles (includes followed) may ever be allowed this; `roles` empty = an end user.
pub fn ever_for(
    _policy: &Policy,
    _operation: Operation,
    _roles: &std::collections::BTreeSet<Role>,
) -> bool {
    unimplemented!("access helper")
}

/// Same for a field; true where it inherits.
pub fn field_ever_for(
    _policy: &FieldPolicy,
    _operation: Operation,
    _roles: &std::collections::BTreeSet<Role>,
) -> bool {
    unimplemented!("access helper")
}

/// Every clause with what it said and the values it saw.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub decision: Decision,
    pub clauses: Vec<ClauseVerdict>,
}

#[derive(Clone, Debug)]
pub struct ClauseVerdict {
    pub clause: Clause,
    /// The rule's text; `None` if the clause does not name the operation.
    pub rule: Option<String>,
    /// On the given document; without one, the residual is in `residual`.
    pub truth: Option<crate::rules::Truth>,
    pub residual: Option<Filter>,
    pub observed: Vec<(String, Option<crate::data::Value>)>,
    /// Whether the clause applies to this caller (a grant of a role the caller lacks does not).
    pub applies: bool,
}

impl fmt::Display for Explanation {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        unimplemented!("access helper")
    }
}

/// Paths of documents that deciding this may look at, for projections.
pub fn paths(_policy: &Policy, _operation: Operation) -> Vec<Path> {
    unimplemented!("access helper")
}
