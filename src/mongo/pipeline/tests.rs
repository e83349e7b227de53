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
fn lookups_by_fields() {
    let local = r#"[
        {"_id":1,"u":"a"}, {"_id":2,"u":["b","a"]}, {"_id":3}, {"_id":4,"u":7.0}, {"_id":5,"u":[]},
        {"_id":6,"lines":[{"u":"b"},{"u":7}]}
    ]"#;
    let foreign = r#"[
        {"_id":"x","n":"a"}, {"_id":"y","n":["b",7]}, {"_id":"z","n":null}, {"_id":"w"}
    ]"#;
    let ids = |field: &str| {
        let stages = format!(
            r#"[{{"$lookup":{{"from":"users","localField":"{field}","foreignField":"n","as":"f"}}}}]"#
        );
        let foreign = Collections(vec![(
            CollectionName::parse("users").expect("a name"),
            documents(foreign),
        )]);
        let found = parse(&stages)
            .expect(field)
            .run(documents(local), &foreign, 0, 1);
        let found = found.expect(field);
        let ids = found.iter().map(|object| {
            let joined = object.get("f").and_then(Value::as_array).expect("a list");
            let ids = joined
                .iter()
                .filter_map(|joined| joined.as_object()?.get("_id")?.as_str());
            ids.collect::<String>()
        });
        ids.collect::<Vec<String>>().join(" ")
    };
    assert_eq!(ids("u"), "x xy zw y  zw");
    assert_eq!(ids("lines.u"), "zw zw zw zw zw y");
    assert_eq!(ids("none"), "zw zw zw zw zw zw");
}

#[test]
fn lookups_of_nothing() {
    let stages = r#"[{"$lookup":{"from":"gone","localField":"a","foreignField":"b","as":"c.d"}}]"#;
    let found = run(r#"[{"_id":1}]"#, stages, &[]).expect("no such collection");
    assert_eq!(found, r#"{"_id":1,"c":{"d":[]}}"#);
}

#[test]
fn large_lookups_take_no_quadratic_time() {
    let list = |count: i64| {
        let document = |at: i64| {
            let fields = [("k", Value::Int(at))].into_iter().collect();
            Arc::new(Document::new(DocId::Int(at), 0, fields))
        };
        (0..count).map(document).collect::<Vec<_>>()
    };
    let foreign = Collections(vec![(
        CollectionName::parse("b").expect("a name"),
        list(10_000),
    )]);
    let stages = r#"[{"$lookup":{"from":"b","localField":"k","foreignField":"k","as":"f"}},{"$unwind":"$f"},{"$count":"n"}]"#;
    let found = parse(stages)
        .expect(stages)
        .run(list(100_000), &foreign, 0, 1);
    let found = found.expect("within the bounds");
    assert_eq!(found[0].get("n"), Some(&Value::Int(10_000)));
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
