//! `$and`, `$or`, `$not`, `$ifNull`: they stop at the first argument that decides.

use std::borrow::Cow;

use super::evaluate::{Call, Found};
use super::is_true;
use super::operator::Meaning::{Form, OfAny};
use super::operator::{Cost, MANY, Operator, present};
use crate::data::Value;
use crate::mongo::Result;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed("$and", 0, MANY, Form(|call| until(call, false))),
    Operator::listed("$ifNull", 2, MANY, Form(if_null)),
    Operator::listed(
        "$not",
        1,
        1,
        OfAny(|of| Ok(Some(Value::Bool(!is_true(of[0]))))),
    )
    .costs(Cost::Little),
    Operator::listed("$or", 0, MANY, Form(|call| until(call, true))),
];

/// Whether an argument is of this truth; the others are not looked at then.
fn until<'a>(call: &Call<'a>, decisive: bool) -> Result<Found<'a>> {
    for at in 0..call.arguments.len() {
        if is_true(call.value(at)?.as_deref()) == decisive {
            return Ok(Some(Cow::Owned(Value::Bool(decisive))));
        }
    }
    Ok(Some(Cow::Owned(Value::Bool(!decisive))))
}

/// The first that is not null, or else the last as it is.
fn if_null<'a>(call: &Call<'a>) -> Result<Found<'a>> {
    let last = call.arguments.len() - 1;
    for at in 0..last {
        let value = call.value(at)?;
        if present(value.as_deref()).is_some() {
            return Ok(value);
        }
    }
    call.value(last)
}
