//! Decisions: what a policy says to a caller about an operation.

use super::policy::{FieldPolicy, Policy, Spoken};
use super::{Clause, Settings};
use crate::data::{Filter, Object};
use crate::rules::{Context, Need, Operation, Reference, Truth};

/// What a caller may do.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// With all documents.
    Allow,
    /// With none.
    Deny,
    /// Allowed for the documents of which the filter is true.
    Where(Filter),
    /// Load these and decide again.
    Need(Vec<Reference>),
}

/// The decision on a concrete document to be created.
#[derive(Clone, Debug, PartialEq)]
pub enum CreateDecision {
    /// With `Clause::Rule`, `_openid` belongs to the caller.
    Allow(Clause),
    /// It must not be created.
    Deny,
    /// Load these and decide again.
    Need(Vec<Reference>),
}

impl Decision {
    /// What both allow.
    #[must_use]
    pub fn and(self, other: Decision) -> Decision {
        match (self, other) {
            (Decision::Deny, _) | (_, Decision::Deny) => Decision::Deny,
            (Decision::Allow, other) | (other, Decision::Allow) => other,
            (Decision::Need(a), Decision::Need(b)) => Decision::Need(union(a, b)),
            (Decision::Need(references), _) | (_, Decision::Need(references)) => {
                Decision::Need(references)
            }
            (Decision::Where(a), Decision::Where(b)) => Decision::from(a.and(b)),
        }
    }

    /// What either allows.
    #[must_use]
    pub fn or(self, other: Decision) -> Decision {
        match (self, other) {
            (Decision::Allow, _) | (_, Decision::Allow) => Decision::Allow,
            (Decision::Deny, other) | (other, Decision::Deny) => other,
            (Decision::Need(a), Decision::Need(b)) => Decision::Need(union(a, b)),
            (Decision::Need(references), _) | (_, Decision::Need(references)) => {
                Decision::Need(references)
            }
            (Decision::Where(a), Decision::Where(b)) => Decision::from(a.or(b)),
        }
    }
}

impl From<Filter> for Decision {
    fn from(allowed: Filter) -> Self {
        if allowed.is_all() {
            Decision::Allow
        } else if allowed.is_none() {
            Decision::Deny
        } else {
            Decision::Where(allowed)
        }
    }
}

impl From<Result<Filter, Need>> for Decision {
    fn from(residual: Result<Filter, Need>) -> Self {
        match residual {
            Ok(allowed) => Decision::from(allowed),
            Err(Need(references)) => Decision::Need(references),
        }
    }
}

fn union(mut a: Vec<Reference>, b: Vec<Reference>) -> Vec<Reference> {
    a.extend(b);
    a.sort();
    a.dedup();
    a
}

/// Decides read, update or delete of documents. (Grants and rule are joined by OR; default deny.)
pub fn rows(
    policy: &Policy,
    operation: Operation,
    cx: &Context<'_>,
    settings: Settings,
) -> Decision {
    any_of(policy.spoken(operation, cx.caller, settings), cx)
}

/// What each clause that speaks for the caller allows by itself, the collection's own first.
pub fn clauses(
    policy: &Policy,
    operation: Operation,
    cx: &Context<'_>,
    settings: Settings,
) -> Vec<(Clause, Decision)> {
    policy
        .spoken(operation, cx.caller, settings)
        .map(|(clause, rule)| (clause, Decision::from(rule.residual(cx))))
        .collect()
}

/// Decides the creation of `document` (complete: defaults and timestamps set).
/// `with_owner` is the same document with the caller's `_openid`, seen by the rule; grants see `document`.
pub fn create(
    policy: &Policy,
    cx: &Context<'_>,
    document: &Object,
    with_owner: &Object,
    settings: Settings,
) -> CreateDecision {
    let mut granted = None;
    let mut missing = Vec::new();
    for (clause, rule) in policy.spoken(Operation::Create, cx.caller, settings) {
        let seen = match clause {
            Clause::Rule => with_owner,
            Clause::Grant(_) => document,
        };
        match (rule.eval(cx, seen), &clause) {
            (Ok(Truth::True), Clause::Rule) => return CreateDecision::Allow(clause),
            (Ok(Truth::True), Clause::Grant(_)) => granted = granted.or(Some(clause)),
            (Ok(Truth::False | Truth::Unknown), _) => {}
            // Whose the document will be depends on the rule, so a grant does not make this one superfluous.
            (Err(Need(references)), Clause::Rule) => return CreateDecision::Need(references),
            (Err(Need(references)), Clause::Grant(_)) => missing = union(missing, references),
        }
    }
    match granted {
        Some(clause) => CreateDecision::Allow(clause),
        None if missing.is_empty() => CreateDecision::Deny,
        None => CreateDecision::Need(missing),
    }
}

/// The field's own decision, to be joined with the document's: `Allow` where the field inherits.
pub fn field(policy: &FieldPolicy, operation: Operation, cx: &Context<'_>) -> Decision {
    if !policy.names(operation) {
        return Decision::Allow;
    }
    any_of(policy.spoken(operation, cx.caller), cx)
}

/// What any of the clauses allows.
fn any_of<'a>(spoken: impl Iterator<Item = Spoken<'a>>, cx: &Context<'_>) -> Decision {
    let mut decision = Decision::Deny;
    for (_, rule) in spoken {
        decision = decision.or(Decision::from(rule.residual(cx)));
        if decision == Decision::Allow {
            break;
        }
    }
    decision
}
