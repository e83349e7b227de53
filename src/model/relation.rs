//! `@relation`: documents of one collection found by a value of another.

use async_graphql_parser::Positioned;

use super::diagnostic::Problems;
use super::lookup::{Types, stored_names};
use super::outline::Named;
use super::shape::{Draft, Kept, RelationDraft, STORED_ID};
use super::{BaseType, FieldIx, Relation, Scalar, spelling};

/// Resolves the relations of a type; those with problems are reported and left out.
pub(super) fn resolve(
    draft: &Draft<'_>,
    types: Types<'_, '_>,
    problems: &mut Problems,
) -> Vec<Relation> {
    let relations = draft.relations.iter();
    relations
        .filter_map(|relation| resolve_one(draft, relation, types, problems))
        .collect()
}

fn resolve_one(
    draft: &Draft<'_>,
    relation: &RelationDraft<'_>,
    types: Types<'_, '_>,
    problems: &mut Problems,
) -> Option<Relation> {
    let Named::Collection(target_ix) = relation.target else {
        return None;
    };
    let target = types.collection(target_ix);
    refuse_others(relation, problems);
    let Some(arguments) = relation.directives.one("relation") else {
        explain_missing(relation, target, problems);
        return None;
    };
    if relation.required && !relation.many {
        problems
            .error(
                relation.type_at,
                format!("the to-one relation `{}` must be nullable", relation.name),
            )
            .hint(format!(
                "the other document may be missing or hidden from the caller; write `{}` without `!`",
                target.name
            ));
    }
    let from = key(draft, arguments.string("from")?, problems);
    let to = key(target, arguments.string("to")?, problems);
    let (from, to) = (from?, to?);
    let (from_class, to_class) = (class(draft, from), class(target, to));
    if !from_class.may_equal(to_class) {
        let from = &draft.shape.field(from).stored;
        let to = &target.shape.field(to).stored;
        let message = format!(
            "`{}.{from}` ({}) can never equal `{}.{to}` ({})",
            draft.name,
            from_class.name(),
            target.name,
            to_class.name()
        );
        problems
            .error(arguments.at, message)
            .hint("a relation joins two fields of one type");
    }
    Some(Relation {
        name: relation.name.clone(),
        description: relation.description.clone(),
        deprecation: relation.directives.deprecation(),
        from,
        target: target_ix,
        to,
        many: relation.many,
    })
}

/// Reports directives that are about stored values.
fn refuse_others(relation: &RelationDraft<'_>, problems: &mut Problems) {
    for directive in relation.directives.iter() {
        let hint = match directive.name() {
            "relation" | "deprecated" => continue,
            "rule" | "grant" => {
                "who follows a relation needs to read its `from` and `to`; put the rule on those"
            }
            _ => "a relation stores nothing; the value is in its `from`",
        };
        problems
            .error(
                directive.at,
                format!("`@{}` does not belong on a relation", directive.name()),
            )
            .hint(hint);
    }
}

fn explain_missing(relation: &RelationDraft<'_>, target: &Draft<'_>, problems: &mut Problems) {
    // One that is used wrongly has been reported.
    if relation.misused {
        return;
    }
    let message = format!(
        "`{}` is of type `{}`, which is kept in a collection of its own",
        relation.name, target.name
    );
    problems.error(relation.type_at, message).hint(
        "say how the documents are found: `@relation(from: \"…\", to: \"_id\")`; to store it inside, use a type without `@collection`",
    );
}

/// The stored field that a side of a relation names.
fn key(draft: &Draft<'_>, name: Positioned<&str>, problems: &mut Problems) -> Option<FieldIx> {
    let Some(ix) = draft.shape.field_stored(name.node) else {
        let refused = draft.refused.contains(name.node);
        let no_id = draft.kept == Kept::InCollection && name.node == STORED_ID;
        if !refused && !no_id {
            problems
                .error(
                    name.pos,
                    format!("`{}` has no stored field `{}`", draft.name, name.node),
                )
                .hint_if(key_hint(draft, name.node));
        }
        return None;
    };
    let field = draft.shape.field(ix);
    let message = match class(draft, ix) {
        _ if field.ty.list.is_some() => "is a list",
        Class::Other => "is not a text or a number",
        _ => return Some(ix),
    };
    problems
        .error(
            name.pos,
            format!("`{}.{}` {message}", draft.name, name.node),
        )
        .hint("a relation joins single texts or numbers, such as ids");
    None
}

fn key_hint(draft: &Draft<'_>, name: &str) -> Option<String> {
    if let Some(ix) = draft.shape.field_named(name) {
        let stored = &draft.shape.field(ix).stored;
        return Some(format!("write the document's name: `{stored}`"));
    }
    if name == super::shape::OWNER && draft.kept == Kept::InCollection {
        return Some("declare it: `openid: String @field(name: \"_openid\")`".to_owned());
    }
    let known = stored_names(draft);
    spelling::hint(name, known.iter().map(smol_str::SmolStr::as_str))
}

/// What values a key has, as far as equality goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Text,
    Number,
    /// Ids are texts, numbers or `ObjectId`s.
    Id,
    Other,
}

impl Class {
    fn may_equal(self, other: Class) -> bool {
        self == other || self == Class::Id || other == Class::Id
    }

    fn name(self) -> &'static str {
        match self {
            Class::Text => "text",
            Class::Number => "number",
            Class::Id => "id",
            Class::Other => "neither",
        }
    }
}

fn class(draft: &Draft<'_>, ix: FieldIx) -> Class {
    match draft.shape.field(ix).ty.base {
        BaseType::Scalar(Scalar::Id) => Class::Id,
        BaseType::Scalar(Scalar::String | Scalar::FileId) | BaseType::Enum(_) => Class::Text,
        BaseType::Scalar(Scalar::Int | Scalar::Long | Scalar::Float | Scalar::EpochMs) => {
            Class::Number
        }
        _ => Class::Other,
    }
}
