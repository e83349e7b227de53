//! `$add`, `$divide`, `$pow`… Dates can be added to and subtracted from, in milliseconds.

use super::number::{Number, Sum, truncated};
use super::operand::{needs, number};
use super::operator::Meaning::OfValues;
use super::operator::{Answer, Cost, MANY, Operator};
use super::rounding::{round, trunc};
use crate::data::Value;

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed("$abs", 1, 1, OfValues(abs)).costs(Cost::Little),
    Operator::listed("$add", 0, MANY, OfValues(add)),
    Operator::listed("$ceil", 1, 1, OfValues(|of| whole_double(of, f64::ceil))),
    Operator::listed("$divide", 2, 2, OfValues(divide)),
    Operator::listed(
        "$exp",
        1,
        1,
        OfValues(|of| Ok(Value::Double(double(of[0])?.exp()))),
    ),
    Operator::listed("$floor", 1, 1, OfValues(|of| whole_double(of, f64::floor))),
    Operator::listed(
        "$ln",
        1,
        1,
        OfValues(|of| Ok(Value::Double(positive(of[0])?.ln()))),
    ),
    Operator::listed("$log", 2, 2, OfValues(log)),
    Operator::listed(
        "$log10",
        1,
        1,
        OfValues(|of| Ok(Value::Double(positive(of[0])?.log10()))),
    ),
    Operator::listed("$mod", 2, 2, OfValues(modulo)),
    Operator::listed("$multiply", 0, MANY, OfValues(multiply)),
    Operator::listed("$pow", 2, 2, OfValues(pow)),
    Operator::listed("$round", 1, 2, OfValues(round)),
    Operator::listed("$sqrt", 1, 1, OfValues(sqrt)),
    Operator::listed("$subtract", 2, 2, OfValues(subtract)),
    Operator::listed("$trunc", 1, 2, OfValues(trunc)),
];

fn double(value: &Value) -> Answer<f64> {
    number(value).map(Number::double)
}

fn positive(value: &Value) -> Answer<f64> {
    match double(value)? {
        double if double <= 0.0 => Err(format!("needs a number above 0, found {double}")),
        double => Ok(double),
    }
}

/// Ints are whole already.
fn whole_double(of: &[&Value], whole: fn(f64) -> f64) -> Answer {
    Ok(match number(of[0])? {
        Number::Int(int) => Value::Int(int),
        Number::Double(double) => Value::Double(whole(double)),
    })
}

fn abs(of: &[&Value]) -> Answer {
    match number(of[0])? {
        Number::Int(int) => int
            .checked_abs()
            .map(Value::Int)
            .ok_or_else(|| "cannot take the smallest int".to_owned()),
        Number::Double(double) => Ok(Value::Double(double.abs())),
    }
}

fn add(of: &[&Value]) -> Answer {
    let (mut sum, mut date) = (Sum::default(), None);
    for value in of {
        match value {
            Value::Date(_) if date.is_some() => return Err("takes only one date".to_owned()),
            Value::Date(ms) => date = Some(*ms),
            other => {
                sum.add(Number::of(other).ok_or_else(|| needs("numbers or one date", other))?);
            }
        }
    }
    match date {
        Some(ms) => later(ms, sum.total()),
        None => Ok(sum.total().value()),
    }
}

fn subtract(of: &[&Value]) -> Answer {
    match (of[0], of[1]) {
        (Value::Date(a), Value::Date(b)) => Ok(Number::Int(*a).minus(Number::Int(*b)).value()),
        (Value::Date(ms), ms_less) => later(*ms, Number::Int(0).minus(number(ms_less)?)),
        (a, b) => Ok(number(a)?.minus(number(b)?).value()),
    }
}

/// A date so many milliseconds later.
fn later(ms: i64, by: Number) -> Answer {
    let by = match by {
        Number::Int(int) => Some(int),
        Number::Double(double) => truncated(double.round()),
    };
    by.and_then(|by| ms.checked_add(by))
        .map(Value::Date)
        .ok_or_else(|| "leaves the range of dates".to_owned())
}

fn multiply(of: &[&Value]) -> Answer {
    let mut product = Number::Int(1);
    for value in of {
        product = product.times(number(value)?);
    }
    Ok(product.value())
}

fn divide(of: &[&Value]) -> Answer {
    let (dividend, divisor) = (number(of[0])?, number(of[1])?);
    if divisor.is_zero() {
        return Err("cannot divide by zero".to_owned());
    }
    Ok(Value::Double(dividend.double() / divisor.double()))
}

/// The sign is the dividend's.
fn modulo(of: &[&Value]) -> Answer {
    let (dividend, divisor) = (number(of[0])?, number(of[1])?);
    if divisor.is_zero() {
        return Err("cannot divide by zero".to_owned());
    }
    Ok(match (dividend, divisor) {
        (Number::Int(a), Number::Int(b)) => Value::Int(a.wrapping_rem(b)),
        (a, b) => Value::Double(a.double() % b.double()),
    })
}

fn pow(of: &[&Value]) -> Answer {
    let (base, exponent) = (number(of[0])?, number(of[1])?);
    if base.is_zero() && exponent.double() < 0.0 {
        return Err("cannot take a base of 0 and a negative exponent".to_owned());
    }
    if let (Number::Int(base), Number::Int(exponent)) = (base, exponent)
        && let Some(power) = power_of_ints(base, exponent)
    {
        return Ok(Value::Int(power));
    }
    Ok(Value::Double(base.double().powf(exponent.double())))
}

/// An int, if the power is one.
fn power_of_ints(base: i64, exponent: i64) -> Option<i64> {
    match (base, u32::try_from(exponent)) {
        (1, _) => Some(1),
        (-1, _) => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        (base, Ok(exponent)) => base.checked_pow(exponent),
        (0, Err(_)) => Some(0),
        (_, Err(_)) => None,
    }
}

fn log(of: &[&Value]) -> Answer {
    let (antilogarithm, base) = (positive(of[0])?, positive(of[1])?);
    if base == 1.0 {
        return Err("needs a base other than 1".to_owned());
    }
    Ok(Value::Double(antilogarithm.ln() / base.ln()))
}

fn sqrt(of: &[&Value]) -> Answer {
    match double(of[0])? {
        double if double < 0.0 => Err(format!("needs a number from 0, found {double}")),
        double => Ok(Value::Double(double.sqrt())),
    }
}
