//! Strategies of the property tests: values, documents, paths. Small alphabets,
//! so that independent draws often meet.

use proptest::collection::vec;
use proptest::prelude::*;
use smol_str::SmolStr;

use super::geo::{Geometry, Point, Polygon, Region};
use super::{
    Binary, Comparison, Direction, Filter, Object, ObjectId, Order, OrderKey, Path, Pattern,
    Strict, Test, Value,
};

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

/// Filters of every kind of leaf, nested a little.
pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        3 => (path(), scalar_test()).prop_map(|(path, test)| Filter::Field(path, test)),
        2 => strict().prop_map(Filter::Strict),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Filter::And),
            vec(inner.clone(), 0..3).prop_map(Filter::Or),
            inner
                .clone()
                .prop_map(|filter| Filter::Not(Box::new(filter))),
            (path(), inner)
                .prop_map(|(path, filter)| Filter::Field(path, Test::Some(Box::new(filter)))),
        ]
    })
}

fn scalar_test() -> impl Strategy<Value = Test> {
    let one = prop_oneof![
        any_value().prop_map(Test::Eq),
        any_value().prop_map(Test::Ne),
        any_value().prop_map(Test::Gt),
        any_value().prop_map(Test::Gte),
        any_value().prop_map(Test::Lt),
        any_value().prop_map(Test::Lte),
        any_value().prop_map(Test::Has),
    ];
    let several = prop_oneof![
        vec(any_value(), 0..3).prop_map(Test::In),
        vec(any_value(), 0..3).prop_map(Test::NotIn),
        vec(any_value(), 0..3).prop_map(Test::HasEvery),
        vec(any_value(), 0..3).prop_map(Test::HasSome),
        vec(one.clone(), 0..3).prop_map(Test::SomeElement),
    ];
    let texts = prop_oneof![
        text().prop_map(|text| Test::StartsWith(text.into())),
        text().prop_map(|text| Test::Contains(text.into())),
        text().prop_map(|text| Test::EndsWith(text.into())),
        "[ab.^$]{0,3}".prop_map(|text| Test::Matches(Pattern::new(&text).expect("a pattern"))),
    ];
    prop_oneof![
        4 => one,
        2 => several,
        2 => texts,
        1 => any::<bool>().prop_map(Test::Exists),
        1 => (0_u64..3).prop_map(Test::Size),
        1 => region().prop_map(Test::GeoWithin),
        1 => ring().prop_map(|ring| Test::GeoIntersects(Geometry::Polygon(ring))),
    ]
}

fn point() -> impl Strategy<Value = Point> {
    (-180.0..180.0, -90.0..90.0)
        .prop_map(|(longitude, latitude)| Point::new(longitude, latitude).expect("on the globe"))
}

fn ring() -> impl Strategy<Value = Polygon> {
    vec(point(), 3..6).prop_map(|mut positions| {
        positions.push(positions[0]);
        Polygon::new(positions).expect("closed")
    })
}

fn region() -> impl Strategy<Value = Region> {
    prop_oneof![
        (point(), 1.0..1e7).prop_map(|(at, radius)| Region::circle(at, radius).expect("a circle")),
        ring().prop_map(Region::Polygon),
    ]
}

fn strict() -> impl Strategy<Value = Strict> {
    let comparison = prop::sample::select(vec![
        Comparison::Eq,
        Comparison::Ne,
        Comparison::Lt,
        Comparison::Lte,
        Comparison::Gt,
        Comparison::Gte,
    ]);
    prop_oneof![
        (path(), comparison.clone(), scalar()).prop_map(|(a, is, b)| Strict::Compare(a, is, b)),
        (path(), comparison, path()).prop_map(|(a, is, b)| Strict::CompareFields(a, is, b)),
        (path(), vec(scalar(), 0..3)).prop_map(|(path, list)| Strict::In(path, list)),
        (path(), vec(scalar(), 0..3)).prop_map(|(path, list)| Strict::NotIn(path, list)),
        (path(), scalar()).prop_map(|(path, value)| Strict::Contains(path, value)),
        (path(), scalar()).prop_map(|(path, value)| Strict::NotContains(path, value)),
        (path(), path(), any::<bool>()).prop_map(|(array, element, negated)| {
            Strict::ContainsField {
                array,
                element,
                negated,
            }
        }),
        path().prop_map(Strict::Present),
        path().prop_map(Strict::Absent),
    ]
}
