//! What pipelines refuse.

use super::*;

#[test]
fn what_cannot_be_read() {
    let cases = [
        (r#"[{"$foo":1}]"#, "unknown operator: $foo"),
        (r#"[{"match":{}}]"#, "unknown operator: match"),
        (r#"[{"$out":"x"}]"#, "`$out` is not supported"),
        (
            r#"[{"$limit":0}]"#,
            "`$limit` needs a whole number, 1 at least",
        ),
        (
            r#"[{"$skip":-1}]"#,
            "`$skip` needs a whole number, 0 at least",
        ),
        (
            r#"[{"$match":1}]"#,
            "`$match` needs a condition, found an int",
        ),
        (r#"[{"$sort":{}}]"#, "`$sort` needs at least one field"),
        (
            r#"[{"$sort":1}]"#,
            "`$sort` needs an object of fields, found an int",
        ),
        (r#"[{"$count":"$n"}]"#, "`$count` needs the name of a field"),
        (
            r#"[{"$limit":1},{"$geoNear":{}}]"#,
            "`$geoNear` must be the first stage",
        ),
        (
            r#"[{"$geoNear":{"distanceField":"d"}}]"#,
            "`$geoNear` needs `near`",
        ),
        (
            r#"[{"$geoNear":{"near":[200,0],"distanceField":"d"}}]"#,
            "`$geoNear` needs a place on the globe",
        ),
        (
            r#"[{"$geoNear":{"near":[0,0]}}]"#,
            "`$geoNear` needs a `distanceField`",
        ),
        (
            r#"[{"$unwind":"a"}]"#,
            "`$unwind` needs a path that begins with `$`",
        ),
        (r#"[{"$unwind":{}}]"#, "`$unwind` needs a `path`"),
        (
            r#"[{"$unwind":{"path":"$a","x":1}}]"#,
            "`$unwind` does not take such a `x`",
        ),
        (
            r#"[{"$lookup":{"from":"1","localField":"a","foreignField":"b","as":"c"}}]"#,
            "`$lookup` needs the name of a collection",
        ),
        (
            r#"[{"$lookup":{"from":"x","localField":"a","as":"c"}}]"#,
            "`$lookup` needs `localField` and `foreignField`",
        ),
        (
            r#"[{"$lookup":{"from":"x","pipeline":[{"$match":{},"$limit":1}],"as":"c"}}]"#,
            "`$lookup` needs each stage as an object of one",
        ),
        (
            r#"[{"$lookup":{"from":"x","let":{"A":1},"pipeline":[],"as":"c"}}]"#,
            "`$lookup` cannot name a variable `A`",
        ),
        (
            r#"[{"$group":{"n":{"$sum":1}}}]"#,
            "`$group` needs an `_id`",
        ),
        (
            r#"[{"$group":{"_id":1,"a.b":{"$sum":1}}}]"#,
            "`$group` cannot make a field `a.b`",
        ),
        (
            r#"[{"$project":{}}]"#,
            "`$project` needs at least one field",
        ),
        (
            r#"[{"$project":{"a":1,"b":0}}]"#,
            "`$project` cannot both take fields and leave",
        ),
        (
            r#"[{"$project":{"a":0,"b":"$c"}}]"#,
            "`$project` cannot both take fields and leave",
        ),
        (
            r#"[{"$project":{"a":1,"a.b":1}}]"#,
            "`$project` names `a.b` and something in or around it",
        ),
        (
            r#"[{"$project":{"a.b":1,"a":1}}]"#,
            "`$project` names `a` and something in or around it",
        ),
        (
            r#"[{"$project":{"a":{}}}]"#,
            "`$project` says nothing about `a`",
        ),
        (
            r#"[{"$bucket":{"groupBy":"$n","boundaries":[0]}}]"#,
            "`$bucket` needs two `boundaries`",
        ),
        (
            r#"[{"$bucket":{"groupBy":"$n","boundaries":[0,"a"]}}]"#,
            "`$bucket` needs ascending `boundaries`",
        ),
        (
            r#"[{"$bucket":{"groupBy":"$n","boundaries":[0,2],"default":1}}]"#,
            "`$bucket` needs a `default` outside",
        ),
        (
            r#"[{"$bucketAuto":{"groupBy":"$n","buckets":0}}]"#,
            "`$bucketAuto` needs a whole number, 1 at least",
        ),
        (
            r#"[{"$facet":{"a":[{"$geoNear":{"near":[0,0],"distanceField":"d"}}]}}]"#,
            "`$facet` takes no `$geoNear`",
        ),
        (r#"[{"$sample":{}}]"#, "`$sample` needs a `size`"),
        (
            r#"[{"$replaceRoot":{}}]"#,
            "`$replaceRoot` needs a `newRoot`",
        ),
    ];
    for (stages, expected) in cases {
        let error = parse(stages).expect_err(stages).to_string();
        assert!(error.starts_with(expected), "{stages}: {error}");
    }
}

#[test]
fn what_cannot_be_done() {
    let cases = [
        (
            r#"[{"$replaceRoot":{"newRoot":"$gone"}}]"#,
            "the new root of a document must be an object, found nothing",
        ),
        (
            r#"[{"$bucket":{"groupBy":"$n","boundaries":[0,2]}}]"#,
            "`$bucket` found a value in none of its ranges",
        ),
    ];
    for (stages, expected) in cases {
        let error = run(SALES, stages, &[]).expect_err(stages).to_string();
        assert!(error.starts_with(expected), "{stages}: {error}");
    }
}

#[test]
fn runs_are_bounded() {
    let unwind = r#"[{"$unwind":"$a"}]"#;
    let long = vec!["0"; 300].join(",");
    let text = "x".repeat(1 << 20);
    let error = run(&format!(r#"[{{"t":"{text}","a":[{long}]}}]"#), unwind, &[]);
    let error = error.expect_err("300 MiB").to_string();
    assert_eq!(error, "a stage makes more than 256 MiB of documents");

    let facets: Vec<_> = (0..300)
        .map(|at| format!(r#""f{at}":[{{"$skip":0}}]"#))
        .collect();
    let stages = format!(r#"[{{"$facet":{{{}}}}}]"#, facets.join(","));
    let error = run(&format!(r#"[{{"t":"{text}"}}]"#), &stages, &[]);
    let error = error.expect_err("300 MiB").to_string();
    assert_eq!(error, "a stage makes more than 256 MiB of documents");

    let many = format!("[{}]", vec!["{}"; 5_000].join(","));
    let stages =
        r#"[{"$lookup":{"from":"all","let":{"id":"$_id"},"pipeline":[{"$limit":1}],"as":"a"}}]"#;
    let error = run(&many, stages, &[("all", &many)]);
    let error = error.expect_err("25 million pairs").to_string();
    assert!(error.contains("more than 20000000 documents"), "{error}");

    let wrap = r#"{"$replaceWith":{"a":"$$ROOT"}}"#;
    let stages = format!("[{}]", vec![wrap; 200].join(","));
    let error = run("[{}]", &stages, &[]).expect_err("too deep").to_string();
    assert!(error.contains("levels deep"), "{error}");
}
