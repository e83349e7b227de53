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
use super::error::Error;
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
pub(crate) struct Variables(Vec<(SmolStr, Coerced)>);

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
    fn get(&self, name: &str) -> Option<&Coerced> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
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
            .map(|(name, coerced)| (Name::new(name), value(coerced)))
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
    let mut coercer = Coercer::new(api, &none);
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
            variables.0.push((variable.name.clone(), value));
        }
    }
    coercer.finish(variables)
}

/// Reads the arguments of a field.
///
/// # Errors
///
/// `BAD_USER_INPUT` for each value that does not fit.
pub(crate) fn arguments(
    api: &Api,
    variables: &Variables,
    defs: &IndexMap<SmolStr, InputValueDef>,
    given: &[Argument],
    position: Pos,
) -> Result<Arguments, Vec<Error>> {
    let mut coercer = Coercer::new(api, variables);
    coercer.position = position;
    let values = coercer.arguments(defs, given);
    coercer.finish(Arguments(values))
}
