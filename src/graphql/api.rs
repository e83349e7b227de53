//! The served API as data: every type, field, argument and input with what it
//! *means*. The async-graphql schema, the SDL, the coercion of inputs and the
//! resolution of selections all read this one description.

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::model::{CollectionIx, EmbeddedIx, FieldIx, FieldType, RelationIx, Scalar};

/// The whole API that a model gives, or the part of it that a role sees.
#[derive(Clone, Debug)]
pub struct Api {
    /// By name, in the order of the SDL.
    pub types: IndexMap<SmolStr, TypeDef>,
    pub query: SmolStr,
    /// `None` if nothing may ever be written, and no tickets are given.
    pub mutation: Option<SmolStr>,
    /// `None` if nothing may ever be read.
    pub subscription: Option<SmolStr>,
}

#[derive(Clone, Debug)]
pub enum TypeDef {
    Scalar(ScalarDef),
    Enum(EnumDef),
    Object(ObjectDef),
    Input(InputDef),
}

#[derive(Clone, Debug)]
pub struct ScalarDef {
    pub name: SmolStr,
    pub scalar: InputScalar,
    pub description: &'static str,
    pub specified_by: Option<&'static str>,
    /// `ID String Int Float Boolean`: not printed.
    pub built_in: bool,
}

/// How a leaf value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputScalar {
    Id,
    String,
    Int,
    Float,
    Boolean,
    DateTime,
    Long,
    Json,
    FileId,
    GeoPoint,
}

#[derive(Clone, Debug)]
pub struct EnumDef {
    pub name: SmolStr,
    pub description: Option<String>,
    pub values: Vec<EnumValueDef>,
}

#[derive(Clone, Debug)]
pub struct EnumValueDef {
    pub name: SmolStr,
    pub description: Option<String>,
    pub deprecation: Option<String>,
    /// For `OrderField` (of `unset`) the field meant.
    pub field: Option<FieldIx>,
}

#[derive(Clone, Debug)]
pub struct ObjectDef {
    pub name: SmolStr,
    pub description: Option<String>,
    pub fields: IndexMap<SmolStr, FieldDef>,
}

#[derive(Clone, Debug)]
pub struct FieldDef {
    pub name: SmolStr,
    pub description: Option<String>,
    pub deprecation: Option<String>,
    pub ty: Type,
    pub args: IndexMap<SmolStr, InputValueDef>,
    pub meaning: Meaning,
}

/// A reference to a type, as in `[Order!]!`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    Named(SmolStr),
    List(Box<Type>),
    NonNull(Box<Type>),
}

/// What selecting a field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    // Query
    Single(CollectionIx),
    List(CollectionIx),
    Me,
    // Mutation
    CreateOne(CollectionIx),
    CreateMany(CollectionIx),
    UpdateOne(CollectionIx),
    UpdateMany(CollectionIx),
    DeleteOne(CollectionIx),
    DeleteMany(CollectionIx),
    GiveTicket,
    // Subscription
    LiveSingle(CollectionIx),
    LiveList(CollectionIx),
    // Event of a live list or document
    EventSequence,
    EventKind,
    EventNodes,
    EventNode,
    EventChanges,
    ChangeType,
    ChangeId,
    ChangeIndex,
    ChangeNode,
    // Me
    MePrincipal,
    MeRoles,
    MeLoginType,
    /// The caller's own document of the `users` collection (by `_openid`).
    MeUser(CollectionIx),
    // Document
    Field(CollectionIx, FieldIx),
    EmbeddedField(EmbeddedIx, FieldIx),
    /// The address of the file that a field names.
    Address(Holder, FieldIx),
    ToOne(Holder, RelationIx),
    ToMany(Holder, RelationIx),
    // Connection, edge, page info
    Nodes,
    Edges,
    PageInfo,
    TotalCount,
    EdgeNode,
    EdgeCursor,
    HasNextPage,
    HasPreviousPage,
    StartCursor,
    EndCursor,
    // Payloads
    PayloadId,
    PayloadIds,
    PayloadDocument,
    PayloadDocuments,
    Matched,
    Modified,
    TicketText,
    TicketExpiresAt,
    // Embedded scalars that are objects on the wire
    Longitude,
    Latitude,
}

/// The kind of type a relation stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    Collection(CollectionIx),
    Embedded(EmbeddedIx),
}

#[derive(Clone, Debug)]
pub struct InputDef {
    pub name: SmolStr,
    pub description: Option<String>,
    /// `@oneOf`: exactly one member, not null.
    pub one_of: bool,
    pub fields: IndexMap<SmolStr, InputValueDef>,
    pub kind: InputKind,
}

/// What an input object is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputKind {
    /// A condition on documents or embedded objects.
    Filter(Holder),
    /// Operators on a value of this type, normalised: never `required`, and `DateTime` also for times
    /// kept as numbers. How the value is stored is told by the field that the operators are given for.
    Operators(FieldType),
    /// `OrderOrder`: one field with its direction.
    Order(CollectionIx),
    Create(Holder),
    Set(Holder),
    Inc(Holder),
    Push(Holder),
    Pull(Holder),
    /// `OrderKey`: one unique index.
    Key(CollectionIx),
    /// Values of a unique index with several fields.
    CompoundKey(CollectionIx),
    GeoPoint,
    GeoWithin,
    GeoCircle,
    GeoIntersects,
}

#[derive(Clone, Debug)]
pub struct InputValueDef {
    pub name: SmolStr,
    pub description: Option<String>,
    pub ty: Type,
    pub default: Option<async_graphql_value::ConstValue>,
    pub meaning: InputMeaning,
}

/// What giving an argument or an input member means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InputMeaning {
    /// A plain argument or member, known by its name (`first`, `where`, `id`, `radius`, …).
    Argument,
    And,
    Or,
    Not,
    Field(FieldIx),
    Operator(Operator),
    /// The n-th of the collection's indexes.
    UniqueIndex(usize),
}

/// The operators of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    Eq,
    Ne,
    In,
    NotIn,
    Gt,
    Gte,
    Lt,
    Lte,
    Exists,
    StartsWith,
    Contains,
    EndsWith,
    Matches,
    Has,
    HasEvery,
    HasSome,
    Size,
    Some,
    Within,
    Intersects,
}

impl Api {
    pub fn object(&self, name: &str) -> Option<&ObjectDef> {
        match self.types.get(name) {
            Some(TypeDef::Object(def)) => Some(def),
            _ => None,
        }
    }

    pub fn input(&self, name: &str) -> Option<&InputDef> {
        match self.types.get(name) {
            Some(TypeDef::Input(def)) => Some(def),
            _ => None,
        }
    }
}

impl TypeDef {
    pub fn name(&self) -> &SmolStr {
        match self {
            TypeDef::Scalar(def) => &def.name,
            TypeDef::Enum(def) => &def.name,
            TypeDef::Object(def) => &def.name,
            TypeDef::Input(def) => &def.name,
        }
    }

    /// Whether values of it can be arguments and variables.
    pub fn is_input(&self) -> bool {
        !matches!(self, TypeDef::Object(_))
    }

    /// Whether fields of it have fields.
    pub fn is_composite(&self) -> bool {
        matches!(self, TypeDef::Object(_))
    }
}

impl InputValueDef {
    /// Whether it has to be given: not nullable and without a default.
    pub fn is_required(&self) -> bool {
        self.ty.is_non_null() && self.default.is_none()
    }
}

impl Type {
    pub fn named(name: impl Into<SmolStr>) -> Self {
        Type::Named(name.into())
    }

    #[must_use]
    pub fn list(self) -> Self {
        Type::List(Box::new(self))
    }

    #[must_use]
    pub fn non_null(self) -> Self {
        Type::NonNull(Box::new(self))
    }

    pub fn is_non_null(&self) -> bool {
        matches!(self, Type::NonNull(_))
    }

    /// The type without an outer `!`.
    pub fn nullable(&self) -> &Type {
        match self {
            Type::NonNull(inner) => inner,
            Type::Named(_) | Type::List(_) => self,
        }
    }

    /// The named type at the core.
    pub fn name(&self) -> &SmolStr {
        match self {
            Type::Named(name) => name,
            Type::List(inner) | Type::NonNull(inner) => inner.name(),
        }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Type::Named(name) => f.write_str(name),
            Type::List(inner) => write!(f, "[{inner}]"),
            Type::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

impl From<Scalar> for InputScalar {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Id => Self::Id,
            Scalar::String => Self::String,
            Scalar::Int => Self::Int,
            Scalar::Float => Self::Float,
            Scalar::Boolean => Self::Boolean,
            Scalar::DateTime | Scalar::EpochMs => Self::DateTime,
            Scalar::Long => Self::Long,
            Scalar::Json => Self::Json,
            Scalar::FileId => Self::FileId,
            Scalar::GeoPoint => Self::GeoPoint,
        }
    }
}
