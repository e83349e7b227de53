//! Values of the scalar `JSON`.

use async_graphql_value::Value as Literal;

use super::coercer::{Coercer, Outcome, Refused};
use super::place::Place;
use super::raw::{Raw, Shape};
use super::{Coerced, scalar};
use crate::data::Value;
use crate::graphql::api::InputScalar;

impl Coercer<'_> {
    /// Any JSON. A literal may have variables inside, which stand for their own JSON.
    pub(super) fn json(&mut self, raw: Raw<'_>, place: &Place<'_>) -> Outcome {
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
                let mut members = Vec::with_capacity(given.len());
                for (name, member) in given {
                    let place = Place::Member(place, name);
                    let Some(key) = scalar::member_name(name) else {
                        return self.refuse(&place, EXPECTED);
                    };
                    members.push((key, self.json_part(member, &place)?));
                }
                Value::Object(members.into_iter().collect())
            }
            _ => match scalar::leaf(InputScalar::Json, raw) {
                Ok(value) => value,
                Err(_) => return self.refuse(place, EXPECTED),
            },
        };
        Ok(Coerced::Leaf(value))
    }

    fn json_part(&mut self, raw: Raw<'_>, place: &Place<'_>) -> Result<Value, Refused> {
        // Any variable may stand inside JSON: its own type has checked it.
        let coerced = match raw {
            Raw::Literal(Literal::Variable(name)) => self.variable(name)?.unwrap_or(Coerced::Null),
            raw => self.json(raw, place)?,
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
