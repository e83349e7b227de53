//! Strategies of the property tests: values, documents, paths. Small alphabets,
//! so that independent draws often meet.

use proptest::collection::vec;
use proptest::prelude::*;
use smol_str::SmolStr;

use super::{Binary, Direction, Object, ObjectId, Order, OrderKey, Path, Value};

/// Ints, many of them where doubles grow sparse or the range ends.
pub(crate) fn int() -> impl Strategy<Value = i64> {
    let near = |center: i64| (-3_i64..=3).prop_map(move |off| center.saturating_add(off));
    prop_oneof![
        4 => -3_i64..=3,
        1 => near(1 << 53),
        1 => near(-(1 << 53)),
        1 => near((1 << 60) + 128),
        1 => near(i64::MAX),
        1 => near(i64::MIN),
        1 => any::<i64>(),
    ]
}

/// Doubles of every kind: whole, tiny, huge, not finite.
pub(crate) fn double() -> impl Strategy<Value = f64> {
    #[expect(clippy::cast_precision_loss, reason = "the nearest double is wanted")]
    let whole = int().prop_map(|int| int as f64);
    prop_oneof![
        2 => whole,
        2 => (-6_i32..=6).prop_map(|half| f64::from(half) / 2.0),
        1 => Just(-0.0),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX]),
        2 => any::<u64>().prop_map(f64::from_bits),
    ]
}

pub(crate) fn name() -> impl Strategy<Value = SmolStr> {
    prop_oneof![
        6 => "[abc]",
        2 => "[01]",
        1 => "\\$(date|oid|d|numberInt|numberLong|x|\\$d)?",
        1 => "\\PC{0,3}",
        1 => Just("\0".to_owned()),
    ]
    .prop_map(SmolStr::from)
}

pub(crate) fn text() -> impl Strategy<Value = SmolStr> {
    prop_oneof![
        4 => "[ab]{0,3}",
        1 => "[a\0\u{1}\"\\\\]{0,4}",
        1 => "\\PC{0,8}",
        1 => "[0-9a-f]{24}",
        1 => prop::sample::select(vec!["", "NaN", "2024-01-02T03:04:05Z", "12", "."]).prop_map(str::to_owned),
    ]
    .prop_map(SmolStr::from)
}

/// A value that is neither array nor object.
pub(crate) fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        3 => int().prop_map(Value::Int),
        2 => double().prop_map(Value::Double),
        3 => text().prop_map(Value::String),
        1 => int().prop_map(Value::Date),
        1 => (any::<u8>(), vec(any::<u8>(), 0..4))
            .prop_map(|(subtype, bytes)| Value::Binary(Binary { subtype, bytes })),
        1 => (0_u8..3).prop_map(|byte| Value::ObjectId(ObjectId([byte; 12]))),
    ]
}

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            members(inner).prop_map(Value::Object),
        ]
    })
}

pub(crate) fn any_object() -> impl Strategy<Value = Object> {
    members(any_value())
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Object> {
    vec((name(), value), 0..5).prop_map(|members| members.into_iter().collect())
}

/// One to three segments, mostly such as documents of these strategies have.
pub(crate) fn path() -> impl Strategy<Value = Path> {
    vec(name(), 1..4).prop_map(|names| Path::new(names).expect("at least one segment"))
}

pub(crate) fn order() -> impl Strategy<Value = Order> {
    let key = (
        prop_oneof![4 => path(), 1 => Just(Path::field("_id"))],
        any::<bool>(),
    );
    vec(key, 0..4).prop_map(|keys| Order {
        keys: keys
            .into_iter()
            .map(|(path, descending)| OrderKey {
                path,
                direction: if descending {
                    Direction::Descending
                } else {
                    Direction::Ascending
                },
            })
            .collect(),
    })
}
