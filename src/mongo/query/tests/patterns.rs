//! Regular expressions mean what PCRE means by them.

use super::{Object, Query, Value};

/// Whether a pattern with options is found in a text; `None` if it is none.
fn found(pattern: &str, options: &str, text: &str) -> Option<bool> {
    let value = |text: &str| Value::string(text);
    let regex: Object = [("$regex", value(pattern)), ("$options", value(options))]
        .into_iter()
        .collect();
    let query = Query::parse(&[("a", Value::Object(regex))].into_iter().collect()).ok()?;
    Some(query.matches(&[("a", value(text))].into_iter().collect()))
}

#[test]
fn found_and_not_found() {
    let cases = [
        // pattern, options, found in, not found in
        ("", "", "x", None),
        ("^abc$", "", "abc\n", Some("abcd")),
        ("b$", "m", "ab\nc", Some("abc")),
        ("(?m)b$", "", "ab\nc", Some("abc")),
        ("b$", "", "ab\n", Some("ab\nc")),
        ("^b", "m", "a\nb", Some("ab")),
        ("a.c", "s", "a\nc", Some("ac")),
        ("a.c", "", "abc", Some("a\nc")),
        ("a b # comment", "x", "ab", Some("a b")),
        (r"a\ b\#", "x", "a b#", Some("ab#")),
        ("[a b]c", "x", " c", Some("xc")),
        ("ABC", "i", "abc", Some("ab")),
        ("é", "i", "É", Some("e")),
        (r"^\d+$", "", "12", Some("１２")),
        (r"^\w$", "", "a", Some("中")),
        (r"^\W$", "", "中", Some("a")),
        (r"^[\w-]+$", "", "a-b", Some("a 中")),
        (r"^[^\d\s]$", "", "x", Some(" ")),
        (r"\bcat\b", "", "中cat文", Some("concat")),
        (r"a\Bb", "", "ab", Some("a b")),
        (r"a\/b\_\-\中", "", "a/b_-中", Some("a\\/b")),
        ("[[]x", "", "[x", Some("x")),
        ("[]x]", "", "]", Some("y")),
        ("[^]x]", "", "y", Some("]")),
        ("[a&&b]", "", "&", Some("c")),
        ("[[:digit:]]", "", "7", Some("x")),
        ("a{b", "", "a{b", Some("ab")),
        ("a{,2}", "", "a{,2}", Some("aa")),
        ("^a{2,}$", "", "aaa", Some("a")),
        ("}", "", "}", Some("{")),
        (
            r"(?<year>\d{4})-\k<year>",
            "",
            "2024-2024",
            Some("2024-2025"),
        ),
        (r"(a)\1", "", "aa", Some("ab")),
        ("a(?!b)", "", "ac", Some("ab")),
        ("(?<=a)b", "", "ab", Some("cb")),
        ("(?>a+)b", "", "aab", Some("aa")),
        ("[\u{4e00}-\u{9fa5}]", "", "中", Some("x")),
        (r"[\u4e00-\u9fa5]", "", "中", Some("x")),
        (r"^\x41\t$", "", "A\t", Some("At")),
        ("^a.*", "", "a", Some("ba")),
        (r"a\.*", "", "ab", Some("b")),
    ];
    for (pattern, options, matching, other) in cases {
        assert_eq!(
            found(pattern, options, matching),
            Some(true),
            "{pattern} in {matching:?}"
        );
        if let Some(other) = other {
            assert_eq!(
                found(pattern, options, other),
                Some(false),
                "{pattern} in {other:?}"
            );
        }
    }
}

#[test]
fn refused() {
    let long = "a".repeat(40_000);
    for (pattern, options) in [
        ("(", ""),
        ("[a", ""),
        ("*", ""),
        (r"a\", ""),
        ("a", "g"),
        ("((a{999}){999}){999}", ""),
        (&long, "i"),
    ] {
        assert_eq!(found(pattern, options, "a"), None, "{pattern:.20}");
    }
}
