//! No text makes the reader of models panic, every problem it finds can be
//! rendered, and what it accepts can be served or is refused for its names.

use std::sync::Arc;

use cloudbase_graphql::gateway::Abilities;
use cloudbase_graphql::graphql::MatchesOperator;
use cloudbase_graphql::graphql::api::Api;
use cloudbase_graphql::model::Model;
use proptest::prelude::*;

const SHOP: &str = include_str!("../../../schema.graphql");

/// What models are made of, to reach deeper than arbitrary text does.
const PIECES: [&str; 40] = [
    "type A",
    "type B",
    "enum E",
    "{ id: ID! }",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "id: ID!",
    "a: Int",
    "b: [String!]!",
    "c: A",
    "d: B!",
    "e: E",
    "@collection(name: \"as\")",
    "@rule(read: true)",
    "@rule(write: \"doc.a == 1\")",
    "@grant(role: \"r\", read: \"doc.b\")",
    "extend schema",
    "@role(name: \"r\", includes: [\"r\"])",
    "@index(fields: [\"a\", \"-b\"])",
    "@relation(from: \"a\", to: \"_id\")",
    "@default(value: 1)",
    "@default(value: {a: [1]})",
    "@constraint(min: 1, pattern: \"(\")",
    "@timestamp(on: CREATE)",
    "@field(name: \"x.y\")",
    "\"\"\"",
    "\"",
    "\\",
    "#",
    "\n",
    "\r",
    "\u{feff}",
    "中",
    "A B",
    "@",
    "null",
];

/// Whatever comes of it, it comes without a panic and can be printed.
fn read(source: &str) {
    let problems = match Model::parse(source) {
        Ok(checked) => {
            let abilities = Abilities::of_anyone(Arc::new(checked.model));
            let _ = Api::of(&abilities, MatchesOperator::Staff);
            checked.warnings
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal says why");
            problems
        }
    };
    for problem in problems {
        assert!(problem.line >= 1 && problem.column >= 1);
        assert!(problem.render("model", source).starts_with(&['e', 'w'][..]));
    }
}

/// The nearest place at or below an offset where a character begins.
fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_text_is_read_or_refused(source in "\\PC{0,200}") {
        read(&source);
    }

    #[test]
    fn pieces_of_models_are_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40),
    ) {
        read(&pieces.join(" "));
    }

    #[test]
    fn a_mutilated_shop_is_read_or_refused(
        from in 0..SHOP.len(),
        len in 0..60_usize,
        piece in prop::sample::select(&PIECES[..]),
    ) {
        let start = boundary(SHOP, from);
        let end = boundary(SHOP, from + len).max(start);
        read(&format!("{}{piece}{}", &SHOP[..start], &SHOP[end..]));
    }

    #[test]
    fn the_shop_with_words_exchanged_is_read_or_refused(one in 0..500_usize, other in 0..500_usize) {
        let mut words: Vec<&str> = SHOP.split_inclusive([' ', '(', ')', '\n', '"']).collect();
        let (one, other) = (one % words.len(), other % words.len());
        words.swap(one, other);
        read(&words.concat());
    }
}

#[test]
fn depth_and_size_are_bounded() {
    for source in [
        format!(
            "type A {{ a: {}Int{} }}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        ),
        format!("type A @default(value: {}", "[".repeat(100_000)),
        format!("type A @default(value: {}", "{a:".repeat(100_000)),
        "\"\"\"".repeat(100_001),
        "a".repeat(2 << 20),
        format!(
            "type A {{ a: Int @rule(read: \"{}\") }}",
            "(".repeat(100_000)
        ),
        format!(
            "type A @collection(name: \"a\") @rule(read: \"{}\") {{ id: ID! }}",
            "!".repeat(1000)
        ),
    ] {
        read(&source);
    }
}

#[test]
fn many_types_are_read_in_time() {
    let types = (0..1_000).map(|at| {
        format!("type T{at} @collection(name: \"list{at}\") @rule(read: true) {{ id: ID! next: T{} @relation(from: \"_id\", to: \"_id\") }}\n", (at + 1) % 1_000)
    });
    let source: String = types.collect();
    assert!(Model::parse(&source).is_ok());
}
