//! `$project`, `$addFields`, `$unset`: another shape of the same document.

mod parse;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::flow::Run;
use crate::data::{Object, Value};
use crate::mongo::{Expression, Result};

/// What becomes of the fields of a document.
#[derive(Clone, Debug)]
pub(super) struct Shape(Fields);

/// What becomes of the fields of an object, at any depth.
#[derive(Clone, Debug)]
struct Fields {
    others: Others,
    /// In the order they are written.
    named: Vec<(SmolStr, Field)>,
    places: FxHashMap<SmolStr, usize>,
}

/// What becomes of the fields that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    Keep,
    Drop,
}

#[derive(Clone, Debug)]
enum Field {
    Keep,
    Drop,
    Computed(Expression),
    Nested(Fields),
}

impl Shape {
    pub(super) fn of(&self, document: &Object, run: &Run<'_>) -> Result<Object> {
        self.0.of(document, document, run)
    }
}

impl Fields {
    fn new(others: Others) -> Self {
        Self {
            others,
            named: Vec::new(),
            places: FxHashMap::default(),
        }
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Field> {
        let at = self.places.get(name)?;
        Some(&mut self.named[*at].1)
    }

    /// Adds a field that is not named yet.
    fn push(&mut self, name: SmolStr, field: Field) -> &mut Field {
        self.places.insert(name.clone(), self.named.len());
        self.named.push((name, field));
        let last = self.named.len() - 1;
        &mut self.named[last].1
    }

    fn get(&self, name: &str) -> Option<&Field> {
        self.places.get(name).map(|at| &self.named[*at].1)
    }

    /// The object, part of the document `root`, in this shape.
    fn of(&self, object: &Object, root: &Object, run: &Run<'_>) -> Result<Object> {
        let mut shaped = Vec::with_capacity(object.len());
        for (name, value) in object.iter() {
            let value = match self.get(name) {
                None if self.others == Others::Drop => None,
                None | Some(Field::Keep) => Some(value.clone()),
                Some(Field::Drop) => None,
                // A field that is replaced keeps its place; one that is made anew comes last.
                Some(Field::Computed(value)) if self.others == Others::Keep => {
                    value.evaluate(&run.scope(root))?
                }
                Some(Field::Computed(_)) => None,
                Some(Field::Nested(fields)) => fields.of_value(value, root, run)?,
            };
            shaped.extend(value.map(|value| (name.clone(), value)));
        }
        let mut shaped = Object::from_unique(shaped);
        for (name, field) in &self.named {
            if let Some(value) = self.added(name, field, object, root, run)? {
                shaped.push_new(name.clone(), value);
            }
        }
        Ok(shaped)
    }

    /// The value of a field that the object did not have, or that is made anew.
    fn added(
        &self,
        name: &str,
        field: &Field,
        object: &Object,
        root: &Object,
        run: &Run<'_>,
    ) -> Result<Option<Value>> {
        match field {
            Field::Computed(_) if self.others == Others::Keep && object.contains(name) => Ok(None),
            Field::Computed(value) => value.evaluate(&run.scope(root)),
            Field::Nested(fields) if !object.contains(name) && fields.computes() => {
                let made = fields.of(&Object::new(), root, run)?;
                Ok(Some(Value::Object(made)))
            }
            _ => Ok(None),
        }
    }

    /// The value in this shape: the objects in an array each; a scalar has no fields, but is replaced where some are
    /// computed.
    fn of_value(&self, value: &Value, root: &Object, run: &Run<'_>) -> Result<Option<Value>> {
        match value {
            Value::Object(object) => Ok(Some(Value::Object(self.of(object, root, run)?))),
            Value::Array(items) => {
                let shaped = items.iter().map(|item| self.of_value(item, root, run));
                let shaped: Result<Vec<Option<Value>>> = shaped.collect();
                Ok(Some(Value::Array(shaped?.into_iter().flatten().collect())))
            }
            _ if self.computes() => Ok(Some(Value::Object(self.of(&Object::new(), root, run)?))),
            _ if self.others == Others::Keep => Ok(Some(value.clone())),
            _ => Ok(None),
        }
    }

    /// Whether a field somewhere in it is computed.
    fn computes(&self) -> bool {
        self.named.iter().any(|(_, field)| match field {
            Field::Computed(_) => true,
            Field::Nested(fields) => fields.computes(),
            Field::Keep | Field::Drop => false,
        })
    }
}
