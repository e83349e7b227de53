use super::{check, value};
use crate::data::Value;
use crate::data::ejson::{Mode, value_to_string};
use crate::mongo::expression::{Accumulator, Scope};

/// An accumulator, the documents of a group, what they come to.
fn check_group(table: &[(&str, &str, &str)]) {
    for (accumulator, documents, expected) in table {
        let expected = value_to_string(&value(expected), Mode::Canonical);
        assert_eq!(
            group(accumulator, documents),
            Ok(expected),
            "{accumulator} of {documents}"
        );
    }
}

fn group(accumulator: &str, documents: &str) -> Result<String, String> {
    let accumulator = Accumulator::parse(&value(accumulator)).map_err(|error| error.to_string())?;
    let mut group = accumulator.begin();
    for document in value(documents).as_array().expect("an array of documents") {
        let document = document.as_object().expect("a document");
        group
            .add(&accumulator, &Scope::of(document, 0))
            .map_err(|error| error.to_string())?;
    }
    Ok(value_to_string(&group.finish(), Mode::Canonical))
}

#[test]
fn groups() {
    let mixed = r#"[{"n": 5}, {"n": null}, {}, {"n": "x"}, {"n": 2.5}, {"n": [7]}]"#;
    check_group(&[
        (r#"{"$sum": "$n"}"#, mixed, "7.5"),
        (r#"{"$sum": 1}"#, mixed, "6"),
        (r#"{"$count": {}}"#, mixed, "6"),
        (r#"{"$sum": "$n"}"#, "[]", "0"),
        (
            r#"{"$sum": {"$sum": ["$a", "$b"]}}"#,
            r#"[{"a": 1, "b": 2}, {"a": 3}]"#,
            "6",
        ),
        (
            r#"{"$sum": "$n"}"#,
            r#"[{"n": 0.1}, {"n": 0.2}, {"n": 0.3}]"#,
            "0.6",
        ),
        (
            r#"{"$sum": "$n"}"#,
            r#"[{"n": 9223372036854775807}, {"n": 1}, {"n": -1}]"#,
            "9223372036854775807",
        ),
        (r#"{"$avg": "$n"}"#, mixed, "3.75"),
        (r#"{"$avg": "$n"}"#, r#"[{"n": 1}, {"n": 3}]"#, "2.0"),
        (r#"{"$avg": "$x"}"#, mixed, "null"),
        (r#"{"$min": "$n"}"#, mixed, "2.5"),
        (r#"{"$max": "$n"}"#, mixed, "[7]"),
        (r#"{"$max": "$x"}"#, mixed, "null"),
        (r#"{"$first": "$n"}"#, mixed, "5"),
        (r#"{"$last": "$n"}"#, mixed, "[7]"),
        (r#"{"$first": "$x"}"#, r#"[{}, {"x": 1}]"#, "null"),
        (r#"{"$last": "$x"}"#, r#"[{"x": 1}, {}]"#, "null"),
        (r#"{"$push": "$n"}"#, mixed, r#"[5, null, "x", 2.5, [7]]"#),
        (
            r#"{"$push": {"n": "$n"}}"#,
            r#"[{"n": 1}, {}]"#,
            r#"[{"n": 1}, {}]"#,
        ),
        (
            r#"{"$addToSet": "$n"}"#,
            r#"[{"n": 1}, {"n": 1.0}, {"n": [2]}, {"n": [2]}, {}]"#,
            "[1, [2]]",
        ),
        (
            r#"{"$stdDevPop": "$n"}"#,
            r#"[{"n": 84}, {"n": 96}, {"n": "x"}]"#,
            "6.0",
        ),
        (r#"{"$stdDevPop": "$n"}"#, "[]", "null"),
        (
            r#"{"$stdDevSamp": "$n"}"#,
            r#"[{"n": 80}, {"n": 100}]"#,
            "14.142135623730951",
        ),
        (r#"{"$stdDevSamp": "$n"}"#, r#"[{"n": 80}]"#, "null"),
        (
            r#"{"$mergeObjects": "$o"}"#,
            r#"[{"o": {"a": 1, "b": 1}}, {"o": null}, {}, {"o": {"b": 2}}]"#,
            r#"{"a": 1, "b": 2}"#,
        ),
    ]);
}

#[test]
fn what_is_no_accumulator() {
    for (accumulator, error) in [
        (r#"{"$add": 1}"#, "unknown operator: $add"),
        (
            r#"{"$sum": [1, 2]}"#,
            "$sum of a group takes one expression, not an array",
        ),
        (r#"{"$count": 1}"#, "$count of a group needs `{}`"),
        (
            r#""$n""#,
            "a field of a group needs one accumulator, such as `{$sum: 1}`",
        ),
        (
            r#"{"$sum": 1, "$avg": 1}"#,
            "a field of a group needs one accumulator, such as `{$sum: 1}`",
        ),
        (
            r#"{"$mergeObjects": 1}"#,
            "$mergeObjects needs an object, found an int",
        ),
    ] {
        assert_eq!(group(accumulator, "[{}]"), Err(error.to_owned()));
    }
}

#[test]
fn a_group_gathers_so_much() {
    let accumulator = Accumulator::parse(&value(r#"{"$push": "$s"}"#)).expect("an accumulator");
    let document = [("s", Value::string("x".repeat(1 << 20)))]
        .into_iter()
        .collect();
    let mut group = accumulator.begin();
    let mut adds = (0..65).map(|_| group.add(&accumulator, &Scope::of(&document, 0)));
    let error = adds.find_map(Result::err).map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some("a group may gather 64 MiB of values")
    );
}

#[test]
fn expressions_over_arguments_or_one_array() {
    check(&[
        (r#"{"$sum": "$a"}"#, r#"{"a": [1, 2, "x"]}"#, "3"),
        (r#"{"$sum": ["$a", 4]}"#, r#"{"a": [1, 2]}"#, "4"),
        (
            r#"{"$sum": ["$s.a", "$s.b"]}"#,
            r#"{"s": {"a": 80, "b": 90}}"#,
            "170",
        ),
        (r#"{"$sum": "$n"}"#, "{}", "0"),
        (r#"{"$avg": [1, 2, null]}"#, "{}", "1.5"),
        (r#"{"$avg": "$n"}"#, "{}", "null"),
        (r#"{"$min": ["$a"]}"#, r#"{"a": [3, 1, null, 2]}"#, "1"),
        (r#"{"$max": ["$a", 2]}"#, r#"{"a": 1}"#, "2"),
        (r#"{"$max": "$n"}"#, "{}", "null"),
        (r#"{"$stdDevPop": [84, 96]}"#, "{}", "6.0"),
        (r#"{"$stdDevSamp": [80, 100]}"#, "{}", "14.142135623730951"),
    ]);
}
