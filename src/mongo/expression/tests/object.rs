use super::check;

#[test]
fn objects_become_arrays_and_back() {
    check(&[
        (
            r#"{"$objectToArray": "$o"}"#,
            r#"{"o": {"a": 1, "b": [2]}}"#,
            r#"[{"k": "a", "v": 1}, {"k": "b", "v": [2]}]"#,
        ),
        (r#"{"$objectToArray": "$o"}"#, "{}", "null"),
        (
            r#"{"$objectToArray": 5}"#,
            "{}",
            "$objectToArray needs an object, found an int",
        ),
        (
            r#"{"$arrayToObject": "$a"}"#,
            r#"{"a": [["x", 1], ["y", 2], ["x", 3]]}"#,
            r#"{"x": 3, "y": 2}"#,
        ),
        (
            r#"{"$arrayToObject": "$a"}"#,
            r#"{"a": [{"k": "x", "v": 1}]}"#,
            r#"{"x": 1}"#,
        ),
        (
            r#"{"$arrayToObject": {"$literal": [["x", 1]]}}"#,
            "{}",
            r#"{"x": 1}"#,
        ),
        (r#"{"$arrayToObject": [[["x", 1]]]}"#, "{}", r#"{"x": 1}"#),
        (r#"{"$arrayToObject": "$a"}"#, "{}", "null"),
        (
            r#"{"$arrayToObject": [[1]]}"#,
            "{}",
            "$arrayToObject needs elements `[k, v]` or `{k: …, v: …}`, found an int",
        ),
    ]);
}

#[test]
fn objects_merge_and_change() {
    check(&[
        (
            r#"{"$mergeObjects": ["$a", "$b"]}"#,
            r#"{"a": {"x": 1, "y": 1}, "b": {"y": 2, "z": 3}}"#,
            r#"{"x": 1, "y": 2, "z": 3}"#,
        ),
        (
            r#"{"$mergeObjects": ["$a", null, {"n": "$$REMOVE"}]}"#,
            "{}",
            "{}",
        ),
        (
            r#"{"$mergeObjects": "$l"}"#,
            r#"{"l": [{"a": 1}, {"b": 2}]}"#,
            r#"{"a": 1, "b": 2}"#,
        ),
        (
            r#"{"$mergeObjects": [1, {}]}"#,
            "{}",
            "$mergeObjects needs an object, found an int",
        ),
        (r#"{"$getField": "a.b"}"#, r#"{"a.b": 1}"#, "1"),
        (
            r#"{"$getField": {"field": "x", "input": "$o"}}"#,
            r#"{"o": {"x": 2}}"#,
            "2",
        ),
        (
            r#"{"$getField": {"field": "x", "input": "$o"}}"#,
            "{}",
            "missing",
        ),
        (r#"{"$getField": {"$literal": "$x"}}"#, r#"{"$x": 3}"#, "3"),
        (
            r#"{"$setField": {"field": "x", "input": "$$ROOT", "value": 2}}"#,
            r#"{"a": 1}"#,
            r#"{"a": 1, "x": 2}"#,
        ),
        (
            r#"{"$setField": {"field": "a", "input": "$$ROOT", "value": "$$REMOVE"}}"#,
            r#"{"a": 1, "b": 2}"#,
            r#"{"b": 2}"#,
        ),
        (
            r#"{"$unsetField": {"field": "a", "input": "$$ROOT"}}"#,
            r#"{"a": 1, "b": 2}"#,
            r#"{"b": 2}"#,
        ),
    ]);
}
