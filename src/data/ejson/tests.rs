use proptest::prelude::*;
use smol_str::SmolStr;

use super::*;
use crate::data::arbitrary::{any_object, any_value, path};
use crate::data::{Binary, ObjectId, Path, collation};

fn read(text: &str) -> Value {
    parse_value(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> String {
    parse_value(text).expect_err(text).to_string()
}

/// Structurally equal, but for the bits of NaN.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Double(a), Value::Double(b)) if a.is_nan() => b.is_nan(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let members = a.iter().zip(b.iter());
            a.len() == b.len()
                && members
                    .into_iter()
                    .all(|(a, b)| a.0 == b.0 && same(a.1, b.1))
        }
        _ => a == b,
    }
}

fn same_object(a: &Object, b: &Object) -> bool {
    same(&Value::Object(a.clone()), &Value::Object(b.clone()))
}

#[test]
fn reads_what_the_sdks_send() {
    let id = ObjectId::parse("0123456789abcdef01234567").expect("an ObjectId");
    let cases = [
        (r#"{"$numberInt":"1"}"#, Value::Int(1)),
        (r#"{"$numberInt":"-0"}"#, Value::Int(0)),
        (r#"{"$numberLong":"3000000000"}"#, Value::Int(3_000_000_000)),
        (r#"{"$numberDouble":"1.5"}"#, Value::Double(1.5)),
        (r#"{"$numberDouble":"1e+300"}"#, Value::Double(1e300)),
        (
            r#"{"$numberDouble":"100000000000000000000"}"#,
            Value::Double(1e20),
        ),
        (
            r#"{"$numberDouble":"-Infinity"}"#,
            Value::Double(f64::NEG_INFINITY),
        ),
        (
            r#"{"$date":{"$numberLong":"1704164645678"}}"#,
            Value::Date(1_704_164_645_678),
        ),
        (r#"{"$date":{"$numberLong":"-1"}}"#, Value::Date(-1)),
        (r#"{"$date":1704164645678}"#, Value::Date(1_704_164_645_678)),
        (
            r#"{"$date":1704164645678.0}"#,
            Value::Date(1_704_164_645_678),
        ),
        (
            r#"{"$date":"2024-01-02T11:04:05.678+08:00"}"#,
            Value::Date(1_704_164_645_678),
        ),
        (
            r#"{"$oid":"0123456789ABCDEF01234567"}"#,
            Value::ObjectId(id),
        ),
        (
            r#"{"$binary":{"base64":"AQI=","subType":"04"}}"#,
            Value::Binary(Binary {
                subtype: 4,
                bytes: vec![1, 2],
            }),
        ),
        (
            r#"{"$binary":"AQI=","$type":"0"}"#,
            Value::Binary(Binary {
                subtype: 0,
                bytes: vec![1, 2],
            }),
        ),
        ("1", Value::Int(1)),
        ("1.0", Value::Double(1.0)),
        ("9223372036854775807", Value::Int(i64::MAX)),
        (
            "9223372036854775808",
            Value::Double(9_223_372_036_854_775_808.0),
        ),
        ("99999999999999999999999", Value::Double(1e23)),
        (r#""\u0000中""#, Value::string("\0中")),
        ("null", Value::Null),
    ];
    for (text, value) in cases {
        assert!(same(&read(text), &value), "{text}: {:?}", read(text));
    }
    assert!(same(
        &read(r#"{"$numberDouble":"NaN"}"#),
        &Value::Double(f64::NAN)
    ));
}

#[test]
fn unknown_wrappers_stay_objects_and_members_keep_their_order() {
    for text in [
        r#"{"$numberDecimal":"1.5"}"#,
        r#"{"$regularExpression":{"pattern":"^a","options":"i"}}"#,
        r#"{"$tcb_server_date":{"offset":0}}"#,
        r#"{"$date":{"offset":0}}"#,
        r#"{"$oid":"not alone","b":1}"#,
        r#"{"b":1,"a":{"z":1,"y":[]}}"#,
        "{}",
    ] {
        assert_eq!(value_to_string(&read(text), Mode::Relaxed), text);
    }
    assert_eq!(read(r#"{"a":1,"b":2,"a":3}"#), read(r#"{"a":3,"b":2}"#));
}

#[test]
fn errors_say_where_and_why() {
    let cases = [
        (
            r#"{"a":[0,{"b":{"$numberLong":"9223372036854776000"}}]}"#,
            "at `a.1.b`: `$numberLong` needs a whole number of 64 bits, found `9223372036854776000`",
        ),
        (
            r#"{"$numberInt":"2147483648"}"#,
            "needs a whole number of 32 bits",
        ),
        (r#"{"$numberDouble":"inf"}"#, "needs a number, found `inf`"),
        (r#"{"$numberDouble":true}"#, "needs a number, found a bool"),
        (
            r#"{"d":{"$date":"yesterday"}}"#,
            "at `d`: `$date`: `yesterday` is not a date",
        ),
        (
            r#"{"d":{"$date":1.5}}"#,
            "at `d`: `$date` needs whole milliseconds",
        ),
        (r#"{"$oid":"12"}"#, "24 hexadecimal digits, found `12`"),
        (
            r#"{"$binary":{"base64":"!","subType":"00"}}"#,
            "needs base64 text",
        ),
        (
            r#"{"$binary":{"base64":"","subType":"+1"}}"#,
            "needs base64 text",
        ),
        (r#"{"a":"#, "at `a`: EOF"),
        ("1e999", "number out of range"),
        ("1 2", "trailing characters"),
        ("", "EOF"),
    ];
    for (text, expected) in cases {
        assert!(error(text).contains(expected), "{text}: {}", error(text));
    }
    let list = parse_object("[]").expect_err("a list");
    assert_eq!(list.to_string(), "expected an object, found an array");
}

#[test]
fn depth_is_bounded() {
    let nested =
        |depth: usize, leaf: &str| format!("{}{leaf}{}", "[".repeat(depth), "]".repeat(depth));
    let date = r#"{"$date":{"$numberLong":"0"}}"#;
    assert!(parse_value(&nested(MAX_DEPTH, date)).is_ok());
    assert!(error(&nested(MAX_DEPTH, "{}")).contains("nested more than 100 levels deep"));
    assert!(error(&nested(MAX_DEPTH + 1, "")).contains("nested more than 100 levels deep"));
    assert!(parse_value(&nested(100_000, "")).is_err());
    assert!(parse_value(&"{\"a\":".repeat(100_000)).is_err());
}

#[test]
fn a_hundred_thousand_members_take_no_quadratic_time() {
    let members: Vec<String> = (0..100_000).map(|at| format!(r#""m{at}":{at}"#)).collect();
    let text = format!("{{{},\"m7\":true}}", members.join(","));
    let object = parse_object(&text).expect("valid EJSON");
    assert_eq!(object.len(), 100_000);
    assert_eq!(object.get("m7"), Some(&Value::Bool(true)));
}

#[test]
fn both_modes_as_documented() {
    let object: Object = [
        ("i", Value::Int(-2_147_483_648)),
        ("l", Value::Int(2_147_483_648)),
        ("d", Value::Double(1.0)),
        ("n", Value::Double(f64::NAN)),
        ("t", Value::Date(1_704_164_645_678)),
        ("old", Value::Date(-1)),
        ("far", Value::Date(i64::MAX)),
        (
            "b",
            Value::Binary(Binary {
                subtype: 0,
                bytes: vec![255],
            }),
        ),
        ("s", Value::string("\"\n")),
        ("a", Value::Array(vec![Value::Null, Value::Bool(true)])),
    ]
    .into_iter()
    .collect();
    insta::assert_snapshot!(object_to_string(&object, Mode::Canonical).replace(",\"", ",\n\""));
    insta::assert_snapshot!(object_to_string(&object, Mode::Relaxed).replace(",\"", ",\n\""));
}

/// Objects that look like wrappers have no EJSON form of their own.
fn without_dollars(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(without_dollars),
        Value::Object(object) => object
            .iter()
            .all(|(name, value)| !name.starts_with('$') && without_dollars(value)),
        _ => true,
    }
}

#[test]
fn the_storage_form() {
    let cases = [
        (
            r#"{"a":1,"b":1.0,"c":1e+300}"#,
            r#"{"a":1,"b":1.0,"c":1e+300}"#,
        ),
        (r#"{"a":{"$date":5}}"#, r#"{"a":{"$d":5}}"#),
        (
            r#"{"a":{"$numberDouble":"-Infinity"}}"#,
            r#"{"a":{"$n":"-inf"}}"#,
        ),
        (r#"{"a":{"$d":5}}"#, r#"{"a":{"$$d":5}}"#),
        (r#"{"$$d":{"x":1,"$d":5}}"#, r#"{"$$$d":{"x":1,"$d":5}}"#),
        (
            r#"{"a":{"$binary":{"base64":"AQI=","subType":"80"}}}"#,
            r#"{"a":{"$b":"80AQI"}}"#,
        ),
    ];
    for (ejson, stored) in cases {
        let object = parse_object(ejson).expect(ejson);
        assert_eq!(storage::encode(&object), stored);
        assert_eq!(storage::decode(stored).expect(stored), object);
    }
    for text in [
        "",
        "[]",
        "1",
        r#"{"a":"#,
        r#"{"a":{"$q":1}}"#,
        r#"{"a":{"$d":1,"b":2}}"#,
        "{} x",
    ] {
        assert!(storage::decode(text).is_err(), "{text}");
    }
}

#[test]
fn a_wrapped_value_has_no_members() {
    let stored = r#"{"a":{"$d":5}}"#;
    for text in ["a.d", "a.$d", "a.$$d"] {
        let path = Path::parse(text).expect("a path");
        assert_eq!(
            storage::lookup(stored, &path).expect("stored"),
            None,
            "{text}"
        );
    }
}

#[test]
fn partial_reads_notice_damage_before_what_they_need() {
    let name = [SmolStr::new("b")];
    assert!(storage::decode_fields(r#"{"a":!,"b":1}"#, &name).is_err());
    assert!(storage::decode_fields(r#"{"a":1,"b":"#, &name).is_err());
    assert!(storage::lookup("[", &Path::field("b")).is_err());
}

proptest! {
    #[test]
    fn ejson_round_trips(value in any_value().prop_filter("EJSON has a form for it", without_dollars)) {
        for mode in [Mode::Canonical, Mode::Relaxed] {
            let text = value_to_string(&value, mode);
            prop_assert!(same(&read(&text), &value), "{}", text);
        }
    }

    #[test]
    fn storage_round_trips(object in any_object()) {
        let text = storage::encode(&object);
        let back = storage::decode(&text).expect("just written");
        prop_assert!(same_object(&back, &object), "{}", text);
    }

    #[test]
    fn a_partial_read_is_part_of_the_whole(
        object in any_object(),
        names in prop::collection::btree_set(crate::data::arbitrary::name(), 0..4),
    ) {
        let names: Vec<SmolStr> = names.into_iter().collect();
        let part = storage::decode_fields(&storage::encode(&object), &names).expect("just written");
        let expected: Object = object.into_iter().filter(|(name, _)| names.contains(name)).collect();
        prop_assert!(same_object(&part, &expected));
    }

    #[test]
    fn a_stored_look_up_is_the_sort_value(object in any_object(), path in path()) {
        let found = storage::lookup(&storage::encode(&object), &path).expect("just written");
        let expected = path.sort_value(&object);
        prop_assert_eq!(found.is_some(), expected.is_some());
        prop_assert!(collation::compare_optional(found.as_ref(), expected).is_eq());
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}|[\\[\\]{}\":,$a-z0-9.-]{0,40}") {
        let _ = parse_value(&text);
        let _ = storage::decode(&text);
        let _ = storage::decode_fields(&text, &[SmolStr::new("a")]);
        let _ = storage::lookup(&text, &Path::field("a"));
    }

    #[test]
    fn a_stored_text_that_breaks_off_is_damaged(object in any_object(), at in any::<prop::sample::Index>()) {
        let text = storage::encode(&object);
        let end = text.floor_char_boundary(at.index(text.len()));
        let absent = SmolStr::new("none of its names");
        prop_assert!(storage::decode_fields(&text[..end], &[absent]).is_err(), "{}", text);
    }
}
