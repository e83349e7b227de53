//! Applying an update to the fields of one document.

use super::number::{Arithmetic, calculate};
use super::place::{array, existing, place, unset};
use super::{ApplyError, Elements, Op, Update};
use crate::data::matching::Among;
use crate::data::{Object, Path, Value, ejson};

impl Update {
    /// The fields after the update. Pure: on an error nothing has happened.
    pub fn apply(&self, fields: &Object) -> Result<Object, ApplyError> {
        let mut fields = fields.clone();
        for op in &self.ops {
            op.apply(&mut fields)?;
        }
        if fields.depth() > ejson::MAX_DEPTH {
            return Err(ApplyError::TooDeep);
        }
        Ok(fields)
    }
}

impl Op {
    fn apply(&self, fields: &mut Object) -> Result<(), ApplyError> {
        if self.path().root() == "_id" {
            return Err(ApplyError::Id);
        }
        match self {
            Op::Set(path, value) => *place(fields, path, "set", &mut 0)? = value.clone(),
            Op::Unset(path) => unset(fields, path),
            Op::Inc(path, by) => {
                let sum = calculate(path, path.lookup(fields), "inc", by, &Arithmetic::SUM)?;
                *place(fields, path, "inc", &mut 0)? = sum;
            }
            Op::Push(path, items) => push(fields, path, items)?,
            Op::Pull(path, elements) => pull(fields, path, elements)?,
        }
        Ok(())
    }
}

fn push(fields: &mut Object, path: &Path, new: &[Value]) -> Result<(), ApplyError> {
    let missing = path.lookup(fields).is_none();
    let slot = place(fields, path, "push", &mut 0)?;
    if missing {
        *slot = Value::Array(Vec::new());
    }
    array(path, slot, "push")?.extend_from_slice(new);
    Ok(())
}

fn pull(fields: &mut Object, path: &Path, elements: &Elements) -> Result<(), ApplyError> {
    if let Some(value) = existing(fields, path) {
        let stays = elements.judge();
        array(path, value, "pull")?.retain(stays);
    }
    Ok(())
}

impl Elements {
    /// How many of these elements `pull` leaves.
    pub fn left_of(&self, items: &[Value]) -> usize {
        let stays = self.judge();
        items.iter().filter(|item| stays(item)).count()
    }

    /// Tells of one element after the other whether it stays.
    pub(crate) fn judge(&self) -> Box<dyn Fn(&Value) -> bool + '_> {
        match self {
            Elements::Equal(values) => {
                let removed = Among::new(values);
                Box::new(move |item| !removed.contains(item))
            }
            Elements::Matching(filter) => {
                Box::new(move |item| !item.as_object().is_some_and(|item| filter.matches(item)))
            }
        }
    }
}
