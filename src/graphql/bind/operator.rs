//! The operators on one value: `{gte: 100, lt: 200}` becomes a list of [`Test`]s.

use super::filter::string;
use super::value::id_forms;
use super::{Binder, bad_input, geo, wrong};
use crate::data::{Pattern, Test, Value};
use crate::graphql::api::{Holder, InputMeaning, Operator};
use crate::graphql::coerce::{Coerced, InputMember, InputObject, Place};
use crate::graphql::error::{Code, Error};
use crate::model::{BaseType, Scalar};

type Result<T, E = Error> = std::result::Result<T, E>;

impl Binder<'_, '_> {
    /// All of them hold. At least one is given, so that an omitted variable never means "everything".
    pub(super) fn tests(
        &self,
        base: BaseType,
        object: InputObject,
        place: &Place<'_>,
    ) -> Result<Vec<Test>> {
        if object.members.is_empty() {
            return Err(wrong(place, "has no operator: give one, or leave it out"));
        }
        let test = |member: InputMember| {
            let place = Place::Member(place, &member.name);
            match member.meaning {
                InputMeaning::Operator(operator) => self.test(base, operator, member.value, &place),
                _ => Err(wrong(&place, "is not an operator")),
            }
        };
        object.members.into_iter().map(test).collect()
    }

    fn test(
        &self,
        base: BaseType,
        operator: Operator,
        value: Coerced,
        place: &Place<'_>,
    ) -> Result<Test> {
        if value == Coerced::Null && !matches!(operator, Operator::Eq | Operator::Ne) {
            return Err(wrong(
                place,
                "must not be null: only `eq` and `ne` know null",
            ));
        }
        Ok(match operator {
            Operator::Eq | Operator::Ne => self.equality(base, operator, value, place)?,
            Operator::In => Test::In(self.spellings(base, value, place)?),
            Operator::NotIn => Test::NotIn(self.spellings(base, value, place)?),
            Operator::Gt => Test::Gt(self.element(base, value, place)?),
            Operator::Gte => Test::Gte(self.element(base, value, place)?),
            Operator::Lt => Test::Lt(self.element(base, value, place)?),
            Operator::Lte => Test::Lte(self.element(base, value, place)?),
            Operator::Exists => Test::Exists(value == Coerced::Leaf(Value::Bool(true))),
            Operator::StartsWith => Test::StartsWith(needle(value, place)?),
            Operator::Contains => Test::Contains(needle(value, place)?),
            Operator::EndsWith => Test::EndsWith(needle(value, place)?),
            Operator::Matches => Test::Matches(self.pattern(value, place)?),
            Operator::Has => match base {
                BaseType::Scalar(Scalar::Id) => Test::HasSome(self.spellings(base, value, place)?),
                _ => Test::Has(self.element(base, value, place)?),
            },
            Operator::HasEvery => Test::HasEvery(self.elements(base, value, place)?),
            Operator::HasSome => Test::HasSome(self.spellings(base, value, place)?),
            Operator::Size => Test::Size(size(&value, place)?),
            Operator::Some => self.some(base, value, place)?,
            Operator::Within => Test::GeoWithin(geo::region(value, place)?),
            Operator::Intersects => Test::GeoIntersects(geo::geometry(value, place)?),
        })
    }

    fn equality(
        &self,
        base: BaseType,
        operator: Operator,
        value: Coerced,
        place: &Place<'_>,
    ) -> Result<Test> {
        let equal = operator == Operator::Eq;
        if base == BaseType::Scalar(Scalar::Id) && value != Coerced::Null {
            let forms = self.spellings(base, value, place)?;
            return Ok(if equal {
                Test::In(forms)
            } else {
                Test::NotIn(forms)
            });
        }
        let value = self.element(base, value, place)?;
        Ok(if equal {
            Test::Eq(value)
        } else {
            Test::Ne(value)
        })
    }

    /// An element of which the inner conditions hold.
    fn some(&self, base: BaseType, value: Coerced, place: &Place<'_>) -> Result<Test> {
        let Coerced::Object(object) = value else {
            return Err(wrong(place, "must not be null"));
        };
        if let BaseType::Embedded(ix) = base {
            let filter = self.filter(Holder::Embedded(ix), object, None, place)?;
            return Ok(Test::Some(Box::new(filter)));
        }
        let tests = self.tests(base, object, place)?;
        if tests.iter().any(|test| matches!(test, Test::Exists(_))) {
            return Err(wrong(place, "cannot ask with `exists`: an element exists"));
        }
        Ok(Test::SomeElement(tests))
    }

    /// The stored values of a list, for an ID every form its text can spell.
    fn spellings(&self, base: BaseType, value: Coerced, place: &Place<'_>) -> Result<Vec<Value>> {
        let values = self.elements(base, value, place)?;
        if base != BaseType::Scalar(Scalar::Id) {
            return Ok(values);
        }
        let forms = |value: Value| match value {
            Value::String(text) => id_forms(&text),
            other => vec![other],
        };
        Ok(values.into_iter().flat_map(forms).collect())
    }

    fn elements(&self, base: BaseType, value: Coerced, place: &Place<'_>) -> Result<Vec<Value>> {
        let values = match value {
            Coerced::List(values) => values,
            single => vec![single],
        };
        values
            .into_iter()
            .map(|value| self.element(base, value, place))
            .collect()
    }

    /// A regular expression: for staff only, since no index helps to find its matches.
    fn pattern(&self, value: Coerced, place: &Place<'_>) -> Result<Pattern> {
        if !self.caller.is_staff() {
            let message = format!("`{place}` is an operator for staff");
            return Err(Error::new(Code::Forbidden, message)
                .with("operation", "read")
                .with("place", place.to_string()));
        }
        Pattern::new(&needle(value, place)?).map_err(|error| {
            bad_input(format!("`{place}`: {error}")).with("place", place.to_string())
        })
    }
}

fn needle(value: Coerced, place: &Place<'_>) -> Result<String> {
    string(value)
        .map(String::from)
        .ok_or_else(|| wrong(place, "must be a string"))
}

fn size(value: &Coerced, place: &Place<'_>) -> Result<u64> {
    match value {
        Coerced::Leaf(Value::Int(size)) => u64::try_from(*size).ok(),
        _ => None,
    }
    .ok_or_else(|| wrong(place, "must not be negative"))
}
