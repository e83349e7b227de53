//! Calculating with the numbers of a document: an int stays an int.

use super::ApplyError;
use crate::data::{Path, Value};

/// What is done to two numbers.
#[derive(Debug)]
pub(crate) struct Arithmetic {
    /// Of two ints; `None` where the range ends.
    ints: fn(i64, i64) -> Option<i64>,
    doubles: fn(f64, f64) -> f64,
}

impl Arithmetic {
    pub(crate) const SUM: Self = Self {
        ints: i64::checked_add,
        doubles: std::ops::Add::add,
    };
    pub(crate) const PRODUCT: Self = Self {
        ints: i64::checked_mul,
        doubles: std::ops::Mul::mul,
    };
}

/// The number that becomes of the one at a path (missing counts as 0).
pub(crate) fn calculate(
    path: &Path,
    number: Option<&Value>,
    op: &'static str,
    by: &Value,
    arithmetic: &Arithmetic,
) -> Result<Value, ApplyError> {
    let number = number.unwrap_or(&Value::Int(0));
    let overflow = || ApplyError::Overflow { path: path.clone() };
    if let (Value::Int(number), Value::Int(by)) = (number, by) {
        let result = (arithmetic.ints)(*number, *by);
        return result.map(Value::Int).ok_or_else(overflow);
    }
    let double = |value: &Value| {
        value.as_f64().ok_or_else(|| ApplyError::WrongType {
            path: path.clone(),
            op,
            needed: "a number",
            found: value.kind(),
        })
    };
    let (number, by) = (double(number)?, double(by)?);
    let result = (arithmetic.doubles)(number, by);
    if number.is_finite() && !result.is_finite() {
        return Err(overflow());
    }
    Ok(Value::Double(result))
}
