//! Documents as the model has them: a value for each field, so that only what is changed on purpose is out of place.

use crate::data::{Object, Path, Value};
use crate::model::{BaseType, Collection, Constraint, Field, Model, Scalar, Shape};

use super::chance::Chance;

/// 2026-01-01, in milliseconds since 1970.
const A_DATE: i64 = 1_767_225_600_000;

/// How deep embedded documents go: types may hold themselves.
const MAX_DEPTH: usize = 4;

/// A document without `_id`. Optional fields are there or not by chance.
pub(super) fn valid(model: &Model, collection: &Collection, chance: &mut Chance) -> Object {
    let mut document = of_shape(model, &collection.shape, chance, MAX_DEPTH);
    document.remove("_id");
    document
}

fn of_shape(model: &Model, shape: &Shape, chance: &mut Chance, depth: usize) -> Object {
    let mut object = Object::new();
    for field in &shape.fields {
        if field.ty.required || chance.percent(60) {
            let value = of_field(model, field, chance, depth);
            object.insert(field.stored.clone(), value);
        }
    }
    object
}

/// A value that the field's type and constraint take, as far as that can be told: patterns are not made up.
pub(super) fn of_field(model: &Model, field: &Field, chance: &mut Chance, depth: usize) -> Value {
    let one = |chance: &mut Chance| of_base(model, field, chance, depth);
    if field.ty.list.is_none() {
        return one(chance);
    }
    let least = field.constraint.min_items.unwrap_or(1).min(3);
    Value::Array((0..least).map(|_| one(chance)).collect())
}

fn of_base(model: &Model, field: &Field, chance: &mut Chance, depth: usize) -> Value {
    let bounds = &field.constraint;
    match field.ty.base {
        BaseType::Enum(ix) => {
            let name = chance.pick(&model.enum_type(ix).values);
            Value::string(name.map_or("", |value| value.name.as_str()))
        }
        BaseType::Embedded(_) if depth == 0 => Value::Object(Object::new()),
        BaseType::Embedded(ix) => {
            let shape = &model.embedded(ix).shape;
            Value::Object(of_shape(model, shape, chance, depth - 1))
        }
        BaseType::Scalar(scalar) => of_scalar(scalar, bounds),
    }
}

fn of_scalar(scalar: Scalar, bounds: &Constraint) -> Value {
    match scalar {
        Scalar::Id | Scalar::String => Value::string(text(bounds)),
        Scalar::Int | Scalar::Long => Value::Int(whole(bounds)),
        Scalar::EpochMs => Value::Int(A_DATE),
        Scalar::Float => Value::Double(within(1.5, bounds)),
        Scalar::Boolean => Value::Bool(true),
        Scalar::DateTime => Value::Date(A_DATE),
        Scalar::Json => Value::Object([("a", Value::Int(1))].into_iter().collect()),
        Scalar::FileId => Value::string("cloud://env.bucket/a.png"),
        Scalar::GeoPoint => {
            let at = Value::Array(vec![Value::Double(113.3), Value::Double(23.1)]);
            let point = [("type", Value::string("Point")), ("coordinates", at)];
            Value::Object(point.into_iter().collect())
        }
    }
}

fn text(bounds: &Constraint) -> String {
    let length = |bound: Option<u64>| bound.and_then(|length| usize::try_from(length).ok());
    let least = length(bounds.min_length).unwrap_or(0).min(1000);
    let most = length(bounds.max_length).unwrap_or(usize::MAX);
    "text"
        .chars()
        .cycle()
        .take(least.max(4).min(most))
        .collect()
}

fn within(number: f64, bounds: &Constraint) -> f64 {
    let (min, max) = (
        bounds.min.unwrap_or(f64::MIN),
        bounds.max.unwrap_or(f64::MAX),
    );
    number.max(min).min(max)
}

fn whole(bounds: &Constraint) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a bound beyond what an int holds becomes the nearest that it does"
    )]
    let number = within(5.0, bounds).ceil() as i64;
    number
}

/// Whether a value is of the field's type, as far as one look tells.
pub(super) fn fits(field: &Field, value: &Value) -> bool {
    if field.ty.list.is_some() {
        return matches!(value, Value::Array(_));
    }
    match field.ty.base {
        BaseType::Enum(_) => matches!(value, Value::String(_)),
        BaseType::Embedded(_) => matches!(value, Value::Object(_)),
        BaseType::Scalar(scalar) => match scalar {
            Scalar::Id | Scalar::String | Scalar::FileId => matches!(value, Value::String(_)),
            Scalar::Int | Scalar::Long | Scalar::EpochMs => matches!(value, Value::Int(_)),
            Scalar::Float => matches!(value, Value::Int(_) | Value::Double(_)),
            Scalar::Boolean => matches!(value, Value::Bool(_)),
            Scalar::DateTime => matches!(value, Value::Date(_)),
            Scalar::GeoPoint => matches!(value, Value::Object(_)),
            Scalar::Json => true,
        },
    }
}

/// The field that a path leads to.
pub(super) fn field_at<'m>(model: &'m Model, shape: &'m Shape, path: &Path) -> Option<&'m Field> {
    let (last, parents) = path.segments().split_last()?;
    let mut shape = shape;
    for name in parents {
        let field = shape.field(shape.field_stored(name)?);
        match (field.ty.base, field.ty.list) {
            (BaseType::Embedded(ix), None) => shape = &model.embedded(ix).shape,
            _ => return None,
        }
    }
    Some(shape.field(shape.field_stored(last)?))
}

/// Puts a value where a path leads, making objects on the way; or takes it away.
pub(super) fn put(document: &mut Object, path: &[smol_str::SmolStr], value: Option<Value>) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        match value {
            Some(value) => document.insert(name.clone(), value),
            None => drop(document.remove(name)),
        }
        return;
    }
    let inner = document.get_or_insert(name, Value::Object(Object::new()));
    if !matches!(inner, Value::Object(_)) {
        *inner = Value::Object(Object::new());
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}
