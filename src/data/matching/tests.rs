use proptest::prelude::*;

use super::*;
use crate::data::arbitrary::{any_object, any_value, filter};
use crate::data::geo::{Geometry, Point, Region};
use crate::data::{Pattern, Strict, ejson};

fn object(text: &str) -> Object {
    ejson::parse_object(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn value(text: &str) -> Value {
    ejson::parse_value(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn values(text: &str) -> Vec<Value> {
    match value(text) {
        Value::Array(items) => items,
        _ => panic!("not a list: {text}"),
    }
}

fn path(text: &str) -> Path {
    Path::parse(text).expect("a path")
}

fn field(at: &str, test: Test) -> Filter {
    Filter::Field(path(at), test)
}

/// Each test must be true of the first documents and false of the others.
#[track_caller]
fn check(filter: &Filter, matching: &[&str], others: &[&str]) {
    for text in matching {
        assert!(
            filter.matches(&object(text)),
            "{filter:?} must match {text}"
        );
    }
    for text in others {
        assert!(
            !filter.matches(&object(text)),
            "{filter:?} must not match {text}"
        );
    }
}

#[test]
fn equality_fans_out_over_arrays() {
    check(
        &field("a", Test::Eq(Value::Int(1))),
        &[r#"{"a":1}"#, r#"{"a":1.0}"#, r#"{"a":[2,1]}"#],
        &[
            "{}",
            r#"{"a":"1"}"#,
            r#"{"a":[[1]]}"#,
            r#"{"a":true}"#,
            r#"{"a":{"$date":1}}"#,
        ],
    );
    check(
        &field("a.b", Test::Eq(Value::Int(1))),
        &[
            r#"{"a":{"b":1}}"#,
            r#"{"a":[{"b":2},{"b":1}]}"#,
            r#"{"a":{"b":[1]}}"#,
            r#"{"a":[{"b":[1]}]}"#,
        ],
        &[
            r#"{"a":[[{"b":1}]]}"#,
            r#"{"a.b":1}"#,
            r#"{"a":[{"b":[[1]]}]}"#,
        ],
    );
    check(
        &field("a", Test::Eq(value("[1,2]"))),
        &[r#"{"a":[1,2]}"#, r#"{"a":[1.0,2]}"#, r#"{"a":[[1,2],3]}"#],
        &[r#"{"a":[2,1]}"#, r#"{"a":[1,2,3]}"#, r#"{"a":1}"#],
    );
    check(
        &field("a", Test::Eq(value(r#"{"x":1,"y":2}"#))),
        &[r#"{"a":{"x":1,"y":2}}"#, r#"{"a":[{"x":1.0,"y":2}]}"#],
        &[r#"{"a":{"y":2,"x":1}}"#, r#"{"a":{"x":1}}"#],
    );
}

#[test]
fn index_segments_step_into_arrays() {
    check(
        &field("a.1", Test::Eq(Value::Int(7))),
        &[r#"{"a":[5,7]}"#, r#"{"a":{"1":7}}"#, r#"{"a":[{"1":7}]}"#],
        &[r#"{"a":[7,5]}"#, r#"{"a":[5,[7]]}"#, r#"{"a":[5]}"#],
    );
    check(
        &field("a.1.b", Test::Eq(Value::Int(7))),
        &[
            r#"{"a":[5,{"b":7}]}"#,
            r#"{"a":[5,[{"b":7}]]}"#,
            r#"{"a":[{"1":{"b":7}}]}"#,
        ],
        &[r#"{"a":[{"b":7},5]}"#, r#"{"a":[5,7]}"#],
    );
    check(
        &field("a.01", Test::Eq(Value::Int(7))),
        &[r#"{"a":{"01":7}}"#],
        &[r#"{"a":[5,7]}"#],
    );
}

#[test]
fn null_equals_missing() {
    let matching = [
        "{}",
        r#"{"a":null}"#,
        r#"{"a":5}"#,
        r#"{"a":{}}"#,
        r#"{"a":{"b":null}}"#,
        r#"{"a":[{"b":3},{}]}"#,
        r#"{"a":{"b":[null]}}"#,
    ];
    let others = [
        r#"{"a":{"b":1}}"#,
        r#"{"a":[]}"#,
        r#"{"a":[null,1]}"#,
        r#"{"a":[{"b":3}]}"#,
        r#"{"a":{"b":[]}}"#,
    ];
    let null = || field("a.b", Test::Eq(Value::Null));
    check(&null(), &matching, &others);
    check(
        &field("a.b", Test::In(values("[7,null]"))),
        &matching,
        &others,
    );
    check(&field("a.b", Test::Lte(Value::Null)), &matching, &others);
    check(&field("a.b", Test::Gte(Value::Null)), &matching, &others);
    check(&field("a.b", Test::Ne(Value::Null)), &others, &matching);
    check(
        &field("a.b", Test::NotIn(values("[7,null]"))),
        &others,
        &matching,
    );
    check(&field("a.b", Test::Gt(Value::Null)), &[], &matching);
}

#[test]
fn negations_ask_every_value() {
    check(
        &field("a", Test::Ne(Value::Int(1))),
        &[
            "{}",
            r#"{"a":null}"#,
            r#"{"a":2}"#,
            r#"{"a":[]}"#,
            r#"{"a":[2]}"#,
            r#"{"a":"1"}"#,
        ],
        &[r#"{"a":1}"#, r#"{"a":[1,2]}"#],
    );
    check(&field("a", Test::In(vec![])), &[], &["{}", r#"{"a":1}"#]);
    check(&field("a", Test::NotIn(vec![])), &["{}", r#"{"a":1}"#], &[]);
}

#[test]
fn comparisons_stay_within_a_type() {
    check(
        &field("a", Test::Gt(Value::Int(5))),
        &[
            r#"{"a":5.5}"#,
            r#"{"a":[1,6]}"#,
            r#"{"a":{"$numberDouble":"Infinity"}}"#,
        ],
        &[
            "{}",
            r#"{"a":5}"#,
            r#"{"a":"9"}"#,
            r#"{"a":{"$date":9}}"#,
            r#"{"a":true}"#,
            r#"{"a":[[9]]}"#,
        ],
    );
    check(
        &field("a", Test::Lt(Value::Int(5))),
        &[r#"{"a":4}"#, r#"{"a":-1e300}"#],
        &["{}", r#"{"a":null}"#, r#"{"a":{"$numberDouble":"NaN"}}"#],
    );
    check(
        &field("a", Test::Gte(Value::string("b"))),
        &[r#"{"a":"b"}"#, r#"{"a":"中"}"#],
        &[r#"{"a":"a"}"#, r#"{"a":99}"#],
    );
    check(
        &field("a", Test::Lte(Value::Date(0))),
        &[r#"{"a":{"$date":-1}}"#],
        &[r#"{"a":-1}"#, r#"{"a":{"$date":1}}"#],
    );
    check(
        &field("a", Test::Gt(value("[1,2]"))),
        &[r#"{"a":[1,3]}"#, r#"{"a":[[2]]}"#],
        &[r#"{"a":[1,2]}"#, r#"{"a":5}"#],
    );
    let nan = || Value::Double(f64::NAN);
    let only_nan = [r#"{"a":{"$numberDouble":"NaN"}}"#];
    for test in [Test::Eq(nan()), Test::Gte(nan()), Test::Lte(nan())] {
        check(&field("a", test), &only_nan, &[r#"{"a":1}"#, "{}"]);
    }
    check(
        &field("a", Test::Gt(nan())),
        &[],
        &[r#"{"a":1}"#, only_nan[0]],
    );
}

#[test]
fn existence() {
    let there = [
        r#"{"a":{"b":null}}"#,
        r#"{"a":[{},{"b":1}]}"#,
        r#"{"a":{"b":[]}}"#,
    ];
    let absent = [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":{}}"#,
        r#"{"a":[]}"#,
        r#"{"a":[1]}"#,
        r#"{"a":[{}]}"#,
    ];
    check(&field("a.b", Test::Exists(true)), &there, &absent);
    check(&field("a.b", Test::Exists(false)), &absent, &there);
}

#[test]
fn texts_are_literal() {
    let one = |test| field("a", test);
    check(
        &one(Test::StartsWith("a.".into())),
        &[r#"{"a":"a.b"}"#, r#"{"a":["x","a."]}"#],
        &[r#"{"a":"ab"}"#, r#"{"a":1}"#, "{}"],
    );
    check(
        &one(Test::Contains("*".into())),
        &[r#"{"a":"a*b"}"#],
        &[r#"{"a":"ab"}"#],
    );
    check(
        &one(Test::EndsWith("$".into())),
        &[r#"{"a":"5$"}"#],
        &[r#"{"a":"5"}"#],
    );
    check(
        &one(Test::Contains(String::new())),
        &[r#"{"a":""}"#],
        &[r#"{"a":null}"#],
    );
    let pattern = Pattern::new("^a.c$").expect("a pattern");
    check(
        &one(Test::Matches(pattern)),
        &[r#"{"a":"abc"}"#, r#"{"a":["x","a.c"]}"#],
        &[r#"{"a":"abcd"}"#],
    );
}

#[test]
fn arrays_as_such() {
    check(
        &field("a", Test::Has(Value::Int(1))),
        &[r#"{"a":[2,1.0]}"#],
        &[r#"{"a":1}"#, r#"{"a":[[1]]}"#, "{}"],
    );
    check(
        &field("a", Test::Has(Value::Null)),
        &[r#"{"a":[null]}"#],
        &["{}", r#"{"a":null}"#, r#"{"a":[]}"#],
    );
    check(
        &field("a", Test::HasEvery(values("[1,2]"))),
        &[r#"{"a":[2,3,1]}"#],
        &[r#"{"a":[1]}"#],
    );
    check(
        &field("a", Test::HasEvery(vec![])),
        &[r#"{"a":[]}"#],
        &["{}", r#"{"a":1}"#],
    );
    check(
        &field("a", Test::HasSome(values("[1,2]"))),
        &[r#"{"a":[2,3]}"#],
        &[r#"{"a":[3]}"#],
    );
    check(&field("a", Test::HasSome(vec![])), &[], &[r#"{"a":[]}"#]);
    check(
        &field("a", Test::Size(2)),
        &[r#"{"a":[[1],2]}"#],
        &[r#"{"a":[[1,2]]}"#, r#"{"a":2}"#, "{}"],
    );
    check(
        &field("a.b", Test::Size(1)),
        &[r#"{"a":[{"b":[1]},{}]}"#],
        &[r#"{"a":[{"b":1}]}"#],
    );
    check(
        &field("a.0", Test::Size(1)),
        &[r#"{"a":[[1]]}"#],
        &[r#"{"a":[1]}"#],
    );
}

#[test]
fn one_element_must_pass_all() {
    let line = field("p", Test::Gt(Value::Int(1))).and(field("q", Test::Lt(Value::Int(9))));
    check(
        &field("a", Test::Some(Box::new(line))),
        &[r#"{"a":[{"p":1},{"p":2,"q":3}]}"#],
        &[
            r#"{"a":[{"p":2,"q":9},{"p":1,"q":3}]}"#,
            r#"{"a":{"p":2,"q":3}}"#,
            r#"{"a":[[{"p":2,"q":3}]]}"#,
        ],
    );
    let between = vec![Test::Gt(Value::Int(1)), Test::Lt(Value::Int(5))];
    check(
        &field("a", Test::SomeElement(between)),
        &[r#"{"a":[9,3]}"#],
        &[r#"{"a":[1,9]}"#, r#"{"a":3}"#, r#"{"a":[[3]]}"#],
    );
    let not_one = vec![Test::Ne(Value::Int(1))];
    check(
        &field("a", Test::SomeElement(not_one)),
        &[r#"{"a":[1,2]}"#, r#"{"a":[null]}"#],
        &[r#"{"a":[1]}"#, "{}", r#"{"a":[{}]}"#],
    );
}

#[test]
fn shapes() {
    let center = Point::new(116.4, 39.9).expect("a place");
    let near = Region::circle(center, 1000.0).expect("a circle");
    let at = r#"{"a":{"type":"Point","coordinates":[116.401,39.9]}}"#;
    let list = r#"{"a":[{"type":"Point","coordinates":[0,0]},{"type":"Point","coordinates":[116.4,39.901]}]}"#;
    check(
        &field("a", Test::GeoWithin(near)),
        &[at, list],
        &["{}", r#"{"a":[116.4,39.9]}"#],
    );
    let origin = Geometry::Point(Point::new(0.0, 0.0).expect("a place"));
    check(&field("a", Test::GeoIntersects(origin)), &[list], &[at]);
}

fn strict(leaf: Strict) -> Filter {
    Filter::Strict(leaf)
}

#[test]
fn strict_leaves_know_one_value_of_one_type() {
    check(
        &strict(Strict::Compare(path("a"), Comparison::Eq, Value::Int(1))),
        &[r#"{"a":1}"#, r#"{"a":1.0}"#],
        &["{}", r#"{"a":[1]}"#, r#"{"a":"1"}"#, r#"{"a":null}"#],
    );
    check(
        &strict(Strict::Compare(
            path("a"),
            Comparison::Ne,
            Value::string("x"),
        )),
        &[r#"{"a":"y"}"#],
        &[
            "{}",
            r#"{"a":null}"#,
            r#"{"a":1}"#,
            r#"{"a":"x"}"#,
            r#"{"a":["y"]}"#,
        ],
    );
    check(
        &strict(Strict::Compare(path("a.b"), Comparison::Lt, Value::Date(5))),
        &[r#"{"a":{"b":{"$date":4}}}"#],
        &[r#"{"a":{"b":4}}"#, r#"{"a":[{"b":{"$date":4}}]}"#],
    );
    let nan = r#"{"a":{"$numberDouble":"NaN"},"b":1}"#;
    check(
        &strict(Strict::Compare(path("a"), Comparison::Ne, Value::Int(1))),
        &[r#"{"a":2}"#],
        &[nan],
    );
    check(
        &strict(Strict::CompareFields(path("a"), Comparison::Gte, path("b"))),
        &[r#"{"a":2,"b":1.5}"#, r#"{"a":"b","b":"a"}"#],
        &[
            nan,
            "{}",
            r#"{"a":true,"b":false}"#,
            r#"{"a":null,"b":null}"#,
            r#"{"a":[],"b":[]}"#,
        ],
    );
}

#[test]
fn strict_lists() {
    let list = || values(r#"["x",1]"#);
    check(
        &strict(Strict::In(path("a"), list())),
        &[r#"{"a":"x"}"#, r#"{"a":1.0}"#],
        &["{}", r#"{"a":"y"}"#, r#"{"a":["x"]}"#, r#"{"a":null}"#],
    );
    check(
        &strict(Strict::NotIn(path("a"), list())),
        &[],
        &["{}", r#"{"a":"y"}"#, r#"{"a":2}"#],
    );
    check(
        &strict(Strict::NotIn(path("a"), values(r#"["x"]"#))),
        &[r#"{"a":"y"}"#],
        &["{}", r#"{"a":"x"}"#, r#"{"a":1}"#, r#"{"a":null}"#],
    );
    check(
        &strict(Strict::NotIn(path("a"), vec![])),
        &[r#"{"a":1}"#],
        &["{}", r#"{"a":null}"#],
    );
    check(
        &strict(Strict::Contains(path("a"), Value::Int(1))),
        &[r#"{"a":["x",1.0]}"#],
        &["{}", r#"{"a":1}"#, r#"{"a":[[1]]}"#],
    );
    check(
        &strict(Strict::NotContains(path("a"), Value::Int(1))),
        &[r#"{"a":[]}"#, r#"{"a":[2,3.5]}"#],
        &[
            "{}",
            r#"{"a":2}"#,
            r#"{"a":[2,1]}"#,
            r#"{"a":[2,"x"]}"#,
            r#"{"a":[null]}"#,
        ],
    );
    let contains_field = |negated| {
        strict(Strict::ContainsField {
            array: path("a"),
            element: path("b"),
            negated,
        })
    };
    let (inside, outside) = (r#"{"a":["x","y"],"b":"x"}"#, r#"{"a":["x","y"],"b":"z"}"#);
    let neither = [r#"{"a":["x"]}"#, r#"{"b":"x"}"#, r#"{"a":[null],"b":null}"#];
    check(
        &contains_field(false),
        &[inside],
        &[&[outside], &neither[..]].concat(),
    );
    check(
        &contains_field(true),
        &[outside],
        &[&[inside], &neither[..]].concat(),
    );
}

#[test]
fn strict_presence() {
    let present = [r#"{"a":{"b":0}}"#, r#"{"a":{"b":[]}}"#];
    let absent = [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":{"b":null}}"#,
        r#"{"a":[{"b":1}]}"#,
    ];
    check(&strict(Strict::Present(path("a.b"))), &present, &absent);
    check(&strict(Strict::Absent(path("a.b"))), &absent, &present);
    check(
        &strict(Strict::Present(path("a.0.b"))),
        &[r#"{"a":[{"b":1}]}"#],
        &present,
    );
}

proptest! {
    #[test]
    fn the_laws_of_logic(a in filter(), b in filter(), fields in any_object()) {
        let (is_a, is_b) = (a.matches(&fields), b.matches(&fields));
        let not = |filter: &Filter| Filter::Not(Box::new(filter.clone()));
        prop_assert_eq!(not(&a).matches(&fields), !is_a);
        prop_assert_eq!(Filter::And(vec![a.clone(), b.clone()]).matches(&fields), is_a && is_b);
        prop_assert_eq!(Filter::Or(vec![a.clone(), b.clone()]).matches(&fields), is_a || is_b);
        prop_assert_eq!(a.clone().and(b.clone()).matches(&fields), is_a && is_b);
        prop_assert_eq!(a.or(b).matches(&fields), is_a || is_b);
        prop_assert!(Filter::all().matches(&fields) && !Filter::none().matches(&fields));
    }

    #[test]
    fn negated_tests_are_negations(
        path in crate::data::arbitrary::path(),
        value in any_value(),
        fields in any_object(),
    ) {
        let matches = |test: Test| Filter::field(&path, test).matches(&fields);
        prop_assert_eq!(matches(Test::Ne(value.clone())), !matches(Test::Eq(value.clone())));
        let one = vec![value.clone()];
        prop_assert_eq!(matches(Test::In(one.clone())), matches(Test::Eq(value.clone())));
        prop_assert_eq!(matches(Test::NotIn(one.clone())), !matches(Test::In(one)));
        prop_assert_eq!(matches(Test::Exists(true)), !matches(Test::Exists(false)));
        if matches(Test::Gt(value.clone())) {
            prop_assert!(matches(Test::Gte(value.clone())));
        }
        if matches(Test::Has(value.clone())) {
            prop_assert!(matches(Test::Eq(value)));
        }
    }

    /// What a store may narrow by: the keys of documents an equality matches are those of the value or of arrays.
    #[test]
    fn keys_narrow(path in crate::data::arbitrary::path(), value in any_value(), fields in any_object()) {
        let key = collation::key(path.sort_value(&fields));
        let in_array = key[0] == collation::ARRAY_CLASS;
        if Filter::field(&path, Test::Eq(value.clone())).matches(&fields) {
            prop_assert!(in_array || key == collation::key(Some(&value)));
        }
        if Filter::field(&path, Test::Lt(value.clone())).matches(&fields) {
            prop_assert!(in_array || key < collation::key(Some(&value)));
        }
    }
}
