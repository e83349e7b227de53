//! No expression takes the machine, whatever it asks for.

use super::{check, outcome, value};
use crate::mongo::Expression;

#[test]
fn what_is_made_is_bounded() {
    let doubled = (0..30).fold(r#""aaaaaaaaaaaaaaaa""#.to_owned(), |inner, _| {
        format!(r#"{{"$let": {{"vars": {{"s": {inner}}}, "in": {{"$concat": ["$$s", "$$s"]}}}}}}"#)
    });
    let steps = "an expression takes too many steps for one document";
    let made = "an expression may make 128 MiB of values for one document";
    check(&[
        (r#"{"$size": {"$range": [0, 1000000]}}"#, "{}", "1000000"),
        (
            r#"{"$range": [0, 1000001]}"#,
            "{}",
            "$range may make an array of 1000000 elements, not of 1000001",
        ),
        (
            r#"{"$range": [-9223372036854775807, 9223372036854775807]}"#,
            "{}",
            "$range may make an array of 1000000 elements, not of 18446744073709551614",
        ),
        (
            &doubled,
            "{}",
            "$concat may make a string of 16777216 bytes, not of 33554432",
        ),
        (
            r#"{"$map": {"input": {"$range": [0, 1000]}, "in": {"$range": [0, 100000]}}}"#,
            "{}",
            made,
        ),
        (
            r#"{"$map": {"input": {"$range": [0, 1000]}, "in": "$big"}}"#,
            &format!(r#"{{"big": [{}0]}}"#, "0,".repeat(10_000)),
            made,
        ),
        (
            r#"{"$anyElementTrue": [{"$map": {"input": {"$range": [0, 100000]}, "in": {"$in": [1, "$big"]}}}]}"#,
            &format!(r#"{{"big": [{}0]}}"#, "0,".repeat(10_000)),
            steps,
        ),
        (
            r#"{"$reduce": {"input": {"$range": [0, 1000]}, "initialValue": [], "in": ["$$value"]}}"#,
            "{}",
            "a value would be nested more than 100 levels deep",
        ),
        (
            r#"{"$replaceAll": {"input": {"$reduce": {"input": {"$range": [0, 1000]}, "initialValue": "",
            "in": {"$concat": ["$$value", "x"]}}}, "find": "", "replacement": "$big"}}"#,
            &format!(r#"{{"big": "{}"}}"#, "y".repeat(100_000)),
            "$replaceAll may make a string of 16777216 bytes, not of 100101000",
        ),
    ]);
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| {
        let inner = (0..levels).fold(value("1"), |inner, _| {
            crate::data::Value::Object([("$abs", inner)].into_iter().collect())
        });
        Expression::parse(&inner)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(nested(99), Ok(()));
    let refused = "an expression may be nested 100 levels deep".to_owned();
    assert_eq!(nested(100), Err(refused.clone()));
    assert_eq!(nested(10_000), Err(refused));
    let deep = format!("{}1{}", r#"{"$abs": ["#.repeat(49), "]}".repeat(49));
    assert_eq!(outcome(&deep, "{}"), r#"{"$numberInt":"1"}"#);
}
