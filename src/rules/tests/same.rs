//! What makes a difference between two rules, and what does not.

use crate::rules::Rule;

#[test]
fn only_what_is_said_makes_a_difference() {
    let cases = [
        ("doc.a == 1", "doc.a==1", true),
        ("doc.a == 1", "doc.a === 1", true),
        ("doc.a == 1", "1 == doc.a", true),
        ("doc.a != 'x'", "\"x\" !== doc['a']", true),
        ("!(doc.a == auth.openid)", "!(auth.openid == doc.a)", true),
        ("doc.a == 1 && doc.b == 2", "1 == doc.a && 2 == doc.b", true),
        (
            "(doc.a == 1 || doc.b == 2)",
            "doc.a == 1 || doc.b == 2",
            true,
        ),
        (
            "get(`database.shops.${doc.shop}`).owner == auth.openid",
            "auth.openid == get('database.shops.' + doc.shop).owner",
            true,
        ),
        ("doc.a == 1 && doc.b", "doc.b && doc.a == 1", true),
        ("doc.a || doc.b || doc.c", "(doc.c || doc.a) || doc.b", true),
        ("doc.a && doc.a", "doc.a", true),
        (
            "doc.a && !!(doc.b && doc.c)",
            "doc.c && doc.b && doc.a",
            true,
        ),
        ("!!doc.a", "doc.a", true),
        ("doc.a > 1", "1 < doc.a", true),
        ("now <= doc.a", "doc.a >= now", true),
        ("doc.a in ['x', 'y']", "doc.a in [\"y\", 'x', 'x']", true),
        ("(true)", "true", true),
        ("doc.a == -1", "doc.a == - 1", true),
        ("doc['a'].b != null", "null !== doc.a['b']", true),
        ("doc.a == 1.0", "doc.a == 1", true),
        ("doc.a > 1", "doc.a >= 1", false),
        ("doc.a > 1", "doc.a < 1", false),
        (
            "doc.a && doc.b || doc.c",
            "doc.a && (doc.b || doc.c)",
            false,
        ),
        ("!doc.a", "doc.a", false),
        ("doc.a in doc.b", "doc.b in doc.a", false),
        ("doc.a == 'true'", "doc.a == true", false),
        ("doc.a == null", "doc.a == 'null'", false),
        ("doc.a == 'A'", "doc.a == 'a'", false),
        ("doc.a == 'a '", "doc.a == 'a'", false),
        ("true", "auth != null", false),
        ("doc.a == 1", "doc.a == 2", false),
        ("doc.a == 1", "doc.a == '1'", false),
        ("doc.a == 1", "doc.a != 1", false),
        ("doc.a == doc.b", "doc.a == doc.c", false),
        ("doc.a < 1", "1 < doc.a", false),
        ("doc.a in [1, 2]", "doc.a in [1]", false),
        (
            "doc.a == 1 && doc.b == 2",
            "doc.a == 1 || doc.b == 2",
            false,
        ),
        ("doc.a == auth.openid", "doc.a == auth.uid", false),
        ("true", "false", false),
    ];
    for (one, other, expected) in cases {
        let parse = |text| Rule::parse(text).unwrap_or_else(|why| panic!("{text}: {why:?}"));
        let (one, other) = (parse(one), parse(other));
        assert_eq!(one.says_the_same_as(&other), expected, "{one} | {other}");
        assert_eq!(other.says_the_same_as(&one), expected, "{other} | {one}");
    }
}
