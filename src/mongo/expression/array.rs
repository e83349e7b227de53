//! `$arrayElemAt`, `$slice`, `$zip`…: functions of arrays.

use super::operand::{array, elements, needs, position, some_array, whole};
use super::operator::Meaning::{OfAny, OfValues};
use super::operator::{Answer, Constant, Cost, MANY, Operator, Parameter, present};
use super::statistics::is_array;
use crate::data::{Value, collation};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed("$arrayElemAt", 2, 2, OfAny(element_at)).costs(Cost::Little),
    Operator::listed("$concatArrays", 0, MANY, OfValues(concat)).costs(Cost::Copies),
    Operator::listed("$first", 1, 1, OfAny(|of| end(of, <[Value]>::first))).costs(Cost::Little),
    Operator::listed("$in", 2, 2, OfAny(is_in)),
    Operator::listed("$indexOfArray", 2, 4, OfAny(index_of)),
    Operator::listed(
        "$isArray",
        1,
        1,
        OfAny(|of| Ok(Some(Value::Bool(is_array(of[0]))))),
    )
    .costs(Cost::Little),
    Operator::listed("$last", 1, 1, OfAny(|of| end(of, <[Value]>::last))).costs(Cost::Little),
    Operator::listed("$range", 2, 3, OfValues(range)),
    Operator::listed("$reverseArray", 1, 1, OfValues(reverse)).costs(Cost::Copies),
    Operator::listed("$size", 1, 1, OfAny(size)).costs(Cost::Little),
    Operator::listed("$slice", 2, 3, OfValues(slice)),
    Operator::named(
        "$zip",
        &[
            Parameter::required("inputs"),
            Parameter::or("useLongestLength", Constant::Bool(false)),
            Parameter::optional("defaults"),
        ],
        OfAny(zip),
    )
    .costs(Cost::Copies),
];

/// A negative position counts from the end; there is nothing outside the array.
fn element_at(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let (Some(items), Some(at)) = (present(of[0]), present(of[1])) else {
        return Ok(Some(Value::Null));
    };
    let (items, at) = (array(items)?, whole(at)?);
    let distance = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
    let at = match at {
        0.. => Some(distance),
        _ => items.len().checked_sub(distance),
    };
    Ok(at.and_then(|at| items.get(at)).cloned())
}

fn end(of: &[Option<&Value>], which: fn(&[Value]) -> Option<&Value>) -> Answer<Option<Value>> {
    match present(of[0]) {
        Some(items) => Ok(which(array(items)?).cloned()),
        None => Ok(Some(Value::Null)),
    }
}

fn concat(of: &[&Value]) -> Answer {
    let mut all = Vec::new();
    for value in of {
        let items = array(value)?;
        elements(all.len() + items.len())?;
        all.extend_from_slice(items);
    }
    Ok(Value::Array(all))
}

fn is_in(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let items = some_array(of[1])?;
    let among = of[0].is_some_and(|value| items.iter().any(|item| collation::equal(item, value)));
    Ok(Some(Value::Bool(among)))
}

fn index_of(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let Some(items) = present(of[0]) else {
        return Ok(Some(Value::Null));
    };
    let items = array(items)?;
    let bound = |at: usize, default| match of.get(at) {
        None => Ok(default),
        Some(bound) => position(bound.unwrap_or(&Value::Null)),
    };
    let (start, end) = (bound(2, 0)?, bound(3, items.len())?);
    let within = items.get(start..end.min(items.len())).unwrap_or_default();
    let found =
        of[1].and_then(|value| within.iter().position(|item| collation::equal(item, value)));
    Ok(Some(position_or_minus_one(found.map(|at| start + at))))
}

/// How `$indexOf…` tells where something was found.
pub(super) fn position_or_minus_one(at: Option<usize>) -> Value {
    let at = at.map(|at| i64::try_from(at).expect("a position in memory"));
    Value::Int(at.unwrap_or(-1))
}

fn range(of: &[&Value]) -> Answer {
    let (start, end) = (whole(of[0])?, whole(of[1])?);
    let step = of.get(2).map_or(Ok(1), |step| whole(step))?;
    if step == 0 {
        return Err("needs a step other than 0".to_owned());
    }
    let distance = i128::from(end) - i128::from(start);
    let count = (distance.abs() + i128::from(step).abs() - 1) / i128::from(step).abs();
    let count = if distance.signum() == i128::from(step.signum()) {
        count
    } else {
        0
    };
    let count = elements(usize::try_from(count).unwrap_or(usize::MAX))?;
    let numbers = (0..count).scan(start, |next, _| {
        let number = *next;
        *next = next.saturating_add(step);
        Some(Value::Int(number))
    });
    Ok(Value::Array(numbers.collect()))
}

fn reverse(of: &[&Value]) -> Answer {
    Ok(Value::Array(array(of[0])?.iter().rev().cloned().collect()))
}

fn size(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let items = some_array(of[0])?;
    let count = i64::try_from(items.len()).expect("it fits in memory");
    Ok(Some(Value::Int(count)))
}

/// `[array, count]`, from the end if it is negative; `[array, position, count]`.
fn slice(of: &[&Value]) -> Answer {
    let (items, first) = (array(of[0])?, whole(of[1])?);
    let from_end = |count: i64| {
        let count = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        items.len().saturating_sub(count)
    };
    let up_to = |count: i64| usize::try_from(count).unwrap_or(0).min(items.len());
    let part = match of.get(2) {
        None if first < 0 => &items[from_end(first)..],
        None => &items[..up_to(first)],
        Some(count) => {
            let count = whole(count)?;
            if count <= 0 {
                return Err(format!(
                    "needs a count above 0 after a position, found {count}"
                ));
            }
            let start = if first < 0 {
                from_end(first)
            } else {
                up_to(first)
            };
            let end = start.saturating_add(up_to(count)).min(items.len());
            &items[start..end]
        }
    };
    Ok(Value::Array(part.to_vec()))
}

fn zip(of: &[Option<&Value>]) -> Answer<Option<Value>> {
    let Some(inputs) = present(of[0]) else {
        return Ok(Some(Value::Null));
    };
    let inputs = array(inputs)?;
    if inputs.is_empty() {
        return Err("needs at least one array in `inputs`".to_owned());
    }
    if inputs.iter().any(|input| matches!(input, Value::Null)) {
        return Ok(Some(Value::Null));
    }
    let columns: Vec<&[Value]> = inputs.iter().map(array).collect::<Answer<_>>()?;
    let longest = match of[1] {
        Some(Value::Bool(longest)) => *longest,
        other => {
            return Err(needs(
                "a bool as `useLongestLength`",
                other.unwrap_or(&Value::Null),
            ));
        }
    };
    let defaults = zip_defaults(present(of[2]), columns.len(), longest)?;
    let lengths = columns.iter().map(|column| column.len());
    let rows = if longest {
        lengths.max()
    } else {
        lengths.min()
    }
    .unwrap_or(0);
    elements(rows.saturating_mul(columns.len()))?;
    let cell = |row: usize, column: usize| {
        let default = || defaults.get(column).cloned().unwrap_or(Value::Null);
        columns[column].get(row).cloned().unwrap_or_else(default)
    };
    let row = |row| Value::Array((0..columns.len()).map(|column| cell(row, column)).collect());
    Ok(Some(Value::Array((0..rows).map(row).collect())))
}

fn zip_defaults(defaults: Option<&Value>, columns: usize, longest: bool) -> Answer<&[Value]> {
    let Some(defaults) = defaults else {
        return Ok(&[]);
    };
    let defaults = array(defaults)?;
    if !longest || defaults.len() != columns {
        return Err(
            "needs `useLongestLength` and as many `defaults` as `inputs` where there are any"
                .to_owned(),
        );
    }
    Ok(defaults)
}
