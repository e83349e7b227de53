use proptest::prelude::*;

use super::*;
use crate::data::Object;
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
