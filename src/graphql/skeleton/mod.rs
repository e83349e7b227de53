//! An operation resolved against the [`Api`]: what each selected field means,
//! with equal response keys merged. Independent of caller and variables, so one
//! skeleton serves every request that sends the same document; variables and
//! conditions are looked up by [`crate::graphql::bind`].

mod build;
mod condition;
mod same;

use async_graphql_parser::Pos;
use async_graphql_value::{ConstValue, Value};
use smallvec::SmallVec;
use smol_str::SmolStr;

pub(crate) use build::build;
pub(crate) use condition::{ConditionIx, Conditions, Held};

use super::api::{Api, FieldDef, Meaning, Type, TypeDef};

/// What an operation does; a subscription is refused where operations are answered once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationKind {
    Query,
    Mutation,
    Subscription,
}

#[derive(Debug)]
pub(crate) struct Skeleton {
    pub(crate) kind: OperationKind,
    pub(crate) variables: Vec<Variable>,
    pub(crate) conditions: Conditions,
    pub(crate) root: Selection,
    /// Whether `__schema` or `__type` is selected at the root.
    pub(crate) introspects: bool,
}

/// A declared variable.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: SmolStr,
    pub(crate) ty: Type,
    pub(crate) default: Option<ConstValue>,
    pub(crate) position: Pos,
}

/// The fields selected of an object, in the order of the answer.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) type_name: SmolStr,
    pub(crate) fields: Vec<Field>,
}

/// All selections of one response key.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) key: SmolStr,
    /// The key as it is written: `"key":`.
    pub(crate) label: Box<[u8]>,
    pub(crate) name: SmolStr,
    pub(crate) what: What,
    /// `!` on the whole.
    pub(crate) required: bool,
    /// `!` on the elements, if it is a list.
    pub(crate) element_required: bool,
    pub(crate) arguments: Vec<Argument>,
    /// `None` for what is not in the API: `__typename` and introspection.
    pub(crate) definition: Option<DefinitionIx>,
    /// Where the document selects it; never empty.
    pub(crate) occurrences: SmallVec<[Occurrence; 1]>,
    /// Empty for leaves.
    pub(crate) selection: Selection,
}

/// Where a field's definition stands in the API: cheaper than its two names, and free of lifetimes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DefinitionIx {
    owner: usize,
    field: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    TypeName,
    /// `__schema` or `__type`: answered by the schema library.
    Introspection,
    Api(Meaning),
}

#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub(crate) name: SmolStr,
    pub(crate) value: Value,
    pub(crate) position: Pos,
}

/// One selection of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occurrence {
    /// Rises through the operation in the order in which fields are collected.
    pub(crate) order: u32,
    /// `None`: selected whatever the variables are.
    pub(crate) condition: Option<ConditionIx>,
    pub(crate) position: Pos,
}

impl DefinitionIx {
    fn of(api: &Api, owner: &str, field: &str) -> Option<Self> {
        let (owner, _, def) = api.types.get_full(owner)?;
        match def {
            TypeDef::Object(def) => Some(Self {
                owner,
                field: def.fields.get_index_of(field)?,
            }),
            _ => None,
        }
    }

    fn get(self, api: &Api) -> Option<&FieldDef> {
        match api.types.get_index(self.owner)?.1 {
            TypeDef::Object(def) => def.fields.get_index(self.field).map(|(_, def)| def),
            _ => None,
        }
    }
}

impl Skeleton {
    /// The memory it takes, in bytes, roughly.
    pub(crate) fn weight(&self) -> usize {
        self.root.weight() + self.variables.len() * size_of::<Variable>()
    }
}

impl Selection {
    fn weight(&self) -> usize {
        self.fields.iter().map(Field::weight).sum()
    }
}

impl Field {
    fn weight(&self) -> usize {
        let arguments = self.arguments.iter();
        let values: usize = arguments.map(|argument| values_in(&argument.value)).sum();
        size_of::<Self>()
            + 2 * self.key.len()
            + values * size_of::<Argument>()
            + self.occurrences.len() * size_of::<Occurrence>()
            + self.selection.weight()
    }

    /// What the API the skeleton was built on says of it.
    pub(crate) fn definition<'a>(&self, api: &'a Api) -> Option<&'a FieldDef> {
        self.definition?.get(api)
    }

    /// The place in the order of the answer, or `None` if every occurrence is left out.
    pub(crate) fn order(&self, held: &Held) -> Option<u32> {
        self.occurrences
            .iter()
            .find(|occurrence| held.holds(occurrence.condition))
            .map(|occurrence| occurrence.order)
    }

    pub(crate) fn positions(&self) -> impl Iterator<Item = Pos> + '_ {
        self.occurrences
            .iter()
            .map(|occurrence| occurrence.position)
    }
}

/// How many values there are in a literal, itself included.
pub(crate) fn values_in(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(values_in).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(values_in).sum::<usize>(),
        _ => 1,
    }
}
