//! Ways around limits that have worked elsewhere, each by its name.

use crate::harness::TestApp;

/// `what` so many times; `#` in it is the number.
fn times(count: usize, what: &str) -> String {
    let one = |at: usize| what.replace('#', &at.to_string());
    (0..count).map(one).collect::<Vec<_>>().join(" ")
}

/// A fragment that spreads another one twice, which spreads another one twice, and so on.
fn doubling(first: &str, levels: usize) -> String {
    let name = |at: usize| match at {
        0 => first.to_owned(),
        at => format!("F{at}"),
    };
    let fragment = |at: usize| {
        let inner = format!("...{}", name(at + 1));
        format!("fragment {} on Query {{ {inner} {inner} }}", name(at))
    };
    let fragments: Vec<String> = (0..levels).map(fragment).collect();
    let last = format!(
        "fragment {} on Query {{ me {{ principal }} }}",
        name(levels)
    );
    format!("{{ ...{first} }} {} {last}", fragments.join(" "))
}

fn nested(levels: usize, open: &str, inner: &str) -> String {
    format!("{}{inner}{}", open.repeat(levels), "}".repeat(levels))
}

#[tokio::test]
async fn known_ways_around_limits_are_closed() {
    let app = TestApp::shop().await;
    let (guest, admin) = (app.caller("-").await, app.staff(&["owner"]));
    let types = |inner: &str| format!("{{ __schema {{ types {{ {inner} }} }} }}");
    let lists = nested(4, "fields { type { ", "name") + &"}".repeat(4);
    let cases = [
        (
            "alias flood",
            format!("{{ {} }}", times(2_000, "a#: __typename")),
        ),
        (
            "alias flood inside a fragment",
            format!(
                "{{ ...A ...A ...A }} fragment A on Query {{ {} }}",
                times(400, "a#: __typename")
            ),
        ),
        (
            "field flood",
            format!("{{ me {{ {} }} }}", times(21_000, "roles")),
        ),
        (
            "directive flood",
            format!("{{ __typename {} }}", times(300, "@skip(if: false)")),
        ),
        (
            "directive flood across fragments",
            format!(
                "{{ ...A @include(if: true) }} fragment A on Query {{ {} }}",
                times(250, "a#: __typename @skip(if: true)")
            ),
        ),
        (
            "unknown directives",
            format!("{{ __typename {} }}", times(300, "@a#")),
        ),
        ("fragments that double", doubling("F0", 40)),
        (
            "a fragment named __schema that doubles",
            doubling("__schema", 40),
        ),
        (
            "a fragment named __typename that doubles",
            doubling("__typename", 40),
        ),
        (
            "fragments in a circle",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned(),
        ),
        (
            "a circle of a fragment named __schema",
            "{ ...__schema } fragment __schema on Query { ...__schema }".to_owned(),
        ),
        (
            "a circle nobody spreads",
            "{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned(),
        ),
        (
            "inline fragments inside each other",
            nested(100, "{ ... ", "{ __typename }"),
        ),
        ("fields inside each other", nested(30, "{ a ", "{ b }")),
        (
            "lists inside each other",
            format!("{{ items(where: {}", "[".repeat(10_000)),
        ),
        ("introspection of lists of lists", types(&lists)),
        (
            "introspection of lists of lists by a fragment named __schema",
            format!(
                "{{ ...__schema }} fragment __schema on Query {}",
                types(&lists)
            ),
        ),
        (
            "introspection many times",
            format!(
                "{{ {} }}",
                times(
                    90,
                    "a#: __schema { types { name fields { name type { name } } } }"
                )
            ),
        ),
        (
            "root fields by fragments",
            format!(
                "{{ ...A }} fragment A on Query {{ {} }}",
                times(150, "a#: me { principal }")
            ),
        ),
        (
            "a long comment",
            format!("{{ __typename }} #{}", "x".repeat(300_000)),
        ),
        (
            "many tokens",
            format!("{{ __typename }} {}", times(30_000, "{")),
        ),
    ];
    for (name, query) in &cases {
        for caller in [&guest, &admin] {
            let answer = caller.query(query).await;
            let mut errors = answer.errors();
            errors.dedup();
            let expected = match name.contains("circle") {
                true => "GRAPHQL_VALIDATION_FAILED",
                false => "LIMIT_EXCEEDED",
            };
            assert_eq!(errors, [expected], "{name}");
            assert!(answer.text.len() < 1_000, "{name}: {}", answer.text.len());
            assert!(answer.json.get("data").is_none(), "{name}");
        }
    }
}
