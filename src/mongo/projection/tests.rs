//! Projections of one document.

use super::*;
use crate::data::ejson;

fn object(text: &str) -> Object {
    ejson::parse_object(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

const DOCUMENT: &str = r#"{"_id":"x","a":1,"b":{"c":2,"d":[1,2,3]},"list":[{"p":1,"q":1},{"p":2},7,[{"p":3,"q":3}]],"tags":["u","v","w"]}"#;

#[track_caller]
fn check(projection: &str, query: &str, expected: &str) {
    let read = Projection::parse(&object(projection)).unwrap_or_else(|error| panic!("{error}"));
    let query = Query::parse(&object(query)).unwrap_or_else(|error| panic!("{error}"));
    let document = object(DOCUMENT);
    let projected = read.apply(&document, &query);
    assert_eq!(projected, object(expected), "{projection}");
    let Some(fields) = read.fields() else { return };
    let few: Object = document
        .into_iter()
        .filter(|(name, _)| fields.contains(name))
        .collect();
    assert_eq!(
        read.apply(&few, &query),
        projected,
        "{projection}: {fields:?} are enough"
    );
}

#[test]
fn fields_taken() {
    let cases = [
        ("{}", DOCUMENT),
        (r#"{"a":1}"#, r#"{"_id":"x","a":1}"#),
        (r#"{"a":true,"_id":false}"#, r#"{"a":1}"#),
        (r#"{"a":true,"b":false}"#, r#"{"_id":"x","a":1}"#),
        (r#"{"_id":1}"#, r#"{"_id":"x"}"#),
        (
            r#"{"tags":2.5,"nothing":1}"#,
            r#"{"_id":"x","tags":["u","v","w"]}"#,
        ),
        (r#"{"b.c":1,"a.z":1}"#, r#"{"_id":"x","b":{"c":2}}"#),
        (r#"{"b.z":1}"#, r#"{"_id":"x","b":{}}"#),
        (
            r#"{"list.p":1}"#,
            r#"{"_id":"x","list":[{"p":1},{"p":2},[{"p":3}]]}"#,
        ),
    ];
    for (projection, expected) in cases {
        check(projection, "{}", expected);
    }
}

#[test]
fn fields_left_out() {
    let cases = [
        (
            r#"{"_id":0,"b":0,"list":0}"#,
            r#"{"a":1,"tags":["u","v","w"]}"#,
        ),
        (
            r#"{"_id":1,"b":0,"list":0,"tags":0}"#,
            r#"{"_id":"x","a":1}"#,
        ),
        (
            r#"{"_id":0,"b.d":0,"list.p":0,"tags.z":0,"a":false}"#,
            r#"{"b":{"c":2},"list":[{"q":1},{},7,[{"q":3}]],"tags":["u","v","w"]}"#,
        ),
    ];
    for (projection, expected) in cases {
        check(projection, "{}", expected);
    }
}

#[test]
fn parts_of_arrays() {
    let cases = [
        (
            r#"{"a":1,"tags":{"$slice":1}}"#,
            "{}",
            r#"{"_id":"x","a":1,"tags":["u"]}"#,
        ),
        (
            r#"{"a":1,"tags":{"$slice":-2}}"#,
            "{}",
            r#"{"_id":"x","a":1,"tags":["v","w"]}"#,
        ),
        (
            r#"{"a":1,"tags":{"$slice":[1,1]}}"#,
            "{}",
            r#"{"_id":"x","a":1,"tags":["v"]}"#,
        ),
        (
            r#"{"a":1,"tags":{"$slice":[-9,2]}}"#,
            "{}",
            r#"{"_id":"x","a":1,"tags":["u","v"]}"#,
        ),
        (
            r#"{"a":1,"tags":{"$slice":[9,2]}}"#,
            "{}",
            r#"{"_id":"x","a":1,"tags":[]}"#,
        ),
        (
            r#"{"a":1,"b.d":{"$slice":2}}"#,
            "{}",
            r#"{"_id":"x","a":1,"b":{"d":[1,2]}}"#,
        ),
        (
            r#"{"b":0,"list":0,"tags":{"$slice":1}}"#,
            "{}",
            r#"{"_id":"x","a":1,"tags":["u"]}"#,
        ),
        (
            r#"{"list":{"$elemMatch":{"p":2}}}"#,
            "{}",
            r#"{"_id":"x","list":[{"p":2}]}"#,
        ),
        (
            r#"{"list":{"$elemMatch":{"$gt":5}}}"#,
            "{}",
            r#"{"_id":"x","list":[7]}"#,
        ),
        (
            r#"{"list":{"$elemMatch":{"p":9}},"a":1}"#,
            "{}",
            r#"{"_id":"x","a":1}"#,
        ),
        (r#"{"a":{"$elemMatch":{"p":9}}}"#, "{}", r#"{"_id":"x"}"#),
        (
            r#"{"tags.$":1}"#,
            r#"{"tags":"v"}"#,
            r#"{"_id":"x","tags":["v"]}"#,
        ),
        (
            r#"{"tags.$":1}"#,
            r#"{"a":1,"tags":{"$regex":"[vw]"}}"#,
            r#"{"_id":"x","tags":["v"]}"#,
        ),
        (
            r#"{"list.$":1}"#,
            r#"{"list.p":{"$gte":2}}"#,
            r#"{"_id":"x","list":[{"p":2}]}"#,
        ),
        (
            r#"{"list.$":1}"#,
            r#"{"list":{"$elemMatch":{"p":1,"q":1}}}"#,
            r#"{"_id":"x","list":[{"p":1,"q":1}]}"#,
        ),
        (
            r#"{"b.d.$":1}"#,
            r#"{"$or":[{"a":2},{"b.d":{"$in":[3]}}]}"#,
            r#"{"_id":"x","b":{"d":[3]}}"#,
        ),
        (
            r#"{"tags.$":1,"a":1}"#,
            r#"{"tags":{"$nin":["x"]}}"#,
            r#"{"_id":"x","a":1}"#,
        ),
        (
            r#"{"tags.$":1,"a":1}"#,
            r#"{"a":1}"#,
            r#"{"_id":"x","a":1}"#,
        ),
    ];
    for (projection, query, expected) in cases {
        check(projection, query, expected);
    }
}

#[test]
fn refused() {
    let cases = [
        (r#"{"a":1,"a.b":0}"#, "not both"),
        (r#"{"a":0,"a.b":1}"#, "not both"),
        (r#"{"tags.$":1,"tags":0}"#, "not both"),
        (r#"{"b":{"$elemMatch":{"x":1}},"b.x":0}"#, "not both"),
        (r#"{"b":1,"b.c":1}"#, "`b.c` and a part of it"),
        (r#"{"b.c":0,"b":0}"#, "`b` and a part of it"),
        (r#"{"a":"x"}"#, "`a` needs"),
        (r#"{"a":{"$add":[1]}}"#, "unknown operator: $add"),
        (r#"{"a":{}}"#, "`a` needs"),
        (r#"{"a":{"$slice":"x"}}"#, "`$slice` needs"),
        (r#"{"a":{"$slice":[1,0]}}"#, "`$slice` needs"),
        (r#"{"a":{"$slice":[1]}}"#, "`$slice` needs"),
        (r#"{"a":{"$elemMatch":1}}"#, "`$elemMatch` needs"),
        (r#"{"a.$":0}"#, "needs 1"),
        (r#"{"a.$":1,"b.$":1}"#, "once"),
        (r#"{"a.$.b":1}"#, "not a path"),
        (r#"{"$a":1}"#, "not a path"),
    ];
    for (text, reason) in cases {
        let error = Projection::parse(&object(text)).expect_err(text);
        assert!(error.to_string().contains(reason), "{text}: {error}");
    }
}
