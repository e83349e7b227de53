//! What a store is told is implied by the condition, and where it is called exact, the same.

use proptest::prelude::*;

use super::{Object, Path, Query, Value};
use crate::data::arbitrary::any_object;

proptest! {
    #[test]
    fn nothing_that_matches_is_narrowed_away(condition in condition(), document in any_object()) {
        let query = Query::parse(&condition).expect("a condition");
        let narrowing = query.narrowing();
        let (matches, passes) = (query.matches(&document), narrowing.filter.matches(&document));
        prop_assert!(passes || !matches, "{:?}", narrowing);
        prop_assert!(matches || !passes || !narrowing.exact, "{:?}", narrowing);
    }
}

/// Conditions of every kind of operator, about fields such as documents have.
fn condition() -> impl Strategy<Value = Object> {
    use crate::data::arbitrary::path;
    let leaf = (path(), predicate()).prop_map(|(path, value)| {
        let path = path
            .segments()
            .join(".")
            .trim_matches(['.', '$'])
            .replace("..", ".");
        let path = if Path::parse(&path).is_some() {
            path
        } else {
            "a".to_owned()
        };
        member(&path, value)
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..3);
        let element = inner.prop_map(|inner| {
            member(
                "a",
                Value::Object(member("$elemMatch", Value::Object(inner))),
            )
        });
        prop_oneof![
            (prop::sample::select(vec!["$and", "$or", "$nor"]), list).prop_map(|(name, list)| {
                member(
                    name,
                    Value::Array(list.into_iter().map(Value::Object).collect()),
                )
            }),
            element,
        ]
    })
}

fn predicate() -> impl Strategy<Value = Value> {
    use crate::data::arbitrary::{any_value, scalar};
    let plain = || any_value().prop_filter("operators", |value| !value.to_string().contains('$'));
    let list = prop::collection::vec(plain(), 0..3).prop_map(Value::Array);
    let regex = prop::sample::select(vec!["^a", "a", "^a.", "b$", ".*", "^ab*"]);
    let operator = prop_oneof![
        (
            prop::sample::select(vec!["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]),
            plain()
        )
            .prop_map(|(name, value)| member(name, value)),
        (prop::sample::select(vec!["$in", "$nin", "$all"]), list)
            .prop_map(|(name, value)| member(name, value)),
        any::<bool>().prop_map(|exists| member("$exists", Value::Bool(exists))),
        (0_i64..3).prop_map(|size| member("$size", Value::Int(size))),
        (1_i64..3).prop_map(|remainder| member(
            "$mod",
            Value::Array(vec![Value::Int(3), Value::Int(remainder)])
        )),
        prop::sample::select(vec!["number", "string", "array", "object", "null"])
            .prop_map(|kind| member("$type", Value::string(kind))),
        regex.prop_map(|regex| member("$regex", Value::string(regex))),
    ];
    let nested = operator.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (
                prop::sample::select(vec!["$not", "$elemMatch"]),
                inner.clone()
            )
                .prop_map(|(name, inner)| member(name, Value::Object(inner))),
            (inner.clone(), inner).prop_map(|(a, b)| a.into_iter().chain(b).collect::<Object>()),
        ]
    });
    prop_oneof![1 => scalar(), 4 => nested.prop_map(Value::Object)]
}

fn member(name: &str, value: Value) -> Object {
    [(name, value)].into_iter().collect()
}
