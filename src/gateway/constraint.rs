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
        self.problems(place, constraint.count_problems(length));
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
        self.problems(place, field.constraint.value_problems(value));
        if let Value::Object(object) = value {
            self.object(place, field.ty.base, object);
        }
    }

    fn problems(&mut self, place: &str, messages: Vec<String>) {
        for message in messages {
            self.problem(place, message);
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
