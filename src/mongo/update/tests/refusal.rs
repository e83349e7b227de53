//! What updates refuse.

use super::*;

#[test]
fn what_cannot_be_read() {
    let cases = [
        (r#"{"$foo":{"a":1}}"#, "unknown operator: $foo"),
        (r#"{"a":1}"#, "`a` is no update operator"),
        (
            r#"{"$set":1}"#,
            "`$set` needs an object of fields, found an int",
        ),
        (
            r#"{"$set":{"a..b":1}}"#,
            "the update path `a..b` has an empty name",
        ),
        (r#"{"$set":{"":1}}"#, "the update path `` has an empty name"),
        (
            r#"{"$set":{"$a":1}}"#,
            "`$a` in the update path `$a` begins with `$`",
        ),
        (r#"{"$set":{"$[].a":1}}"#, "the positional operator `$[]`"),
        (
            r#"{"$set":{"$.a":1}}"#,
            "`$` may stand in the update path `$.a` once",
        ),
        (
            r#"{"$set":{"a.$.b.$":1}}"#,
            "`$` may stand in the update path `a.$.b.$` once",
        ),
        (
            r#"{"$set":{"a.$[].b.$":1}}"#,
            "`$` may stand in the update path `a.$[].b.$` once",
        ),
        (
            r#"{"$rename":{"a":"b.$"}}"#,
            "`$rename` on `a`: `b.$` is not one field",
        ),
        (
            r#"{"$set":{"a.$.b":1},"$inc":{"a.$":1}}"#,
            "updating the path `a.$.b` would create a conflict at `a.$`",
        ),
        (r#"{"$set":{"a.$[x]":1}}"#, "the positional operator `$[x]`"),
        (
            r#"{"$set":{"a":1},"$inc":{"a":1}}"#,
            "updating the path `a` would create a conflict at `a`",
        ),
        (
            r#"{"$set":{"a.b":1,"a!":1,"a":1}}"#,
            "updating the path `a.b` would create a conflict at `a`",
        ),
        (
            r#"{"$rename":{"a":"a.b"}}"#,
            "updating the path `a.b` would create a conflict at `a`",
        ),
        (
            r#"{"$rename":{"a":1}}"#,
            "`$rename` on `a`: needs the new name as text, found an int",
        ),
        (r#"{"$rename":{"a":"_id"}}"#, "`_id` cannot be changed"),
        (r#"{"$unset":{"_id":""}}"#, "`_id` cannot be changed"),
        (r#"{"$set":{"_id.x":1}}"#, "`_id` cannot be changed"),
        (
            r#"{"$inc":{"a":"1"}}"#,
            "`$inc` on `a`: needs a number, found a string",
        ),
        (
            r#"{"$bit":{"a":{}}}"#,
            "`$bit` on `a`: needs an object of `and`, `or`, `xor`",
        ),
        (
            r#"{"$bit":{"a":{"not":1}}}"#,
            "`$bit` on `a`: `not` is no bit operation",
        ),
        (
            r#"{"$bit":{"a":{"or":1.5}}}"#,
            "`$bit` on `a`: needs a whole number",
        ),
        (
            r#"{"$currentDate":{"a":{"$type":"timestamp"}}}"#,
            "`$currentDate` on `a`: needs `true`",
        ),
        (
            r#"{"$push":{"a":{"$each":1}}}"#,
            "`$push` on `a`: `$each` needs an array, found an int",
        ),
        (
            r#"{"$push":{"a":{"$each":[],"x":1}}}"#,
            "`$push` on `a`: `x` cannot stand beside `$each`",
        ),
        (
            r#"{"$push":{"a":{"$each":[],"$slice":1.5}}}"#,
            "`$push` on `a`: `$slice` needs a whole number",
        ),
        (
            r#"{"$addToSet":{"a":{"$each":[],"x":1}}}"#,
            "`$addToSet` on `a`: `$each` takes no other",
        ),
        (
            r#"{"$pop":{"a":2}}"#,
            "`$pop` on `a`: needs 1 for the last element or -1",
        ),
        (
            r#"{"$pullAll":{"a":1}}"#,
            "`$pullAll` on `a`: needs an array, found an int",
        ),
    ];
    for (text, expected) in cases {
        let error = Update::parse(&object(text)).expect_err(text).to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
    let long = vec!["a"; ejson::MAX_DEPTH + 1].join(".");
    let set: Object = [(long, crate::data::Value::Null)].into_iter().collect();
    let long = [("$set", crate::data::Value::Object(set))]
        .into_iter()
        .collect();
    assert!(Update::parse(&long).is_err());
}

#[test]
fn what_cannot_be_done() {
    let cases = [
        (
            r#"{"a":1}"#,
            r#"{"$set":{"a.b":1}}"#,
            "`a` holds an int, $set needs an object",
        ),
        (
            r#"{"a":null}"#,
            r#"{"$set":{"a.b":1}}"#,
            "`a` holds null, $set needs an object",
        ),
        (
            r#"{"a":[]}"#,
            r#"{"$set":{"a.b":1}}"#,
            "`a` holds an array, $set needs an object",
        ),
        (
            r#"{"a":[]}"#,
            r#"{"$set":{"a.10001":1}}"#,
            "`a` holds an array, $set needs an object",
        ),
        (
            r#"{"a":"1"}"#,
            r#"{"$inc":{"a":1}}"#,
            "`a` holds a string, $inc needs a number",
        ),
        (
            r#"{"a":null}"#,
            r#"{"$mul":{"a":1}}"#,
            "`a` holds null, $mul needs a number",
        ),
        (
            r#"{"a":9223372036854775807}"#,
            r#"{"$mul":{"a":2}}"#,
            "`a` would leave the range",
        ),
        (
            r#"{"a":1.5}"#,
            r#"{"$bit":{"a":{"or":1}}}"#,
            "`a` holds a double, $bit needs an int",
        ),
        (
            r#"{"a":1}"#,
            r#"{"$push":{"a":1}}"#,
            "`a` holds an int, $push needs an array",
        ),
        (
            r#"{"a":1}"#,
            r#"{"$addToSet":{"a":1}}"#,
            "`a` holds an int, $addToSet needs an array",
        ),
        (
            r#"{"a":null}"#,
            r#"{"$pop":{"a":1}}"#,
            "`a` holds null, $pop needs an array",
        ),
        (
            r#"{"a":{}}"#,
            r#"{"$pull":{"a":1}}"#,
            "`a` holds an object, $pull needs an array",
        ),
        (
            r#"{"a":[[1]]}"#,
            r#"{"$rename":{"a.0":"b"}}"#,
            "`a.0` holds an element of an array",
        ),
        (
            r#"{"a":[],"b":1}"#,
            r#"{"$rename":{"b":"a.0"}}"#,
            "`a.0` holds an element of an array",
        ),
        (
            "{}",
            r#"{"$set":{"a.$[]":1}}"#,
            "`a` must be an array for `$[]`",
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"$set":{"a.$[]":1,"a.0":1}}"#,
            "updating the path `a.0` would create a conflict at `a.0`",
        ),
        (
            r#"{"_id":1}"#,
            r#"{"$set":{"_id":2}}"#,
            "`_id` cannot be changed",
        ),
    ];
    for (before, operators, expected) in cases {
        let error = apply(before, operators).expect_err(operators).to_string();
        assert!(error.starts_with(expected), "{before} {operators}: {error}");
    }
}

#[test]
fn an_element_that_the_condition_does_not_tell() {
    const NO_MATCH: &str = "The positional operator did not find the match needed from the query.";
    let cases = [
        (r#"{"a":[1]}"#, "{}", r#"{"$set":{"a.$":1}}"#, NO_MATCH),
        (
            r#"{"a":[1],"b":[2]}"#,
            r#"{"b":2}"#,
            r#"{"$set":{"a.$":1}}"#,
            NO_MATCH,
        ),
        (
            r#"{"a":1}"#,
            r#"{"a":1}"#,
            r#"{"$set":{"a.$":1}}"#,
            NO_MATCH,
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"a":{"$ne":2}}"#,
            r#"{"$set":{"a.$":1}}"#,
            NO_MATCH,
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"a":{"$not":{"$gt":2}}}"#,
            r#"{"$set":{"a.$":1}}"#,
            NO_MATCH,
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"$nor":[{"a":2}]}"#,
            r#"{"$set":{"a.$":1}}"#,
            NO_MATCH,
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"a":{"$size":1}}"#,
            r#"{"$set":{"a.$":1}}"#,
            NO_MATCH,
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"a":1}"#,
            r#"{"$set":{"a.$":1,"a.0":2}}"#,
            "updating the path `a.0` would create a conflict",
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"a":1}"#,
            r#"{"$rename":{"a.$":"b"}}"#,
            "`a.0` holds an element of an array",
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"a":1}"#,
            r#"{"$push":{"a.$":1}}"#,
            "`a.0` holds an int, $push needs an array",
        ),
    ];
    for (before, condition, operators, expected) in cases {
        let query = Query::parse(&object(condition)).expect("a condition");
        assert!(query.matches(&object(before)), "{before} {condition}");
        let error = update(operators).apply(&object(before), &query, NOW);
        let error = error.expect_err(condition).to_string();
        assert!(
            error.starts_with(expected),
            "{condition} {operators}: {error}"
        );
    }
    let upsert = update(r#"{"$set":{"a.$":1}}"#);
    let error = upsert.insert(&object(r#"{"a":[1]}"#), NOW);
    assert_eq!(error.expect_err("no element").to_string(), NO_MATCH);
}

#[test]
fn growth_is_bounded() {
    let nested = format!("{}1{}", r#"{"a":"#.repeat(60), "}".repeat(60));
    let path = vec!["a"; 60].join(".");
    let deep = format!(r#"{{"$set":{{"{path}":{nested}}}}}"#);
    let error = apply("{}", &deep).expect_err("too deep");
    assert!(matches!(error, Error::Failed(reason) if reason.contains("levels deep")));

    let far = r#"{"$set":{"a.6000":1,"b.6000":1}}"#;
    let error = apply(r#"{"a":[],"b":[]}"#, far).expect_err("two long arrays");
    assert!(
        error.to_string().starts_with("`b` holds an array"),
        "{error}"
    );

    let zeros = vec!["0"; 400].join(",");
    let rows = vec![format!("[{zeros}]"); 400].join(",");
    let error = apply(
        &format!(r#"{{"a":[{rows}]}}"#),
        r#"{"$inc":{"a.$[].$[]":1}}"#,
    );
    let error = error.expect_err("160,000 places").to_string();
    assert!(error.contains("means more than 100000 elements"), "{error}");
}
