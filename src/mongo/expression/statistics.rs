//! `$sum`, `$avg`, `$min`, `$max`, `$stdDevPop`, `$stdDevSamp` as expressions: over the arguments, or over the array
//! that the only argument is. The same reckoning serves groups (`accumulator.rs`).

use super::number::{Number, Sum};
use super::operator::Meaning::OfAny;
use super::operator::{MANY, Operator, present};
use crate::data::{Value, collation};

pub(super) const OPERATORS: &[Operator] = &[
    Operator::listed("$avg", 1, MANY, OfAny(|of| Ok(Some(over::<Average>(of))))),
    Operator::listed("$max", 1, MANY, OfAny(|of| Ok(Some(over::<Greatest>(of))))),
    Operator::listed("$min", 1, MANY, OfAny(|of| Ok(Some(over::<Least>(of))))),
    Operator::listed(
        "$stdDevPop",
        1,
        MANY,
        OfAny(|of| Ok(Some(over::<PopulationSpread>(of)))),
    ),
    Operator::listed(
        "$stdDevSamp",
        1,
        MANY,
        OfAny(|of| Ok(Some(over::<SampleSpread>(of)))),
    ),
    Operator::listed("$sum", 1, MANY, OfAny(|of| Ok(Some(over::<Total>(of))))),
];

/// What some values come to, told one after the other.
pub(super) trait Statistic: Default {
    fn add(&mut self, value: &Value);
    fn result(self) -> Value;
}

fn over<S: Statistic>(of: &[Option<&Value>]) -> Value {
    let mut statistic = S::default();
    match of {
        [Some(Value::Array(items))] => items.iter().for_each(|item| statistic.add(item)),
        several => several
            .iter()
            .flatten()
            .for_each(|value| statistic.add(value)),
    }
    statistic.result()
}

pub(super) fn is_array(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Array(_)))
}

/// Of the numbers; 0 of none.
#[derive(Clone, Debug, Default)]
pub(super) struct Total(Sum);

impl Statistic for Total {
    fn add(&mut self, value: &Value) {
        if let Some(number) = Number::of(value) {
            self.0.add(number);
        }
    }

    fn result(self) -> Value {
        self.0.total().value()
    }
}

/// Of the numbers; null of none.
#[derive(Clone, Debug, Default)]
pub(super) struct Average {
    sum: Sum,
    count: i64,
}

impl Statistic for Average {
    fn add(&mut self, value: &Value) {
        if let Some(number) = Number::of(value) {
            self.sum.add(number);
            self.count += 1;
        }
    }

    fn result(self) -> Value {
        match self.count {
            0 => Value::Null,
            count => Value::Double(self.sum.total().double() / Number::Int(count).double()),
        }
    }
}

/// Of any values; null counts only where there is nothing else.
#[derive(Clone, Debug, Default)]
pub(super) struct Least(Option<Value>);

impl Statistic for Least {
    fn add(&mut self, value: &Value) {
        let less = |known: &Value| collation::compare(value, known).is_lt();
        if present(Some(value)).is_some() && self.0.as_ref().is_none_or(less) {
            self.0 = Some(value.clone());
        }
    }

    fn result(self) -> Value {
        self.0.unwrap_or(Value::Null)
    }
}

/// As [`Least`].
#[derive(Clone, Debug, Default)]
pub(super) struct Greatest(Option<Value>);

impl Statistic for Greatest {
    fn add(&mut self, value: &Value) {
        let greater = |known: &Value| collation::compare(value, known).is_gt();
        if present(Some(value)).is_some() && self.0.as_ref().is_none_or(greater) {
            self.0 = Some(value.clone());
        }
    }

    fn result(self) -> Value {
        self.0.unwrap_or(Value::Null)
    }
}

/// Mean and squared deviation of numbers, by Welford's method.
#[derive(Clone, Debug, Default)]
struct Spread {
    count: i64,
    mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: &Value) {
        if let Some(number) = Number::of(value) {
            self.count += 1;
            let deviation = number.double() - self.mean;
            self.mean += deviation / Number::Int(self.count).double();
            self.squares += deviation * (number.double() - self.mean);
        }
    }

    /// The root of the squared deviation over `parts`; null if there are none.
    fn deviation(&self, parts: i64) -> Value {
        if parts < 1 {
            return Value::Null;
        }
        Value::Double((self.squares / Number::Int(parts).double()).sqrt())
    }
}

/// The standard deviation where the numbers are all there are; null of none.
#[derive(Clone, Debug, Default)]
pub(super) struct PopulationSpread(Spread);

impl Statistic for PopulationSpread {
    fn add(&mut self, value: &Value) {
        self.0.add(value);
    }

    fn result(self) -> Value {
        self.0.deviation(self.0.count)
    }
}

/// The standard deviation estimated from a sample; null of fewer than two.
#[derive(Clone, Debug, Default)]
pub(super) struct SampleSpread(Spread);

impl Statistic for SampleSpread {
    fn add(&mut self, value: &Value) {
        self.0.add(value);
    }

    fn result(self) -> Value {
        self.0.deviation(self.0.count - 1)
    }
}
