//! The place in a document that a path names: to find it, to make it, to empty it.

use super::ApplyError;
use crate::data::path::array_index;
use crate::data::{Object, Path, Value};

/// The slot at a path, with null in it if it is new. Creates the objects that
/// are missing on the way; an array grows by one element, and by nulls before it as long as there are any left of
/// `padding`.
pub(crate) fn place<'a>(
    fields: &'a mut Object,
    path: &Path,
    op: &'static str,
    padding: &mut usize,
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
            Value::Array(items) => element(items, segment, new(at), padding),
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

fn element<'a>(
    items: &'a mut Vec<Value>,
    segment: &str,
    new: Value,
    padding: &mut usize,
) -> Option<&'a mut Value> {
    let at = array_index(segment)?;
    if let Some(gap) = at.checked_sub(items.len())
        && gap <= *padding
    {
        *padding -= gap;
        items.resize(at, Value::Null);
        items.push(new);
    }
    items.get_mut(at)
}

fn prefix(path: &Path, len: usize) -> Path {
    Path::new(path.segments()[..len].iter().cloned()).expect("an error is behind the first segment")
}

/// What there is at a path, to be changed in place.
pub(crate) fn existing<'a>(fields: &'a mut Object, path: &Path) -> Option<&'a mut Value> {
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
pub(crate) fn unset(fields: &mut Object, path: &Path) {
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

/// The elements of what is at a path.
pub(crate) fn array<'a>(
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
