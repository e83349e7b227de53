use super::check;

#[test]
fn elements_and_parts() {
    let document = r#"{"a": [1, 2, 3], "e": [], "n": null, "s": "text"}"#;
    check(&[
        (r#"{"$arrayElemAt": ["$a", 0]}"#, document, "1"),
        (r#"{"$arrayElemAt": ["$a", -1]}"#, document, "3"),
        (r#"{"$arrayElemAt": ["$a", 1.0]}"#, document, "2"),
        (r#"{"$arrayElemAt": ["$a", 3]}"#, document, "missing"),
        (r#"{"$arrayElemAt": ["$a", -4]}"#, document, "missing"),
        (r#"{"$arrayElemAt": ["$n", 1]}"#, document, "null"),
        (
            r#"{"$arrayElemAt": ["$s", 1]}"#,
            document,
            "$arrayElemAt needs an array, found a string",
        ),
        (
            r#"{"$arrayElemAt": ["$a", 0.5]}"#,
            document,
            "$arrayElemAt needs a whole number, found a double",
        ),
        (r#"{"$first": "$a"}"#, document, "1"),
        (r#"{"$last": "$a"}"#, document, "3"),
        (r#"{"$first": "$e"}"#, document, "missing"),
        (r#"{"$last": "$nothing"}"#, document, "null"),
        (r#"{"$slice": ["$a", 2]}"#, document, "[1, 2]"),
        (r#"{"$slice": ["$a", -2]}"#, document, "[2, 3]"),
        (r#"{"$slice": ["$a", 9]}"#, document, "[1, 2, 3]"),
        (r#"{"$slice": ["$a", 0]}"#, document, "[]"),
        (r#"{"$slice": ["$a", 1, 1]}"#, document, "[2]"),
        (r#"{"$slice": ["$a", -2, 1]}"#, document, "[2]"),
        (r#"{"$slice": ["$a", 5, 1]}"#, document, "[]"),
        (r#"{"$slice": ["$a", -5, 2]}"#, document, "[1, 2]"),
        (r#"{"$slice": ["$n", 1]}"#, document, "null"),
        (
            r#"{"$slice": ["$a", 1, 0]}"#,
            document,
            "$slice needs a count above 0 after a position, found 0",
        ),
        (r#"{"$size": "$a"}"#, document, "3"),
        (r#"{"$size": [[1, 2]]}"#, document, "2"),
        (
            r#"{"$size": "$n"}"#,
            document,
            "$size needs an array, found null",
        ),
        (r#"{"$isArray": "$a"}"#, document, "true"),
        (r#"{"$isArray": ["$s"]}"#, document, "false"),
        (r#"{"$isArray": "$nothing"}"#, document, "false"),
        (r#"{"$reverseArray": "$a"}"#, document, "[3, 2, 1]"),
        (r#"{"$reverseArray": "$n"}"#, document, "null"),
        (
            r#"{"$concatArrays": ["$a", "$e", [4]]}"#,
            document,
            "[1, 2, 3, 4]",
        ),
        (r#"{"$concatArrays": ["$a", "$n"]}"#, document, "null"),
        (r#"{"$concatArrays": []}"#, document, "[]"),
        (
            r#"{"$concatArrays": ["$a", 1]}"#,
            document,
            "$concatArrays needs an array, found an int",
        ),
    ]);
}

#[test]
fn searches() {
    check(&[
        (r#"{"$in": [2, "$a"]}"#, r#"{"a": [1, 2.0]}"#, "true"),
        (r#"{"$in": ["$x", [null]]}"#, "{}", "false"),
        (r#"{"$in": [[1], [[1]]]}"#, "{}", "true"),
        (
            r#"{"$in": [2, "$a"]}"#,
            "{}",
            "$in needs an array, found null",
        ),
        (
            r#"{"$indexOfArray": ["$a", 2]}"#,
            r#"{"a": [1, 2, 1, 2]}"#,
            "1",
        ),
        (
            r#"{"$indexOfArray": ["$a", 2, 2]}"#,
            r#"{"a": [1, 2, 1, 2]}"#,
            "3",
        ),
        (
            r#"{"$indexOfArray": ["$a", 2, 2, 3]}"#,
            r#"{"a": [1, 2, 1, 2]}"#,
            "-1",
        ),
        (
            r#"{"$indexOfArray": ["$a", 2, 9]}"#,
            r#"{"a": [1, 2, 1, 2]}"#,
            "-1",
        ),
        (
            r#"{"$indexOfArray": ["$a", 2, 3, 1]}"#,
            r#"{"a": [1, 2, 1, 2]}"#,
            "-1",
        ),
        (r#"{"$indexOfArray": ["$a", 2]}"#, "{}", "null"),
        (
            r#"{"$indexOfArray": [[1], 1, -1]}"#,
            "{}",
            "$indexOfArray needs a position from 0, found -1",
        ),
    ]);
}

#[test]
fn ranges_and_rows() {
    check(&[
        (r#"{"$range": [0, 5]}"#, "{}", "[0, 1, 2, 3, 4]"),
        (r#"{"$range": [0, 10, 3]}"#, "{}", "[0, 3, 6, 9]"),
        (r#"{"$range": [0, 9, 3]}"#, "{}", "[0, 3, 6]"),
        (r#"{"$range": [5, 0, -2]}"#, "{}", "[5, 3, 1]"),
        (r#"{"$range": [0, 5, -1]}"#, "{}", "[]"),
        (r#"{"$range": [0, 0]}"#, "{}", "[]"),
        (
            r#"{"$range": [0, 5, 0]}"#,
            "{}",
            "$range needs a step other than 0",
        ),
        (
            r#"{"$zip": {"inputs": [[1, 2], ["a", "b", "c"]]}}"#,
            "{}",
            r#"[[1, "a"], [2, "b"]]"#,
        ),
        (
            r#"{"$zip": {"inputs": [[1], ["a", "b"]], "useLongestLength": true}}"#,
            "{}",
            r#"[[1, "a"], [null, "b"]]"#,
        ),
        (
            r#"{"$zip": {"inputs": [[1], ["a", "b"]], "useLongestLength": true, "defaults": [0, "z"]}}"#,
            "{}",
            r#"[[1, "a"], [0, "b"]]"#,
        ),
        (r#"{"$zip": {"inputs": ["$a", [1]]}}"#, "{}", "null"),
        (
            r#"{"$zip": {"inputs": []}}"#,
            "{}",
            "$zip needs at least one array in `inputs`",
        ),
        (
            r#"{"$zip": {"inputs": [[1]], "defaults": [0]}}"#,
            "{}",
            "$zip needs `useLongestLength` and as many `defaults` as `inputs` where there are any",
        ),
        (r#"{"$zip": {}}"#, "{}", "$zip needs an argument `inputs`"),
    ]);
}

#[test]
fn each_element() {
    let document = r#"{"a": [1, 2, 3, 4], "o": [{"n": 1, "s": "x"}, {"n": 5}]}"#;
    check(&[
        (
            r#"{"$map": {"input": "$a", "as": "n", "in": {"$multiply": ["$$n", 2]}}}"#,
            document,
            "[2, 4, 6, 8]",
        ),
        (
            r#"{"$map": {"input": "$o", "in": "$$this.s"}}"#,
            document,
            r#"["x", null]"#,
        ),
        (
            r#"{"$map": {"input": "$nothing", "in": 1}}"#,
            document,
            "null",
        ),
        (
            r#"{"$map": {"input": 5, "in": 1}}"#,
            document,
            "$map needs an array as `input`, found an int",
        ),
        (
            r#"{"$map": {"input": "$a", "as": "A", "in": 1}}"#,
            document,
            "`A` is not a variable: its name needs a small letter first, then letters, digits and `_`",
        ),
        (
            r#"{"$map": {"input": [[1, 2], [3]], "as": "row", "in":
            {"$map": {"input": "$$row", "as": "cell", "in": {"$add": ["$$cell", {"$size": "$$row"}]}}}}}"#,
            document,
            "[[3, 4], [4]]",
        ),
        (
            r#"{"$filter": {"input": "$a", "as": "n", "cond": {"$gt": ["$$n", 2]}}}"#,
            document,
            "[3, 4]",
        ),
        (
            r#"{"$filter": {"input": "$a", "cond": {"$gt": ["$$this", 1]}, "limit": 2}}"#,
            document,
            "[2, 3]",
        ),
        (
            r#"{"$filter": {"input": "$o", "as": "o", "cond": "$$o.s"}}"#,
            document,
            r#"[{"n": 1, "s": "x"}]"#,
        ),
        (
            r#"{"$filter": {"input": null, "cond": true}}"#,
            document,
            "null",
        ),
        (
            r#"{"$filter": {"input": "$a", "cond": true, "limit": 0}}"#,
            document,
            "$filter needs a whole number from 1 as `limit`",
        ),
        (
            r#"{"$reduce": {"input": "$a", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}}"#,
            document,
            "10",
        ),
        (
            r#"{"$reduce": {"input": ["a", "b"], "initialValue": "", "in": {"$concat": ["$$value", "$$this"]}}}"#,
            document,
            r#""ab""#,
        ),
        (
            r#"{"$reduce": {"input": [], "initialValue": 7, "in": 1}}"#,
            document,
            "7",
        ),
        (
            r#"{"$reduce": {"input": "$nothing", "initialValue": 7, "in": 1}}"#,
            document,
            "null",
        ),
        (
            r#"{"$reduce": {"input": [1, 2], "initialValue": {"s": 0, "p": 1}, "in":
            {"s": {"$add": ["$$value.s", "$$this"]}, "p": {"$multiply": ["$$value.p", "$$this"]}}}}"#,
            document,
            r#"{"s": 3, "p": 2}"#,
        ),
        (
            r#"{"$reduce": {"input": [1], "in": 1}}"#,
            document,
            "$reduce needs an argument `initialValue`",
        ),
    ]);
}
