//! Updates of single documents.

mod refusal;

use proptest::prelude::*;

use super::*;
use crate::data::arbitrary::any_object;
use crate::data::ejson;
use crate::mongo::Error;

const NOW: i64 = 1_700_000_000_000;

fn object(text: &str) -> Object {
    ejson::parse_object(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn update(text: &str) -> Update {
    Update::parse(&object(text)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn apply(document: &str, operators: &str) -> Result<Object> {
    update(operators).apply(&object(document), &Query::all(), NOW)
}

fn check(cases: &[(&str, &str, &str)]) {
    for (before, operators, after) in cases {
        let result =
            apply(before, operators).unwrap_or_else(|error| panic!("{operators}: {error}"));
        let result = ejson::object_to_string(&result, ejson::Mode::Relaxed);
        assert_eq!(&result, after, "{before} {operators}");
    }
}

#[test]
fn operators_on_fields() {
    check(&[
        (r#"{"a":1}"#, "{}", r#"{"a":1}"#),
        ("{}", r#"{"$set":{"a":{"$numberInt":"1"}}}"#, r#"{"a":1}"#),
        (r#"{"a":1}"#, r#"{"$set":{"a":null}}"#, r#"{"a":null}"#),
        (
            r#"{"a":{"x":1}}"#,
            r#"{"$set":{"a.b.c":1}}"#,
            r#"{"a":{"x":1,"b":{"c":1}}}"#,
        ),
        (
            r#"{"a":{"x":1}}"#,
            r#"{"$set":{"a":{"b":1}}}"#,
            r#"{"a":{"b":1}}"#,
        ),
        (
            r#"{"a":[{"b":0}]}"#,
            r#"{"$set":{"a.0.b":1}}"#,
            r#"{"a":[{"b":1}]}"#,
        ),
        ("{}", r#"{"$set":{"a.0.b":1}}"#, r#"{"a":{"0":{"b":1}}}"#),
        (
            r#"{"a":[1]}"#,
            r#"{"$set":{"a.3":4}}"#,
            r#"{"a":[1,null,null,4]}"#,
        ),
        (
            r#"{"a":1}"#,
            r#"{"$set":{"a":{"$regularExpression":{"pattern":"x","options":"i"}}}}"#,
            r#"{"a":{"$regularExpression":{"pattern":"x","options":"i"}}}"#,
        ),
        (r#"{"a":1,"b":2}"#, r#"{"$unset":{"a":""}}"#, r#"{"b":2}"#),
        (
            r#"{"a":[{"s":1,"t":2},3]}"#,
            r#"{"$unset":{"a.1":"","a.0.s":"","b.c":""}}"#,
            r#"{"a":[{"t":2},null]}"#,
        ),
        ("{}", r#"{"$inc":{"a.b":1}}"#, r#"{"a":{"b":1}}"#),
        (
            r#"{"a":0.2}"#,
            r#"{"$inc":{"a":{"$numberDouble":"-0.05"}}}"#,
            r#"{"a":0.15000000000000002}"#,
        ),
        (r#"{"a":3}"#, r#"{"$mul":{"a":2}}"#, r#"{"a":6}"#),
        (r#"{"a":3}"#, r#"{"$mul":{"a":1.5}}"#, r#"{"a":4.5}"#),
        ("{}", r#"{"$mul":{"a":2,"b":2.5}}"#, r#"{"a":0,"b":0.0}"#),
        (
            r#"{"a":5}"#,
            r#"{"$min":{"a":0,"b":7}}"#,
            r#"{"a":0,"b":7}"#,
        ),
        (
            r#"{"a":5,"b":"x"}"#,
            r#"{"$min":{"a":6,"b":6}}"#,
            r#"{"a":5,"b":6}"#,
        ),
        (
            r#"{"a":5,"b":null}"#,
            r#"{"$max":{"a":100,"b":1}}"#,
            r#"{"a":100,"b":1}"#,
        ),
        (r#"{"a":5}"#, r#"{"$max":{"a":5.0}}"#, r#"{"a":5}"#),
        (
            r#"{"a":1,"b":2}"#,
            r#"{"$rename":{"a":"c.d"}}"#,
            r#"{"b":2,"c":{"d":1}}"#,
        ),
        (
            r#"{"a":1,"b":2}"#,
            r#"{"$rename":{"a":"b","x":"y"}}"#,
            r#"{"b":1}"#,
        ),
        (r#"{"a":[1]}"#, r#"{"$rename":{"a":"b"}}"#, r#"{"b":[1]}"#),
        (r#"{"a":13}"#, r#"{"$bit":{"a":{"and":10}}}"#, r#"{"a":8}"#),
        (r#"{"a":3}"#, r#"{"$bit":{"a":{"or":5}}}"#, r#"{"a":7}"#),
        ("{}", r#"{"$bit":{"a":{"xor":5}}}"#, r#"{"a":5}"#),
        (
            "{}",
            r#"{"$currentDate":{"a":true,"b":{"$type":"date"}}}"#,
            r#"{"a":{"$date":"2023-11-14T22:13:20.000Z"},"b":{"$date":"2023-11-14T22:13:20.000Z"}}"#,
        ),
        (
            r#"{"_id":1}"#,
            r#"{"$set":{"_id":1.0,"a":2}}"#,
            r#"{"_id":1,"a":2}"#,
        ),
        (
            r#"{"_id":1}"#,
            r#"{"$setOnInsert":{"_id":2,"a":2}}"#,
            r#"{"_id":1}"#,
        ),
    ]);
}

#[test]
fn operators_on_arrays() {
    check(&[
        ("{}", r#"{"$push":{"a":1}}"#, r#"{"a":[1]}"#),
        (r#"{"a":[0]}"#, r#"{"$push":{"a":[1]}}"#, r#"{"a":[0,[1]]}"#),
        (
            r#"{"a":[0]}"#,
            r#"{"$push":{"a":{"$each":[1,2]}}}"#,
            r#"{"a":[0,1,2]}"#,
        ),
        (
            r#"{"a":[0]}"#,
            r#"{"$push":{"a":{"$each":[1,2],"$position":0}}}"#,
            r#"{"a":[1,2,0]}"#,
        ),
        (
            r#"{"a":[0,3]}"#,
            r#"{"$push":{"a":{"$each":[2],"$position":-1}}}"#,
            r#"{"a":[0,2,3]}"#,
        ),
        (
            r#"{"a":[0]}"#,
            r#"{"$push":{"a":{"$each":[1],"$position":9}}}"#,
            r#"{"a":[0,1]}"#,
        ),
        (
            r#"{"a":[0]}"#,
            r#"{"$push":{"a":{"$each":[1],"$position":-9}}}"#,
            r#"{"a":[1,0]}"#,
        ),
        (
            r#"{"a":[1,2,3]}"#,
            r#"{"$push":{"a":{"$each":[4,5,6],"$sort":-1,"$slice":3}}}"#,
            r#"{"a":[6,5,4]}"#,
        ),
        (
            r#"{"a":[1,2,3]}"#,
            r#"{"$push":{"a":{"$each":[],"$slice":-2}}}"#,
            r#"{"a":[2,3]}"#,
        ),
        (
            r#"{"a":[1,2,3]}"#,
            r#"{"$push":{"a":{"$each":[],"$slice":0}}}"#,
            r#"{"a":[]}"#,
        ),
        (
            r#"{"a":["x","y"]}"#,
            r#"{"$addToSet":{"a":"x"}}"#,
            r#"{"a":["x","y"]}"#,
        ),
        (
            r#"{"a":[1]}"#,
            r#"{"$addToSet":{"a":{"$each":[1.0,2,2]}}}"#,
            r#"{"a":[1,2]}"#,
        ),
        (
            "{}",
            r#"{"$addToSet":{"a":{"each":["x"]}}}"#,
            r#"{"a":[{"each":["x"]}]}"#,
        ),
        (r#"{"a":[1,2]}"#, r#"{"$pop":{"a":1}}"#, r#"{"a":[1]}"#),
        (r#"{"a":[1,2]}"#, r#"{"$pop":{"a":-1}}"#, r#"{"a":[2]}"#),
        (r#"{"a":[]}"#, r#"{"$pop":{"a":-1,"b":1}}"#, r#"{"a":[]}"#),
        (
            r#"{"a":["x","y","x"]}"#,
            r#"{"$pull":{"a":"x","b":1}}"#,
            r#"{"a":["y"]}"#,
        ),
        (
            r#"{"a":[1,[1],1.0]}"#,
            r#"{"$pull":{"a":[1]}}"#,
            r#"{"a":[1,1.0]}"#,
        ),
        (
            r#"{"a":[1,2,3]}"#,
            r#"{"$pullAll":{"a":[1,3]}}"#,
            r#"{"a":[2]}"#,
        ),
    ]);
}

#[test]
fn conditions_on_elements() {
    check(&[
        (
            r#"{"a":["Go","C","Go"]}"#,
            r#"{"$pull":{"a":{"$in":["Go","x"]}}}"#,
            r#"{"a":["C"]}"#,
        ),
        (
            r#"{"a":[1,5,"x",7,9]}"#,
            r#"{"$pull":{"a":{"$gte":5,"$lt":9}}}"#,
            r#"{"a":[1,"x",9]}"#,
        ),
        (
            r#"{"a":[{"b":1},{"b":2,"c":1},2,{"c":1}]}"#,
            r#"{"$pull":{"a":{"b":{"$gt":1}}}}"#,
            r#"{"a":[{"b":1},2,{"c":1}]}"#,
        ),
        (
            r#"{"a":[{"b":1,"c":2},{"b":2}]}"#,
            r#"{"$pull":{"a":{"b":1}}}"#,
            r#"{"a":[{"b":2}]}"#,
        ),
        (
            r#"{"a":[{"b":1},{"b":2},{"b":3}]}"#,
            r#"{"$pull":{"a":{"$or":[{"b":1},{"b":3}]}}}"#,
            r#"{"a":[{"b":2}]}"#,
        ),
        (
            r#"{"a":["xa","b",1]}"#,
            r#"{"$pull":{"a":{"$regularExpression":{"pattern":"A","options":"i"}}}}"#,
            r#"{"a":["b",1]}"#,
        ),
        (
            r#"{"a":[{"b":3},{"b":1},2]}"#,
            r#"{"$push":{"a":{"$each":[{"b":2}],"$sort":{"b":-1}}}}"#,
            r#"{"a":[{"b":3},{"b":2},{"b":1},2]}"#,
        ),
    ]);
}

#[test]
fn every_element_of_an_array() {
    check(&[
        (
            r#"{"a":[1,2]}"#,
            r#"{"$inc":{"a.$[]":1}}"#,
            r#"{"a":[2,3]}"#,
        ),
        (r#"{"a":[]}"#, r#"{"$inc":{"a.$[]":1}}"#, r#"{"a":[]}"#),
        (
            r#"{"a":[{"b":[1]},{"b":[2,3]}]}"#,
            r#"{"$set":{"a.$[].b.$[]":0,"a.$[].c":1}}"#,
            r#"{"a":[{"b":[0],"c":1},{"b":[0,0],"c":1}]}"#,
        ),
    ]);
}

#[test]
fn the_element_by_which_a_document_was_found() {
    let lines = r#"{"lines":[{"id":1,"n":1},{"id":2,"n":2},{"id":2,"n":3}]}"#;
    let cases = [
        (
            r#"{"a":[4,5,6,5]}"#,
            r#"{"a":5}"#,
            r#"{"$set":{"a.$":0}}"#,
            r#"{"a":[4,0,6,5]}"#,
        ),
        (
            r#"{"a":[4,5,6]}"#,
            r#"{"_id":{"$exists":false},"a":{"$gt":4,"$ne":7}}"#,
            r#"{"$unset":{"a.$":""}}"#,
            r#"{"a":[4,null,6]}"#,
        ),
        (
            lines,
            r#"{"lines.id":2}"#,
            r#"{"$set":{"lines.$.n":0},"$inc":{"lines.$.id":1},"$push":{"lines.$.tags":"x"}}"#,
            r#"{"lines":[{"id":1,"n":1},{"id":3,"n":0,"tags":["x"]},{"id":2,"n":3}]}"#,
        ),
        (
            lines,
            r#"{"lines":{"$elemMatch":{"id":2,"n":{"$ne":2}}}}"#,
            r#"{"$unset":{"lines.$.n":""}}"#,
            r#"{"lines":[{"id":1,"n":1},{"id":2,"n":2},{"id":2}]}"#,
        ),
        (
            r#"{"a":[{"b":[1]},{"b":[2,3]}]}"#,
            r#"{"$or":[{"a.b":9},{"a.b":3}]}"#,
            r#"{"$mul":{"a.$.b.$[]":2}}"#,
            r#"{"a":[{"b":[1]},{"b":[4,6]}]}"#,
        ),
        (
            r#"{"a":{"b":[1,2]},"c":[1,2]}"#,
            r#"{"a.b":2,"c":{"$in":[1,2]}}"#,
            r#"{"$set":{"a.b.$":0,"c.$":5}}"#,
            r#"{"a":{"b":[1,0]},"c":[5,2]}"#,
        ),
    ];
    for (before, condition, operators, after) in cases {
        let query = Query::parse(&object(condition)).expect("a condition");
        assert!(query.matches(&object(before)), "{before} {condition}");
        let result = update(operators).apply(&object(before), &query, NOW);
        let result = result.unwrap_or_else(|error| panic!("{operators}: {error}"));
        let result = ejson::object_to_string(&result, ejson::Mode::Relaxed);
        assert_eq!(result, after, "{before} {condition} {operators}");
    }
}

#[test]
fn new_documents() {
    let upsert = update(r#"{"$set":{"a":1},"$setOnInsert":{"b":2,"_id":"x"}}"#);
    let result = upsert.insert(&Object::new(), NOW).expect("fits");
    let result = ejson::object_to_string(&result, ejson::Mode::Relaxed);
    assert_eq!(result, r#"{"a":1,"b":2,"_id":"x"}"#);
}

#[test]
fn what_a_permission_must_look_at() {
    let cases = [
        ("{}", "{}", ""),
        (r#"{"$set":{"a":1,"b.c":[2]}}"#, r#"{"a":1,"b.c":[2]}"#, ""),
        (r#"{"$set":{"a.0.b":1}}"#, r#"{"a.0.b":1}"#, "a"),
        (r#"{"$set":{"a.b.$[].c":1}}"#, "{}", "a.b"),
        (r#"{"$set":{"a.b.$.c":1},"$inc":{"d.$":1}}"#, "{}", "a.b d"),
        (r#"{"$setOnInsert":{"a":1},"$unset":{"b":""}}"#, "{}", "a b"),
        (r#"{"$rename":{"a":"b.c"}}"#, "{}", "a b.c"),
        (
            r#"{"$inc":{"a":1},"$mul":{"b":1},"$min":{"c":1},"$max":{"d":1},"$bit":{"e":{"or":1}}}"#,
            "{}",
            "a b c d e",
        ),
        (
            r#"{"$push":{"a":1},"$addToSet":{"b":1},"$pop":{"c":1},"$pull":{"d":1},"$pullAll":{"e":[]}}"#,
            "{}",
            "a b c d e",
        ),
        (r#"{"$currentDate":{"a":true}}"#, "{}", "a"),
    ];
    for (text, assigned, changed) in cases {
        let update = update(text);
        assert_eq!(update.assigned(), object(assigned), "{text}");
        let paths: Vec<String> = update
            .otherwise_changed()
            .iter()
            .map(Path::to_string)
            .collect();
        assert_eq!(paths.join(" "), changed, "{text}");
        assert_eq!(update.is_empty(), text == "{}", "{text}");
    }
}

proptest! {
    /// What differs afterwards lies at, in or around a path that was named to the permission.
    #[test]
    fn nothing_else_changes(document in any_object(), value in any_object(), at in 0_usize..10) {
        let operators = [
            r#"{"$set":{"a.b":1}}"#,
            r#"{"$set":{"a.1":1}}"#,
            r#"{"$set":{"a.$[].b":1}}"#,
            r#"{"$set":{"a.$":1}}"#,
            r#"{"$unset":{"a":""}}"#,
            r#"{"$inc":{"a":1}}"#,
            r#"{"$rename":{"a":"b"}}"#,
            r#"{"$addToSet":{"a":{"$each":[1,null]}}}"#,
            r#"{"$pullAll":{"a":[1,null]}}"#,
            r#"{"$max":{"a":"m"}}"#,
        ];
        let update = update(operators[at]);
        let first = object(r#"{"a":{"$elemMatch":{"$exists":true}}}"#);
        let first = Query::parse(&first).expect("a condition");
        let mut document = document;
        document.insert("kept", crate::data::Value::Object(value));
        if let Ok(after) = update.apply(&document, &first, NOW) {
            let assigned = update.assigned();
            let assigned = assigned.iter().map(|(path, _)| Path::parse(path).expect("a path"));
            let named: Vec<Path> = assigned.chain(update.otherwise_changed()).collect();
            for (name, value) in document.iter().chain(after.iter()) {
                if !named.iter().any(|path| path.root() == name) {
                    prop_assert_eq!(after.get(name), Some(value));
                    prop_assert_eq!(document.get(name), Some(value));
                }
            }
        }
    }
}
