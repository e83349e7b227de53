//! Numbers as expressions reckon with them: an int stays one while it fits, else there is a double.

use std::fmt;

use crate::data::Value;

#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Int(i64),
    Double(f64),
}

impl Number {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Int(int) => Some(Number::Int(*int)),
            Value::Double(double) => Some(Number::Double(*double)),
            _ => None,
        }
    }

    pub(super) fn value(self) -> Value {
        match self {
            Number::Int(int) => Value::Int(int),
            Number::Double(double) => Value::Double(double),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "the nearest double is wanted")]
    pub(super) fn double(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Double(double) => double,
        }
    }

    /// Itself as an int, if it is whole and fits.
    pub(super) fn whole(self) -> Option<i64> {
        match self {
            Number::Int(int) => Some(int),
            Number::Double(double) if double.fract() == 0.0 => truncated(double),
            Number::Double(_) => None,
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self.double() == 0.0
    }

    pub(super) fn times(self, other: Self) -> Self {
        if let (Number::Int(a), Number::Int(b)) = (self, other)
            && let Some(product) = a.checked_mul(b)
        {
            return Number::Int(product);
        }
        Number::Double(self.double() * other.double())
    }

    pub(super) fn minus(self, other: Self) -> Self {
        if let (Number::Int(a), Number::Int(b)) = (self, other)
            && let Some(difference) = a.checked_sub(b)
        {
            return Number::Int(difference);
        }
        Number::Double(self.double() - other.double())
    }
}

/// The text form: a double without a fraction has no point.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(int) => write!(f, "{int}"),
            Number::Double(double) if double.is_nan() => f.write_str("NaN"),
            Number::Double(double) if double.is_infinite() => f.write_str(if *double > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            }),
            Number::Double(double) if *double != 0.0 && !(1e-5..1e17).contains(&double.abs()) => {
                let text = format!("{double:e}");
                f.write_str(&text.replace("e", if double.abs() > 1.0 { "e+" } else { "e" }))
            }
            Number::Double(double) => write!(f, "{double}"),
        }
    }
}

/// A double without its fraction, if an int can hold it.
pub(super) fn truncated(double: f64) -> Option<i64> {
    /// 2^63, the first double above every int.
    const ABOVE: f64 = 9_223_372_036_854_775_808.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked on the same line"
    )]
    (-ABOVE..ABOVE).contains(&double).then_some(double as i64)
}

/// A sum whose rounding errors do not add up: ints exactly, doubles with twice their precision.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    ints: i128,
    doubles: Option<TwoDoubles>,
}

/// `high + low`, where `low` is what `high` could not hold.
#[derive(Clone, Copy, Debug, Default)]
struct TwoDoubles {
    high: f64,
    low: f64,
}

impl Sum {
    pub(super) fn add(&mut self, number: Number) {
        match number {
            Number::Int(int) => self.ints += i128::from(int),
            Number::Double(double) => self.doubles.get_or_insert_default().add(double),
        }
    }

    /// An int if only ints were added and it fits.
    #[expect(clippy::cast_precision_loss, reason = "the nearest double is wanted")]
    pub(super) fn total(self) -> Number {
        let Some(mut doubles) = self.doubles else {
            let int = i64::try_from(self.ints);
            return int.map_or(Number::Double(self.ints as f64), Number::Int);
        };
        doubles.add(self.ints as f64);
        Number::Double(doubles.total())
    }
}

impl TwoDoubles {
    fn add(&mut self, number: f64) {
        let sum = self.high + number;
        let of_number = sum - self.high;
        let error = (self.high - (sum - of_number)) + (number - of_number);
        self.high = sum;
        self.low += error;
    }

    /// Of infinities and NaN there is no error to make up for.
    fn total(self) -> f64 {
        if self.high.is_finite() {
            self.high + self.low
        } else {
            self.high
        }
    }
}
