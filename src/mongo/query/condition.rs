//! What a condition is made of, and what it means.
//!
//! Whatever [`Test`] can say is said in it and judged by it; the rest is here.

use std::cell::Cell;

use super::super::expression::{Expression, Scope, is_true};
use super::super::geo::{angle, distance};
use super::super::kind::{Kind, truncated};
use super::Near;
use super::regex::Regex;
use super::schema::Schema;
use crate::data::geo::{Point, Shape};
use crate::data::{Leaf, Object, Path, Test, Value, any_candidate, for_each_candidate};

/// A condition on documents.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// All of these; true of every document for none.
    All(Vec<Condition>),
    /// One of these.
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Field(Path, Predicate),
    /// `$expr`.
    Expression(Expression),
    /// `$jsonSchema`.
    Schema(Schema),
}

/// A condition on the values at a path, or on one value (an element of an array).
#[derive(Clone, Debug)]
pub(super) enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
    Test(Test),
    Regex(Regex),
    /// `$type`: a value of one of these kinds.
    Kinds(Vec<Kind>),
    /// `$mod`: a number that, without its fraction, leaves this remainder. The divisor is not 0.
    Remainder {
        divisor: i64,
        remainder: i64,
    },
    /// `$elemMatch` with operators: an array with an element of which this is true.
    Element(Box<Predicate>),
    /// `$elemMatch` with fields: an array with an object of which this is true.
    ObjectElement(Box<Condition>),
    /// `$geoWithin` with a `$geometry` of areas.
    Within(Shape),
    /// `$geoWithin` with a `$centerSphere`.
    InCircle {
        center: Point,
        /// Radians.
        radius: f64,
    },
    /// `$geoIntersects`.
    Intersects(Shape),
    Near(Near),
}

impl Condition {
    pub(super) fn matches(&self, scope: &Scope<'_>) -> bool {
        match self {
            Condition::All(parts) => parts.iter().all(|part| part.matches(scope)),
            Condition::Any(parts) => parts.iter().any(|part| part.matches(scope)),
            Condition::Not(inner) => !inner.matches(scope),
            Condition::Field(path, predicate) => predicate.matches(path, scope.root),
            Condition::Expression(expression) => holds(expression, scope),
            Condition::Schema(schema) => schema.admits(scope.root),
        }
    }
}

fn holds(expression: &Expression, scope: &Scope<'_>) -> bool {
    let value = expression.evaluate(scope);
    value.is_ok_and(|value| is_true(value.as_ref()))
}

impl Predicate {
    /// Whether it is true of the values that a path leads to. Each part of it asks for a value of its own; what is
    /// negated must be true of none.
    pub(super) fn matches(&self, path: &Path, fields: &Object) -> bool {
        match self {
            Predicate::All(parts) => parts.iter().all(|part| part.matches(path, fields)),
            Predicate::Any(parts) => parts.iter().any(|part| part.matches(path, fields)),
            Predicate::Not(inner) => !inner.matches(path, fields),
            Predicate::Test(test) => test.matches(path, fields),
            leaf => any_candidate(path, fields, leaf.reach(), &|value| leaf.passes(value)),
        }
    }

    /// Whether it asks an array as such, or each element of it too.
    fn reach(&self) -> Leaf {
        match self {
            Predicate::Element(_) | Predicate::ObjectElement(_) => Leaf::Whole,
            _ => Leaf::Elements,
        }
    }

    /// Whether it is true of one value, by itself. `None` is a missing value.
    pub(super) fn passes(&self, value: Option<&Value>) -> bool {
        match self {
            Predicate::All(parts) => parts.iter().all(|part| part.passes(value)),
            Predicate::Any(parts) => parts.iter().any(|part| part.passes(value)),
            Predicate::Not(inner) => !inner.passes(value),
            Predicate::Test(test) => test.passes(value),
            leaf => value.is_some_and(|value| leaf.passes_value(value)),
        }
    }

    fn passes_value(&self, value: &Value) -> bool {
        match (self, value) {
            (Predicate::Regex(regex), Value::String(text)) => regex.is_match(text),
            (Predicate::Kinds(kinds), _) => kinds.iter().any(|kind| kind.covers(value)),
            (Predicate::Remainder { divisor, remainder }, _) => {
                whole(value).is_some_and(|number| number.wrapping_rem(*divisor) == *remainder)
            }
            (Predicate::Element(inner), Value::Array(items)) => {
                items.iter().any(|item| inner.passes(Some(item)))
            }
            (Predicate::ObjectElement(inner), Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_object)
                .any(|fields| inner.matches(&Scope::of(fields, 0))),
            (Predicate::Within(_) | Predicate::InCircle { .. } | Predicate::Intersects(_), _) => {
                Shape::from_value(value).is_some_and(|shape| self.passes_shape(&shape))
            }
            (Predicate::Near(near), _) => near.distance(value).is_some(),
            _ => false,
        }
    }

    fn passes_shape(&self, shape: &Shape) -> bool {
        match self {
            Predicate::Within(areas) => areas.contains(shape),
            Predicate::InCircle { center, radius } => shape
                .positions()
                .all(|position| angle(*center, position) <= *radius),
            Predicate::Intersects(other) => shape.intersects(other),
            _ => false,
        }
    }
}

impl Near {
    /// The distance of a document's nearest point within the bounds, in metres; infinite if it has none.
    pub fn nearest(&self, document: &Object) -> f64 {
        let nearest = Cell::new(f64::INFINITY);
        for_each_candidate(&self.path, document, &|value| {
            if let Some(metres) = value.and_then(|value| self.distance(value)) {
                nearest.set(nearest.get().min(metres));
            }
        });
        nearest.get()
    }

    /// The distance of a stored point from the centre, in metres, if it is within the bounds.
    pub fn distance(&self, value: &Value) -> Option<f64> {
        let point = Point::from_value(value)?;
        let metres = distance(self.center, point);
        (self.min..=self.max).contains(&metres).then_some(metres)
    }
}

/// A number without its fraction.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(int) => Some(*int),
        Value::Double(double) => truncated(*double),
        _ => None,
    }
}
