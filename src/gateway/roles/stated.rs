//! What a `roles` document says.

use std::collections::BTreeSet;

use crate::data::{Document, Role, Value};
use crate::model::Model;

/// The fields of a `roles` document that say who holds what.
pub(in crate::gateway) const ROLES: &str = "roles";
pub(in crate::gateway) const STATUS: &str = "status";
pub(super) const EXPIRES: &str = "expiresAt";

/// What stands in one that is as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated<'d> {
    pub(super) names: Vec<&'d str>,
    pub(super) is_active: bool,
    /// Milliseconds since 1970 from which on it gives nothing.
    pub(super) until: Option<i64>,
}

/// What is wrong with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) field: &'static str,
    pub(super) message: &'static str,
}

/// # Errors
/// What is wrong with it. Nothing is guessed: half a document says nothing.
pub(super) fn stated(document: &Document) -> Result<Stated<'_>, Damage> {
    let damage = |field, message| Damage { field, message };
    let is_active = match document.get(STATUS).and_then(Value::as_str) {
        Some("ACTIVE") => true,
        Some("DISABLED") => false,
        _ => return Err(damage(STATUS, "is neither ACTIVE nor DISABLED")),
    };
    let until = match document.get(EXPIRES) {
        None | Some(Value::Null) => None,
        Some(Value::Date(ms) | Value::Int(ms)) => Some(*ms),
        Some(Value::Double(ms)) if ms.is_finite() => Some(saturated(*ms)),
        Some(_) => return Err(damage(EXPIRES, "is neither a date nor a number")),
    };
    let Some(roles) = document.get(ROLES).and_then(Value::as_array) else {
        return Err(damage(ROLES, "is not a list"));
    };
    let names: Option<Vec<&str>> = roles.iter().map(Value::as_str).collect();
    let names = names.ok_or(damage(ROLES, "holds something that is not a string"))?;
    Ok(Stated {
        names,
        is_active,
        until,
    })
}

impl Stated<'_> {
    /// Whether it gives roles at this moment.
    pub(super) fn is_in_force(&self, now: i64) -> bool {
        self.is_active && self.until.is_none_or(|until| now < until)
    }

    /// The roles that are named, includes followed; names that are not declared give none.
    pub(super) fn roles(&self, model: &Model) -> BTreeSet<Role> {
        model.expand_roles(self.names.iter().copied())
    }

    /// The names that the model does not declare.
    pub(super) fn unknown<'s>(&'s self, model: &'s Model) -> impl Iterator<Item = &'s str> {
        let is_declared = |name: &&str| model.roles.iter().any(|it| it.role.as_str() == *name);
        self.names
            .iter()
            .copied()
            .filter(move |name| !is_declared(name))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time beyond 64 bits is as good as the last one"
)]
fn saturated(ms: f64) -> i64 {
    ms as i64
}
