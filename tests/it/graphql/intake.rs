//! Which documents are taken in. What is refused here is refused by graphql-js
//! too (the conformance run checks that with the same file).

use std::time::{Duration, Instant};

use cloudbase_graphql::graphql::intake::{Intake, IntakeError, Limits};
use serde::Deserialize;

use super::schema::{SHOP, full};

/// Cases with `variables` are valid documents whose variables cannot be coerced.
#[derive(Deserialize)]
struct Case {
    name: String,
    query: String,
    variables: Option<serde_json::Value>,
}

/// Refused when selections are merged, which comes after taking in.
const MERGED_LATER: [&str; 5] = [
    "one key for two fields",
    "one key for two fields in fragments",
    "one key for two fields in an inline fragment",
    "one key for two fields further down",
    "one key for two variables",
];

fn shop() -> Intake {
    Intake::new(full(SHOP).into(), Limits::default()).expect("the types are consistent")
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../cases/invalid_operations.json")).expect("cases")
}

#[test]
fn invalid_documents_are_refused() {
    let intake = shop();
    let taken: Vec<_> = cases()
        .into_iter()
        .filter(|case| case.variables.is_none() && !MERGED_LATER.contains(&&*case.name))
        .filter(|case| intake.take_in(&case.query, None).is_ok())
        .map(|case| case.name)
        .collect();
    assert!(taken.is_empty(), "taken in: {taken:#?}");
}

/// Not among the cases: graphql-js takes these in, or does not get as far as refusing them.
#[test]
fn what_only_the_specification_refuses_is_refused() {
    let intake = shop();
    for query in [
        "subscription Q($b: Boolean!) { orders @include(if: $b) { kind } }",
        "subscription { orders @skip(if: false) { kind } }",
        "subscription { ... @include(if: true) { orders { kind } } }",
        "subscription { ...A @skip(if: false) } fragment A on Subscription { orders { kind } }",
        "subscription { ...A } fragment A on Subscription { orders @include(if: true) { kind } }",
        "query Q($d: Direction) { orders(orderBy: [{createdAt: $d}]) { totalCount } }",
    ] {
        assert!(intake.take_in(query, None).is_err(), "{query}");
    }
}

#[test]
fn variables_are_left_to_binding() {
    let intake = shop();
    for case in cases().iter().filter(|case| case.variables.is_some()) {
        let taken = intake.take_in(&case.query, None);
        assert!(taken.is_ok(), "{}: {taken:?}", case.name);
    }
}

#[test]
fn messages_name_the_place() {
    let intake = shop();
    let told: String = cases()
        .iter()
        .filter(|case| case.variables.is_none())
        .filter_map(|case| Some((case, intake.take_in(&case.query, None).err()?)))
        .map(|(case, errors)| {
            let told: String = errors.iter().map(told).collect();
            format!("{}\n{told}", case.name)
        })
        .collect();
    insta::assert_snapshot!(told);
}

fn told(error: &IntakeError) -> String {
    let at: Vec<_> = error
        .locations()
        .iter()
        .map(|at| format!("{}:{}", at.line, at.column))
        .collect();
    format!("    {} {error}\n", at.join(" "))
}

#[test]
fn valid_documents_are_taken_in() {
    let intake = shop();
    for query in [
        "{ me { principal } }",
        "query { __typename me { __typename } }",
        "query Q($b: Boolean!) { __typename @include(if: $b) }",
        "query Q($b: Boolean = true) { me { principal @skip(if: $b) } }",
        "query Q($n: Int = 3) { orders(first: $n) { totalCount } }",
        "query Q($w: OrderFilter!, $s: OrderStatus!, $l: [OrderStatus!]) { orders(where: {and: [$w, {status: {in: [$s, PAID]}}, {status: {in: $l}}]}) { totalCount } }",
        "query Q($w: OrderFilter!) { orders(where: {and: [$w]}) { totalCount } }",
        "query Q($d: Direction!) { orders(orderBy: {createdAt: $d}) { totalCount } }",
        "{ orders(where: {and: {total: {eq: 1}}, status: {in: PAID}}) { totalCount } }",
        "{ item(id: 5) { id } }",
        "query Q($n: [ Int # of totals\n! ] !) { orders(where: {total: {in: $n}}) { totalCount } }",
        "{ items(where: {location: {within: {circle: {center: {longitude: 1, latitude: 1.5}, radius: 5}}}}) { totalCount } }",
        "{ a: orders(first: 1) { totalCount } b: orders(first: 2) { totalCount } }",
        "{ orders { ...C } } fragment C on OrderConnection { nodes { ...O } } fragment O on Order { id ... @include(if: true) { total } ... on Order { status } }",
        "{ __schema { types { name fields(includeDeprecated: true) { name } } } __type(name: \"Order\") { kind } }",
        "mutation { deleteItems(where: {}, all: true, atMost: 3) { matched } }",
        "# c\n\u{feff}{ order(by: {orderNo: \"\"\"a\"b\"\"\"}) { id, total } }",
        "mutation M($i: ItemCreate!) { createItem(input: $i) { id item { id } } }",
        "subscription { orders { __typename sequence kind nodes { id } changes { type id index node { total } } } }",
        "subscription S($w: OrderFilter, $n: Int, $b: Boolean!) { o: orders(where: $w, first: $n, orderBy: {createdAt: DESC}) { kind @skip(if: $b) } }",
        "subscription { ...A orders { nodes { id } } ...A } fragment A on Subscription { ... { orders { kind } } }",
        "subscription { order(id: \"o1\") { node { user { nickname } } changes { type } } }",
    ] {
        let taken = intake.take_in(query, None);
        assert!(taken.is_ok(), "{query}: {taken:?}");
    }
}

#[test]
fn the_operation_is_chosen_by_name() {
    let intake = shop();
    let two = "query A { me { principal } } query B { me { roles } }";
    assert!(intake.take_in(two, Some("B")).is_ok());
    let required = Err(vec![IntakeError::OperationNameRequired]);
    assert_eq!(intake.take_in(two, None).map(|_| ()), required);
    for document in [two, "{ me { principal } }"] {
        let name = "C".to_owned();
        let unknown = Err(vec![IntakeError::UnknownOperation { name }]);
        assert_eq!(intake.take_in(document, Some("C")).map(|_| ()), unknown);
    }
}

/// Each document is too large in one way, and refused before anything expensive looks at it.
#[test]
fn large_documents_are_refused_at_once() {
    let doubling: String = (0..30)
        .map(|n| format!("fragment F{n} on Me {{ ...F{} ...F{} }} ", n + 1, n + 1))
        .collect();
    let chain: String = (0..2000)
        .map(|n| format!("fragment F{n} on Me {{ ...F{} }} ", n + 1))
        .collect();
    let users = "user { orders { nodes { user { orders { nodes { ".repeat(6);
    let documents = [
        (
            "selections",
            format!("{{ me {{ ...F0 }} }} {doubling} fragment F30 on Me {{ principal }}"),
        ),
        (
            "nested selections",
            format!("{{ me {{ ...F0 }} }} {chain} fragment F2000 on Me {{ principal }}"),
        ),
        (
            "levels of fields",
            format!("{{ me {{ {users} id {} }} }}", "} ".repeat(36)),
        ),
        (
            "nested brackets",
            format!("{{ me {}", "{ a ".repeat(100_000 / 4)),
        ),
        (
            "nested brackets",
            format!("{{ orders(where: {}", "{not: ".repeat(30_000)),
        ),
        (
            "nested brackets",
            format!("query Q($a: {}", "[".repeat(100_000)),
        ),
        ("tokens", "{ me { principal } } ".repeat(5_000)),
        (
            "bytes",
            format!("{{ me {{ principal }} }} #{}", "x".repeat(300_000)),
        ),
        (
            "fields at its root",
            format!(
                "{{ {} }}",
                (0..200)
                    .map(|n| format!("a{n}: me {{ principal }} "))
                    .collect::<String>()
            ),
        ),
        (
            "nested lists of introspection",
            "{ ...R } fragment R on Query { __schema { types { ...T } } } fragment T on __Type { fields { type { fields { type { fields { name } } } } } }".to_owned(),
        ),
        (
            "selections of introspection",
            format!(
                "{{ __schema {{ types {{ {} }} }} }}",
                (0..600).map(|n| format!("a{n}: name ")).collect::<String>()
            ),
        ),
        (
            "directives",
            format!(
                "{{ me {{ principal {} }} }}",
                "@skip(if: false) ".repeat(300)
            ),
        ),
    ];
    let intake = shop();
    for (expected, document) in documents {
        let begin = Instant::now();
        let refused = intake.take_in(&document, None).expect_err(expected);
        let took = begin.elapsed();
        let [IntakeError::Limit { what, .. }] = refused.as_slice() else {
            panic!("{expected}: {refused:?}");
        };
        assert_eq!(*what, expected);
        // Generous: exponential work would take years.
        assert!(took < Duration::from_secs(2), "{expected} took {took:?}");
    }
}

/// As deep as is allowed has to fit on a thread's stack, in every step.
#[test]
fn the_deepest_documents_that_are_allowed_are_taken_in() {
    let limits = Limits::default();
    let depth = limits.nesting - 3;
    let value = format!(
        "{}total: {{eq: 1}}{}",
        "not: {".repeat(depth - 1),
        "}".repeat(depth - 1)
    );
    let intake = shop();
    let taken = intake.take_in(
        &format!("{{ orders(where: {{{value}}}) {{ totalCount }} }}"),
        None,
    );
    assert!(taken.is_ok(), "{taken:?}");
    let inline = format!("{}principal{}", "... { ".repeat(depth), "}".repeat(depth));
    let taken = intake.take_in(&format!("{{ me {{ {inline} }} }}"), None);
    assert!(taken.is_ok(), "{taken:?}");
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "[ {}()\\[\\]:$@!.,\"#a-z0-9-]{0,60}") {
        let _ = shop_once().take_in(&text, None);
    }

    #[test]
    fn no_cut_of_a_document_panics(at in 0_usize..220, other in 0_usize..220) {
        let text = "query Q($n: Int = 3, $w: OrderFilter) { orders(first: $n, where: {and: [$w, {orderNo: {in: [\"a\", \"é\"]}}]}) { ...C __typename @skip(if: true) } } fragment C on OrderConnection { nodes { id lines { item { id } } } }";
        let cut = |at: usize| text.floor_char_boundary(at.min(text.len()));
        let (at, other) = (cut(at), cut(other));
        let _ = shop_once().take_in(&format!("{}{}", &text[..at], &text[other..]), None);
    }
}

/// Building the schema is not what these tests are about.
fn shop_once() -> &'static Intake {
    static SHOP: std::sync::OnceLock<Intake> = std::sync::OnceLock::new();
    SHOP.get_or_init(shop)
}
