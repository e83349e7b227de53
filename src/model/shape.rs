//! The members of a type: fields and relations, before relations are resolved
//! and rules are read.

use std::collections::BTreeSet;

use async_graphql_parser::types::{DirectiveLocation, FieldDefinition};
use async_graphql_parser::{Pos, Positioned};
use smol_str::SmolStr;

use super::arguments::Directives;
use super::diagnostic::Problems;
use super::field::{self, MemberType};
use super::outline::{Named, ObjectOutline, Outline, description};
use super::prelude;
use super::{
    BaseType, Field, FieldIx, FieldType, Member, RelationIx, Scalar, Shape, constraint, naming,
    timestamp,
};
use crate::access::FieldPolicy;

/// A type on its way to being checked.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) name: SmolStr,
    /// Where the name stands.
    pub(super) at: Pos,
    pub(super) description: Option<String>,
    pub(super) directives: Directives<'a>,
    pub(super) kept: Kept,
    /// Its relations are resolved when all types have their fields.
    pub(super) shape: Shape,
    /// Of each field of the shape: where its name stands, and its directives.
    pub(super) fields: Vec<Positioned<Directives<'a>>>,
    /// Of each relation to be.
    pub(super) relations: Vec<RelationDraft<'a>>,
    /// Document names of fields that were refused: what mentions them is not a second problem.
    pub(super) refused: BTreeSet<SmolStr>,
}

/// Where documents of a type live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    InCollection,
    Embedded,
}

#[derive(Debug)]
pub(super) struct RelationDraft<'a> {
    pub(super) name: SmolStr,
    pub(super) description: Option<String>,
    /// Where the type stands.
    pub(super) type_at: Pos,
    pub(super) target: Named,
    pub(super) many: bool,
    pub(super) required: bool,
    pub(super) directives: Directives<'a>,
    /// It has a `@relation` that was refused.
    pub(super) misused: bool,
}

/// The name of a document's id, as a field and as stored.
pub(super) const ID: &str = "id";
pub(super) const STORED_ID: &str = "_id";
/// The owner, which the gateway keeps in every document whether declared or not.
pub(super) const OWNER: &str = "_openid";

pub(super) fn draft<'a>(
    object: &ObjectOutline<'a>,
    kept: Kept,
    outline: &Outline<'a>,
    problems: &mut Problems,
) -> Draft<'a> {
    let mut draft = Draft {
        name: object.name.clone(),
        at: object.at,
        description: object.description.clone(),
        directives: object.directives.clone(),
        kept,
        shape: Shape::default(),
        fields: Vec::new(),
        relations: Vec::new(),
        refused: BTreeSet::new(),
    };
    let mut names = BTreeSet::new();
    for definition in object.fields {
        let name = &definition.node.name;
        if names.insert(name.node.as_str()) {
            draft.add_member(&definition.node, outline, problems);
        } else {
            let message = format!("`{}` has the field `{}` twice", object.name, name.node);
            problems.error(name.pos, message);
        }
    }
    if kept == Kept::InCollection && !names.contains(ID) {
        problems
            .error(object.at, format!("`{}` has no field `id`", object.name))
            .hint("every type with `@collection` has `id: ID!`, the document's `_id`");
    }
    draft
}

impl<'a> Draft<'a> {
    fn add_member(
        &mut self,
        definition: &'a FieldDefinition,
        outline: &Outline<'a>,
        problems: &mut Problems,
    ) {
        let name = &definition.name;
        if let Some(reason) = naming::reserved_field(&name.node) {
            problems
                .error(
                    name.pos,
                    format!("the field name `{}` is reserved: {reason}", name.node),
                )
                .hint(format!(
                    "choose another and keep the document's: `@field(name: \"{}\")`",
                    name.node
                ));
        }
        if let Some(argument) = definition.arguments.first() {
            problems
                .error(argument.pos, "fields of a model take no arguments")
                .hint("arguments are generated: pages and filters of lists, for example");
        }
        let location = DirectiveLocation::FieldDefinition;
        let directives = prelude::check(&definition.directives, location, problems);
        let ty = field::member_type(definition, outline, problems);
        match ty {
            None => {
                let stored = directives
                    .one("field")
                    .and_then(|field| field.string("name"));
                let stored = stored.map_or(name.node.as_str(), |stored| stored.node);
                self.refused.insert(SmolStr::new(stored));
            }
            Some(MemberType::Stored(ty)) => self.add_field(definition, ty, directives, problems),
            Some(MemberType::Related {
                named,
                many,
                required,
            }) => {
                let ix = RelationIx(self.relations.len());
                let mut written = definition.directives.iter();
                let misused = directives.one("relation").is_none()
                    && written.any(|directive| directive.node.name.node == "relation");
                self.shape.members.push(Member::Relation(ix));
                self.relations.push(RelationDraft {
                    name: SmolStr::new(&name.node),
                    description: description(definition.description.as_ref()),
                    type_at: definition.ty.pos,
                    target: named,
                    many,
                    required,
                    directives,
                    misused,
                });
            }
        }
    }

    fn add_field(
        &mut self,
        definition: &FieldDefinition,
        ty: FieldType,
        directives: Directives<'a>,
        problems: &mut Problems,
    ) {
        let name = &definition.name;
        if self.kept == Kept::InCollection && name.node == ID {
            check_id(definition, ty, &directives, problems);
            // Whatever stands on it has been reported, and is not read.
            let nothing = Directives::default();
            self.push(
                definition,
                SmolStr::new_static(STORED_ID),
                ty,
                nothing,
                problems,
            );
            return;
        }
        if let Some(relation) = directives.one("relation") {
            let message = format!("`{}` is not a type with `@collection`", definition.ty.node);
            problems.error(relation.at, message).hint(
                "a relation leads to documents of another collection; an embedded type needs no `@relation`",
            );
        }
        let Some(stored) = field::stored_name(&name.node, &directives, problems) else {
            return;
        };
        if self.kept == Kept::InCollection && stored == STORED_ID {
            problems
                .error(name.pos, "the document's `_id` is the field `id`")
                .hint("declare `id: ID!` and remove this field");
        } else if let Some(other) = self.shape.field_stored(&stored) {
            let other = &self.shape.field(other).name;
            let message = format!(
                "`{}` and `{other}` are both stored as `{stored}`",
                name.node
            );
            problems
                .error(name.pos, message)
                .hint("each field has its own place in the document: change one `@field(name: …)`");
        }
        let ty = field::stored_type(ty, &directives, problems);
        self.push(definition, stored, ty, directives, problems);
    }

    fn push(
        &mut self,
        definition: &FieldDefinition,
        stored: SmolStr,
        ty: FieldType,
        directives: Directives<'a>,
        problems: &mut Problems,
    ) {
        let ix = FieldIx(self.shape.fields.len());
        self.shape.members.push(Member::Field(ix));
        self.shape.fields.push(Field {
            name: SmolStr::new(&definition.name.node),
            stored,
            description: description(definition.description.as_ref()),
            deprecation: directives.deprecation(),
            ty,
            policy: FieldPolicy::default(),
            constraint: constraint::read(&directives, ty, problems),
            default: None,
            timestamp: timestamp::read(&directives, ty, problems),
        });
        self.fields
            .push(Positioned::new(directives, definition.name.pos));
    }
}

/// Checks that `id` is nothing but `id: ID!`.
fn check_id(
    definition: &FieldDefinition,
    ty: FieldType,
    directives: &Directives<'_>,
    problems: &mut Problems,
) {
    let expected = FieldType {
        base: BaseType::Scalar(Scalar::Id),
        list: None,
        required: true,
    };
    if ty != expected {
        problems
            .error(
                definition.ty.pos,
                format!("`id` is of type `ID!`, not `{}`", definition.ty.node),
            )
            .hint("it is the document's `_id`; write `id: ID!`");
    }
    for directive in directives.iter() {
        let hint = match directive.name() {
            "rule" | "grant" => "who may see a document knows its id; put the rule on the type",
            "field" => "`id` is stored as `_id`, always",
            _ => "ids are given on creation and never change",
        };
        problems
            .error(
                directive.at,
                format!("`@{}` does not belong on `id`", directive.name()),
            )
            .hint(hint);
    }
}
