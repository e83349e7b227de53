use super::*;
use crate::data::{Object, Test, ejson};

fn value(text: &str) -> Value {
    ejson::parse_value(text).expect("valid EJSON")
}

fn path(text: &str) -> Path {
    Path::parse(text).expect("a path")
}

fn set(at: &str, text: &str) -> Op {
    Op::Set(path(at), value(text))
}

fn inc(at: &str, text: &str) -> Op {
    Op::Inc(path(at), value(text))
}

fn push(at: &str, text: &str) -> Op {
    Op::Push(path(at), vec![value(text)])
}

fn pull(at: &str, text: &str) -> Op {
    Op::Pull(path(at), Elements::Equal(vec![value(text)]))
}

fn apply(document: &str, op: Op) -> Result<Object, ApplyError> {
    let fields = ejson::parse_object(document).expect("valid EJSON");
    Update { ops: vec![op] }.apply(&fields)
}

#[test]
fn operators() {
    let unset = |at: &str| Op::Unset(path(at));
    let matching = Filter::Field(path("n"), Test::Gt(Value::Int(1)));
    let cases = [
        ("{}", set("a", "1"), r#"{"a":1}"#),
        (r#"{"a":{"x":1}}"#, set("a", "{}"), r#"{"a":{}}"#),
        ("{}", set("a.b.c", "1"), r#"{"a":{"b":{"c":1}}}"#),
        (
            r#"{"a":[{"b":1},2]}"#,
            set("a.0.b", "3"),
            r#"{"a":[{"b":3},2]}"#,
        ),
        (r#"{"a":[1]}"#, set("a.1", "2"), r#"{"a":[1,2]}"#),
        (r#"{"a":[]}"#, set("a.0.b", "2"), r#"{"a":[{"b":2}]}"#),
        (r#"{"a":{}}"#, set("a.0", "2"), r#"{"a":{"0":2}}"#),
        (r#"{"a":1,"b":2}"#, unset("a"), r#"{"b":2}"#),
        (r#"{"a":{"b":1}}"#, unset("a.b"), r#"{"a":{}}"#),
        (r#"{"a":[1,2]}"#, unset("a.0"), r#"{"a":[null,2]}"#),
        (r#"{"a":[1,2]}"#, unset("a.2"), r#"{"a":[1,2]}"#),
        (r#"{"a":1}"#, unset("a.b.c"), r#"{"a":1}"#),
        ("{}", inc("a.b", "2"), r#"{"a":{"b":2}}"#),
        (r#"{"a":1}"#, inc("a", "2"), r#"{"a":3}"#),
        (r#"{"a":1}"#, inc("a", "0.5"), r#"{"a":1.5}"#),
        (r#"{"a":1.0}"#, inc("a", "1"), r#"{"a":2.0}"#),
        (r#"{"a":[1]}"#, inc("a.0", "1"), r#"{"a":[2]}"#),
        ("{}", push("a", "1"), r#"{"a":[1]}"#),
        (
            r#"{"a":{"b":[1]}}"#,
            push("a.b", "[2]"),
            r#"{"a":{"b":[1,[2]]}}"#,
        ),
        ("{}", pull("a", "1"), "{}"),
        (
            r#"{"a":[1,1.0,"1",[1]]}"#,
            pull("a", "1"),
            r#"{"a":["1",[1]]}"#,
        ),
        (
            r#"{"a":[{"n":1},{"n":2},2]}"#,
            Op::Pull(path("a"), Elements::Matching(matching)),
            r#"{"a":[{"n":1},2]}"#,
        ),
    ];
    for (before, op, after) in cases {
        let shown = format!("{before} {op:?}");
        let result = apply(before, op).unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!(
            ejson::object_to_string(&result, ejson::Mode::Relaxed),
            after,
            "{shown}"
        );
    }
}

#[test]
fn refusals() {
    let cases = [
        (
            r#"{"a":1}"#,
            set("a.b", "1"),
            "`a` holds an int, set needs an object or an array with that index",
        ),
        (
            r#"{"a":null}"#,
            set("a.b", "1"),
            "`a` holds null, set needs",
        ),
        (
            r#"{"a":[]}"#,
            set("a.b", "1"),
            "`a` holds an array, set needs",
        ),
        (
            r#"{"a":[]}"#,
            set("a.1", "1"),
            "`a` holds an array, set needs",
        ),
        (
            r#"{"a":"1"}"#,
            inc("a", "1"),
            "`a` holds a string, inc needs a number",
        ),
        (
            r#"{"a":null}"#,
            inc("a", "1"),
            "`a` holds null, inc needs a number",
        ),
        (
            r#"{"a":1}"#,
            inc("a", "true"),
            "`a` holds a bool, inc needs a number",
        ),
        (
            r#"{"a":{"b":1}}"#,
            inc("a.b.c", "1"),
            "`a.b` holds an int, inc needs",
        ),
        (
            r#"{"a":9223372036854775807}"#,
            inc("a", "1"),
            "`a` would leave the range of its type of number",
        ),
        (
            r#"{"a":1e308}"#,
            inc("a", "1e308"),
            "`a` would leave the range of its type of number",
        ),
        (
            r#"{"a":1}"#,
            push("a", "1"),
            "`a` holds an int, push needs an array",
        ),
        (
            r#"{"a":null}"#,
            push("a", "1"),
            "`a` holds null, push needs an array",
        ),
        (
            r#"{"a":1}"#,
            pull("a", "1"),
            "`a` holds an int, pull needs an array",
        ),
        ("{}", set("_id", "1"), "`_id` cannot be changed"),
        ("{}", Op::Unset(path("_id.x")), "`_id` cannot be changed"),
    ];
    for (before, op, expected) in cases {
        let shown = format!("{before} {op:?}");
        let error = apply(before, op).expect_err(&shown).to_string();
        assert!(error.starts_with(expected), "{shown}: {error}");
    }
}

#[test]
fn updates_do_not_build_what_cannot_be_read() {
    let long = path(&vec!["a"; ejson::MAX_DEPTH].join("."));
    assert!(apply("{}", Op::Set(long.clone(), Value::Int(1))).is_ok());
    assert_eq!(
        apply("{}", Op::Set(long, value("[]"))),
        Err(ApplyError::TooDeep)
    );
}

#[test]
fn overlaps() {
    let of = |paths: &[&str]| {
        let ops = paths.iter().map(|at| Op::Unset(path(at))).collect();
        let update = Update { ops };
        let overlap = update.overlap();
        overlap.map(|(a, b)| (a.to_string(), b.to_string()))
    };
    assert_eq!(of(&["a.b", "b", "a.c", "ab"]), None);
    assert_eq!(of(&["b", "a", "b"]), Some(("b".into(), "b".into())));
    assert_eq!(
        of(&["a.b.c", "a!", "a.b.a", "a"]),
        Some(("a".into(), "a.b.a".into()))
    );
}
