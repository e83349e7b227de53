//! Values of all types but JSON, recursively.

use async_graphql_parser::Pos;
use async_graphql_value::{ConstValue, Value as Literal};
use indexmap::IndexMap;
use smol_str::SmolStr;

use super::place::Place;
use super::raw::{Raw, Shape};
use super::{
    Coerced, EnumMember, Given, GivenBy, InputMember, InputObject, Room, Variables, scalar,
};
use crate::graphql::api::{Api, EnumDef, InputDef, InputScalar, InputValueDef, Type, TypeDef};
use crate::graphql::error::{Code, Error};
use crate::graphql::skeleton::Argument;

/// How many problems of one input are told.
const PROBLEMS_MAX: usize = 20;

/// The value did not fit; the reason is among the problems.
pub(super) struct Refused;

pub(super) type Outcome = Result<Coerced, Refused>;

pub(super) struct Coercer<'a> {
    api: &'a Api,
    pub(super) variables: &'a Variables,
    /// Where in the document the value that is read stands.
    pub(super) position: Pos,
    room: &'a mut Room,
    problems: Vec<Error>,
}

impl<'a> Coercer<'a> {
    pub(super) fn new(api: &'a Api, variables: &'a Variables, room: &'a mut Room) -> Self {
        Self {
            api,
            variables,
            position: Pos::default(),
            room,
            problems: Vec::new(),
        }
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<Error>> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(self.problems)
        }
    }

    fn problem(&mut self, place: &Place<'_>, message: &str) {
        if self.problems.len() < PROBLEMS_MAX {
            let error = Error::new(Code::BadUserInput, format!("`{place}` {message}"))
                .at((self.position != Pos::default()).then_some(self.position))
                .with("place", place.to_string());
            self.problems.push(error);
        }
    }

    /// The value of a variable, to be used here; `None` if it was not given.
    pub(super) fn variable(&mut self, name: &str) -> Result<Option<Coerced>, Refused> {
        let variables = self.variables;
        let Some(known) = variables.known(name) else {
            return Ok(None);
        };
        if !self.room.take(known.size) {
            // Once is enough: nothing that comes after it fits either.
            self.problems.clear();
            let error =
                Room::exceeded().at((self.position != Pos::default()).then_some(self.position));
            self.problems.push(error);
            return Err(Refused);
        }
        Ok(Some(known.value.clone()))
    }

    pub(super) fn refuse<T>(&mut self, place: &Place<'_>, message: &str) -> Result<T, Refused> {
        self.problem(place, message);
        Err(Refused)
    }

    /// Something that has to be given was not.
    pub(super) fn missing(&mut self, ty: &Type, place: &Place<'_>) {
        self.problem(place, &format!("is required: its type is `{ty}`"));
    }

    pub(super) fn arguments(
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
                self.missing(&def.ty, place);
                Err(Refused)
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
        match self.variable(name)? {
            Some(Coerced::Null) if non_null => self.refuse(
                place,
                &format!("must not be null, as `${name}` is: its type is `{ty}`"),
            ),
            Some(value) => Ok(Some(value)),
            None if non_null && default.is_none() => self.refuse(
                place,
                &format!("is required, but `${name}` was not given: its type is `{ty}`"),
            ),
            None => Ok(None),
        }
    }

    pub(super) fn value(&mut self, ty: &Type, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
        match ty {
            Type::NonNull(inner) => {
                if matches!(raw.shape(), Shape::Null) {
                    return self.refuse(place, &format!("must not be null: its type is `{ty}`"));
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
                        self.refuse(place, &format!("is {found}, expected {expected}"))
                    })
            }
            Some(TypeDef::Enum(def)) => self.enumeration(def, raw, place),
            Some(TypeDef::Input(def)) => self.object(def, raw, place),
            Some(TypeDef::Object(_)) | None => {
                self.refuse(place, &format!("`{name}` is not an input type"))
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
                return self.refuse(place, &format!("is {found}, expected `{}`", def.name));
            }
        };
        match def.values.iter().find(|value| value.name == name) {
            Some(value) => Ok(Coerced::Enum(EnumMember {
                name: value.name.clone(),
                field: value.field,
            })),
            None => {
                let found = shape.describe();
                self.refuse(
                    place,
                    &format!("is {found}, which is no value of `{}`", def.name),
                )
            }
        }
    }

    fn object(&mut self, def: &InputDef, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
        let shape = raw.shape();
        let Shape::Object(given) = shape else {
            let found = shape.describe();
            return self.refuse(place, &format!("is {found}, expected `{}`", def.name));
        };
        let mut refused = false;
        for (name, _) in &given {
            if !def.fields.contains_key(*name) {
                let message = format!("is not a member of {}", def.name);
                self.problem(&Place::Member(place, name), &message);
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
            let message = format!("must have exactly one member: its type is `{}`", def.name);
            return self.refuse(place, &message);
        };
        let place = Place::Member(place, name);
        match raw.shape() {
            Shape::Null => self.refuse(&place, "must not be null"),
            Shape::Variable(name) => match self.variables.get(name) {
                None | Some(Coerced::Null) => {
                    self.refuse(&place, &format!("must not be null, as `${name}` is"))
                }
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
