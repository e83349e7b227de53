//! Parts of texts and where they stand: counted in bytes of UTF-8 or in code points.

use super::array::position_or_minus_one;
use super::operand::{as_text, position, text, whole};
use super::operator::Meaning::OfAny;
use super::operator::{Answer, Operator, present};
use crate::data::Value;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed("$indexOfBytes", 2, 4, OfAny(index_of_bytes)),
    Operator::listed("$indexOfCP", 2, 4, OfAny(index_of_code_points)),
    Operator::listed("$substr", 3, 3, OfAny(bytes)),
    Operator::listed("$substrBytes", 3, 3, OfAny(bytes)),
    Operator::listed("$substrCP", 3, 3, OfAny(code_points)),
];

/// A negative length is up to the end.
fn bytes(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let whole_text = as_text(of[0])?;
    let start = position(given(of[1]))?.min(whole_text.len());
    let length = usize::try_from(whole(given(of[2]))?).unwrap_or(usize::MAX);
    let end = start.saturating_add(length).min(whole_text.len());
    whole_text
        .get(start..end)
        .map(|part| Some(Value::string(part)))
        .ok_or_else(|| "would cut a character of several bytes".to_owned())
}

fn code_points(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let text = as_text(of[0])?;
    let (start, length) = (position(given(of[1]))?, position(given(of[2]))?);
    let part: String = text.chars().skip(start).take(length).collect();
    Ok(Some(Value::string(part)))
}

/// What is missing is as unfit for a position as null.
fn given(value: Option<&Value>) -> &Value {
    value.unwrap_or(&Value::Null)
}

/// The texts of an `$indexOf…` and the positions between which it searches; `None` if the first is null.
struct Search<'a> {
    within: &'a str,
    find: &'a str,
    start: usize,
    end: Option<usize>,
}

impl<'a> Search<'a> {
    fn of(values: &[Option<&'a Value>]) -> Answer<Option<Self>> {
        let Some(within) = present(values[0]) else {
            return Ok(None);
        };
        let bound = |at: usize| values.get(at).map(|value| position(given(*value)));
        Ok(Some(Self {
            within: text(within)?,
            find: text(given(values[1]))?,
            start: bound(2).transpose()?.unwrap_or(0),
            end: bound(3).transpose()?,
        }))
    }

    /// The first byte where it is found, between these two.
    fn find(&self, start: usize, end: usize) -> Option<usize> {
        let end = end.min(self.within.len());
        let part = self.within.as_bytes().get(start..end)?;
        memchr::memmem::find(part, self.find.as_bytes()).map(|at| start + at)
    }
}

fn index_of_bytes(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let Some(search) = Search::of(of)? else {
        return Ok(Some(Value::Null));
    };
    let found = search.find(search.start, search.end.unwrap_or(usize::MAX));
    Ok(Some(position_or_minus_one(found)))
}

fn index_of_code_points(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let Some(search) = Search::of(of)? else {
        return Ok(Some(Value::Null));
    };
    // A position behind the text has no byte, except for the one just behind it.
    let byte = |position: usize| {
        let ends = search.within.char_indices().map(|(at, _)| at);
        ends.chain([search.within.len()]).nth(position)
    };
    let end = search.end.and_then(byte).unwrap_or(usize::MAX);
    let found = byte(search.start).and_then(|start| search.find(start, end));
    let found = found.map(|at| search.within[..at].chars().count());
    Ok(Some(position_or_minus_one(found)))
}
