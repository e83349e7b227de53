//! Lookups.

use super::*;

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
fn lookups_by_pipelines() {
    let others: [(&str, &str); 2] = [
        ("users", r#"[{"_id":"a","age":3},{"_id":"b","age":7}]"#),
        (
            "cards",
            r#"[{"_id":1,"u":"a","n":2},{"_id":2,"u":"a","n":9},{"_id":3,"u":"b","n":1}]"#,
        ),
    ];
    let orders = r#"[{"_id":1,"u":"a","n":5},{"_id":2,"u":"c","n":0},{"_id":3,"n":4}]"#;
    let cases = [
        (
            r#"[{"$lookup":{"from":"users","let":{"u":"$u"},"pipeline":[{"$match":{"$expr":{"$eq":["$_id","$$u"]}}},{"$project":{"age":1}}],"as":"f"}},{"$project":{"f":1}}]"#,
            r#"{"_id":1,"f":[{"_id":"a","age":3}]} {"_id":2,"f":[]} {"_id":3,"f":[]}"#,
        ),
        (
            r#"[{"$limit":2},{"$lookup":{"from":"users","pipeline":[{"$match":{"age":7}}],"as":"f"}},{"$project":{"f":1}}]"#,
            r#"{"_id":1,"f":[{"_id":"b","age":7}]} {"_id":2,"f":[{"_id":"b","age":7}]}"#,
        ),
        (
            r#"[{"$lookup":{"from":"cards","localField":"u","foreignField":"u","let":{"n":"$n"},"pipeline":[{"$match":{"$expr":{"$lt":["$n","$$n"]}}}],"as":"f"}},{"$project":{"f._id":1}}]"#,
            r#"{"_id":1,"f":[{"_id":1}]} {"_id":2,"f":[]} {"_id":3,"f":[]}"#,
        ),
        (
            r#"[{"$limit":1},{"$lookup":{"from":"users","let":{"n":"$n"},"pipeline":[
                {"$lookup":{"from":"cards","let":{"u":"$_id"},"pipeline":[
                    {"$match":{"$expr":{"$and":[{"$eq":["$u","$$u"]},{"$gt":["$n","$$n"]}]}}},{"$count":"n"}],"as":"cards"}}],"as":"f"}},
              {"$project":{"f":1}}]"#,
            r#"{"_id":1,"f":[{"_id":"a","age":3,"cards":[{"n":1}]},{"_id":"b","age":7,"cards":[]}]}"#,
        ),
    ];
    for (stages, expected) in cases {
        let found =
            run(orders, stages, &others).unwrap_or_else(|error| panic!("{stages}: {error}"));
        assert_eq!(found, expected, "{stages}");
    }
    let names = parse(cases[3].0).expect("stages").foreign();
    let names: Vec<&str> = names.iter().map(CollectionName::as_str).collect();
    assert_eq!(names, ["cards", "users"]);
}
