//! How values compare: the database's total order, its form as bytes, and the
//! strict comparison of rules.
//!
//! Two questions, two answers. [`compare`] puts any two values in order, as
//! sorting and indexes need it. [`strict`] compares two values of one type and
//! refuses everything else, as permissions need it.

use std::cmp::Ordering;

use super::{Binary, Comparison, Object, Value};

/// The classes of values in their order, which is `MongoDB`'s. A missing value
/// is of class `Null`. The number of a class is the first byte of every
/// [`key`] of that class, so the keys of one class are exactly those in
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
        (Value::Object(a), Value::Object(b)) => {
            compare_members(a.iter(), b.iter(), |(a_name, a), (b_name, b)| {
                Class::of(a)
                    .cmp(&Class::of(b))
                    .then_with(|| a_name.as_str().cmp(b_name.as_str()))
                    .then_with(|| compare(a, b))
            })
        }
        (Value::Binary(a), Value::Binary(b)) => compare_binary(a, b),
        _ => Class::of(a).cmp(&Class::of(b)),
    }
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

/// Bytes that compare (`memcmp`) as [`compare`] does; missing is null. Equal bytes iff equal values.
///
/// No key is a proper prefix of another, so keys written one after the other compare as tuples do.
pub fn key(value: Option<&Value>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16);
    write_key(value.unwrap_or(&Value::Null), &mut bytes);
    bytes
}

/// Appends the [`key`] of a value.
pub fn write_key(value: &Value, out: &mut Vec<u8>) {
    out.push(Class::of(value).byte());
    write_body(value, out);
}

/// Ends an array or an object: below the byte of every class.
const END: u8 = 0;

fn write_body(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => {}
        Value::Bool(bool) => out.push(u8::from(*bool)),
        Value::Int(int) => write_int(*int, out),
        Value::Double(double) => write_double(*double, 0, out),
        Value::String(text) => write_text(text.as_bytes(), out),
        Value::Date(ms) => out.extend_from_slice(&ordered_int(*ms)),
        Value::ObjectId(id) => out.extend_from_slice(&id.0),
        Value::Binary(binary) => {
            out.extend_from_slice(&(binary.bytes.len() as u64).to_be_bytes());
            out.push(binary.subtype);
            out.extend_from_slice(&binary.bytes);
        }
        Value::Array(items) => {
            items.iter().for_each(|item| write_key(item, out));
            out.push(END);
        }
        Value::Object(object) => write_object(object, out),
    }
}

fn write_object(object: &Object, out: &mut Vec<u8>) {
    for (name, value) in object.iter() {
        out.push(Class::of(value).byte());
        write_text(name.as_bytes(), out);
        write_body(value, out);
    }
    out.push(END);
}

/// Text ends with two zero bytes; a zero byte inside is followed by 0xff.
fn write_text(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        out.push(byte);
        if byte == 0 {
            out.push(0xff);
        }
    }
    out.extend_from_slice(&[0, 0]);
}

/// Flips the sign bit, so that negative numbers come first.
fn ordered_int(int: i64) -> [u8; 8] {
    (int.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// From here on doubles are sparser than ints: 2^53.
const SPARSE: f64 = 9_007_199_254_740_992.0;

/// An int is the nearest double and the distance from there. Rounding is monotonic, so the doubles decide
/// unless they are equal, and then the distances do.
fn write_int(int: i64, out: &mut Vec<u8>) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "what the rounding loses is the distance below"
    )]
    let nearest = int as f64;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a double of at most 2^63 fits an i128, and rounding is off by 512 at most"
    )]
    let distance = (i128::from(int) - nearest as i128) as i16;
    write_double(nearest, distance, out);
}

fn write_double(double: f64, distance: i16, out: &mut Vec<u8>) {
    let bits = if double.is_nan() {
        0
    } else {
        // Adding zero turns -0.0 into 0.0.
        let bits = (double + 0.0).to_bits();
        let negative = bits >> 63 == 1;
        if negative { !bits } else { bits | 1 << 63 }
    };
    out.extend_from_slice(&bits.to_be_bytes());
    if double.abs() >= SPARSE {
        out.extend_from_slice(&(distance.cast_unsigned() ^ (1 << 15)).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::arbitrary::{any_value, double, int};

    fn assert_agree(a: &Value, b: &Value) {
        let expected = compare(a, b);
        assert_eq!(key(Some(a)).cmp(&key(Some(b))), expected, "{a:?} {b:?}");
        assert_eq!(compare(b, a), expected.reverse(), "{a:?} {b:?}");
    }

    #[test]
    fn the_order_of_classes_and_of_numbers() {
        let ascending = [
            Value::Null,
            Value::Double(f64::NAN),
            Value::Double(f64::NEG_INFINITY),
            Value::Double(-9.3e18),
            Value::Int(i64::MIN),
            Value::Int(i64::MIN + 1),
            Value::Int(-1),
            Value::Double(-0.5),
            Value::Int(0),
            Value::Double(f64::from_bits(1)),
            Value::Double(0.5),
            Value::Int(1),
            Value::Int(9_007_199_254_740_992),
            Value::Int(9_007_199_254_740_993),
            Value::Double(9_007_199_254_740_994.0),
            Value::Int(9_007_199_254_740_995),
            Value::Int(i64::MAX - 1),
            Value::Int(i64::MAX),
            Value::Double(ABOVE_INTS),
            Value::Double(f64::INFINITY),
            Value::string(""),
            Value::string("a"),
            Value::string("a\0"),
            Value::string("a\0b"),
            Value::string("a\u{1}"),
            Value::string("b"),
            Value::Object(Object::new()),
            Value::Array(vec![]),
            Value::Array(vec![Value::Null]),
            Value::Array(vec![Value::Int(1), Value::Int(2)]),
            Value::Array(vec![Value::Int(2)]),
            Value::Binary(Binary {
                subtype: 9,
                bytes: vec![1],
            }),
            Value::Binary(Binary {
                subtype: 0,
                bytes: vec![0, 0],
            }),
            Value::ObjectId(crate::data::ObjectId([0; 12])),
            Value::Bool(false),
            Value::Bool(true),
            Value::Date(i64::MIN),
            Value::Date(0),
        ];
        for (at, a) in ascending.iter().enumerate() {
            for (other, b) in ascending.iter().enumerate() {
                assert_eq!(compare(a, b), at.cmp(&other), "{a:?} {b:?}");
                assert_agree(a, b);
            }
        }
    }

    #[test]
    fn one_number_has_one_key() {
        let same = [
            (Value::Int(1), Value::Double(1.0)),
            (Value::Int(0), Value::Double(-0.0)),
            (Value::Int(i64::MIN), Value::Double(-ABOVE_INTS)),
            (Value::Double(f64::NAN), Value::Double(-f64::NAN)),
        ];
        for (a, b) in same {
            assert_eq!(key(Some(&a)), key(Some(&b)), "{a:?} {b:?}");
            assert!(equal(&a, &b), "{a:?} {b:?}");
        }
        assert_eq!(key(None), key(Some(&Value::Null)));
    }

    #[test]
    fn strict_has_no_answer_across_types() {
        let nan = Value::Double(f64::NAN);
        let list = Value::Array(vec![]);
        let none = [
            (&Value::Int(1), &Value::string("1")),
            (&Value::Date(1), &Value::Int(1)),
            (&Value::Null, &Value::Null),
            (&list, &list),
            (&nan, &nan),
            (&nan, &Value::Int(1)),
        ];
        for (a, b) in none {
            assert_eq!(strict_compare(a, b), None, "{a:?} {b:?}");
            assert_eq!(strict(a, Comparison::Ne, b), None, "{a:?} {b:?}");
        }
        let (no, yes) = (Value::Bool(false), Value::Bool(true));
        assert_eq!(strict(&no, Comparison::Lt, &yes), None);
        assert_eq!(strict(&no, Comparison::Ne, &yes), Some(true));
        let (one, half) = (Value::Int(1), Value::Double(0.5));
        assert_eq!(strict(&one, Comparison::Gt, &half), Some(true));
    }

    proptest! {
        #[test]
        fn keys_compare_as_values_do(a in any_value(), b in any_value()) {
            assert_agree(&a, &b);
        }

        #[test]
        fn numbers_compare_exactly(
            a in prop_oneof![int().prop_map(Value::Int), double().prop_map(Value::Double)],
            b in prop_oneof![int().prop_map(Value::Int), double().prop_map(Value::Double)],
        ) {
            assert_agree(&a, &b);
        }

        #[test]
        fn no_key_is_a_prefix_of_another(a in any_value(), b in any_value()) {
            let (a, b) = (key(Some(&a)), key(Some(&b)));
            prop_assert!(a == b || !b.starts_with(&a));
        }
    }
}
