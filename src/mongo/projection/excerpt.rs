//! Arrays of which a part comes back.

use smol_str::SmolStr;

use super::super::Query;
use crate::data::{Object, Path, Value};

/// A part of an array comes back.
#[derive(Clone, Debug)]
pub(super) struct Excerpt {
    pub(super) array: Path,
    pub(super) part: Part,
}

#[derive(Clone, Debug)]
pub(super) enum Part {
    /// `$slice`: so many elements from here on; from the end of the array if negative.
    Slice { skip: i64, limit: u64 },
    /// `$elemMatch`: the first element that the condition is true of.
    First(Box<Query>),
    /// `"a.$"`: the element that the condition of the search was true of.
    Positional,
}

impl Excerpt {
    /// Puts the part in the place of the array in what comes back of the document.
    pub(super) fn apply(&self, projected: &mut Object, document: &Object, query: &Query) {
        let segments = self.array.segments();
        let index = match &self.part {
            Part::Slice { skip, limit } => {
                return each_array(projected, segments, &|items| slice(items, *skip, *limit));
            }
            Part::First(condition) => condition.element(&self.array, document),
            Part::Positional => query.element(&self.array, document),
        };
        let element = index.and_then(|index| self.array.lookup(document)?.as_array()?.get(index));
        set_or_remove(projected, segments, element);
    }
}

/// Changes the arrays that a path leads to, through arrays on the way.
fn each_array(object: &mut Object, segments: &[SmolStr], change: &dyn Fn(&mut Vec<Value>)) {
    let Some((first, rest)) = segments.split_first() else {
        return;
    };
    if let Some(value) = object.get_mut(first) {
        each_array_of(value, rest, change);
    }
}

fn each_array_of(value: &mut Value, rest: &[SmolStr], change: &dyn Fn(&mut Vec<Value>)) {
    match value {
        Value::Array(items) if rest.is_empty() => change(items),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| each_array_of(item, rest, change)),
        Value::Object(object) => each_array(object, rest, change),
        _ => {}
    }
}

fn slice(items: &mut Vec<Value>, skip: i64, limit: u64) {
    let length = items.len();
    let steps = usize::try_from(skip.unsigned_abs()).unwrap_or(usize::MAX);
    let start = match skip {
        ..0 => length.saturating_sub(steps),
        _ => steps.min(length),
    };
    items.drain(..start);
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
}

/// One element in the place of an array; without one, the field goes.
fn set_or_remove(object: &mut Object, segments: &[SmolStr], element: Option<&Value>) {
    match (segments, element) {
        ([last], Some(element)) => {
            if let Some(array) = object.get_mut(last) {
                *array = Value::Array(vec![element.clone()]);
            }
        }
        ([last], None) => {
            object.remove(last);
        }
        ([first, rest @ ..], _) => {
            if let Some(Value::Object(inner)) = object.get_mut(first) {
                set_or_remove(inner, rest, element);
            }
        }
        ([], _) => {}
    }
}
