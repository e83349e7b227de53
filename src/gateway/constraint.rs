//! `@constraint` and `!`: whether values that a caller gives may be stored.

use crate::data::{Object, Value};
use crate::model::{BaseType, Constraint, Field, Model, Scalar};

use super::error::{Error, InputProblem, Result};

/// How many problems of one input are told: a list can have as many as it has elements.
const PROBLEMS_MAX: usize = 100;

/// Collects what is wrong with an input.
#[derive(Debug)]
pub(super) struct Checker<'a> {
    model: &'a Model,
    problems: Vec<InputProblem>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        Self {
            model,
            problems: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Result<()> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(Error::BadInput {
                problems: self.problems,
            })
        }
    }

    pub(super) fn problem(&mut self, place: &str, message: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(InputProblem::new(place, message));
        }
    }

    /// The whole value of a field; `None` = not given.
    pub(super) fn field(&mut self, place: &str, field: &Field, value: Option<&Value>) {
        match value {
            None | Some(Value::Null) if field.ty.required => self.problem(place, "is required"),
            None | Some(Value::Null) => {}
            Some(value) if field.ty.list.is_some() => self.list(place, field, value),
            Some(value) => self.element(place, field, value),
        }
    }

    fn list(&mut self, place: &str, field: &Field, value: &Value) {
        let Some(items) = value.as_array() else {
            return self.problem(place, format!("must be a list, not {}", value.kind()));
        };
        self.length(place, &field.constraint, items.len());
        self.elements(place, field, items);
    }

    /// How many elements a list may have.
    fn length(&mut self, place: &str, constraint: &Constraint, length: usize) {
        let length = length as u64;
        if let Some(min) = constraint.min_items.filter(|min| length < *min) {
            self.problem(place, format!("must have at least {}", items(min)));
        }
        if let Some(max) = constraint.max_items.filter(|max| length > *max) {
            self.problem(place, format!("must have at most {}", items(max)));
        }
    }

    /// Elements of a list, or to be added to one.
    pub(super) fn elements(&mut self, place: &str, field: &Field, items: &[Value]) {
        let required = field.ty.list.is_some_and(|list| list.element_required);
        for (at, item) in items.iter().enumerate() {
            let place = format!("{place}[{at}]");
            match item {
                Value::Null if required => self.problem(&place, "must not be null"),
                Value::Null => {}
                item => self.element(&place, field, item),
            }
        }
    }

    /// A value of the field's type, or one element of its list.
    fn element(&mut self, place: &str, field: &Field, value: &Value) {
        if let Some(needed) = misfit(field.ty.base, value) {
            return self.problem(place, format!("must be {needed}, not {}", value.kind()));
        }
        match value {
            Value::Int(_) | Value::Double(_) => self.number(place, &field.constraint, value),
            Value::String(text) => self.text(place, &field.constraint, text),
            Value::Object(object) => self.object(place, field.ty.base, object),
            _ => {}
        }
    }

    fn number(&mut self, place: &str, constraint: &Constraint, value: &Value) {
        if let Some(min) = constraint.min.filter(|min| !at_least(value, *min)) {
            self.problem(place, format!("must be at least {min}"));
        }
        if let Some(max) = constraint.max.filter(|max| !at_most(value, *max)) {
            self.problem(place, format!("must be at most {max}"));
        }
    }

    fn text(&mut self, place: &str, constraint: &Constraint, text: &str) {
        let length = text.chars().count() as u64;
        if let Some(min) = constraint.min_length.filter(|min| length < *min) {
            self.problem(place, format!("must have at least {}", characters(min)));
        }
        if let Some(max) = constraint.max_length.filter(|max| length > *max) {
            self.problem(place, format!("must have at most {}", characters(max)));
        }
        if let Some(pattern) = &constraint.pattern
            && !pattern.is_match(text)
        {
            self.problem(place, format!("must match `{pattern}`"));
        }
    }

    fn object(&mut self, place: &str, base: BaseType, object: &Object) {
        let BaseType::Embedded(ix) = base else {
            return;
        };
        let model = self.model;
        for field in &model.embedded(ix).shape.fields {
            let place = format!("{place}.{}", field.name);
            self.field(&place, field, object.get(&field.stored));
        }
    }
}

/// What the type needs, if the value is not it.
fn misfit(base: BaseType, value: &Value) -> Option<&'static str> {
    let (fits, needed) = match base {
        BaseType::Embedded(_) => (matches!(value, Value::Object(_)), "an object"),
        BaseType::Enum(_) => (matches!(value, Value::String(_)), "a string"),
        BaseType::Scalar(scalar) => match scalar {
            // Ids of imported data are numbers or ObjectIds.
            Scalar::Id => (
                matches!(value, Value::String(_) | Value::Int(_) | Value::ObjectId(_)),
                "an id",
            ),
            Scalar::String | Scalar::FileId => (matches!(value, Value::String(_)), "a string"),
            Scalar::Int | Scalar::Long => (matches!(value, Value::Int(_)), "an integer"),
            Scalar::Float | Scalar::EpochMs => (
                matches!(value, Value::Int(_) | Value::Double(_)),
                "a number",
            ),
            Scalar::Boolean => (matches!(value, Value::Bool(_)), "a bool"),
            Scalar::DateTime => (matches!(value, Value::Date(_)), "a date"),
            Scalar::GeoPoint => (matches!(value, Value::Object(_)), "a point"),
            Scalar::Json => (true, "anything"),
        },
    };
    (!fits).then_some(needed)
}

fn at_least(value: &Value, min: f64) -> bool {
    crate::data::collation::compare(value, &Value::Double(min)).is_ge()
}

fn at_most(value: &Value, max: f64) -> bool {
    crate::data::collation::compare(value, &Value::Double(max)).is_le()
}

fn items(count: u64) -> String {
    counted(count, "item")
}

fn characters(count: u64) -> String {
    counted(count, "character")
}

fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
