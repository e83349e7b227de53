//! What decides about the parts of an operation: each collection and field that
//! it touches.
//!
//! No document is looked at, neither those it is about nor those that rules ask
//! for by `get()`: whoever reads the explanation may not be allowed to see them.
//! What depends on the documents it is about is told as a condition on them, and
//! what depends on others is told to depend. So all values in it are the caller's own.

use std::collections::BTreeSet;
use std::fmt;

use crate::access::{self, Decision, Explanation};
use crate::data::{Caller, Filter, Role};
use crate::model::{CollectionIx, FieldIx};

use super::super::Operation;
use super::super::oracle;
use super::super::session::Session;

/// Documents of a collection, or one field of them, and what is done with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub collection: CollectionIx,
    /// `None`: the documents themselves.
    pub field: Option<FieldIx>,
    pub operation: Operation,
}

/// What is decided about one part.
#[derive(Clone, Debug)]
pub struct Permission {
    /// `Order` or `Order.address`.
    pub coordinate: String,
    /// `read`, `create`, `update` or `delete`.
    pub operation: &'static str,
    pub ruling: Ruling,
    /// Every clause with what it says and what it saw of the caller.
    pub explanation: Explanation,
    /// If not every document is allowed: the least roles with which it would be.
    pub enough: Vec<Role>,
}

/// A decision, as far as it can be told without a look at any document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    Allowed,
    Denied,
    /// For the documents of which the decision's filter is true.
    Narrowed,
    /// It depends on other documents.
    Depends,
}

impl Session {
    /// What is decided about these parts; `None` for a field about which nothing is said besides its documents.
    pub fn permissions<'p>(
        &'p self,
        parts: impl IntoIterator<Item = Part> + 'p,
    ) -> impl Iterator<Item = Permission> + 'p {
        parts.into_iter().filter_map(|part| self.permission(part))
    }

    fn permission(&self, part: Part) -> Option<Permission> {
        let explanation = self.explained(part, self.caller());
        if explanation.inherits {
            return None;
        }
        let ruling = self.ruling(part, &explanation.decision);
        Some(Permission {
            coordinate: match part.field {
                Some(field) => self.field_coordinate(part.collection, field),
                None => self.coordinate(part.collection),
            },
            operation: oracle::name(part.operation),
            enough: match ruling {
                Ruling::Allowed => Vec::new(),
                _ => self.enough(part),
            },
            ruling,
            explanation,
        })
    }

    /// Every clause about one part, for this caller.
    fn explained(&self, part: Part, caller: &Caller) -> Explanation {
        let (facts, all) = (access::Facts::default(), Filter::all());
        let context = access::Context {
            caller,
            now: self.now(),
            facts: &facts,
            request: None,
            condition: &all,
        };
        let collection = self.collection(part.collection);
        let mut explanation = match part.field {
            Some(field) => {
                let policy = &collection.shape.field(field).policy;
                access::explain_field(policy, part.operation, &context, None)
            }
            None => {
                let settings = self.settings(part.collection);
                access::explain_rows(&collection.policy, part.operation, &context, settings, None)
            }
        };
        for clause in &mut explanation.clauses {
            // Nobody looked: it is neither missing nor unknown.
            clause.observed.retain(|(name, _)| !name.contains("get("));
        }
        explanation
    }

    fn ruling(&self, part: Part, decision: &Decision) -> Ruling {
        let collection = self.collection(part.collection);
        let uses_get = match part.field {
            Some(field) => collection
                .shape
                .field(field)
                .policy
                .uses_get(part.operation),
            None => collection.policy.uses_get(part.operation),
        };
        match decision {
            Decision::Allow => Ruling::Allowed,
            Decision::Need(_) => Ruling::Depends,
            // Of one document more would be known than of all.
            Decision::Deny | Decision::Where(_) if uses_get => Ruling::Depends,
            Decision::Deny => Ruling::Denied,
            Decision::Where(_) => Ruling::Narrowed,
        }
    }

    /// The roles that would be enough, without those that include another one of them.
    fn enough(&self, part: Part) -> Vec<Role> {
        let model = self.gateway().model();
        let documents = Part {
            field: None,
            ..part
        };
        let enough = model.roles.iter().map(|it| &it.role).filter(|role| {
            let caller = Caller {
                identity: self.caller().identity.clone(),
                roles: model.expand_roles([role.as_str()]),
            };
            let allows = |part| {
                let explanation = self.explained(part, &caller);
                explanation.inherits || explanation.decision == Decision::Allow
            };
            allows(documents) && allows(part)
        });
        let enough: BTreeSet<&Role> = enough.collect();
        let is_least = |role: &&&Role| {
            let includes = model.expand_roles([role.as_str()]);
            !includes
                .iter()
                .any(|it| it != **role && enough.contains(it))
        };
        enough
            .iter()
            .filter(is_least)
            .map(|role| (*role).clone())
            .collect()
    }
}

impl Permission {
    /// The clauses by which it is allowed, always or for some documents.
    pub fn by(&self) -> impl Iterator<Item = &access::Clause> {
        let wholly = self.ruling == Ruling::Allowed;
        let decides = move |residual: &Filter| match wholly {
            true => residual.is_all(),
            false => !residual.is_none(),
        };
        let clauses = self.explanation.clauses.iter();
        clauses
            .filter(move |it| it.applies && it.residual.as_ref().is_some_and(decides))
            .map(|it| &it.clause)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.operation, self.coordinate)?;
        if self.ruling == Ruling::Depends {
            f.write_str("depends on other documents: ask about one with --id\n")?;
            self.explanation
                .clauses
                .iter()
                .try_for_each(|clause| clause.fmt(f))?;
        } else {
            self.explanation.fmt(f)?;
        }
        if self.enough.is_empty() {
            return Ok(());
        }
        let roles: Vec<&str> = self.enough.iter().map(Role::as_str).collect();
        writeln!(f, "  enough for every document: {}", roles.join(" or "))
    }
}
