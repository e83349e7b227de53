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
