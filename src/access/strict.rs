//! How the database itself judges a client's request: it looks at no document,
//! the condition must prove the rule. For clients of the emulator and for
//! comparing rules with their mirror; the gateway's own callers get
//! [`super::rows`] instead, which narrows where this refuses.

use super::policy::{Permission, Policy, admits};
use super::{Settings, placeholder};
use crate::data::{Caller, Filter, Object, Path, Test, Value};
use crate::rules::{Context, Facts, Need, Operation, Reference, RequestData, Truth};

/// The field that says whose a document is. The database writes it, clients never do.
const OWNER: &str = "_openid";

/// A request of a client.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// What for.
    pub action: Action<'a>,
    /// The condition as the client sent it: placeholders are still in it. `{_id: id}` for `doc(id)`, the first
    /// `$match` of an aggregation; ignored on create.
    pub condition: &'a Filter,
    /// Milliseconds since 1970.
    pub now: i64,
    /// What `get()` finds.
    pub facts: &'a Facts,
    /// The environment's settings.
    pub settings: Settings,
}

/// What a client wants to do.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// Get, count, watch, aggregate.
    Read,
    /// Add this document, as the client sent it.
    Create(&'a Object),
    /// Change all documents that satisfy the condition.
    Update(&'a RequestData),
    /// Remove all documents that satisfy the condition.
    Delete,
}

/// What the database would say.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It does as it was asked.
    Allow,
    /// It does so with this condition joined to the client's. What that hides counts as not there: a list
    /// is empty, a write changes nothing, `doc(id).get()` fails.
    AllowWith(Filter),
    /// It refuses.
    Deny,
    /// Load these and check again.
    Need(Vec<Reference>),
}

/// Judges a client's request. (Requests with admin credentials are not judged at all.)
pub fn check(policy: &Policy, request: &Request<'_>) -> Verdict {
    let refused = !admits(policy.permission, request.caller, request.settings);
    if refused || request.action.writes_owner() {
        return Verdict::Deny;
    }
    match (policy.permission, request.action) {
        (Permission::Custom, action) => by_rule(policy, action, request),
        (Permission::ReadOnly | Permission::AdminWrite, Action::Read)
        | (Permission::ReadOnly | Permission::Private, Action::Create(_)) => Verdict::Allow,
        (Permission::ReadOnly | Permission::Private, _) => own_documents(request.caller),
        (Permission::AdminWrite | Permission::AdminOnly, _) => Verdict::Deny,
    }
}

/// The document that is stored when a client adds one: placeholders replaced, `_openid` the caller's.
pub fn stored(document: &Object, caller: &Caller) -> Object {
    let mut stored = placeholder::fill_object(document, caller);
    if let Some(owner) = caller.owner() {
        stored.insert(OWNER, Value::String(owner.clone()));
    }
    stored
}

impl Action<'_> {
    fn operation(self) -> Operation {
        match self {
            Action::Read => Operation::Read,
            Action::Create(_) => Operation::Create,
            Action::Update(_) => Operation::Update,
            Action::Delete => Operation::Delete,
        }
    }

    fn writes_owner(self) -> bool {
        match self {
            Action::Read | Action::Delete => false,
            Action::Create(document) => document.contains(OWNER),
            Action::Update(data) => data.touches(&Path::field(OWNER)),
        }
    }
}

fn by_rule(policy: &Policy, action: Action<'_>, request: &Request<'_>) -> Verdict {
    let Some(rule) = policy.rules.get(action.operation()) else {
        return Verdict::Deny;
    };
    let condition = placeholder::fill_filter(request.condition, request.caller);
    let created = match action {
        Action::Create(document) => Some(stored(document, request.caller)),
        _ => None,
    };
    let written = created.clone().map(|values| RequestData {
        values,
        opaque: Vec::new(),
    });
    let cx = Context {
        caller: request.caller,
        now: request.now,
        facts: request.facts,
        request: match action {
            Action::Update(data) => Some(data),
            _ => written.as_ref(),
        },
        condition: &condition,
    };
    let proved = match &created {
        Some(document) => rule.eval(&cx, document).map(|truth| truth == Truth::True),
        None => rule.proved_by_condition(&cx),
    };
    match proved {
        Ok(true) => Verdict::Allow,
        Ok(false) => Verdict::Deny,
        Err(Need(references)) => Verdict::Need(references),
    }
}

fn own_documents(caller: &Caller) -> Verdict {
    match caller.owner() {
        Some(owner) => Verdict::AllowWith(Filter::Field(
            Path::field(OWNER),
            Test::Eq(Value::String(owner.clone())),
        )),
        None => Verdict::Deny,
    }
}
