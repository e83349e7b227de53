//! What a `roles` document says.

use crate::data::{Document, Principal, Value};
use crate::model::Model;

use super::Held;

/// The roles it gives at this moment. A document that is not as it should be gives none, and a warning in the log.
pub(super) fn held(model: &Model, principal: &Principal, document: &Document, now: i64) -> Held {
    match stated(document, now) {
        Ok((names, until)) => Held {
            roles: model.expand_roles(names),
            until,
            reading: 0,
        },
        Err(problem) => {
            tracing::warn!(%principal, problem, "a roles document is damaged: it gives no roles");
            Held::default()
        }
    }
}

/// Names of roles and until when.
///
/// # Errors
/// What is wrong with it. Nothing is guessed: half a document gives nothing.
fn stated(document: &Document, now: i64) -> Result<(Vec<&str>, Option<i64>), &'static str> {
    let active = match document.get("status").and_then(Value::as_str) {
        Some("ACTIVE") => true,
        Some("DISABLED") => false,
        _ => return Err("`status` is neither ACTIVE nor DISABLED"),
    };
    let until = match document.get("expiresAt") {
        None | Some(Value::Null) => None,
        Some(Value::Date(ms) | Value::Int(ms)) => Some(*ms),
        Some(Value::Double(ms)) if ms.is_finite() => Some(saturated(*ms)),
        Some(_) => return Err("`expiresAt` is neither a date nor a number"),
    };
    let Some(roles) = document.get("roles").and_then(Value::as_array) else {
        return Err("`roles` is not a list");
    };
    let names: Option<Vec<&str>> = roles.iter().map(Value::as_str).collect();
    let names = names.ok_or("`roles` holds something that is not a string")?;
    if !active {
        return Ok((Vec::new(), None));
    }
    if until.is_some_and(|until| until <= now) {
        return Ok((Vec::new(), None));
    }
    Ok((names, until))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time beyond 64 bits is as good as the last one"
)]
fn saturated(ms: f64) -> i64 {
    ms as i64
}
