//! `$eq`, `$gt`, `$cmp`…: any two values compare, in the order of types; a missing value is less than null.

use std::cmp::Ordering;

use super::operator::Meaning::OfAny;
use super::operator::{Answer, Operator};
use crate::data::{Value, collation};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed(
        "$cmp",
        2,
        2,
        OfAny(|of| Ok(Some(Value::Int(compare(of) as i64)))),
    ),
    Operator::listed("$eq", 2, 2, OfAny(|of| told(compare(of).is_eq()))),
    Operator::listed("$gt", 2, 2, OfAny(|of| told(compare(of).is_gt()))),
    Operator::listed("$gte", 2, 2, OfAny(|of| told(compare(of).is_ge()))),
    Operator::listed("$lt", 2, 2, OfAny(|of| told(compare(of).is_lt()))),
    Operator::listed("$lte", 2, 2, OfAny(|of| told(compare(of).is_le()))),
    Operator::listed("$ne", 2, 2, OfAny(|of| told(compare(of).is_ne()))),
];

fn told(truth: bool) -> Answer<Option<Value>> {
    Ok(Some(Value::Bool(truth)))
}

fn compare(of: &[Option<&Value>]) -> Ordering {
    match (of[0], of[1]) {
        (Some(a), Some(b)) => collation::compare(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}
