//! Aggregations over small collections.

mod lookup;
mod refusal;

use super::*;
use crate::data::{DocId, ejson};

/// Collections by name.
struct Collections(Vec<(CollectionName, Vec<Arc<Document>>)>);

impl Foreign for Collections {
    fn documents(&self, collection: &CollectionName) -> &[Arc<Document>] {
        let mut collections = self.0.iter();
        let found = collections.find(|(name, _)| name == collection);
        found.map_or(&[], |(_, documents)| documents)
    }
}

fn documents(text: &str) -> Vec<Arc<Document>> {
    let list = ejson::parse_value(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let objects = list.as_array().expect("a list").iter();
    let document = |(at, value): (usize, &Value)| {
        let fields = value.as_object().expect("objects").clone();
        let id = fields.get("_id").and_then(DocId::from_value);
        let id = id.unwrap_or(DocId::Int(i64::try_from(at).expect("few")));
        Arc::new(Document::new(id, 0, fields))
    };
    objects.enumerate().map(document).collect()
}

fn parse(stages: &str) -> Result<Pipeline> {
    let stages = ejson::parse_value(stages).unwrap_or_else(|error| panic!("{stages}: {error}"));
    parse::nested("pipeline", &stages)
}

fn run(collection: &str, stages: &str, others: &[(&str, &str)]) -> Result<String> {
    let others = others.iter().map(|(name, list)| {
        (
            CollectionName::parse(name).expect("a name"),
            documents(list),
        )
    });
    let foreign = Collections(others.collect());
    let found = parse(stages)?.run(documents(collection), &foreign, 0, 1)?;
    let shown: Vec<String> = found
        .iter()
        .map(|object| ejson::object_to_string(object, ejson::Mode::Relaxed))
        .collect();
    Ok(shown.join(" "))
}

/// Runs each pipeline over one collection.
fn check(collection: &str, cases: &[(&str, &str)]) {
    for (stages, expected) in cases {
        let found =
            run(collection, stages, &[]).unwrap_or_else(|error| panic!("{stages}: {error}"));
        assert_eq!(&found, expected, "{stages}");
    }
}

#[test]
fn unwinding() {
    let shirts = r#"[
        {"_id":1,"size":["S","M"]}, {"_id":2,"size":[]}, {"_id":3,"size":null}, {"_id":4,"size":"L"},
        {"_id":5}, {"_id":6,"a":{"size":[1,[2]]}}
    ]"#;
    check(
        shirts,
        &[
            (
                r#"[{"$unwind":"$size"}]"#,
                r#"{"_id":1,"size":"S"} {"_id":1,"size":"M"} {"_id":4,"size":"L"}"#,
            ),
            (
                r#"[{"$unwind":{"path":"$size","includeArrayIndex":"at"}}]"#,
                r#"{"_id":1,"size":"S","at":0} {"_id":1,"size":"M","at":1} {"_id":4,"size":"L","at":null}"#,
            ),
            (
                r#"[{"$limit":5},{"$unwind":{"path":"$size","preserveNullAndEmptyArrays":true}}]"#,
                r#"{"_id":1,"size":"S"} {"_id":1,"size":"M"} {"_id":2} {"_id":3,"size":null} {"_id":4,"size":"L"} {"_id":5}"#,
            ),
            (
                r#"[{"$skip":5},{"$unwind":{"path":"$a.size","includeArrayIndex":"a.at"}}]"#,
                r#"{"_id":6,"a":{"size":1,"at":0}} {"_id":6,"a":{"size":[2],"at":1}}"#,
            ),
            (
                r#"[{"$skip":1},{"$limit":2},{"$unwind":{"path":"$size","includeArrayIndex":"at","preserveNullAndEmptyArrays":true}}]"#,
                r#"{"_id":2,"at":null} {"_id":3,"size":null,"at":null}"#,
            ),
        ],
    );
}

#[test]
fn sampling() {
    let ten = r#"[{},{},{},{},{},{},{},{},{},{}]"#;
    let sample = |size: usize, seed: u64| {
        let stages = format!(r#"[{{"$sample":{{"size":{size}}}}}]"#);
        let found =
            parse(&stages)
                .expect("a stage")
                .run(documents(ten), &Collections(vec![]), 0, seed);
        let found = found.expect("nothing can go wrong");
        let ids = found
            .iter()
            .map(|object| object.get("_id").expect("an id").to_string());
        ids.collect::<Vec<String>>()
    };
    assert_eq!(sample(0, 1).len(), 0);
    assert_eq!(sample(3, 1), sample(3, 1));
    let mut all = sample(20, 1);
    all.sort();
    assert_eq!(all.concat(), "0123456789");
    let first: std::collections::BTreeSet<String> =
        (0..200).flat_map(|seed| sample(1, seed)).collect();
    assert_eq!(first.len(), 10);
}

const SALES: &str = r#"[
    {"_id":1,"p":"a","n":2,"at":{"city":"x","zip":[1,2]},"tags":["r","b"]},
    {"_id":2,"p":"b","n":2.0,"at":{"city":"y"},"tags":[]},
    {"_id":3,"p":"a","n":5,"tags":["r"]},
    {"_id":4,"p":null,"n":9,"at":[{"city":"z","zip":3},{"zip":4},5]},
    {"_id":5,"n":1}
]"#;

#[test]
fn whole_documents() {
    check(
        SALES,
        &[
            (
                r#"[{"$match":{"n":{"$gt":2}}},{"$sort":{"n":-1}},{"$project":{"n":1}}]"#,
                r#"{"_id":4,"n":9} {"_id":3,"n":5}"#,
            ),
            (
                r#"[{"$skip":1},{"$limit":2.0},{"$project":{"p":1,"_id":0}}]"#,
                r#"{"p":"b"} {"p":"a"}"#,
            ),
            (
                r#"[{"$match":{"p":"a"}},{"$count":"many"}]"#,
                r#"{"many":2}"#,
            ),
            (r#"[{"$match":{"p":"none"}},{"$count":"many"}]"#, ""),
            (
                r#"[{"$match":{"$expr":{"$gt":["$n",4]}}},{"$unset":["at","tags"]}]"#,
                r#"{"_id":3,"p":"a","n":5} {"_id":4,"p":null,"n":9}"#,
            ),
            (
                r#"[{"$limit":2},{"$replaceRoot":{"newRoot":"$at"}}]"#,
                r#"{"city":"x","zip":[1,2]} {"city":"y"}"#,
            ),
            (
                r#"[{"$limit":1},{"$replaceWith":{"full":{"$concat":["$p","!"]}}}]"#,
                r#"{"full":"a!"}"#,
            ),
            (
                r#"[{"$facet":{"few":[{"$limit":1},{"$project":{"n":1}}],"many":[{"$count":"n"}]}}]"#,
                r#"{"few":[{"_id":1,"n":2}],"many":[{"n":5}]}"#,
            ),
        ],
    );
}

#[test]
fn shapes() {
    check(
        SALES,
        &[
            (
                r#"[{"$limit":1},{"$project":{"at.city":1}}]"#,
                r#"{"_id":1,"at":{"city":"x"}}"#,
            ),
            (
                r#"[{"$limit":1},{"$project":{"at":{"zip":1},"_id":0}}]"#,
                r#"{"at":{"zip":[1,2]}}"#,
            ),
            (
                r#"[{"$limit":1},{"$project":{"at":{"zip":0},"tags":0,"p":false}}]"#,
                r#"{"_id":1,"n":2,"at":{"city":"x"}}"#,
            ),
            (
                r#"[{"$skip":3},{"$project":{"at.zip":1}}]"#,
                r#"{"_id":4,"at":[{"zip":3},{"zip":4}]} {"_id":5}"#,
            ),
            (
                r#"[{"$skip":3},{"$limit":1},{"$project":{"at.zip":0}}]"#,
                r#"{"_id":4,"p":null,"n":9,"at":[{"city":"z"},{},5]}"#,
            ),
            (r#"[{"$skip":4},{"$project":{"_id":0}}]"#, r#"{"n":1}"#),
            (r#"[{"$skip":4},{"$project":{"_id":1}}]"#, r#"{"_id":5}"#),
            (
                r#"[{"$skip":4},{"$project":{"_id":"$n","x":{"$add":["$n",1]},"y":"$gone","z":["$n","$gone"]}}]"#,
                r#"{"_id":1,"x":2,"z":[1,null]}"#,
            ),
            (
                r#"[{"$skip":4},{"$project":{"a.b":"$n","n":1}}]"#,
                r#"{"_id":5,"n":1,"a":{"b":1}}"#,
            ),
            (
                r#"[{"$skip":4},{"$addFields":{"n":{"$add":["$n",1]},"one":1,"a":{"b":"$n"},"c.d":"$n"}}]"#,
                r#"{"_id":5,"n":2,"one":1,"a":{"b":1},"c":{"d":1}}"#,
            ),
            (
                r#"[{"$limit":1},{"$set":{"at.city":"w","tags":"$$REMOVE","n.x":0}}]"#,
                r#"{"_id":1,"p":"a","n":{"x":0},"at":{"city":"w","zip":[1,2]}}"#,
            ),
            (
                r#"[{"$skip":3},{"$limit":1},{"$set":{"at.new":1}}]"#,
                r#"{"_id":4,"p":null,"n":9,"at":[{"city":"z","zip":3,"new":1},{"zip":4,"new":1},{"new":1}]}"#,
            ),
        ],
    );
}

#[test]
fn groups() {
    check(
        SALES,
        &[
            (
                r#"[{"$group":{"_id":"$n","many":{"$sum":1}}},{"$sort":{"_id":1}}]"#,
                r#"{"_id":1,"many":1} {"_id":2,"many":2} {"_id":5,"many":1} {"_id":9,"many":1}"#,
            ),
            (
                r#"[{"$group":{"_id":"$p","sum":{"$sum":"$n"},"ids":{"$push":"$_id"}}}]"#,
                r#"{"_id":"a","sum":7,"ids":[1,3]} {"_id":"b","sum":2.0,"ids":[2]} {"_id":null,"sum":10,"ids":[4,5]}"#,
            ),
            (
                r#"[{"$group":{"_id":null,"low":{"$min":"$n"},"high":{"$max":"$n"}}}]"#,
                r#"{"_id":null,"low":1,"high":9}"#,
            ),
            (
                r#"[{"$group":{"_id":{"p":"$p"}}}]"#,
                r#"{"_id":{"p":"a"}} {"_id":{"p":"b"}} {"_id":{"p":null}} {"_id":{}}"#,
            ),
            (
                r#"[{"$unwind":"$tags"},{"$sortByCount":"$tags"}]"#,
                r#"{"_id":"r","count":2} {"_id":"b","count":1}"#,
            ),
            (
                r#"[{"$bucket":{"groupBy":"$n","boundaries":[0,2,5],"default":"more"}}]"#,
                r#"{"_id":0,"count":1} {"_id":2,"count":2} {"_id":"more","count":2}"#,
            ),
            (
                r#"[{"$bucket":{"groupBy":"$n","boundaries":[0,5,10],"output":{"ids":{"$push":"$_id"}}}}]"#,
                r#"{"_id":0,"ids":[1,2,5]} {"_id":5,"ids":[3,4]}"#,
            ),
            (
                r#"[{"$bucketAuto":{"groupBy":"$n","buckets":2}}]"#,
                r#"{"_id":{"min":1,"max":5},"count":3} {"_id":{"min":5,"max":9},"count":2}"#,
            ),
            (
                r#"[{"$bucketAuto":{"groupBy":"$n","buckets":9,"output":{"ids":{"$push":"$_id"}}}}]"#,
                r#"{"_id":{"min":1,"max":2},"ids":[5]} {"_id":{"min":2,"max":5},"ids":[1,2]} {"_id":{"min":5,"max":9},"ids":[3]} {"_id":{"min":9,"max":9},"ids":[4]}"#,
            ),
            (
                r#"[{"$match":{"p":"none"}},{"$bucketAuto":{"groupBy":"$n","buckets":2}}]"#,
                "",
            ),
        ],
    );
}

#[test]
fn distances() {
    let places = r#"[
        {"_id":"tower","city":"g","loc":{"type":"Point","coordinates":[113.30593,23.1361155]}},
        {"_id":"mountain","city":"h","loc":{"type":"Point","coordinates":[113.306789,23.1564721]}},
        {"_id":"palace","city":"b","loc":{"type":"Point","coordinates":[116.3949659,39.9163447]}},
        {"_id":"nowhere","city":"n"}
    ]"#;
    let near =
        r#""near":{"type":"Point","coordinates":[113.3089506,23.0968251]},"distanceField":"d""#;
    let legacy = r#""near":{"longitude":113.3089506,"latitude":23.0968251},"distanceField":"d""#;
    let ids = r#"{"$project":{"d":1}}"#;
    let cases = [
        (
            format!(
                r#"[{{"$geoNear":{{{near},"query":{{"city":"h"}},"key":"loc","includeLocs":"l.m","spherical":true}}}}]"#
            ),
            r#"{"_id":"mountain","city":"h","loc":{"type":"Point","coordinates":[113.306789,23.1564721]},"d":6643.521654040738,"l":{"m":{"type":"Point","coordinates":[113.306789,23.1564721]}}}"#,
        ),
        (
            format!(
                r#"[{{"$geoNear":{{{near},"minDistance":5000,"maxDistance":10000,"distanceMultiplier":2}}}},{ids}]"#
            ),
            r#"{"_id":"mountain","d":13287.043308081476}"#,
        ),
        (
            format!(r#"[{{"$geoNear":{{{near},"limit":1}}}},{{"$project":{{"_id":1}}}}]"#),
            r#"{"_id":"tower"}"#,
        ),
        (
            format!(
                r#"[{{"$geoNear":{{{legacy},"maxDistance":0.002,"minDistance":0.001,"distanceMultiplier":6378100}}}},{ids}]"#
            ),
            r#"{"_id":"mountain","d":6643.521654040738}"#,
        ),
    ];
    for (stages, expected) in cases {
        let found = run(places, &stages, &[]).unwrap_or_else(|error| panic!("{stages}: {error}"));
        assert_eq!(found, expected, "{stages}");
    }
}

#[test]
fn what_narrows_and_limits() {
    let first = |stages: &str| parse(stages).expect(stages).first_match().is_some();
    assert!(first(r#"[{"$match":{"a":1}},{"$limit":1}]"#));
    assert!(first(
        r#"[{"$geoNear":{"near":[0,0],"distanceField":"d","query":{"a":1}}}]"#
    ));
    assert!(!first(r#"[{"$limit":1},{"$match":{"a":1}}]"#));
    assert!(!first("[]"));
    let limited = |stages: &str| parse(stages).expect(stages).has_limit();
    assert!(limited(r#"[{"$match":{}},{"$limit":1}]"#));
    assert!(!limited(r#"[{"$facet":{"a":[{"$limit":1}]}}]"#));
}

/// As recorded from the official clients.
#[test]
fn what_clients_send() {
    let cases = [
        r#"[{"$geoNear":{"near":{"type":"Point","coordinates":[{"$numberDouble":"113.5"},{"$numberDouble":"23.25"}]},"spherical":true,"limit":{"$numberInt":"3"},"maxDistance":{"$numberInt":"5000"},"minDistance":{"$numberInt":"0"},"query":{"a":{"$gt":{"$numberInt":"1"}}},"distanceMultiplier":{"$numberInt":"2"},"distanceField":"dist","includeLocs":"loc","key":"loc"}},
            {"$addFields":{"s":{"$sum":["$a","$b"]}}},
            {"$bucket":{"groupBy":"$price","boundaries":[{"$numberInt":"0"},{"$numberInt":"50"},{"$numberInt":"100"}],"default":"other","output":{"count":{"$sum":{"$numberInt":"1"}}}}},
            {"$bucketAuto":{"groupBy":"$p","buckets":{"$numberInt":"2"}}},
            {"$sample":{"size":{"$numberInt":"3"}}},
            {"$sortByCount":"$cat"},
            {"$replaceRoot":{"newRoot":{"doc":"$_id"}}},
            {"$unwind":{"path":"$arr","includeArrayIndex":"i","preserveNullAndEmptyArrays":true}},
            {"$limit":3}]"#,
        r#"[{"$lookup":{"from":"users","let":{"u":"$uid"},"pipeline":[{"$match":{"$expr":{"$eq":["$_id","$$u"]}}},{"$project":{"name":{"$numberInt":"1"}}}],"as":"user"}},{"$unwind":"$user"},{"$count":"n"}]"#,
        r#"[{"$match":{"a":{"$gt":{"$numberInt":"1"}}}},{"$group":{"_id":null,"n":{"$sum":{"$numberInt":"1"}}}}]"#,
        r#"[{"$match":{"status":{"$eq":"paid"},"at":{"$gte":{"$date":{"$numberLong":"0"}}}}},{"$group":{"_id":"$uid","total":{"$sum":"$amount"}}},{"$sort":{"total":{"$numberInt":"-1"}}},{"$skip":5},{"$limit":10},{"$project":{"_id":{"$numberInt":"0"},"uid":"$_id","total":{"$numberInt":"1"}}}]"#,
    ];
    let documents = r#"[{"a":2,"b":3,"uid":"u","price":60,"loc":{"type":"Point","coordinates":[113.5,23.25]}}]"#;
    let results = cases.map(|stages| {
        run(
            documents,
            stages,
            &[("users", r#"[{"_id":"u","name":"n"}]"#)],
        )
        .unwrap_or_else(|error| panic!("{stages}: {error}"))
    });
    assert_eq!(
        results,
        [
            r#"{"doc":null,"i":null}"#,
            r#"{"n":1}"#,
            r#"{"_id":null,"n":1}"#,
            ""
        ]
    );
}
