//! Conditions judged by documents.

mod forms;
mod law;
mod patterns;
mod places;

use super::*;
use crate::data::{Value, ejson};
use crate::mongo::expression::Variable;

fn object(text: &str) -> Object {
    ejson::parse_object(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn query(text: &str) -> Query {
    Query::parse(&object(text)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The condition must be true of the first documents and false of the others, and so must be what a store is told.
#[track_caller]
fn check(condition: &str, matching: &[&str], others: &[&str]) {
    let query = query(condition);
    let narrowing = query.narrowing();
    for text in matching {
        let document = object(text);
        assert!(query.matches(&document), "{condition} must match {text}");
        assert!(
            narrowing.filter.matches(&document),
            "{narrowing:?} must let {text} through"
        );
    }
    for text in others {
        let document = object(text);
        assert!(
            !query.matches(&document),
            "{condition} must not match {text}"
        );
        assert!(
            !(narrowing.exact && narrowing.filter.matches(&document)),
            "{narrowing:?} is not exact: {text}"
        );
    }
}

#[test]
fn values_and_comparisons() {
    check("{}", &["{}", r#"{"a":1}"#], &[]);
    check(
        r#"{"a":1,"b":"x"}"#,
        &[r#"{"a":1.0,"b":["x"]}"#],
        &[r#"{"a":1}"#],
    );
    check(
        r#"{"a":null}"#,
        &["{}", r#"{"a":null}"#, r#"{"a":[null]}"#],
        &[r#"{"a":0}"#],
    );
    check(
        r#"{"a":{"b":1}}"#,
        &[r#"{"a":{"b":1}}"#],
        &[r#"{"a":{"b":1,"c":2}}"#],
    );
    check(
        r#"{"a":[1,2]}"#,
        &[r#"{"a":[1,2]}"#, r#"{"a":[[1,2]]}"#],
        &[r#"{"a":[2,1]}"#],
    );
    check(r#"{"a":{}}"#, &[r#"{"a":{}}"#], &["{}", r#"{"a":{"b":1}}"#]);
    check(
        r#"{"a":{"$gt":1,"$lt":5}}"#,
        &[r#"{"a":3}"#, r#"{"a":[0,9]}"#],
        &[r#"{"a":5}"#, r#"{"a":"3"}"#],
    );
    check(
        r#"{"a":{"$not":{"$gt":1}}}"#,
        &["{}", r#"{"a":1}"#, r#"{"a":"x"}"#],
        &[r#"{"a":[0,2]}"#],
    );
    check(
        r#"{"a":{"$not":{"$gt":1,"$lt":5}}}"#,
        &[r#"{"a":9}"#, r#"{"a":0}"#],
        &[r#"{"a":[0,9]}"#],
    );
    check(
        r#"{"a":{"$eq":{"$regularExpression":{"pattern":"x","options":""}}}}"#,
        &[],
        &[r#"{"a":"x"}"#],
    );
    check(
        r#"{"$and":[{"a":1},{"b":2}],"c":3}"#,
        &[r#"{"a":1,"b":2,"c":3}"#],
        &[r#"{"a":1,"c":3}"#],
    );
    check(
        r#"{"$nor":[{"a":1},{"b":{"$mod":[2,0]}}]}"#,
        &["{}", r#"{"b":3}"#],
        &[r#"{"a":1}"#, r#"{"b":4}"#],
    );
    check(
        r#"{"$or":[{"a":1},{"b":{"$mod":[2,0]}}]}"#,
        &[r#"{"a":1}"#, r#"{"b":4}"#],
        &["{}", r#"{"b":3}"#],
    );
    check(r#"{"$comment":"why","a":1}"#, &[r#"{"a":1}"#], &["{}"]);
}

#[test]
fn lists() {
    check(
        r#"{"a":{"$in":[1,null]}}"#,
        &["{}", r#"{"a":[1]}"#],
        &[r#"{"a":2}"#],
    );
    check(r#"{"a":{"$in":[]}}"#, &[], &["{}"]);
    check(
        r#"{"a":{"$nin":[1]}}"#,
        &["{}", r#"{"a":2}"#],
        &[r#"{"a":[1,2]}"#],
    );
    let mixed = r#"[7,{"$regularExpression":{"pattern":"^x.y","options":"i"}},{"$regex":"z"}]"#;
    let (found, missed) = (
        [r#"{"a":7}"#, r#"{"a":["X1Y"]}"#, r#"{"a":"az"}"#],
        ["{}", r#"{"a":"axy"}"#],
    );
    check(&format!(r#"{{"a":{{"$in":{mixed}}}}}"#), &found, &missed);
    check(&format!(r#"{{"a":{{"$nin":{mixed}}}}}"#), &missed, &found);
    check(
        r#"{"a":{"$all":[1,2]}}"#,
        &[r#"{"a":[2,3,1]}"#],
        &[r#"{"a":[1]}"#, r#"{"a":1}"#],
    );
    check(
        r#"{"a":{"$all":[1]}}"#,
        &[r#"{"a":1}"#, r#"{"a":[1]}"#],
        &["{}"],
    );
    check(
        r#"{"a":{"$all":[[1,2]]}}"#,
        &[r#"{"a":[1,2]}"#, r#"{"a":[[1,2]]}"#],
        &[r#"{"a":[2,1]}"#],
    );
    check(
        r#"{"a.b":{"$all":[null]}}"#,
        &["{}", r#"{"a":0}"#],
        &[r#"{"a":{"b":1}}"#],
    );
    check(r#"{"a":{"$all":[]}}"#, &[], &["{}", r#"{"a":[]}"#]);
    check(
        r#"{"a":{"$all":[{"$elemMatch":{"x":1}},{"$elemMatch":{"y":2}}]}}"#,
        &[r#"{"a":[{"x":1},{"y":2}]}"#],
        &[r#"{"a":[{"x":1}]}"#],
    );
    check(
        r#"{"a":{"$size":2}}"#,
        &[r#"{"a":[1,2]}"#],
        &[r#"{"a":[1]}"#, "{}"],
    );
    check(
        r#"{"a":{"$size":2.0}}"#,
        &[r#"{"a":[1,2]}"#],
        &[r#"{"a":2}"#],
    );
}

#[test]
fn elements() {
    check(
        r#"{"a":{"$elemMatch":{"$gt":1,"$lt":5}}}"#,
        &[r#"{"a":[9,3]}"#],
        &[r#"{"a":[0,9]}"#, r#"{"a":3}"#],
    );
    check(
        r#"{"a":{"$elemMatch":{"$ne":"Go"}}}"#,
        &[r#"{"a":["Go",1]}"#, r#"{"a":[{}]}"#, r#"{"a":[[]]}"#],
        &[r#"{"a":["Go"]}"#, r#"{"a":[]}"#, "{}"],
    );
    check(
        r#"{"a":{"$elemMatch":{"$in":[[1],2]}}}"#,
        &[r#"{"a":[[1]]}"#, r#"{"a":[2]}"#],
        &[r#"{"a":[1]}"#],
    );
    check(
        r#"{"a":{"$elemMatch":{"$not":{"$gt":1}}}}"#,
        &[r#"{"a":[5,0]}"#],
        &[r#"{"a":[5]}"#],
    );
    check(
        r#"{"a":{"$elemMatch":{"$size":1}}}"#,
        &[r#"{"a":[[1]]}"#],
        &[r#"{"a":[1]}"#],
    );
    check(
        r#"{"a":{"$elemMatch":{"$elemMatch":{"$gt":1}}}}"#,
        &[r#"{"a":[[2]]}"#],
        &[r#"{"a":[2]}"#, r#"{"a":[[1]]}"#],
    );
    check(
        r#"{"a":{"$elemMatch":{"v":{"$mod":[4,3]},"w":1}}}"#,
        &[r#"{"a":[{"v":7,"w":1}]}"#],
        &[r#"{"a":[{"v":7},{"w":1}]}"#],
    );
    check(
        r#"{"a":{"$elemMatch":{"$or":[{"v":1},{"w":1}]}}}"#,
        &[r#"{"a":[{"w":1}]}"#],
        &[r#"{"a":[1]}"#],
    );
    check(
        r#"{"a":{"$elemMatch":{}}}"#,
        &[r#"{"a":[{}]}"#],
        &[r#"{"a":[1]}"#],
    );
}

#[test]
fn kinds_and_numbers() {
    check(r#"{"a":{"$exists":true}}"#, &[r#"{"a":null}"#], &["{}"]);
    check(r#"{"a":{"$exists":0}}"#, &["{}"], &[r#"{"a":1}"#]);
    check(
        r#"{"a":{"$type":"number"}}"#,
        &[r#"{"a":1.5}"#, r#"{"a":[1]}"#],
        &["{}", r#"{"a":"1"}"#],
    );
    check(
        r#"{"a":{"$type":[2,"bool"]}}"#,
        &[r#"{"a":"x"}"#, r#"{"a":true}"#],
        &[r#"{"a":1}"#],
    );
    check(
        r#"{"a":{"$type":"array"}}"#,
        &[r#"{"a":[]}"#],
        &[r#"{"a":{}}"#],
    );
    check(r#"{"a":{"$type":10}}"#, &[r#"{"a":null}"#], &["{}"]);
    check(
        r#"{"a":{"$type":"int"}}"#,
        &[r#"{"a":1}"#],
        &[r#"{"a":3000000000}"#, r#"{"a":1.5}"#],
    );
    check(
        r#"{"a":{"$mod":[4,3]}}"#,
        &[r#"{"a":7}"#, r#"{"a":7.9}"#, r#"{"a":[7]}"#],
        &[
            r#"{"a":-1}"#,
            r#"{"a":"7"}"#,
            r#"{"a":{"$numberDouble":"NaN"}}"#,
        ],
    );
    check(
        r#"{"a":{"$mod":[4.7,-1]}}"#,
        &[r#"{"a":-5}"#],
        &[r#"{"a":3}"#],
    );
    check(
        r#"{"a":{"$mod":[-1,0]}}"#,
        &[r#"{"a":{"$numberLong":"-9223372036854775808"}}"#],
        &[],
    );
}

#[test]
fn regular_expressions() {
    check(
        r#"{"_id":{"$regex":".*"}}"#,
        &[r#"{"_id":"x"}"#, r#"{"_id":""}"#],
        &[r#"{"_id":1}"#, "{}"],
    );
    check(
        r#"{"a":{"$regularExpression":{"pattern":"^abcdef.*\\d+结尾$","options":"i"}}}"#,
        &[r#"{"a":"AbCdEfxx1234结尾"}"#],
        &[r#"{"a":"xAbCdEf1结尾"}"#],
    );
    check(
        r#"{"a":{"$regex":"^ab","$options":""}}"#,
        &[r#"{"a":"abc"}"#, r#"{"a":["x","ab"]}"#],
        &[r#"{"a":"cab"}"#],
    );
    check(
        r#"{"a":{"$regex":"^ab?c"}}"#,
        &[r#"{"a":"ac"}"#, r#"{"a":"abc"}"#],
        &[r#"{"a":"ab"}"#],
    );
    check(
        r#"{"a":{"$regex":"^ab|c"}}"#,
        &[r#"{"a":"xc"}"#],
        &[r#"{"a":"xab"}"#],
    );
    check(
        r#"{"a":{"$regex":"a.b","$ne":"axb"}}"#,
        &[r#"{"a":"ayb"}"#],
        &[r#"{"a":"axb"}"#],
    );
    check(
        r#"{"a":{"$not":{"$regex":"X","$options":"i"}}}"#,
        &["{}", r#"{"a":"y"}"#, r#"{"a":1}"#],
        &[r#"{"a":"ax"}"#],
    );
    check(
        r#"{"a":{"$regex":"(\\w)\\1(?=!)"}}"#,
        &[r#"{"a":"oo!"}"#],
        &[r#"{"a":"oo"}"#, r#"{"a":"ab!"}"#],
    );
    check(
        r#"{"a":{"$regex":"(a+)+$(?=x)"}}"#,
        &[],
        &[r#"{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}"#],
    );
}

#[test]
fn expressions() {
    check(
        r#"{"$expr":{"$gte":["$a",3]}}"#,
        &[r#"{"a":3}"#, r#"{"a":"x"}"#],
        &[r#"{"a":2}"#, "{}"],
    );
    check(
        r#"{"$nor":[{"$expr":"$a"}],"b":1}"#,
        &[r#"{"a":0,"b":1}"#, r#"{"b":1}"#],
        &[r#"{"a":1,"b":1}"#, r#"{"a":0}"#],
    );
    check(
        r#"{"$or":[{"$expr":{"$divide":[1,"$a"]}},{"b":1}]}"#,
        &[r#"{"a":2}"#, r#"{"a":0,"b":1}"#],
        &[r#"{"a":0}"#, r#"{"a":"x"}"#],
    );
    check(
        r#"{"$nor":[{"$jsonSchema":{"required":["a"]}}]}"#,
        &["{}"],
        &[r#"{"a":1}"#],
    );
    let variables = [Variable {
        name: "least".into(),
        value: Some(Value::Int(3)),
    }];
    let query = query(r#"{"$expr":{"$and":[{"$gte":["$a","$$least"]},{"$lt":["$$NOW","$b"]}]}}"#);
    let document = object(r#"{"a":3,"b":{"$date":8}}"#);
    for (now, expected) in [(7, true), (8, false)] {
        let scope = Scope {
            root: &document,
            variables: &variables,
            now,
            effort: None,
        };
        assert_eq!(query.matches_in(&scope), expected, "{now}");
    }
}

#[test]
fn refused() {
    let cases = [
        r#"{"$or":[1,2]}"#,
        r#"{"$or":[]}"#,
        r#"{"$and":{"a":1}}"#,
        r#"{"$where":"true"}"#,
        r#"{"$search":"x"}"#,
        r#"{"$text":{"$search":"x"}}"#,
        r#"{"a":{"$gt":1,"b":2}}"#,
        r#"{"a":{"$foo":1}}"#,
        r#"{"a":{"$in":1}}"#,
        r#"{"a":{"$in":[{"$gt":1}]}}"#,
        r#"{"a":{"$mod":4}}"#,
        r#"{"a":{"$mod":[0,1]}}"#,
        r#"{"a":{"$size":-1}}"#,
        r#"{"a":{"$size":1.5}}"#,
        r#"{"a":{"$type":"text"}}"#,
        r#"{"a":{"$type":[]}}"#,
        r#"{"a":{"$not":1}}"#,
        r#"{"a":{"$not":{}}}"#,
        r#"{"a":{"$elemMatch":1}}"#,
        r#"{"a":{"$options":"i"}}"#,
        r#"{"a":{"$regex":"("}}"#,
        r#"{"a":{"$regex":"x","$options":"g"}}"#,
        r#"{"a":{"$regex":1}}"#,
        r#"{"a..b":1}"#,
        r#"{"":1}"#,
        r#"{"a":{"$ne":{"$regex":"x"}}}"#,
        r#"{"a":{"$elemMatch":{"$expr":true}}}"#,
        r#"{"$or":[{"a":{"$near":{"$geometry":{"type":"Point","coordinates":[0,0]}}}}]}"#,
        r#"{"a":{"$near":{"$geometry":{"type":"Point","coordinates":[0,0]},"$maxDistance":-1}}}"#,
        r#"{"a":{"$near":[0,0]}}"#,
        r#"{"a":{"$geoWithin":{}}}"#,
        r#"{"a":{"$geoWithin":{"$geometry":{"type":"Point","coordinates":[0,0]}}}}"#,
        r#"{"a":{"$geoWithin":{"$geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[2,0]]]}}}}"#,
        r#"{"a":{"$geoWithin":{"$centerSphere":[[0,0],-1]}}}"#,
        r#"{"a":{"$geoWithin":{"$centerSphere":[[0,91],1]}}}"#,
        r#"{"a":{"$geoIntersects":{"$geometry":{"type":"MultiPoint","coordinates":[]}}}}"#,
        r#"{"a":{"$near":{"$geometry":{"type":"Point","coordinates":[0,0]}}},"b":{"$near":{"$geometry":{"type":"Point","coordinates":[0,0]}}}}"#,
    ];
    for text in cases {
        assert!(Query::parse(&object(text)).is_err(), "{text}");
    }
}

#[test]
fn what_is_said_by_equality() {
    let cases = [
        (
            r#"{"a":1,"b.c":{"$eq":2},"d":{"$gt":1}}"#,
            r#"{"a":1,"b":{"c":2}}"#,
        ),
        (
            r#"{"$and":[{"_id":"x"},{"b.c":1}],"b.d":2}"#,
            r#"{"_id":"x","b":{"c":1,"d":2}}"#,
        ),
        (
            r#"{"$or":[{"a":1}],"b":null,"c":{"$ne":1}}"#,
            r#"{"b":null}"#,
        ),
        (r#"{"a":1,"a.b":2,"c":{"$not":{"$eq":1}}}"#, r#"{"a":1}"#),
    ];
    for (text, expected) in cases {
        assert_eq!(query(text).equalities(), object(expected), "{text}");
    }
    let ids = [
        (r#"{"_id":"x","a":1}"#, Some("x")),
        (r#"{"a":1,"_id":{"$eq":7}}"#, Some("7")),
        (r#"{"$and":[{"_id":"x"}]}"#, Some("x")),
        (r#"{"_id":{"$ne":"x"}}"#, None),
        (r#"{"$or":[{"_id":"x"},{"a":1}]}"#, None),
        (r#"{"_id.x":"x"}"#, None),
    ];
    for (text, expected) in ids {
        let id = query(text).id().map(|id| id.to_string());
        assert_eq!(id.as_deref(), expected, "{text}");
    }
}
