//! From what a client wrote to values of the API's input types, by the rules of
//! the GraphQL specification. Our own: the schema library's validation looks at
//! literals only, and not closely.
//!
//! What a document alone can tell is checked when it is taken in: that literals
//! have the shape of their type, and that variables may stand where they do.
//! Here everything gets its value, and what only values can tell is found.

mod coercer;
mod json;
mod place;
mod raw;
mod scalar;

use async_graphql_parser::Pos;
use async_graphql_value::{ConstValue, Name};
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

use self::coercer::Coercer;
pub(crate) use self::place::Place;
use self::raw::Raw;
pub(crate) use self::scalar::is_file_id;
use super::api::{Api, InputKind, InputMeaning, InputValueDef, Type};
use super::error::{Code, Error};
use super::skeleton::{Argument, Variable};
use crate::data::Value;
use crate::model::FieldIx;

/// A value that fits its type, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Coerced {
    Null,
    /// In its stored form; a `DateTime` is a date.
    Leaf(Value),
    Enum(EnumMember),
    List(Vec<Coerced>),
    Object(InputObject),
}

/// A value of an enum; `field` if the enum's values are fields of a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EnumMember {
    pub(crate) name: SmolStr,
    pub(crate) field: Option<FieldIx>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InputObject {
    pub(crate) kind: InputKind,
    /// What was given or has a default, in the order of the type.
    pub(crate) members: Vec<InputMember>,
    /// Whether a member is absent because its variable was.
    pub(crate) omitted: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InputMember {
    pub(crate) name: SmolStr,
    pub(crate) meaning: InputMeaning,
    pub(crate) value: Coerced,
}

/// The arguments of one field that were given or have a default.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arguments(Vec<Given>);

#[derive(Clone, Debug, PartialEq)]
struct Given {
    name: SmolStr,
    value: Coerced,
    by: GivenBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GivenBy {
    Caller,
    Default,
}

/// The variables of a request that were given or have a default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(Vec<Known>);

#[derive(Clone, Debug)]
struct Known {
    name: SmolStr,
    value: Coerced,
    /// How many values it holds, itself included.
    size: usize,
}

/// How many values the variables of an operation may still come to where they are used: each use is a copy, and a
/// short document can use a long list many thousand times.
#[derive(Debug)]
pub(crate) struct Room(usize);

impl Room {
    /// The most that the arguments of an operation may hold: values, lists and objects.
    pub(crate) const MAX: usize = 100_000;

    pub(crate) fn new() -> Self {
        Self(Self::MAX)
    }

    fn take(&mut self, size: usize) -> bool {
        let left = self.0.checked_sub(size);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }

    /// Why an operation that holds more is refused.
    pub(crate) fn exceeded() -> Error {
        let message = format!(
            "the arguments of the operation hold too much: at most {} values, lists and objects are taken, \
             a variable counts each time it is used",
            Self::MAX
        );
        Error::new(Code::LimitExceeded, message)
    }
}

impl Coerced {
    /// How many values there are, this one included.
    fn size(&self) -> usize {
        match self {
            Coerced::Null | Coerced::Enum(_) => 1,
            Coerced::Leaf(value) => value.size(),
            Coerced::List(items) => 1 + items.iter().map(Coerced::size).sum::<usize>(),
            Coerced::Object(object) => {
                let members = object.members.iter();
                1 + members.map(|member| member.value.size()).sum::<usize>()
            }
        }
    }
}

impl Arguments {
    /// `None` also for an explicit null: no argument of ours tells the two apart.
    pub(crate) fn take(&mut self, name: &str) -> Option<Coerced> {
        let at = self.0.iter().position(|given| given.name == name)?;
        Some(self.0.swap_remove(at).value).filter(|value| *value != Coerced::Null)
    }

    /// Forgets an argument that only its default gave.
    pub(crate) fn drop_default(&mut self, name: &str) {
        self.0
            .retain(|given| given.name != name || given.by == GivenBy::Caller);
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Coerced> {
        self.0.iter().map(|given| &given.value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|given| given.name == name && given.value != Coerced::Null)
    }
}

impl Variables {
    fn known(&self, name: &str) -> Option<&Known> {
        self.0.iter().find(|known| known.name == name)
    }

    fn get(&self, name: &str) -> Option<&Coerced> {
        self.known(name).map(|known| &known.value)
    }

    /// As the schema library has them. It is asked for names and flags only: other values are null there.
    pub(crate) fn to_const(&self) -> IndexMap<Name, ConstValue> {
        let value = |value: &Coerced| match value {
            Coerced::Leaf(Value::String(text)) => ConstValue::String(text.to_string()),
            Coerced::Leaf(Value::Bool(value)) => ConstValue::Boolean(*value),
            _ => ConstValue::Null,
        };
        self.0
            .iter()
            .map(|known| (Name::new(&known.name), value(&known.value)))
            .collect()
    }

    /// The boolean that `@skip` and `@include` ask for; `None` for a null, which a default lets through.
    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Some(Coerced::Leaf(Value::Bool(value))) => Some(*value),
            _ => None,
        }
    }
}

/// Reads the variables of a request.
///
/// # Errors
///
/// `BAD_USER_INPUT` for each that does not fit its declared type.
pub(crate) fn variables(
    api: &Api,
    declared: &[Variable],
    given: &serde_json::Map<String, Json>,
) -> Result<Variables, Vec<Error>> {
    let mut variables = Variables::default();
    // The value of a variable has no variables inside.
    let none = Variables::default();
    let mut room = Room::new();
    let mut coercer = Coercer::new(api, &none, &mut room);
    for variable in declared {
        let place = Place::Variable(&variable.name);
        coercer.position = variable.position;
        let raw = match (given.get(variable.name.as_str()), &variable.default) {
            (Some(value), _) => Raw::Json(value),
            (None, Some(default)) => Raw::Default(default),
            (None, None) if matches!(variable.ty, Type::NonNull(_)) => {
                coercer.missing(&variable.ty, &place);
                continue;
            }
            (None, None) => continue,
        };
        if let Ok(value) = coercer.value(&variable.ty, raw, &place) {
            let (name, size) = (variable.name.clone(), value.size());
            variables.0.push(Known { name, value, size });
        }
    }
    coercer.finish(variables)
}

/// Reads the arguments of a field.
///
/// # Errors
///
/// `BAD_USER_INPUT` for each value that does not fit, `LIMIT_EXCEEDED` where variables come to more than there is room.
pub(crate) fn arguments(
    api: &Api,
    variables: &Variables,
    room: &mut Room,
    defs: &IndexMap<SmolStr, InputValueDef>,
    given: &[Argument],
    position: Pos,
) -> Result<Arguments, Vec<Error>> {
    let mut coercer = Coercer::new(api, variables, room);
    coercer.position = position;
    let values = coercer.arguments(defs, given);
    coercer.finish(Arguments(values))
}
