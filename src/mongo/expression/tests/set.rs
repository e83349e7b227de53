use super::check;

#[test]
fn arrays_as_sets() {
    check(&[
        (
            r#"{"$allElementsTrue": ["$a"]}"#,
            r#"{"a": [true, 1, "x"]}"#,
            "true",
        ),
        (r#"{"$allElementsTrue": ["$a"]}"#, r#"{"a": []}"#, "true"),
        (r#"{"$allElementsTrue": [[1, 0]]}"#, "{}", "false"),
        (
            r#"{"$allElementsTrue": [null]}"#,
            "{}",
            "$allElementsTrue needs an array, found null",
        ),
        (r#"{"$anyElementTrue": ["$a"]}"#, r#"{"a": [1, 0]}"#, "true"),
        (r#"{"$anyElementTrue": ["$a"]}"#, r#"{"a": []}"#, "false"),
        (r#"{"$anyElementTrue": [[false, null, 0]]}"#, "{}", "false"),
        (
            r#"{"$setDifference": [[3, 1, 2, 3, 1], [1]]}"#,
            "{}",
            "[3, 2]",
        ),
        (
            r#"{"$setDifference": [[{}, []], [1, 2]]}"#,
            "{}",
            "[{}, []]",
        ),
        (r#"{"$setDifference": [[1], null]}"#, "{}", "null"),
        (
            r#"{"$setDifference": [[1], 1]}"#,
            "{}",
            "$setDifference needs an array, found an int",
        ),
        (r#"{"$setEquals": [[1, 2], [2, 1, 2]]}"#, "{}", "true"),
        (r#"{"$setEquals": [[1, 2], [2, 1, 2], [1]]}"#, "{}", "false"),
        (r#"{"$setEquals": [[1], [1.0]]}"#, "{}", "true"),
        (
            r#"{"$setEquals": [[1], null]}"#,
            "{}",
            "$setEquals needs an array, found null",
        ),
        (
            r#"{"$setIntersection": [[1, 2], [2, 1, 2]]}"#,
            "{}",
            "[1, 2]",
        ),
        (r#"{"$setIntersection": [[1, 2], [{}, []]]}"#, "{}", "[]"),
        (
            r#"{"$setIntersection": [[1, 2, 3], [2, 3], [3, 4]]}"#,
            "{}",
            "[3]",
        ),
        (r#"{"$setIntersection": [[1], "$x"]}"#, "{}", "null"),
        (r#"{"$setIsSubset": [[1, 1], [2, 1]]}"#, "{}", "true"),
        (r#"{"$setIsSubset": [[1, 3], [2, 1]]}"#, "{}", "false"),
        (r#"{"$setIsSubset": [[], [1]]}"#, "{}", "true"),
        (
            r#"{"$setUnion": [[1, 2], [{}, []], [2]]}"#,
            "{}",
            "[1, 2, {}, []]",
        ),
        (r#"{"$setUnion": [[1, 2], [3, 1]]}"#, "{}", "[1, 2, 3]"),
        (r#"{"$setUnion": [[1, 2], "$x"]}"#, "{}", "null"),
    ]);
}
