//! `schema.graphql`, checked: collections, fields, relations, policies.
//!
//! After [`Model::parse`] every name is resolved: indices instead of names,
//! nothing optional that is required. What directives there are is said by
//! [`PRELUDE`]; what each means by the file of its concern (`collection.rs`,
//! `rule.rs`, `relation.rs`, …); in which order they are read by `read.rs`.

mod arguments;
mod collection;
mod constraint;
mod default;
mod diagnostic;
mod doubt;
mod elevation;
mod embedding;
mod field;
mod index;
mod lookup;
mod naming;
mod outline;
mod prelude;
mod read;
mod relation;
mod role;
mod rule;
mod shape;
mod source;
mod spelling;
mod syntax;
mod timestamp;

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::access::{FieldPolicy, Policy};
use crate::data::{CollectionName, Index, Path, Role, Value};

pub use diagnostic::{Diagnostic, Severity};
pub use prelude::PRELUDE;

/// The checked content of `schema.graphql`.
#[derive(Clone, Debug)]
pub struct Model {
    pub collections: Vec<Collection>,
    pub embedded: Vec<Embedded>,
    pub enums: Vec<EnumType>,
    pub roles: Vec<RoleType>,
}

/// Index into [`Model::collections`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionIx(pub usize);
/// Index into [`Model::embedded`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmbeddedIx(pub usize);
/// Index into [`Model::enums`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumIx(pub usize);
/// Index into [`Shape::fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldIx(pub usize);
/// Index into [`Shape::relations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelationIx(pub usize);

/// A type with `@collection`.
#[derive(Clone, Debug)]
pub struct Collection {
    pub type_name: SmolStr,
    pub name: CollectionName,
    pub description: Option<String>,
    /// Root field of the list; `collection(list:)` or the collection's name.
    pub list_name: SmolStr,
    /// Root field of one document; `collection(single:)` or the type name in lower camel case.
    pub single_name: SmolStr,
    pub policy: Policy,
    pub shape: Shape,
    pub indexes: Vec<Index>,
}

/// An object type without `@collection`: an embedded document.
#[derive(Clone, Debug)]
pub struct Embedded {
    pub type_name: SmolStr,
    pub description: Option<String>,
    pub shape: Shape,
}

/// The members of a type.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// In the order of the file.
    pub members: Vec<Member>,
    /// Stored fields; a collection's has `id` (stored as `_id`) among them.
    pub fields: Vec<Field>,
    pub relations: Vec<Relation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    Field(FieldIx),
    Relation(RelationIx),
}

/// A stored field.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: SmolStr,
    /// The document's name of it.
    pub stored: SmolStr,
    pub description: Option<String>,
    pub deprecation: Option<String>,
    pub ty: FieldType,
    /// Empty for fields of embedded documents: rules stand on fields of collections only.
    pub policy: FieldPolicy,
    pub constraint: Constraint,
    /// The stored form of `@default`.
    pub default: Option<Value>,
    pub timestamp: Option<TimestampEvent>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldType {
    pub base: BaseType,
    /// `Some` for a list; lists do not nest.
    pub list: Option<ListType>,
    /// `!` on the whole: required on write.
    pub required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListType {
    /// `!` on the element.
    pub element_required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BaseType {
    Scalar(Scalar),
    Enum(EnumIx),
    Embedded(EmbeddedIx),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    Id,
    String,
    Int,
    Float,
    Boolean,
    /// Stored as a date.
    DateTime,
    /// A `DateTime` stored as milliseconds in a number: `@field(as: EPOCH_MS)`.
    EpochMs,
    Long,
    Json,
    FileId,
    GeoPoint,
}

/// `@relation`: documents of another collection whose `to` equals this object's `from`.
#[derive(Clone, Debug)]
pub struct Relation {
    pub name: SmolStr,
    pub description: Option<String>,
    pub deprecation: Option<String>,
    /// A stored field of the same shape.
    pub from: FieldIx,
    pub target: CollectionIx,
    /// A stored field of the target.
    pub to: FieldIx,
    /// A connection, or one document (always nullable).
    pub many: bool,
}

#[derive(Clone, Debug)]
pub struct EnumType {
    pub name: SmolStr,
    pub description: Option<String>,
    pub values: Vec<EnumValue>,
}

#[derive(Clone, Debug)]
pub struct EnumValue {
    pub name: SmolStr,
    pub description: Option<String>,
    pub deprecation: Option<String>,
}

/// `@constraint`; on a list, `min`, `max`, lengths and `pattern` hold for each element.
#[derive(Clone, Debug, Default)]
pub struct Constraint {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub pattern: Option<regex::Regex>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampEvent {
    Create,
    Update,
}

#[derive(Clone, Debug)]
pub struct RoleType {
    pub role: Role,
    pub includes: Vec<Role>,
}

/// The outcome of reading a model file that can be served, and what to warn of.
#[derive(Clone, Debug)]
pub struct Checked {
    pub model: Model,
    pub warnings: Vec<Diagnostic>,
}

impl Model {
    /// Reads a model file; every problem at once (errors and warnings).
    ///
    /// # Errors
    ///
    /// All problems in the order of the file, at least one of them an error.
    pub fn parse(source: &str) -> Result<Checked, Vec<Diagnostic>> {
        read::read(source)
    }

    pub fn collection(&self, ix: CollectionIx) -> &Collection {
        &self.collections[ix.0]
    }

    pub fn embedded(&self, ix: EmbeddedIx) -> &Embedded {
        &self.embedded[ix.0]
    }

    pub fn enum_type(&self, ix: EnumIx) -> &EnumType {
        &self.enums[ix.0]
    }

    pub fn collection_named(&self, name: &str) -> Option<CollectionIx> {
        self.collections
            .iter()
            .position(|collection| collection.name.as_str() == name)
            .map(CollectionIx)
    }

    /// These roles and all they include; names the model does not declare are dropped.
    pub fn expand_roles<'a>(&self, roles: impl IntoIterator<Item = &'a str>) -> BTreeSet<Role> {
        role::expand(&self.roles, roles)
    }
}

impl Shape {
    pub fn field(&self, ix: FieldIx) -> &Field {
        &self.fields[ix.0]
    }

    pub fn relation(&self, ix: RelationIx) -> &Relation {
        &self.relations[ix.0]
    }

    pub fn field_named(&self, name: &str) -> Option<FieldIx> {
        self.fields
            .iter()
            .position(|field| field.name == name)
            .map(FieldIx)
    }

    pub fn field_stored(&self, stored: &str) -> Option<FieldIx> {
        self.fields
            .iter()
            .position(|field| field.stored == stored)
            .map(FieldIx)
    }
}

impl Field {
    /// What the gateway stores in a new document if nobody says what: the time, or the default. Every creation is a
    /// first update too. `now`: milliseconds since 1970.
    pub fn provided(&self, now: i64) -> Option<Value> {
        match self.timestamp {
            Some(_) => Some(self.instant(now)),
            None => self.default.clone(),
        }
    }

    /// An instant, in milliseconds since 1970, as this field stores it.
    pub fn instant(&self, ms: i64) -> Value {
        match self.ty.base {
            BaseType::Scalar(Scalar::DateTime) => Value::Date(ms),
            _ => Value::Int(ms),
        }
    }

    /// The path of this field at the top of a document.
    pub fn path(&self) -> Path {
        Path::field(self.stored.clone())
    }
}
