//! Filters, orders, updates and documents, of few names and values, so that they often meet.

use cloudbase_graphql::data::geo::{Geometry, Point, Polygon, Region};
use cloudbase_graphql::data::update::{Elements, Op};
use cloudbase_graphql::data::{
    Binary, Comparison, DocId, Document, Filter, ObjectId, Order, OrderKey, Path, Pattern, Strict,
    Test, Update, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use smol_str::SmolStr;

fn scalar() -> impl Strategy<Value = Value> {
    let doubles = vec![0.0, 1.0, 1.5, -0.0, f64::NAN, f64::INFINITY, 9.0e18];
    prop_oneof![
        5 => (-1..3_i64).prop_map(Value::Int),
        1 => select(vec![i64::MIN, i64::MAX, (1 << 53) + 1]).prop_map(Value::Int),
        2 => select(doubles).prop_map(Value::Double),
        4 => text().prop_map(Value::string),
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => (-1..2_i64).prop_map(Value::Date),
        1 => (0..2_u8).prop_map(|byte| Value::ObjectId(ObjectId([byte; 12]))),
        1 => (0..2_u8, vec(0..2_u8, 0..2)).prop_map(|(subtype, bytes)| Value::Binary(Binary { subtype, bytes })),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let texts = vec![
        "", "a", "ab", "ba", "b\n", "a\0", "a.b", "(", "$a", "价", "\u{a0}b",
    ];
    select(texts).prop_map(str::to_owned)
}

/// What a document holds.
fn stored() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((select(vec!["a", "b", "0", "1"]), inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What a filter may compare with: names that a document cannot have as well.
pub(super) fn value() -> BoxedStrategy<Value> {
    let names = vec!["$gt", "$date", "$regex", "$numberDecimal", "a.b", ""];
    let strange = (select(names), scalar())
        .prop_map(|(name, value)| Value::Object([(name, value)].into_iter().collect()));
    prop_oneof![6 => scalar(), 3 => stored(), 1 => strange].boxed()
}

pub(super) fn document() -> impl Strategy<Value = Document> {
    let id = prop_oneof![
        2 => (0..3_i64).prop_map(DocId::Int),
        2 => select(vec!["a", "b", ""]).prop_map(DocId::string),
        1 => (0..2_u8).prop_map(|byte| DocId::ObjectId(ObjectId([byte; 12]))),
    ];
    let fields = vec((select(vec!["a", "b", "0"]), stored()), 0..4);
    (id, fields).prop_map(|(id, fields)| Document::new(id, 0, fields.into_iter().collect()))
}

/// Mostly such as documents have; now and then one that the database has no name for.
fn path() -> BoxedStrategy<Path> {
    let names = vec(select(vec!["a", "a", "b", "b", "0", "1"]), 1..4);
    let strange = select(vec!["a.b", "$a", "", "a\0"]);
    prop_oneof![
        12 => names.prop_map(|names| of(&names)),
        2 => Just(Path::field("_id")),
        1 => Just(of(&["_id", "a"])),
        1 => strange.prop_map(|name| of(&["a", name])),
    ]
    .boxed()
}

fn of(names: &[&str]) -> Path {
    Path::new(names.iter().map(SmolStr::new)).unwrap()
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
    select(vec![Eq, Ne, Lt, Lte, Gt, Gte])
}

fn test_of_values() -> impl Strategy<Value = Test> {
    let values = || vec(value(), 0..3);
    prop_oneof![
        value().prop_map(Test::Eq),
        value().prop_map(Test::Ne),
        values().prop_map(Test::In),
        values().prop_map(Test::NotIn),
        value().prop_map(Test::Gt),
        value().prop_map(Test::Gte),
        value().prop_map(Test::Lt),
        value().prop_map(Test::Lte),
        any::<bool>().prop_map(Test::Exists),
        text().prop_map(Test::StartsWith),
        text().prop_map(Test::Contains),
        text().prop_map(Test::EndsWith),
        select(vec!["a", "^b", ".$", "\\w"])
            .prop_map(|pattern| Test::Matches(Pattern::new(pattern).unwrap())),
    ]
}

fn test_of_arrays() -> impl Strategy<Value = Test> {
    let values = || vec(value(), 0..3);
    prop_oneof![
        value().prop_map(Test::Has),
        values().prop_map(Test::HasEvery),
        values().prop_map(Test::HasSome),
        (0..4_u64).prop_map(Test::Size),
        Just(Test::Size(u64::MAX)),
        vec(test_of_values(), 0..4).prop_map(Test::SomeElement),
        Just(Test::SomeElement(vec![Test::Size(1)])),
    ]
}

fn strict() -> impl Strategy<Value = Strict> {
    let values = || vec(value(), 0..3);
    prop_oneof![
        3 => (path(), comparison(), value()).prop_map(|(path, is, value)| Strict::Compare(path, is, value)),
        2 => (path(), comparison(), path()).prop_map(|(a, is, b)| Strict::CompareFields(a, is, b)),
        1 => (path(), values()).prop_map(|(path, values)| Strict::In(path, values)),
        2 => (path(), values()).prop_map(|(path, values)| Strict::NotIn(path, values)),
        1 => (path(), value()).prop_map(|(path, value)| Strict::Contains(path, value)),
        2 => (path(), value()).prop_map(|(path, value)| Strict::NotContains(path, value)),
        2 => (path(), path(), any::<bool>())
            .prop_map(|(array, element, negated)| Strict::ContainsField { array, element, negated }),
        1 => path().prop_map(Strict::Present),
        1 => path().prop_map(Strict::Absent),
    ]
}

pub(super) fn any_filter() -> BoxedStrategy<Filter> {
    let leaf = prop_oneof![
        3 => (path(), test_of_values()).prop_map(|(path, test)| Filter::Field(path, test)),
        2 => (path(), test_of_arrays()).prop_map(|(path, test)| Filter::Field(path, test)),
        4 => strict().prop_map(Filter::Strict),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Filter::And),
            vec(inner.clone(), 0..4).prop_map(Filter::Or),
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            (path(), inner)
                .prop_map(|(path, inner)| Filter::Field(path, Test::Some(Box::new(inner)))),
        ]
    })
    .boxed()
}

pub(super) fn any_order() -> impl Strategy<Value = Order> {
    let names = vec(select(vec!["a", "b", "0"]), 1..3);
    let path = prop_oneof![5 => names.prop_map(|names| of(&names)), 1 => Just(of(&["_id"]))];
    let key = (path, any::<bool>()).prop_map(|(path, up)| match up {
        true => OrderKey::ascending(path),
        false => OrderKey::descending(path),
    });
    vec(key, 0..4).prop_map(|keys| Order { keys })
}

fn op() -> BoxedStrategy<Op> {
    let elements = prop_oneof![
        vec(value(), 0..3).prop_map(Elements::Equal),
        any_filter().prop_map(Elements::Matching),
    ];
    prop_oneof![
        (path(), value()).prop_map(|(path, value)| Op::Set(path, value)),
        path().prop_map(Op::Unset),
        (path(), scalar()).prop_map(|(path, by)| Op::Inc(path, by)),
        (path(), vec(value(), 0..3)).prop_map(|(path, items)| Op::Push(path, items)),
        (path(), elements).prop_map(|(path, elements)| Op::Pull(path, elements)),
    ]
    .boxed()
}

pub(super) fn any_update() -> impl Strategy<Value = Update> {
    let update = vec(op(), 0..3).prop_map(|ops| Update { ops });
    update.prop_filter("paths that overlap", |update| update.overlap().is_none())
}

/// Near the middle of things, near the line where longitudes start again, and anywhere.
fn point() -> impl Strategy<Value = Point> {
    let at = |longitudes, latitudes| {
        (longitudes, latitudes)
            .prop_map(|(longitude, latitude)| Point::new(longitude, latitude).unwrap())
    };
    prop_oneof![
        at(-0.5..0.5, 30.0..31.0),
        at(179.5..180.0, -1.0..1.0),
        at(-180.0..-179.5, -1.0..1.0),
        at(-180.0..180.0, -90.0..90.0),
    ]
}

/// Some positions around a point, up to so many degrees away.
fn area(degrees: f64) -> impl Strategy<Value = Polygon> {
    (point(), vec((-degrees..degrees, -degrees..degrees), 3..6)).prop_map(|(center, offsets)| {
        let position = |(east, north): &(f64, f64)| Point {
            longitude: (center.longitude + east + 180.0).rem_euclid(360.0) - 180.0,
            latitude: (center.latitude + north).clamp(-90.0, 90.0),
        };
        let mut exterior: Vec<Point> = offsets.iter().map(position).collect();
        exterior.push(exterior[0]);
        Polygon::new(exterior).unwrap()
    })
}

pub(super) fn filter_about_places() -> impl Strategy<Value = Filter> {
    let radius = prop_oneof![1.0..1e4, 1e4..1e6, 1e6..2e7];
    let test = prop_oneof![
        (point(), radius)
            .prop_map(|(center, radius)| Test::GeoWithin(Region::circle(center, radius).unwrap())),
        area(1.0).prop_map(|area| Test::GeoWithin(Region::Polygon(area))),
        area(20.0).prop_map(|area| Test::GeoWithin(Region::Polygon(area))),
        area(1.0).prop_map(|area| Test::GeoIntersects(Geometry::Polygon(area))),
        point().prop_map(|point| Test::GeoIntersects(Geometry::Point(point))),
    ];
    (test, any::<bool>()).prop_map(|(test, truth)| {
        let filter = Filter::field(&Path::field("a"), test);
        match truth {
            true => filter,
            false => Filter::Not(Box::new(filter)),
        }
    })
}

/// A stored place.
pub(super) fn place() -> impl Strategy<Value = Value> {
    let stored = |area: Polygon| {
        let position = |point: &Point| {
            Value::Array(
                [point.longitude, point.latitude]
                    .map(Value::Double)
                    .to_vec(),
            )
        };
        let ring = Value::Array(area.exterior.iter().map(position).collect());
        let members = [
            ("type", Value::string("Polygon")),
            ("coordinates", Value::Array(vec![ring])),
        ];
        Value::Object(members.into_iter().collect())
    };
    prop_oneof![
        3 => point().prop_map(Point::to_value),
        1 => area(0.5).prop_map(stored),
        1 => vec(point().prop_map(Point::to_value), 0..3).prop_map(Value::Array),
    ]
}
