//! `$round` and `$trunc` to a place after the point, or before it.

use super::number::Number;
use super::operand::{number, whole};
use super::operator::Answer;
use crate::data::Value;

/// To the nearest, a tie to the even digit.
pub(super) fn round(of: &[&Value]) -> Answer {
    rounded(of, Rounding::Nearest)
}

/// Towards zero.
pub(super) fn trunc(of: &[&Value]) -> Answer {
    rounded(of, Rounding::TowardsZero)
}

#[derive(Clone, Copy)]
enum Rounding {
    Nearest,
    TowardsZero,
}

fn rounded(of: &[&Value], rounding: Rounding) -> Answer {
    let number = number(of[0])?;
    let place = of.get(1).map_or(Ok(0), |place| whole(place))?;
    if !(-20..=100).contains(&place) {
        return Err(format!("needs a place from -20 to 100, found {place}"));
    }
    let digits = usize::try_from(place);
    Ok(match (number, digits) {
        (Number::Int(int), Ok(_)) => Value::Int(int),
        (Number::Int(int), Err(_)) => before_point(int, place, rounding).value(),
        (Number::Double(double), _) if !double.is_finite() => Value::Double(double),
        (Number::Double(double), Ok(digits)) => {
            Value::Double(after_point(double, digits, rounding))
        }
        (Number::Double(double), Err(_)) => {
            let unit = 10_f64.powi(i32::try_from(-place).expect("at most 20"));
            Value::Double(rounding.of_double(double / unit) * unit)
        }
    })
}

/// A double is exactly some decimal number: that one is rounded, not a product with a power of ten.
fn after_point(double: f64, digits: usize, rounding: Rounding) -> f64 {
    /// As many digits after the point as the longest double has.
    const ALL: usize = 1074;
    let exact = |digits| format!("{double:.digits$}");
    let text = match rounding {
        _ if digits == 0 => return rounding.of_double(double),
        Rounding::Nearest => exact(digits),
        Rounding::TowardsZero => {
            let mut text = exact(ALL);
            text.truncate(text.len() - ALL + digits);
            text
        }
    };
    text.parse().expect("it is written as a number")
}

/// Rounds to tens, hundreds… for a place of -1, -2…
fn before_point(int: i64, place: i64, rounding: Rounding) -> Number {
    let unit = 10_i128.pow(u32::try_from(-place).expect("from 1 to 20"));
    let int = i128::from(int);
    let (quotient, rest) = (int / unit, int % unit);
    let up = match rounding {
        Rounding::TowardsZero => false,
        Rounding::Nearest => {
            let twice = rest.abs() * 2;
            twice > unit || (twice == unit && quotient % 2 != 0)
        }
    };
    let rounded = (quotient + if up { int.signum() } else { 0 }) * unit;
    #[expect(clippy::cast_precision_loss, reason = "the nearest double is wanted")]
    i64::try_from(rounded).map_or(Number::Double(rounded as f64), Number::Int)
}

impl Rounding {
    fn of_double(self, double: f64) -> f64 {
        match self {
            Rounding::Nearest => double.round_ties_even(),
            Rounding::TowardsZero => double.trunc(),
        }
    }
}
