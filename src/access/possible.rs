//! What may ever be allowed, whatever the documents: the ground on which an
//! API is built. Says "perhaps" where it is not sure, so it never decides.

use std::collections::BTreeSet;

use super::policy::{FieldPolicy, Grant, Policy};
use crate::data::Role;
use crate::rules::{Operation, Rule};

/// Whether any caller at all may ever be allowed this (an operation nobody may perform is not served).
pub fn ever(policy: &Policy, operation: Operation) -> bool {
    policy.rules(operation).any(Rule::satisfiable)
}

/// Whether a caller with exactly these roles (includes followed) may ever be allowed this; `roles` empty = an end user.
pub fn ever_for(policy: &Policy, operation: Operation, roles: &BTreeSet<Role>) -> bool {
    let own = policy.own_rule_of_anyone(operation);
    own.is_some_and(Rule::satisfiable) || granted(&policy.grants, operation, roles)
}

/// Same for a field; true where it inherits.
pub fn field_ever_for(policy: &FieldPolicy, operation: Operation, roles: &BTreeSet<Role>) -> bool {
    let own = policy.rules.get(operation);
    !policy.names(operation)
        || own.is_some_and(Rule::satisfiable)
        || granted(&policy.grants, operation, roles)
}

fn granted(grants: &[Grant], operation: Operation, roles: &BTreeSet<Role>) -> bool {
    grants
        .iter()
        .filter(|grant| roles.contains(&grant.role))
        .filter_map(|grant| grant.rules.get(operation))
        .any(Rule::satisfiable)
}
