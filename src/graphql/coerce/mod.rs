//! From what a client wrote to values of the API's input types, by the rules of
//! the GraphQL specification. Our own: the schema library's validation looks at
//! literals only, and not closely.
//!
//! Used twice. When a skeleton is built, variables are only declared: literals
//! are checked and variables must be of a type that fits where they stand. When
//! a request is bound, variables have values and everything gets its own.

mod place;
mod raw;
mod scalar;

use async_graphql_parser::Pos;
use async_graphql_value::{ConstValue, Name, Value as Literal};
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

pub(crate) use self::place::Place;
use self::raw::{Raw, Shape};
pub(crate) use self::scalar::is_file_id;
use super::api::{
    Api, EnumDef, InputDef, InputKind, InputMeaning, InputScalar, InputValueDef, Type, TypeDef,
};
use super::error::{Code, Error};
use super::skeleton::{Argument, Variable};
use crate::data::{Object, Value};
use crate::model::FieldIx;

/// How many problems of one input are told.
const PROBLEMS_MAX: usize = 20;

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

    /// The boolean a condition asks for; the declared type made sure that it is one.
    pub(crate) fn holds(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Coerced::Leaf(Value::Bool(true))))
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
    let mut coercer = Coercer::new(api, Scope::None, Code::BadUserInput);
    for variable in declared {
        let place = Place::Variable(&variable.name);
        coercer.position = variable.position;
        let raw = match (given.get(variable.name.as_str()), &variable.default) {
            (Some(value), _) => Raw::Json(value),
            (None, Some(default)) => Raw::Default(default),
            (None, None) if matches!(variable.ty, Type::NonNull(_)) => {
                coercer.problem(&place, format!("is required: a {}", variable.ty));
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
    let mut coercer = Coercer::new(api, Scope::Given(variables), Code::BadUserInput);
    coercer.position = position;
    let values = coercer.arguments(defs, given);
    coercer.finish(Arguments(values))
}

/// The problems that arguments have whatever the variables will be.
pub(crate) fn check_arguments(
    api: &Api,
    declared: &[Variable],
    defs: &IndexMap<SmolStr, InputValueDef>,
    given: &[Argument],
    position: Pos,
) -> Vec<Error> {
    let mut coercer = Coercer::new(api, Scope::Declared(declared), Code::ValidationFailed);
    coercer.position = position;
    coercer.arguments(defs, given);
    for argument in given {
        if !defs.contains_key(&argument.name) {
            coercer.position = argument.position;
            let message = "is not an argument of this field".to_owned();
            coercer.problem(&Place::Argument(&argument.name), message);
        }
    }
    coercer.problems
}

/// The problems of one literal, such as a directive's argument.
pub(crate) fn check_literal(
    api: &Api,
    declared: &[Variable],
    ty: &Type,
    literal: &Literal,
    name: &str,
    position: Pos,
) -> Vec<Error> {
    let mut coercer = Coercer::new(api, Scope::Declared(declared), Code::ValidationFailed);
    coercer.position = position;
    // The problems are the answer; there is no value yet.
    let _ = coercer.member(ty, None, Raw::Literal(literal), &Place::Argument(name));
    coercer.problems
}

/// The problems of declarations: types that are no input, defaults that do not fit.
pub(crate) fn check_variables(api: &Api, declared: &[Variable]) -> Vec<Error> {
    let mut coercer = Coercer::new(api, Scope::None, Code::ValidationFailed);
    for variable in declared {
        coercer.position = variable.position;
        let place = Place::Variable(&variable.name);
        let type_name = variable.ty.name();
        match api.types.get(type_name) {
            None => coercer.problem(&place, format!("there is no type `{type_name}`")),
            Some(TypeDef::Object(_)) => {
                coercer.problem(&place, format!("`{type_name}` is not an input type"));
            }
            Some(_) => {
                if let Some(default) = &variable.default {
                    // As above.
                    let _ = coercer.value(&variable.ty, Raw::Default(default), &place);
                }
            }
        }
    }
    coercer.problems
}

/// What is known of variables.
#[derive(Clone, Copy)]
enum Scope<'a> {
    /// None may stand here: inside defaults and JSON.
    None,
    Declared(&'a [Variable]),
    Given(&'a Variables),
}

/// The value did not fit; the reason is among the problems.
struct Refused;

type Outcome = Result<Coerced, Refused>;

struct Coercer<'a> {
    api: &'a Api,
    scope: Scope<'a>,
    code: Code,
    position: Pos,
    problems: Vec<Error>,
}

impl<'a> Coercer<'a> {
    fn new(api: &'a Api, scope: Scope<'a>, code: Code) -> Self {
        Self {
            api,
            scope,
            code,
            position: Pos::default(),
            problems: Vec::new(),
        }
    }

    fn finish<T>(self, value: T) -> Result<T, Vec<Error>> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(self.problems)
        }
    }

    fn problem(&mut self, place: &Place<'_>, message: String) {
        if self.problems.len() < PROBLEMS_MAX {
            let error = Error::new(self.code, format!("`{place}` {message}"))
                .at((self.position != Pos::default()).then_some(self.position))
                .with("place", place.to_string());
            self.problems.push(error);
        }
    }

    fn refuse<T>(&mut self, place: &Place<'_>, message: String) -> Result<T, Refused> {
        self.problem(place, message);
        Err(Refused)
    }

    fn arguments(
        &mut self,
        defs: &IndexMap<SmolStr, InputValueDef>,
        given: &[Argument],
    ) -> Vec<Given> {
        let mut values = Vec::with_capacity(defs.len());
        let field = self.position;
        for def in defs.values() {
            let place = Place::Argument(&def.name);
            let argument = given.iter().find(|argument| argument.name == def.name);
            self.position = argument.map_or(field, |argument| argument.position);
            let raw = argument.map(|argument| Raw::Literal(&argument.value));
            if let Ok(Some((value, by))) = self.input_value(def, raw, &place) {
                let name = def.name.clone();
                values.push(Given { name, value, by });
            }
        }
        values
    }

    /// An argument or a member of an input object: what was given, else its default, else nothing.
    fn input_value(
        &mut self,
        def: &InputValueDef,
        given: Option<Raw<'_>>,
        place: &Place<'_>,
    ) -> Result<Option<(Coerced, GivenBy)>, Refused> {
        if let Some(raw) = given
            && let Some(value) = self.member(&def.ty, def.default.as_ref(), raw, place)?
        {
            return Ok(Some((value, GivenBy::Caller)));
        }
        match &def.default {
            Some(default) => {
                let value = self.value(&def.ty, Raw::Default(default), place)?;
                Ok(Some((value, GivenBy::Default)))
            }
            None if matches!(def.ty, Type::NonNull(_)) => {
                self.refuse(place, format!("is required: a {}", def.ty))
            }
            None => Ok(None),
        }
    }

    /// A value at a place that may be left empty by a variable that was not given: `None` then.
    fn member(
        &mut self,
        ty: &Type,
        default: Option<&ConstValue>,
        raw: Raw<'_>,
        place: &Place<'_>,
    ) -> Result<Option<Coerced>, Refused> {
        let Raw::Literal(Literal::Variable(name)) = raw else {
            return self.value(ty, raw, place).map(Some);
        };
        let non_null = matches!(ty, Type::NonNull(_));
        match self.scope {
            Scope::None => self.refuse(place, "cannot be a variable here".to_owned()),
            Scope::Declared(declared) => {
                self.check_usage(declared, name, ty, default.is_some(), place)?;
                // Stands for whatever the variable will be.
                Ok(Some(Coerced::Null))
            }
            Scope::Given(variables) => match variables.get(name) {
                Some(Coerced::Null) if non_null => self.refuse(
                    place,
                    format!("must not be null, as `${name}` is: it is a {ty}"),
                ),
                Some(value) => Ok(Some(value.clone())),
                None if non_null && default.is_none() => self.refuse(
                    place,
                    format!("is required, but `${name}` was not given: it is a {ty}"),
                ),
                None => Ok(None),
            },
        }
    }

    /// Whether a variable may stand where a value of type `ty` is expected.
    fn check_usage(
        &mut self,
        declared: &[Variable],
        name: &str,
        ty: &Type,
        has_default: bool,
        place: &Place<'_>,
    ) -> Result<(), Refused> {
        let Some(variable) = declared.iter().find(|variable| variable.name == name) else {
            return self.refuse(place, format!("is `${name}`, which is not declared"));
        };
        let fits = match (&variable.ty, ty) {
            (Type::Named(_) | Type::List(_), Type::NonNull(inner)) => {
                let filled = variable
                    .default
                    .as_ref()
                    .is_some_and(|default| *default != ConstValue::Null);
                (filled || has_default) && fits_in(&variable.ty, inner)
            }
            (variable, ty) => fits_in(variable, ty),
        };
        if fits {
            return Ok(());
        }
        let message = format!("is a {ty}, but `${name}` is declared as {}", variable.ty);
        self.refuse(place, message)
    }

    fn value(&mut self, ty: &Type, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
        match ty {
            Type::NonNull(inner) => {
                if matches!(raw.shape(), Shape::Null) {
                    return self.refuse(place, format!("must not be null: it is a {ty}"));
                }
                self.value(inner, raw, place)
            }
            Type::List(element) => self.list(element, raw, place),
            Type::Named(name) => self.named(name, raw, place),
        }
    }

    fn list(&mut self, element: &Type, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
        match raw.shape() {
            Shape::Null => Ok(Coerced::Null),
            Shape::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                let mut refused = false;
                for (index, item) in items.into_iter().enumerate() {
                    match self.member(element, None, item, &Place::Index(place, index)) {
                        Ok(value) => values.push(value.unwrap_or(Coerced::Null)),
                        Err(Refused) => refused = true,
                    }
                }
                if refused {
                    return Err(Refused);
                }
                Ok(Coerced::List(values))
            }
            // A single value is a list of one.
            _ => Ok(Coerced::List(vec![self.value(element, raw, place)?])),
        }
    }

    fn named(&mut self, name: &SmolStr, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
        if matches!(raw.shape(), Shape::Null) {
            return Ok(Coerced::Null);
        }
        let api = self.api;
        match api.types.get(name) {
            Some(TypeDef::Scalar(def)) if def.scalar == InputScalar::Json => self.json(raw, place),
            Some(TypeDef::Scalar(def)) => {
                scalar::leaf(def.scalar, raw)
                    .map(Coerced::Leaf)
                    .or_else(|expected| {
                        let found = raw.shape().describe();
                        self.refuse(place, format!("is {found}, expected {expected}"))
                    })
            }
            Some(TypeDef::Enum(def)) => self.enumeration(def, raw, place),
            Some(TypeDef::Input(def)) => self.object(def, raw, place),
            Some(TypeDef::Object(_)) | None => {
                self.refuse(place, format!("`{name}` is not an input type"))
            }
        }
    }

    fn enumeration(&mut self, def: &EnumDef, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
        let shape = raw.shape();
        let name = match &shape {
            Shape::Enum(name) => *name,
            Shape::String(name) if raw.is_json() => *name,
            _ => {
                let found = shape.describe();
                return self.refuse(place, format!("is {found}, expected a {}", def.name));
            }
        };
        match def.values.iter().find(|value| value.name == name) {
            Some(value) => Ok(Coerced::Enum(EnumMember {
                name: value.name.clone(),
                field: value.field,
            })),
            None => {
                let found = shape.describe();
                self.refuse(place, format!("is {found}, which is not a {}", def.name))
            }
        }
    }

    fn object(&mut self, def: &InputDef, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
        let shape = raw.shape();
        let Shape::Object(given) = shape else {
            let found = shape.describe();
            return self.refuse(place, format!("is {found}, expected a {}", def.name));
        };
        let mut refused = false;
        for (name, _) in &given {
            if !def.fields.contains_key(*name) {
                let message = format!("is not a member of {}", def.name);
                self.problem(&Place::Member(place, name), message);
                refused = true;
            }
        }
        if def.one_of {
            self.one_of(def, &given, place)?;
        }
        let mut members = Vec::with_capacity(given.len());
        let mut omitted = false;
        for (name, member) in &def.fields {
            let raw = given
                .iter()
                .find(|(given, _)| name == given)
                .map(|(_, raw)| *raw);
            match self.input_value(member, raw, &Place::Member(place, name)) {
                Ok(Some((value, _))) => members.push(InputMember {
                    name: name.clone(),
                    meaning: member.meaning,
                    value,
                }),
                Ok(None) => omitted |= raw.is_some(),
                Err(Refused) => refused = true,
            }
        }
        if refused {
            return Err(Refused);
        }
        Ok(Coerced::Object(InputObject {
            kind: def.kind,
            members,
            omitted,
        }))
    }

    /// `@oneOf`: exactly one member, and a value in it.
    fn one_of(
        &mut self,
        def: &InputDef,
        given: &[(&str, Raw<'_>)],
        place: &Place<'_>,
    ) -> Result<(), Refused> {
        let [(name, raw)] = given else {
            let message = format!("must have exactly one member: it is a {}", def.name);
            return self.refuse(place, message);
        };
        let place = Place::Member(place, name);
        match raw.shape() {
            Shape::Null => self.refuse(&place, "must not be null".to_owned()),
            Shape::Variable(name) => match self.scope {
                Scope::None => Ok(()),
                Scope::Declared(declared) => {
                    let variable = declared.iter().find(|variable| variable.name == name);
                    match variable {
                        Some(variable) if !matches!(variable.ty, Type::NonNull(_)) => self.refuse(
                            &place,
                            format!("must not be null: declare `${name}` as {}!", variable.ty),
                        ),
                        _ => Ok(()),
                    }
                }
                Scope::Given(variables) => match variables.get(name) {
                    None | Some(Coerced::Null) => {
                        self.refuse(&place, format!("must not be null, as `${name}` is"))
                    }
                    Some(_) => Ok(()),
                },
            },
            _ => Ok(()),
        }
    }

    /// Any JSON. A literal may have variables inside, which stand for their own JSON.
    fn json(&mut self, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
        const EXPECTED: &str =
            "must be JSON without member names that are empty, begin with `$` or contain a dot";
        let value = match raw.shape() {
            Shape::List(items) if !raw.is_json() => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.into_iter().enumerate() {
                    values.push(self.json_part(item, &Place::Index(place, index))?);
                }
                Value::Array(values)
            }
            Shape::Object(given) if !raw.is_json() => {
                let mut members = Object::with_capacity(given.len());
                for (name, member) in given {
                    let place = Place::Member(place, name);
                    let Some(key) = scalar::member_name(name) else {
                        return self.refuse(&place, EXPECTED.to_owned());
                    };
                    members.insert(key, self.json_part(member, &place)?);
                }
                Value::Object(members)
            }
            _ => match scalar::leaf(InputScalar::Json, raw) {
                Ok(value) => value,
                Err(_) => return self.refuse(place, EXPECTED.to_owned()),
            },
        };
        Ok(Coerced::Leaf(value))
    }

    fn json_part(&mut self, raw: Raw<'_>, place: &Place<'_>) -> Result<Value, Refused> {
        let ty = Type::named("JSON");
        let coerced = match raw {
            Raw::Literal(Literal::Variable(name)) => match self.scope {
                // Any declared variable may stand inside JSON: its own type has checked it.
                Scope::Declared(declared)
                    if declared.iter().any(|variable| variable.name == **name) =>
                {
                    Coerced::Null
                }
                Scope::Given(variables) => variables.get(name).cloned().unwrap_or(Coerced::Null),
                _ => return self.refuse(place, format!("is `${name}`, which is not declared")),
            },
            raw => self.value(&ty, raw, place)?,
        };
        Ok(coerced.into_json())
    }
}

impl Coerced {
    /// As a part of a JSON value.
    fn into_json(self) -> Value {
        match self {
            Coerced::Null => Value::Null,
            Coerced::Leaf(value) => value,
            Coerced::Enum(member) => Value::String(member.name),
            Coerced::List(items) => {
                Value::Array(items.into_iter().map(Coerced::into_json).collect())
            }
            Coerced::Object(object) => Value::Object(
                object
                    .members
                    .into_iter()
                    .map(|member| (member.name, member.value.into_json()))
                    .collect(),
            ),
        }
    }
}

/// Whether values of type `a` are values of type `b`.
fn fits_in(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::NonNull(a), Type::NonNull(b)) => fits_in(a, b),
        (Type::NonNull(a), b) => fits_in(a, b),
        (Type::List(a), Type::List(b)) => fits_in(a, b),
        (Type::Named(a), Type::Named(b)) => a == b,
        _ => false,
    }
}
