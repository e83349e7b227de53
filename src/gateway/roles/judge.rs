//! Which changes of `roles` documents nobody may make, whatever the model grants:
//! pure. A caller gives and takes only roles they hold, and never their own.

use std::collections::BTreeSet;

use crate::data::{Caller, DocId, Document, Principal, Role, Value};
use crate::model::Model;

use super::stated::{self, ROLES};

/// One document, and what a write makes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    /// `None`: it is created.
    pub(super) before: Option<&'a Document>,
    /// `None`: it is deleted.
    pub(super) after: Option<&'a Document>,
}

/// Why one is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It says what the caller holds.
    Own,
    /// It gave, or would give, a role that the caller does not hold.
    Above,
    /// The document would not be as it should be: the field, and why not.
    Input(&'static str, String),
}

impl Refusal {
    /// In words that tell nothing of the document.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Refusal::Own => "nobody changes their own roles",
            Refusal::Above | Refusal::Input(..) => {
                "nobody gives or takes a role that they do not hold"
            }
        }
    }
}

/// # Errors
/// Why this caller must not make this change.
pub(super) fn judge(model: &Model, caller: &Caller, step: Step<'_>) -> Result<(), Refusal> {
    let Some(id) = step.after.or(step.before).map(Document::id) else {
        return Ok(());
    };
    if is_own(caller, id) {
        return Err(Refusal::Own);
    }
    let above = |roles: BTreeSet<Role>| !roles.is_subset(&caller.roles);
    // Also of one that gives nothing at the moment: it may have been disabled by somebody who holds more.
    if step
        .before
        .is_some_and(|before| above(named(model, before)))
    {
        return Err(Refusal::Above);
    }
    let Some(after) = step.after else {
        return Ok(());
    };
    check(model, step.before, after)?;
    if above(named(model, after)) {
        return Err(Refusal::Above);
    }
    Ok(())
}

fn is_own(caller: &Caller, id: &DocId) -> bool {
    let principal = caller.signed_in().map(|user| user.principal.as_str());
    matches!(id, DocId::String(id) if Some(id.as_str()) == principal)
}

/// Every role that the document names, includes followed, be it as it should be or not.
fn named(model: &Model, document: &Document) -> BTreeSet<Role> {
    let names = document.get(ROLES).and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    model.expand_roles(names)
}

/// A document must say clearly what it gives to whom. Names that nobody declares may stay where they are: somebody who
/// names one must still be possible to disable.
fn check(model: &Model, before: Option<&Document>, after: &Document) -> Result<(), Refusal> {
    let principal = match after.id() {
        DocId::String(id) => Principal::parse(id).map_err(|error| error.to_string()),
        _ => Err("is not the name of a principal: delete it".to_owned()),
    };
    principal.map_err(|message| Refusal::Input("_id", message))?;
    let stated = stated::stated(after)
        .map_err(|damage| Refusal::Input(damage.field, damage.message.to_owned()))?;
    let old = before
        .and_then(|before| before.get(ROLES))
        .and_then(Value::as_array);
    let is_old = |name: &str| {
        let mut old = old.into_iter().flatten().filter_map(Value::as_str);
        old.any(|known| known == name)
    };
    let new = stated.unknown(model).find(|name| !is_old(name));
    let Some(unknown) = new else {
        return Ok(());
    };
    let declared: Vec<&str> = model.roles.iter().map(|it| it.role.as_str()).collect();
    let message = format!(
        "there is no role `{unknown}`: the schema declares {}",
        declared.join(", ")
    );
    Err(Refusal::Input(ROLES, message))
}
