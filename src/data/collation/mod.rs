//! How values compare: the database's total order, its form as bytes, and the
//! strict comparison of rules.
//!
//! Two questions, two answers. [`compare`] puts any two values in order, as
//! sorting and indexes need it. [`strict`] compares two values of one type and
//! refuses everything else, as permissions need it.

mod key;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

pub use self::key::{key, write_key};
use super::{Binary, Comparison, Object, Value};

/// The classes of values in their order, which is `MongoDB`'s. A missing value
/// is of class `Null`. The number of a class is the first byte of every
/// [`key()`] of that class, so the keys of one class are exactly those in
/// `[class.byte()] ..= [class.byte(), 0xff, …]`, that is below `[class.byte() + 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    Null = 0x10,
    Number = 0x20,
    String = 0x30,
    Object = 0x40,
    /// Arrays have a class of their own: a key does not fan out over elements.
    Array = 0x50,
    Binary = 0x60,
    ObjectId = 0x70,
    Bool = 0x80,
    Date = 0x90,
}

/// The first byte of the key of every array.
pub const ARRAY_CLASS: u8 = Class::Array.byte();

impl Class {
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Class::Null,
            Value::Int(_) | Value::Double(_) => Class::Number,
            Value::String(_) => Class::String,
            Value::Object(_) => Class::Object,
            Value::Array(_) => Class::Array,
            Value::Binary(_) => Class::Binary,
            Value::ObjectId(_) => Class::ObjectId,
            Value::Bool(_) => Class::Bool,
            Value::Date(_) => Class::Date,
        }
    }

    /// The first byte of the keys of this class.
    pub const fn byte(self) -> u8 {
        self as u8
    }
}

/// `MongoDB` order: null (= missing) < numbers < strings < objects < arrays < binary < `ObjectId` < bool < date.
///
/// Within numbers by value (1 == 1.0, -0.0 == 0, NaN below all and equal to itself), exactly also where a
/// double cannot hold an int; strings by bytes; binary by length, subtype, bytes; arrays element by element;
/// objects member by member, each by class, then name, then value. What ends first is less.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) | (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => compare_doubles(*a, *b),
        (Value::Int(a), Value::Double(b)) => compare_int_double(*a, *b),
        (Value::Double(a), Value::Int(b)) => compare_int_double(*b, *a).reverse(),
        (Value::String(a), Value::String(b)) => a.as_str().cmp(b.as_str()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::ObjectId(a), Value::ObjectId(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => compare_members(a.iter(), b.iter(), compare),
        (Value::Object(a), Value::Object(b)) => compare_objects(a, b),
        (Value::Binary(a), Value::Binary(b)) => compare_binary(a, b),
        _ => Class::of(a).cmp(&Class::of(b)),
    }
}

/// As [`compare`], of two objects.
pub fn compare_objects(a: &Object, b: &Object) -> Ordering {
    compare_members(a.iter(), b.iter(), |(a_name, a), (b_name, b)| {
        Class::of(a)
            .cmp(&Class::of(b))
            .then_with(|| a_name.as_str().cmp(b_name.as_str()))
            .then_with(|| compare(a, b))
    })
}

/// As [`compare`], where a missing value counts as null.
pub fn compare_optional(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    compare(a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null))
}

/// Whether the database calls the two equal: [`compare`] gives `Equal`.
pub fn equal(a: &Value, b: &Value) -> bool {
    compare(a, b) == Ordering::Equal
}

fn compare_members<T>(
    mut a: impl Iterator<Item = T>,
    mut b: impl Iterator<Item = T>,
    compare: impl Fn(T, T) -> Ordering,
) -> Ordering {
    loop {
        let ordering = match (a.next(), b.next()) {
            (Some(a), Some(b)) => compare(a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

fn compare_binary(a: &Binary, b: &Binary) -> Ordering {
    (a.bytes.len(), a.subtype, &a.bytes).cmp(&(b.bytes.len(), b.subtype, &b.bytes))
}

fn compare_doubles(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// 2^63, the first double above every int.
const ABOVE_INTS: f64 = 9_223_372_036_854_775_808.0;

fn compare_int_double(int: i64, double: f64) -> Ordering {
    if double.is_nan() || double < -ABOVE_INTS {
        return Ordering::Greater;
    }
    if double >= ABOVE_INTS {
        return Ordering::Less;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number within the range of ints, checked above"
    )]
    let whole = double.trunc() as i64;
    int.cmp(&whole)
        .then_with(|| compare_doubles(0.0, double.fract()))
}

/// The comparison of rules and of strict filter leaves: `None` where it has no answer.
///
/// Only bools, numbers (int and double are one type), strings, dates and `ObjectId`s compare, and only
/// with their own type. Null, arrays, objects and binary data never compare, and NaN compares with nothing,
/// itself included: there neither `==` nor `!=` is true.
pub fn strict_compare(a: &Value, b: &Value) -> Option<Ordering> {
    let nan = |value: &Value| matches!(value, Value::Double(number) if number.is_nan());
    let class = Class::of(a);
    let comparable = matches!(
        class,
        Class::Bool | Class::Number | Class::String | Class::Date | Class::ObjectId
    );
    (comparable && class == Class::of(b) && !nan(a) && !nan(b)).then(|| compare(a, b))
}

/// Whether `a comparison b` holds, strictly; `None` where [`strict_compare`] has no answer and where bools
/// or `ObjectId`s are to be compared by size.
pub fn strict(a: &Value, comparison: Comparison, b: &Value) -> Option<bool> {
    let ordering = strict_compare(a, b)?;
    let by_size = !matches!(comparison, Comparison::Eq | Comparison::Ne);
    let unordered = matches!(a, Value::Bool(_) | Value::ObjectId(_));
    (!(by_size && unordered)).then(|| comparison.holds(ordering))
}

impl Comparison {
    /// Whether two values that compare like this satisfy the comparison.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Comparison::Eq => ordering.is_eq(),
            Comparison::Ne => ordering.is_ne(),
            Comparison::Lt => ordering.is_lt(),
            Comparison::Lte => ordering.is_le(),
            Comparison::Gt => ordering.is_gt(),
            Comparison::Gte => ordering.is_ge(),
        }
    }
}
