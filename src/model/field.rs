//! A stored field: its type, and `@field`: its name and form in the document.

use async_graphql_parser::Pos;
use async_graphql_parser::types::{BaseType as SyntaxBase, FieldDefinition, Type};
use smol_str::SmolStr;

use super::arguments::Directives;
use super::diagnostic::Problems;
use super::outline::{Named, Outline};
use super::{BaseType, FieldType, ListType, Scalar};

/// What the type of a member says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberType {
    Stored(FieldType),
    /// An object of another collection, or a list of them.
    Related {
        named: Named,
        many: bool,
        required: bool,
    },
}

/// Resolves the type of a member; `None` if it was reported.
pub(super) fn member_type(
    definition: &FieldDefinition,
    outline: &Outline<'_>,
    problems: &mut Problems,
) -> Option<MemberType> {
    let at = definition.ty.pos;
    let ty = &definition.ty.node;
    let required = !ty.nullable;
    let (name, list) = match &ty.base {
        SyntaxBase::Named(name) => (name, None),
        SyntaxBase::List(element) => (
            element_name(element, at, problems)?,
            Some(ListType {
                element_required: !element.nullable,
            }),
        ),
    };
    let base = match outline.named(name, at, problems)? {
        Named::Scalar(scalar) => BaseType::Scalar(scalar),
        Named::Enum(ix) => BaseType::Enum(ix),
        Named::Embedded(ix) => BaseType::Embedded(ix),
        named @ Named::Collection(_) => {
            let many = list.is_some();
            return Some(MemberType::Related {
                named,
                many,
                required,
            });
        }
        Named::Refused => return None,
    };
    Some(MemberType::Stored(FieldType {
        base,
        list,
        required,
    }))
}

fn element_name<'a>(
    element: &'a Type,
    at: Pos,
    problems: &mut Problems,
) -> Option<&'a async_graphql_value::Name> {
    match &element.base {
        SyntaxBase::Named(name) => Some(name),
        SyntaxBase::List(_) => {
            problems
                .error(at, "lists of lists are not supported")
                .hint("put the inner list into an embedded type, or use the scalar `JSON`");
            None
        }
    }
}

/// The document's name of a field: `@field(name:)`, or the field's own.
pub(super) fn stored_name(
    name: &str,
    directives: &Directives<'_>,
    problems: &mut Problems,
) -> Option<SmolStr> {
    let Some(stored) = directives
        .one("field")
        .and_then(|field| field.string("name"))
    else {
        return Some(SmolStr::new(name));
    };
    let refused = if stored.node.is_empty() {
        Some("is empty")
    } else if stored.node.contains('.') {
        Some("contains a `.`, which separates the names of a path")
    } else if stored.node.starts_with('$') {
        Some("begins with `$`, as the database's commands do")
    } else if stored.node.chars().any(char::is_control) {
        Some("contains a control character")
    } else {
        None
    };
    if let Some(reason) = refused {
        problems
            .error(stored.pos, format!("the document's name `{}` {reason}", stored.node))
            .hint("write the name as it stands in the document; for a field of an embedded document declare an embedded type");
        return None;
    }
    Some(SmolStr::new(stored.node))
}

/// The type with the form of `@field(as:)` applied.
pub(super) fn stored_type(
    mut ty: FieldType,
    directives: &Directives<'_>,
    problems: &mut Problems,
) -> FieldType {
    let field = directives.one("field");
    let form = field.and_then(|field| field.value("as"));
    if let Some(form) = form {
        if ty.base == BaseType::Scalar(Scalar::DateTime) {
            ty.base = BaseType::Scalar(Scalar::EpochMs);
        } else {
            problems
                .error(
                    form.pos,
                    format!("`as: {}` is for fields of type `DateTime`", form.node),
                )
                .hint("it says how an instant is stored; leave it out here");
        }
    }
    ty
}
