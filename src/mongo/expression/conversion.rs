//! `$toInt`, `$convert`, `$type`…: from one type to another.

use std::borrow::Cow;

use super::date;
use super::evaluate::{Call, Found};
use super::is_true;
use super::number::{Number, truncated};
use super::operand::{date_text, needs};
use super::operator::Meaning::{Form, OfAny, OfValues};
use super::operator::{Answer, Constant, Cost, Operator, Parameter, present};
use crate::data::{ObjectId, Value};
use crate::mongo::Result;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::named(
        "$convert",
        &[
            Parameter::required("input"),
            Parameter::required("to"),
            Parameter::optional("onError"),
            Parameter::or("onNull", Constant::Null),
        ],
        Form(convert),
    ),
    Operator::listed(
        "$isNumber",
        1,
        1,
        OfAny(|of| Ok(Some(Value::Bool(of[0].and_then(Number::of).is_some())))),
    )
    .costs(Cost::Little),
    Operator::listed("$toBool", 1, 1, OfValues(|of| to_bool(of[0]))),
    Operator::listed("$toDate", 1, 1, OfValues(|of| to_date(of[0]))),
    Operator::listed("$toDecimal", 1, 1, OfValues(|of| to_double(of[0]))),
    Operator::listed("$toDouble", 1, 1, OfValues(|of| to_double(of[0]))),
    Operator::listed("$toInt", 1, 1, OfValues(|of| to_int(of[0]))),
    Operator::listed("$toLong", 1, 1, OfValues(|of| to_long(of[0]))),
    Operator::listed("$toObjectId", 1, 1, OfValues(|of| to_object_id(of[0]))),
    Operator::listed("$toString", 1, 1, OfValues(|of| to_string(of[0]))),
    Operator::listed(
        "$type",
        1,
        1,
        OfAny(|of| Ok(Some(Value::string(type_name(of[0]))))),
    )
    .costs(Cost::Little),
];

fn convert<'a>(call: &Call<'a>) -> Result<Found<'a>> {
    let (input, target) = (call.value(0)?, call.value(1)?);
    let Some(target) = present(target.as_deref()) else {
        return Ok(Some(Cow::Owned(Value::Null)));
    };
    let conversion = call.answer(conversion(target))?;
    let Some(input) = present(input.as_deref()) else {
        return call.value(3);
    };
    match conversion(input) {
        Ok(value) => {
            call.env.meter().make(&value)?;
            Ok(Some(Cow::Owned(value)))
        }
        Err(_) if call.gives(2) => call.value(2),
        Err(reason) => call.answer(Err(reason)),
    }
}

/// By the name or the number of a type.
fn conversion(target: &Value) -> Answer<fn(&Value) -> Answer> {
    let number = Number::of(target).and_then(Number::whole);
    Ok(match (target.as_str(), number) {
        (Some("double"), _) | (_, Some(1)) => to_double,
        (Some("string"), _) | (_, Some(2)) => to_string,
        (Some("objectId"), _) | (_, Some(7)) => to_object_id,
        (Some("bool"), _) | (_, Some(8)) => to_bool,
        (Some("date"), _) | (_, Some(9)) => to_date,
        (Some("int"), _) | (_, Some(16)) => to_int,
        (Some("long"), _) | (_, Some(18)) => to_long,
        (Some("decimal"), _) | (_, Some(19)) => to_double,
        _ => {
            return Err(format!(
                "needs the name of a type it converts to, found {target}"
            ));
        }
    })
}

/// All but `false` and zeros are true.
fn to_bool(value: &Value) -> Answer {
    Ok(Value::Bool(is_true(Some(value))))
}

fn to_int(value: &Value) -> Answer {
    match to_long(value)? {
        Value::Int(int) if i32::try_from(int).is_err() => {
            Err(format!("needs a number of 32 bits, found {int}"))
        }
        int => Ok(int),
    }
}

fn to_long(value: &Value) -> Answer {
    let long = match value {
        Value::Int(int) | Value::Date(int) => Some(*int),
        Value::Double(double) => truncated(*double),
        Value::Bool(bool) => Some(i64::from(*bool)),
        Value::String(text) => text.parse().ok(),
        other => return Err(needs("a number, bool, string or date", other)),
    };
    long.map(Value::Int)
        .ok_or_else(|| format!("needs a number of 64 bits, found {value}"))
}

fn to_double(value: &Value) -> Answer {
    let double = match value {
        Value::Date(ms) => Some(Number::Int(*ms).double()),
        Value::Bool(bool) => Some(if *bool { 1.0 } else { 0.0 }),
        Value::String(text) => text.parse().ok(),
        other => Some(
            other
                .as_f64()
                .ok_or_else(|| needs("a number, bool, string or date", other))?,
        ),
    };
    double
        .map(Value::Double)
        .ok_or_else(|| format!("needs a number, found {value}"))
}

fn to_string(value: &Value) -> Answer {
    let text = match value {
        Value::String(text) => return Ok(Value::String(text.clone())),
        Value::Bool(bool) => bool.to_string(),
        Value::Date(ms) => date_text(*ms)?,
        Value::ObjectId(id) => id.to_string(),
        other => match Number::of(other) {
            Some(number) => number.to_string(),
            None => return Err(needs("a scalar", other)),
        },
    };
    Ok(Value::string(text))
}

fn to_date(value: &Value) -> Answer {
    let ms = match value {
        Value::Int(ms) => Some(*ms),
        Value::Double(ms) => truncated(*ms),
        Value::String(text) => Some(date::read(text)?),
        other => Some(date::moment(other)?),
    };
    ms.map(Value::Date)
        .ok_or_else(|| format!("needs milliseconds, found {value}"))
}

fn to_object_id(value: &Value) -> Answer {
    match value {
        Value::ObjectId(id) => Ok(Value::ObjectId(*id)),
        other => other
            .as_str()
            .and_then(ObjectId::parse)
            .map(Value::ObjectId)
            .ok_or_else(|| format!("needs 24 hexadecimal digits, found {other}")),
    }
}

/// An int is an `int` where 32 bits hold it, else a `long`.
fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "missing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "bool",
        Some(Value::Int(int)) if i32::try_from(*int).is_ok() => "int",
        Some(Value::Int(_)) => "long",
        Some(Value::Double(_)) => "double",
        Some(Value::String(_)) => "string",
        Some(Value::Date(_)) => "date",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
        Some(Value::Binary(_)) => "binData",
        Some(Value::ObjectId(_)) => "objectId",
    }
}
