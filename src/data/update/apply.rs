//! Applying an update to the fields of one document.

use super::{ApplyError, Elements, Op, Update};
use crate::data::matching::Among;
use crate::data::path::array_index;
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
            Op::Set(path, value) => *place(fields, path, "set")? = value.clone(),
            Op::Unset(path) => unset(fields, path),
            Op::Inc(path, by) => {
                let sum = add(path, path.lookup(fields), by)?;
                *place(fields, path, "inc")? = sum;
            }
            Op::Push(path, items) => push(fields, path, items)?,
            Op::Pull(path, elements) => pull(fields, path, elements)?,
        }
        Ok(())
    }
}

/// The slot at a path, with null in it if it is new. Creates the objects that
/// are missing on the way; an array grows by one element at most.
fn place<'a>(
    fields: &'a mut Object,
    path: &Path,
    op: &'static str,
) -> Result<&'a mut Value, ApplyError> {
    let last = path.segments().len() - 1;
    let new = |at: usize| match at == last {
        true => Value::Null,
        false => Value::Object(Object::new()),
    };
    let mut slot = fields.get_or_insert(path.root(), new(0));
    for (at, segment) in path.segments().iter().enumerate().skip(1) {
        let found = slot.kind();
        let next = match slot {
            Value::Object(object) => Some(object.get_or_insert(segment, new(at))),
            Value::Array(items) => element(items, segment, new(at)),
            _ => None,
        };
        slot = next.ok_or_else(|| ApplyError::WrongType {
            path: prefix(path, at),
            op,
            needed: "an object or an array with that index",
            found,
        })?;
    }
    Ok(slot)
}

fn element<'a>(items: &'a mut Vec<Value>, segment: &str, new: Value) -> Option<&'a mut Value> {
    let at = array_index(segment)?;
    if at == items.len() {
        items.push(new);
    }
    items.get_mut(at)
}

fn prefix(path: &Path, len: usize) -> Path {
    Path::new(path.segments()[..len].iter().cloned()).expect("an error is behind the first segment")
}

/// What there is at a path, to be changed in place.
fn existing<'a>(fields: &'a mut Object, path: &Path) -> Option<&'a mut Value> {
    let mut value = fields.get_mut(path.root())?;
    for segment in &path.segments()[1..] {
        value = match value {
            Value::Object(object) => object.get_mut(segment)?,
            Value::Array(items) => items.get_mut(array_index(segment)?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// An element of an array becomes null: the ones behind it keep their index.
fn unset(fields: &mut Object, path: &Path) {
    let (last, parents) = path.segments().split_last().expect("a path is not empty");
    let Some(parent) = Path::new(parents.iter().cloned()) else {
        fields.remove(last);
        return;
    };
    match existing(fields, &parent) {
        Some(Value::Object(object)) => {
            object.remove(last);
        }
        Some(Value::Array(items)) => {
            if let Some(item) = array_index(last).and_then(|at| items.get_mut(at)) {
                *item = Value::Null;
            }
        }
        _ => {}
    }
}

fn add(path: &Path, number: Option<&Value>, by: &Value) -> Result<Value, ApplyError> {
    let number = number.unwrap_or(&Value::Int(0));
    if let (Value::Int(number), Value::Int(by)) = (number, by) {
        return number
            .checked_add(*by)
            .map(Value::Int)
            .ok_or_else(|| ApplyError::Overflow { path: path.clone() });
    }
    let double = |value: &Value| {
        value.as_f64().ok_or_else(|| ApplyError::WrongType {
            path: path.clone(),
            op: "inc",
            needed: "a number",
            found: value.kind(),
        })
    };
    let (number, by) = (double(number)?, double(by)?);
    let sum = number + by;
    if number.is_finite() && !sum.is_finite() {
        return Err(ApplyError::Overflow { path: path.clone() });
    }
    Ok(Value::Double(sum))
}

fn push(fields: &mut Object, path: &Path, new: &[Value]) -> Result<(), ApplyError> {
    let missing = path.lookup(fields).is_none();
    let slot = place(fields, path, "push")?;
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

fn array<'a>(
    path: &Path,
    value: &'a mut Value,
    op: &'static str,
) -> Result<&'a mut Vec<Value>, ApplyError> {
    let found = value.kind();
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(ApplyError::WrongType {
            path: path.clone(),
            op,
            needed: "an array",
            found,
        }),
    }
}

impl Elements {
    /// How many of these elements `pull` leaves.
    pub fn left_of(&self, items: &[Value]) -> usize {
        let stays = self.judge();
        items.iter().filter(|item| stays(item)).count()
    }

    /// Tells of one element after the other whether it stays.
    fn judge(&self) -> Box<dyn Fn(&Value) -> bool + '_> {
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
