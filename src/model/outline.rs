//! First pass over a model file: which types there are, under which names.
//! Fields are not looked at yet.

use std::collections::BTreeMap;

use async_graphql_parser::types::{
    DirectiveLocation, EnumType as EnumSyntax, FieldDefinition, ServiceDocument, TypeDefinition,
    TypeKind, TypeSystemDefinition,
};
use async_graphql_parser::{Pos, Positioned};
use smol_str::SmolStr;

use super::arguments::Directives;
use super::diagnostic::Problems;
use super::prelude;
use super::{CollectionIx, EmbeddedIx, EnumIx, EnumType, EnumValue, Scalar, naming, spelling};

/// The types of a file by name, and what stands on the schema.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    pub(super) collections: Vec<ObjectOutline<'a>>,
    pub(super) embedded: Vec<ObjectOutline<'a>>,
    pub(super) enums: Vec<EnumType>,
    /// Directives of `extend schema`.
    pub(super) schema: Vec<Directives<'a>>,
    names: BTreeMap<&'a str, (Pos, Named)>,
}

/// An object type whose members are not resolved yet.
#[derive(Debug)]
pub(super) struct ObjectOutline<'a> {
    pub(super) name: SmolStr,
    /// Where the name stands.
    pub(super) at: Pos,
    pub(super) description: Option<String>,
    pub(super) directives: Directives<'a>,
    pub(super) fields: &'a [Positioned<FieldDefinition>],
}

/// What the name of a type means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Scalar(Scalar),
    Enum(EnumIx),
    Embedded(EmbeddedIx),
    Collection(CollectionIx),
    /// Declared, but in a way that was refused: its uses are not second problems.
    Refused,
}

const SCALARS: [(&str, Scalar); 10] = [
    ("ID", Scalar::Id),
    ("String", Scalar::String),
    ("Int", Scalar::Int),
    ("Float", Scalar::Float),
    ("Boolean", Scalar::Boolean),
    ("DateTime", Scalar::DateTime),
    ("Long", Scalar::Long),
    ("JSON", Scalar::Json),
    ("FileID", Scalar::FileId),
    ("GeoPoint", Scalar::GeoPoint),
];

/// Whether a model file can use a scalar of this name.
pub(super) fn is_scalar(name: &str) -> bool {
    SCALARS.iter().any(|(scalar, _)| *scalar == name)
}

/// The name by which a model file calls a scalar.
pub(super) fn scalar_name(scalar: Scalar) -> &'static str {
    let mut scalars = SCALARS.iter();
    let found = scalars.find(|(_, candidate)| *candidate == scalar);
    found.map_or("DateTime", |(name, _)| name)
}

impl<'a> Outline<'a> {
    pub(super) fn read(document: &'a ServiceDocument, problems: &mut Problems) -> Self {
        let mut outline = Self::default();
        for definition in &document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) if schema.node.extend => {
                    if let Some(root) = &schema.node.query {
                        refuse_roots(root.pos, problems);
                    }
                    let directives = &schema.node.directives;
                    let location = DirectiveLocation::Schema;
                    let directives = prelude::check(directives, location, problems);
                    outline.schema.push(directives);
                }
                TypeSystemDefinition::Schema(schema) => refuse_roots(schema.pos, problems),
                TypeSystemDefinition::Directive(directive) => {
                    let message = format!(
                        "directive definitions are not supported: `@{}`",
                        directive.node.name.node
                    );
                    problems
                        .error(directive.pos, message)
                        .hint("the directives of a model file are built in; remove the definition");
                }
                TypeSystemDefinition::Type(ty) => outline.add_type(&ty.node, ty.pos, problems),
            }
        }
        outline
    }

    /// What a name means; reported if nothing.
    pub(super) fn named(&self, name: &str, at: Pos, problems: &mut Problems) -> Option<Named> {
        let scalar = SCALARS.iter().find(|(scalar, _)| *scalar == name);
        let named = scalar
            .map(|(_, scalar)| Named::Scalar(*scalar))
            .or_else(|| self.names.get(name).map(|(_, named)| *named));
        if named.is_none() {
            let names = SCALARS.iter().map(|(name, _)| *name);
            let names = names.chain(self.names.keys().copied());
            let nearest = spelling::nearest(name, names);
            let hint = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("declare `type {name}` or `enum {name}`"),
            };
            problems
                .error(at, format!("unknown type `{name}`"))
                .hint(hint);
        }
        named
    }

    /// What a name declared in the file means.
    pub(super) fn meaning(&self, name: &str) -> Option<Named> {
        self.names.get(name).map(|(_, named)| *named)
    }

    /// All type names of the file with their places, in alphabetical order.
    pub(super) fn names(&self) -> impl Iterator<Item = (&'a str, Pos)> {
        self.names.iter().map(|(name, (at, _))| (*name, *at))
    }

    fn add_type(&mut self, ty: &'a TypeDefinition, at: Pos, problems: &mut Problems) {
        let name = &ty.name;
        if ty.extend {
            problems
                .error(at, format!("`extend` of `{}` is not supported", name.node))
                .hint(format!("write the members into `{}` itself", name.node));
            return;
        }
        if !self.is_new(name, problems) {
            return;
        }
        let named = match &ty.kind {
            TypeKind::Object(object) => {
                if let Some(interface) = object.implements.first() {
                    problems
                        .error(interface.pos, "interfaces are not supported")
                        .hint("write the fields into each type, without `implements`");
                }
                self.add_object(ty, &object.fields, problems)
            }
            TypeKind::Enum(syntax) => self.add_enum(ty, syntax, problems),
            kind => {
                refuse_kind(kind, &name.node, at, problems);
                Named::Refused
            }
        };
        self.names.insert(&name.node, (name.pos, named));
    }

    fn is_new(
        &self,
        name: &Positioned<async_graphql_value::Name>,
        problems: &mut Problems,
    ) -> bool {
        let text = name.node.as_str();
        if let Some((first, _)) = self.names.get(text) {
            let message = format!("the type `{text}` is declared twice");
            problems
                .error(name.pos, message)
                .hint(format!("the first stands in line {}", first.line));
            return false;
        }
        if let Some(reason) = naming::reserved_type(text) {
            let message = format!("the type name `{text}` is reserved: {reason}");
            problems
                .error(name.pos, message)
                .hint("choose another name");
        }
        true
    }

    fn add_object(
        &mut self,
        ty: &'a TypeDefinition,
        fields: &'a [Positioned<FieldDefinition>],
        problems: &mut Problems,
    ) -> Named {
        let name = ty.name.node.as_str();
        if fields.is_empty() {
            problems
                .error(ty.name.pos, format!("the type `{name}` has no fields"))
                .hint(format!(
                    "write `type {name} {{ … }}` with at least one field"
                ));
        }
        let directives = prelude::check(&ty.directives, DirectiveLocation::Object, problems);
        // One that is used wrongly still says that this type is a collection.
        let kept = ty
            .directives
            .iter()
            .any(|directive| directive.node.name.node == "collection");
        let object = ObjectOutline {
            name: SmolStr::new(name),
            at: ty.name.pos,
            description: description(ty.description.as_ref()),
            directives,
            fields,
        };
        if kept {
            self.collections.push(object);
            Named::Collection(CollectionIx(self.collections.len() - 1))
        } else {
            self.embedded.push(object);
            Named::Embedded(EmbeddedIx(self.embedded.len() - 1))
        }
    }

    fn add_enum(
        &mut self,
        ty: &'a TypeDefinition,
        syntax: &'a EnumSyntax,
        problems: &mut Problems,
    ) -> Named {
        let name = ty.name.node.as_str();
        prelude::check(&ty.directives, DirectiveLocation::Enum, problems);
        if syntax.values.is_empty() {
            problems
                .error(ty.name.pos, format!("the enum `{name}` has no values"))
                .hint(format!("write `enum {name} {{ FIRST SECOND }}`"));
        }
        let mut values: Vec<EnumValue> = Vec::new();
        for value in &syntax.values {
            let value_name = SmolStr::new(&value.node.value.node);
            if values.iter().any(|other| other.name == value_name) {
                let message = format!("`{name}` has the value `{value_name}` twice");
                problems.error(value.node.value.pos, message);
                continue;
            }
            if value_name.starts_with("__") {
                let message = format!("the enum value `{value_name}` is reserved");
                problems
                    .error(value.node.value.pos, message)
                    .hint("names that begin with `__` belong to GraphQL");
            }
            let location = DirectiveLocation::EnumValue;
            let directives = prelude::check(&value.node.directives, location, problems);
            values.push(EnumValue {
                name: value_name,
                description: description(value.node.description.as_ref()),
                deprecation: directives.deprecation(),
            });
        }
        self.enums.push(EnumType {
            name: SmolStr::new(name),
            description: description(ty.description.as_ref()),
            values,
        });
        Named::Enum(EnumIx(self.enums.len() - 1))
    }
}

impl ObjectOutline<'_> {
    /// Where the type of a field stands.
    pub(super) fn type_of(&self, field: &str) -> Pos {
        let mut fields = self.fields.iter().map(|field| &field.node);
        let found = fields.find(|definition| definition.name.node == field);
        found.map_or(self.at, |definition| definition.ty.pos)
    }
}

pub(super) fn description(text: Option<&Positioned<String>>) -> Option<String> {
    let text = text.map(|text| text.node.trim());
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

fn refuse_roots(at: Pos, problems: &mut Problems) {
    problems
        .error(at, "a model file does not define the schema's root types")
        .hint("they are generated; roles are declared with `extend schema @role(name: …)`");
}

fn refuse_kind(kind: &TypeKind, name: &str, at: Pos, problems: &mut Problems) {
    let (what, hint) = match kind {
        TypeKind::Interface(_) => ("interfaces", "write the fields into each type"),
        TypeKind::Union(_) => (
            "unions",
            "use one type with optional fields, or the scalar `JSON`",
        ),
        TypeKind::InputObject(_) => ("input types", "inputs are generated from the types"),
        _ => (
            "custom scalars",
            "use one of `String`, `Int`, `Float`, `Boolean`, `DateTime`, `Long`, `JSON`, `FileID` and `GeoPoint`",
        ),
    };
    problems
        .error(at, format!("{what} are not supported: `{name}`"))
        .hint(hint);
}
