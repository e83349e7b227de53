//! Why a decision was as it was, for people: every clause with its rule, what
//! it said and the values it saw.

use std::fmt;

use super::policy::{FieldPolicy, Grant, Policy, Spoken};
use super::{Clause, CreateDecision, Decision, Settings, create, field, rows};
use crate::data::ejson::{Mode, value_to_string};
use crate::data::{Caller, Filter, Object, Role, Value};
use crate::rules::{Context, Operation, Rule, Truth, described};

/// Every clause with what it said and the values it saw.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What the clauses together come to.
    pub decision: Decision,
    /// The collection's or field's own rule first, then the grants as declared.
    pub clauses: Vec<ClauseVerdict>,
    /// Nothing names the operation on this field, so the document's decision holds.
    pub inherits: bool,
}

/// One clause.
#[derive(Clone, Debug)]
pub struct ClauseVerdict {
    /// Which it is.
    pub clause: Clause,
    /// The rule's text; `None` if the clause does not name the operation.
    pub rule: Option<String>,
    /// On the given document; without one, the residual is in `residual`.
    pub truth: Option<Truth>,
    /// What is left of the rule once the caller is known.
    pub residual: Option<Filter>,
    /// What the rule looked at: an expression and its value, `None` for null, missing and unknown ones.
    pub observed: Vec<(String, Option<Value>)>,
    /// Whether the clause applies to this caller (a grant of a role the caller lacks does not).
    pub applies: bool,
}

/// Explains [`rows`]; with a document, what each clause says of it.
pub fn explain_rows(
    policy: &Policy,
    operation: Operation,
    cx: &Context<'_>,
    settings: Settings,
    document: Option<&Object>,
) -> Explanation {
    let spoken: Vec<Spoken<'_>> = policy.spoken(operation, cx.caller, settings).collect();
    let own = policy.own_rule(operation, cx.caller);
    Explanation {
        decision: rows(policy, operation, cx, settings),
        clauses: verdicts(&spoken, own, &policy.grants, operation, cx, |_| document),
        inherits: false,
    }
}

/// Explains [`create()`]; the clause that decided is the first that is true.
pub fn explain_create(
    policy: &Policy,
    cx: &Context<'_>,
    document: &Object,
    with_owner: &Object,
    settings: Settings,
) -> Explanation {
    let operation = Operation::Create;
    let spoken: Vec<Spoken<'_>> = policy.spoken(operation, cx.caller, settings).collect();
    let own = policy.own_rule(operation, cx.caller);
    let seen = |clause: &Clause| match clause {
        Clause::Rule => Some(with_owner),
        Clause::Grant(_) => Some(document),
    };
    Explanation {
        decision: match create(policy, cx, document, with_owner, settings) {
            CreateDecision::Allow(_) => Decision::Allow,
            CreateDecision::Deny => Decision::Deny,
            CreateDecision::Need(references) => Decision::Need(references),
        },
        clauses: verdicts(&spoken, own, &policy.grants, operation, cx, seen),
        inherits: false,
    }
}

/// Explains [`field`]; with a document, what each clause says of it.
pub fn explain_field(
    policy: &FieldPolicy,
    operation: Operation,
    cx: &Context<'_>,
    document: Option<&Object>,
) -> Explanation {
    let spoken: Vec<Spoken<'_>> = policy.spoken(operation, cx.caller).collect();
    Explanation {
        decision: field(policy, operation, cx),
        clauses: verdicts(
            &spoken,
            policy.rules.get(operation),
            &policy.grants,
            operation,
            cx,
            |_| document,
        ),
        inherits: !policy.names(operation),
    }
}

/// The own rule and all grants, those that do not speak for the caller included.
fn verdicts<'d>(
    spoken: &[Spoken<'_>],
    own: Option<&Rule>,
    grants: &[Grant],
    operation: Operation,
    cx: &Context<'_>,
    document: impl Fn(&Clause) -> Option<&'d Object>,
) -> Vec<ClauseVerdict> {
    let speaks = spoken.iter().find(|(clause, _)| *clause == Clause::Rule);
    let mut verdicts = vec![match speaks {
        Some((clause, rule)) => verdict(clause.clone(), rule, cx, document(clause)),
        None => silent(Clause::Rule, own, own.is_none()),
    }];
    for grant in grants {
        let clause = Clause::Grant(grant.role.clone());
        let applies = holds(cx.caller, &grant.role);
        verdicts.push(match grant.rules.get(operation) {
            Some(rule) if applies => {
                let document = document(&clause);
                verdict(clause, rule, cx, document)
            }
            rule => silent(clause, rule, applies),
        });
    }
    verdicts
}

fn holds(caller: &Caller, role: &Role) -> bool {
    caller.signed_in().is_some() && caller.roles.contains(role)
}

fn verdict(
    clause: Clause,
    rule: &Rule,
    cx: &Context<'_>,
    document: Option<&Object>,
) -> ClauseVerdict {
    ClauseVerdict {
        clause,
        rule: Some(rule.source().to_owned()),
        truth: document.and_then(|document| rule.eval(cx, document).ok()),
        residual: match document {
            Some(_) => None,
            None => rule.residual(cx).ok(),
        },
        observed: rule.observed(cx, document),
        applies: true,
    }
}

/// A clause that says nothing, or not to this caller.
fn silent(clause: Clause, rule: Option<&Rule>, applies: bool) -> ClauseVerdict {
    ClauseVerdict {
        clause,
        rule: rule.map(|rule| rule.source().to_owned()),
        truth: None,
        residual: None,
        observed: Vec::new(),
        applies,
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.inherits {
            return writeln!(
                f,
                "as the document: nothing names this operation on the field"
            );
        }
        match &self.decision {
            Decision::Allow => writeln!(f, "allow")?,
            Decision::Deny => writeln!(f, "deny")?,
            Decision::Where(filter) => writeln!(f, "allow where {}", described(filter))?,
            Decision::Need(references) => {
                f.write_str("unknown until these are loaded:")?;
                for reference in references {
                    write!(f, " {}/{}", reference.collection, reference.id)?;
                }
                writeln!(f)?;
            }
        }
        self.clauses.iter().try_for_each(|clause| clause.fmt(f))
    }
}

impl fmt::Display for ClauseVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.rule.as_deref().unwrap_or("not named");
        write!(f, "  {}: {rule}", self.clause)?;
        match (self.truth, &self.residual) {
            _ if !self.applies => match self.clause {
                Clause::Rule => f.write_str(" -> does not apply: the caller is not signed in")?,
                Clause::Grant(_) => f.write_str(" -> does not apply: the caller lacks the role")?,
            },
            _ if self.rule.is_none() => f.write_str(" -> false")?,
            (Some(truth), _) => write!(f, " -> {truth}")?,
            (None, Some(residual)) => write!(f, " -> where {}", described(residual))?,
            (None, None) => f.write_str(" -> needs other documents")?,
        }
        writeln!(f)?;
        for (expression, value) in &self.observed {
            match value {
                Some(value) => {
                    writeln!(
                        f,
                        "      {expression} = {}",
                        value_to_string(value, Mode::Relaxed)
                    )?;
                }
                None => writeln!(f, "      {expression} is null, missing or unknown")?,
            }
        }
        Ok(())
    }
}
