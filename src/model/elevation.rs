//! Staff roles are kept in documents: whoever may write those may take any role.

use super::diagnostic::Problems;
use super::outline::Outline;
use super::{Model, doubt};
use crate::access;
use crate::rules::Operation;

/// The collection whose documents say who holds which staff role, and the field of theirs that names the roles.
const ROLES: &str = "roles";

/// An end user who may ever write roles is an error, a staff role that could give itself more than it has a warning.
pub(super) fn check(model: &Model, outline: &Outline<'_>, problems: &mut Problems) {
    let mut collections = model.collections.iter().zip(&outline.collections);
    let Some((collection, object)) = collections.find(|(it, _)| it.name.as_str() == ROLES) else {
        return;
    };
    let Some(field) = collection.shape.field_stored(ROLES) else {
        return;
    };
    let policy = &collection.shape.field(field).policy;
    for (who, roles) in doubt::writers(model) {
        let may = |operation| {
            access::ever_for(&collection.policy, operation, &roles)
                && access::field_ever_for(policy, operation, &roles)
        };
        let holds_all = roles.len() == model.roles.len();
        if holds_all || !(may(Operation::Create) || may(Operation::Update)) {
            continue;
        }
        let name = &collection.type_name;
        let message = format!("{who} may write `{name}.roles`, and so take every role");
        let everyone = roles.is_empty();
        let problem = if everyone {
            problems.error(object.at, message)
        } else {
            problems.warning(object.at, message)
        };
        problem.hint("let only the role that includes all others write it: `permission: ADMINONLY` and one `@grant`");
        if everyone {
            return;
        }
    }
}
