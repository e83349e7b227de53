//! `$push`: elements into an array, at a place, sorted, cut.

use std::cmp::Ordering;

use super::parse::{each_needs, needs};
use crate::data::{Object, Order, Value, collation};
use crate::mongo::kind::integer;
use crate::mongo::{self, Error, Result};

/// `{$each, $position, $sort, $slice}`.
#[derive(Clone, Debug)]
pub(super) struct Push {
    each: Vec<Value>,
    /// Before which element, from the end if negative; behind the last if it is not said.
    position: Option<i64>,
    sort: Option<Sort>,
    /// So many of the first stay; of the last, if negative.
    slice: Option<i64>,
}

#[derive(Clone, Debug)]
enum Sort {
    Values { descending: bool },
    Fields(Order),
}

impl Push {
    /// Reads the elements and what is said about them; any value without `$each` is an element.
    pub(super) fn parse(argument: &Value) -> Result<Self> {
        let mut push = Self {
            each: Vec::new(),
            position: None,
            sort: None,
            slice: None,
        };
        let modifiers = argument.as_object();
        let Some(modifiers) = modifiers.filter(|object| object.contains("$each")) else {
            push.each.push(argument.clone());
            return Ok(push);
        };
        for (name, value) in modifiers.iter() {
            match name.as_str() {
                "$each" => {
                    let each = value.as_array();
                    push.each = each.ok_or_else(|| each_needs(value))?.to_vec();
                }
                "$position" => push.position = Some(whole(name, value)?),
                "$slice" => push.slice = Some(whole(name, value)?),
                "$sort" => push.sort = Some(Sort::parse(value)?),
                _ => {
                    return Err(Error::Malformed(format!(
                        "`{name}` cannot stand beside `$each`"
                    )));
                }
            }
        }
        Ok(push)
    }

    pub(super) fn onto(&self, items: &mut Vec<Value>) {
        let at = self.position.map_or(items.len(), |at| index(items, at));
        items.splice(at..at, self.each.iter().cloned());
        if let Some(sort) = &self.sort {
            items.sort_by(|a, b| sort.compare(a, b));
        }
        if let Some(slice) = self.slice {
            match slice < 0 {
                true => drop(items.drain(..index(items, slice))),
                false => items.truncate(index(items, slice)),
            }
        }
    }
}

/// A place among the elements; a negative one counts from the end.
fn index(items: &[Value], at: i64) -> usize {
    let distance = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
    match at < 0 {
        true => items.len().saturating_sub(distance),
        false => distance.min(items.len()),
    }
}

fn whole(name: &str, value: &Value) -> Result<i64> {
    integer(value).ok_or_else(|| {
        let found = value.kind();
        Error::Malformed(format!("`{name}` needs a whole number, found {found}"))
    })
}

impl Sort {
    fn parse(value: &Value) -> Result<Self> {
        match value {
            Value::Object(keys) => mongo::order(keys).map(Sort::Fields),
            _ if value.as_f64() == Some(1.0) => Ok(Sort::Values { descending: false }),
            _ if value.as_f64() == Some(-1.0) => Ok(Sort::Values { descending: true }),
            other => Err(needs("1, -1 or an object of fields in `$sort`", other)),
        }
    }

    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        match self {
            Sort::Values { descending: false } => collation::compare(a, b),
            Sort::Values { descending: true } => collation::compare(b, a),
            Sort::Fields(order) => {
                let none = Object::new();
                let (a, b) = (a.as_object(), b.as_object());
                order.compare(a.unwrap_or(&none), b.unwrap_or(&none))
            }
        }
    }
}
