//! Warnings: models that can be served, but hardly as they were meant.

use std::collections::BTreeSet;

use async_graphql_parser::Pos;

use super::diagnostic::Problems;
use super::outline::{ObjectOutline, Outline};
use super::shape::STORED_ID;
use super::{Collection, FieldIx, Model, Shape, role};
use crate::access::{self, FieldPolicy};
use crate::data::{Index, IndexKeys, Path, Role};
use crate::rules::Operation;

/// Adds the warnings about a model that has no errors.
pub(super) fn warn(model: &Model, outline: &Outline<'_>, problems: &mut Problems) {
    for (collection, object) in model.collections.iter().zip(&outline.collections) {
        warn_unreadable(collection, object.at, problems);
        warn_ambiguous(model, &collection.shape, object, problems);
        let indexes = object.directives.all("index").zip(&collection.indexes);
        for (directive, index) in indexes.filter(|(_, index)| index.unique) {
            warn_oracle(model, collection, index, directive.at, problems);
        }
    }
    for (embedded, object) in model.embedded.iter().zip(&outline.embedded) {
        warn_ambiguous(model, &embedded.shape, object, problems);
    }
}

fn warn_unreadable(collection: &Collection, at: Pos, problems: &mut Problems) {
    if !access::ever(&collection.policy, Operation::Read) {
        let message = format!("nobody can ever read `{}`", collection.type_name);
        problems.warning(at, message).hint(
            "allow it with `@rule(read: …)`, another `permission`, or `@grant(role: …, read: …)`",
        );
    }
}

/// A to-one relation should lead to one document.
fn warn_ambiguous(
    model: &Model,
    shape: &Shape,
    object: &ObjectOutline<'_>,
    problems: &mut Problems,
) {
    for relation in shape.relations.iter().filter(|relation| !relation.many) {
        let target = model.collection(relation.target);
        if identifies(target, relation.to) {
            continue;
        }
        let to = &target.shape.field(relation.to).stored;
        let message = format!(
            "`{}` is one `{}`, but several may have the same `{to}`",
            relation.name, target.type_name
        );
        let at = object.type_of(&relation.name);
        problems.warning(at, message).hint(format!(
            "add `@index(fields: [\"{to}\"], unique: true)` to `{}`, or make it a list",
            target.type_name
        ));
    }
}

/// Whether no two documents have one value of this field.
fn identifies(collection: &Collection, field: FieldIx) -> bool {
    let stored = &collection.shape.field(field).stored;
    let alone = |index: &Index| match &index.keys {
        IndexKeys::Ordered(order) => {
            let [key] = order.keys.as_slice() else {
                return false;
            };
            index.unique && key.path == Path::field(stored.clone())
        }
        IndexKeys::Geo(_) => false,
    };
    stored == STORED_ID || collection.indexes.iter().any(alone)
}

/// A refused duplicate tells its writer that a value exists: whoever may write it should be allowed to read it.
fn warn_oracle(
    model: &Model,
    collection: &Collection,
    index: &Index,
    at: Pos,
    problems: &mut Problems,
) {
    let IndexKeys::Ordered(order) = &index.keys else {
        return;
    };
    let fields = order.keys.iter().filter_map(|key| {
        let ix = collection.shape.field_stored(key.path.root())?;
        Some(collection.shape.field(ix))
    });
    for field in fields {
        let blind = writers(model).find(|(_, roles)| {
            let writes = |operation| {
                access::ever_for(&collection.policy, operation, roles)
                    && access::field_ever_for(&field.policy, operation, roles)
            };
            let reads = reads_always(&field.policy, roles);
            !reads && (writes(Operation::Create) || writes(Operation::Update))
        });
        if let Some((who, _)) = blind {
            let message = format!(
                "{who} may write the unique field `{}.{}`, but not read it of every document",
                collection.type_name, field.name
            );
            problems
                .warning(at, message)
                .hint("a refused duplicate tells them that the value exists; let them read the field, forbid them to write it, or give up `unique`");
        }
    }
}

/// Whether the field's own rules hide it from no document.
fn reads_always(policy: &FieldPolicy, roles: &BTreeSet<Role>) -> bool {
    let granted = policy.grants.iter();
    let applying = granted.clone().filter(|grant| roles.contains(&grant.role));
    let mut named = granted.map(|grant| &grant.rules).chain([&policy.rules]);
    let mut rules = applying.map(|grant| &grant.rules).chain([&policy.rules]);
    let inherits = named.all(|rules| rules.read.is_none());
    inherits
        || rules.any(|rules| {
            rules
                .read
                .as_ref()
                .is_some_and(|rule| rule.source() == "true")
        })
}

/// An end user, and each role with what it includes.
pub(super) fn writers(model: &Model) -> impl Iterator<Item = (String, BTreeSet<Role>)> {
    let staff = model.roles.iter().map(|declared| {
        let name = declared.role.as_str();
        (
            format!("the role `{name}`"),
            role::expand(&model.roles, [name]),
        )
    });
    [("an end user".to_owned(), BTreeSet::new())]
        .into_iter()
        .chain(staff)
}
