//! Paths, literals, variables, conditions.

use super::check;

#[test]
fn paths_fan_out_over_arrays() {
    let document = r#"{"a": {"b": 1}, "n": null, "l": [{"b": 1}, {"c": 2}, 5, [{"b": 3}], {"b": null}],
        "d": [{"b": [{"c": 1}, {"c": 2}]}, {"b": {"c": 3}}]}"#;
    check(&[
        (r#""$a""#, document, r#"{"b": 1}"#),
        (r#""$a.b""#, document, "1"),
        (r#""$a.x""#, document, "missing"),
        (r#""$a.b.c""#, document, "missing"),
        (r#""$n""#, document, "null"),
        (r#""$n.x""#, document, "missing"),
        (r#""$l.b""#, document, "[1, null]"),
        (r#""$l.0""#, document, "[]"),
        (r#""$d.b.c""#, document, "[[1, 2], 3]"),
        (r#""$$ROOT.a.b""#, document, "1"),
        (r#""$$CURRENT.a""#, document, r#"{"b": 1}"#),
        (r#""$$ROOT""#, r#"{"a": 1}"#, r#"{"a": 1}"#),
        (r#""$$NOW""#, document, r#"{"$date": 0}"#),
        (r#""$$REMOVE""#, document, "missing"),
        (r#""$$this""#, document, "there is no variable `$$this`"),
        (
            r#""$""#,
            document,
            "`$` is not a field path: names with dots between them are needed after `$`",
        ),
        (
            r#""$a..b""#,
            document,
            "`$a..b` is not a field path: names with dots between them are needed after `$`",
        ),
        (
            r#""$$""#,
            document,
            "`` is not a variable: its name needs a small letter first, then letters, digits and `_`",
        ),
    ]);
}

#[test]
fn objects_leave_out_what_is_missing_and_arrays_say_null() {
    check(&[
        (
            r#"{"a": "$x", "b": {"$add": ["$y", 1]}, "c": "$z", "d": {"e": "$z"}}"#,
            r#"{"x": 1, "y": 2}"#,
            r#"{"a": 1, "b": 3, "d": {}}"#,
        ),
        (
            r#"["$x", "$z", 3, {"a": "$x"}]"#,
            r#"{"x": 1}"#,
            r#"[1, null, 3, {"a": 1}]"#,
        ),
        (r#"{"$literal": "$x"}"#, "{}", r#""$x""#),
        (
            r#"{"$literal": {"$add": [1, 2]}}"#,
            "{}",
            r#"{"$add": [1, 2]}"#,
        ),
        ("{}", "{}", "{}"),
        ("true", "{}", "true"),
        (
            r#"{"$regularExpression": {"pattern": "a", "options": ""}}"#,
            "{}",
            r#"{"$regularExpression": {"pattern": "a", "options": ""}}"#,
        ),
        (
            r#"{"$add": [1], "$subtract": [1, 2]}"#,
            "{}",
            "`$add` cannot be a member beside others: an operator stands alone, and names have no dots",
        ),
        (
            r#"{"a.b": 1}"#,
            "{}",
            "`a.b` cannot be a member beside others: an operator stands alone, and names have no dots",
        ),
        (
            r#"{"$meta": "textScore"}"#,
            "{}",
            "$meta needs a text search, which there is not here",
        ),
        (r#"{"$rand": {}}"#, "{}", "unknown operator: $rand"),
    ]);
}

#[test]
fn any_two_values_compare() {
    check(&[
        (r#"{"$eq": ["$a", "$b"]}"#, "{}", "true"),
        (r#"{"$eq": ["$a", null]}"#, "{}", "false"),
        (r#"{"$eq": [1, 1.0]}"#, "{}", "true"),
        (r#"{"$ne": ["$a", null]}"#, r#"{"a": null}"#, "false"),
        (r#"{"$lt": ["$a", null]}"#, "{}", "true"),
        (r#"{"$gt": ["$a", 200]}"#, r#"{"a": "x"}"#, "true"),
        (r#"{"$gte": ["$a", 200]}"#, r#"{"a": 200}"#, "true"),
        (r#"{"$lte": ["$a", 200]}"#, r#"{"a": null}"#, "true"),
        (r#"{"$cmp": [1, 2]}"#, "{}", "-1"),
        (r#"{"$cmp": [[1, 2], [1]]}"#, "{}", "1"),
        (r#"{"$cmp": [{"$date": 0}, true]}"#, "{}", "1"),
        (
            r#"{"$eq": [{"a": 1, "b": 2}, {"b": 2, "a": 1}]}"#,
            "{}",
            "false",
        ),
        (r#"{"$eq": [1]}"#, "{}", "$eq takes 2 arguments, not 1"),
    ]);
}

#[test]
fn truth_stops_at_what_decides() {
    check(&[
        (r#"{"$and": []}"#, "{}", "true"),
        (r#"{"$or": []}"#, "{}", "false"),
        (r#"{"$and": [1, "a", [], {}]}"#, "{}", "true"),
        (r#"{"$and": [1, null]}"#, "{}", "false"),
        (r#"{"$and": [false, {"$divide": [1, 0]}]}"#, "{}", "false"),
        (r#"{"$or": ["$a", 0.0, {"$literal": -0.0}]}"#, "{}", "false"),
        (r#"{"$or": [1, {"$divide": [1, 0]}]}"#, "{}", "true"),
        (r#"{"$not": ["$a"]}"#, "{}", "true"),
        (r#"{"$not": [[false]]}"#, "{}", "false"),
        (r#"{"$not": "$a"}"#, r#"{"a": 1}"#, "false"),
        (
            r#"{"$ifNull": ["$a", "none"]}"#,
            r#"{"a": null}"#,
            r#""none""#,
        ),
        (r#"{"$ifNull": ["$a", "$b", 3]}"#, r#"{"b": 2}"#, "2"),
        (r#"{"$ifNull": ["$a", "$b"]}"#, "{}", "missing"),
        (
            r#"{"$ifNull": ["$a"]}"#,
            "{}",
            "$ifNull takes at least 2 arguments, not 1",
        ),
        (
            r#"{"$cond": [{"$gte": ["$n", 200]}, 0.7, 0.9]}"#,
            r#"{"n": 100}"#,
            "0.9",
        ),
        (
            r#"{"$cond": {"if": "$n", "then": "$n", "else": "$x"}}"#,
            r#"{"n": 0}"#,
            "missing",
        ),
        (
            r#"{"$cond": {"if": true, "then": 1}}"#,
            "{}",
            "$cond needs an argument `else`",
        ),
        (
            r#"{"$cond": {"if": true, "then": 1, "else": 2, "or": 3}}"#,
            "{}",
            "$cond has no argument `or`",
        ),
        (
            r#"{"$switch": {"branches": [{"case": {"$gt": ["$n", 250]}, "then": "a"},
            {"case": {"$gt": ["$n", 150]}, "then": "b"}], "default": "c"}}"#,
            r#"{"n": 200}"#,
            r#""b""#,
        ),
        (
            r#"{"$switch": {"branches": [{"case": false, "then": 1}], "default": "c"}}"#,
            "{}",
            r#""c""#,
        ),
        (
            r#"{"$switch": {"branches": [{"case": false, "then": 1}]}}"#,
            "{}",
            "$switch needs a `default`: no branch is true of this document",
        ),
        (
            r#"{"$switch": {"branches": []}}"#,
            "{}",
            "$switch needs an array `branches` of at least one",
        ),
        (
            r#"{"$switch": {"branches": [{"case": 1}]}}"#,
            "{}",
            "a branch of $switch needs a `case` and a `then`",
        ),
    ]);
}

#[test]
fn variables_are_seen_inside() {
    check(&[
        (
            r#"{"$let": {"vars": {"total": {"$multiply": ["$price", "$discount"]}}, "in": {"$sum": ["$$total", "$cost"]}}}"#,
            r#"{"price": 10, "discount": 0.5, "cost": -1}"#,
            "4.0",
        ),
        (
            r#"{"$let": {"vars": {"a": 1, "b": "$x"}, "in": ["$$a", "$$b.c"]}}"#,
            r#"{"x": {"c": 2}}"#,
            "[1, 2]",
        ),
        (
            r#"{"$let": {"vars": {"a": 1}, "in": {"$let": {"vars": {"a": 2, "b": "$$a"}, "in": ["$$a", "$$b"]}}}}"#,
            "{}",
            "[2, 1]",
        ),
        (
            r#"{"$let": {"vars": {"a": "$nothing"}, "in": "$$a"}}"#,
            "{}",
            "missing",
        ),
        (
            r#"{"$let": {"vars": {"a": [{"b": 1}, {"b": 2}]}, "in": "$$a.b"}}"#,
            "{}",
            "[1, 2]",
        ),
        (
            r#"{"$let": {"vars": {"Big": 1}, "in": 1}}"#,
            "{}",
            "`Big` is not a variable: its name needs a small letter first, then letters, digits and `_`",
        ),
        (
            r#"{"$let": {"vars": {"a": 1}}}"#,
            "{}",
            "$let needs an object `vars` and an expression `in`",
        ),
        (
            r#"[{"$let": {"vars": {"a": 1}, "in": 1}}, "$$a"]"#,
            "{}",
            "there is no variable `$$a`",
        ),
    ]);
}
