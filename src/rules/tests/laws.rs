//! What holds for all rules.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::parser::parse;
use super::super::{Rule, Truth};
use super::arbitrary::{any_expr, condition, object, rule, scalar, value, world};
use crate::data::{Filter, Object, Path, Test, Value};

/// A condition that says what `doc.a` is, so that `get()` may look at it.
fn pinning() -> impl Strategy<Value = Filter> {
    let pin = prop_oneof![
        scalar().prop_map(Test::Eq),
        scalar().prop_map(|value| Test::In(vec![value])),
    ];
    (pin, condition(value())).prop_map(|(pin, more)| {
        let pin = Filter::Field(Path::field("a"), pin);
        Filter::And(vec![pin, Filter::And(vec![more])])
    })
}

/// A document; often one with exactly the pinned value, sometimes one with a list that holds it.
fn placed() -> impl Strategy<Value = (Object, Pinned)> {
    let pinned = select(vec![Pinned::Exactly, Pinned::InList, Pinned::NotAtAll]);
    (object(value()), pinned)
}

/// A rule on `doc.a`, which is a number.
fn on_one_number() -> impl Strategy<Value = String> {
    let number = || -1_i64..=1;
    let leaf = prop_oneof![
        (select(vec!["==", "!=", "<", "<=", ">", ">="]), number())
            .prop_map(|(op, n)| format!("doc.a {op} {n}")),
        (number(), number()).prop_map(|(a, b)| format!("doc.a in [{a}, {b}]")),
        Just("doc.a != null".to_owned()),
    ];
    (
        leaf.clone(),
        leaf,
        select(vec!["{a}", "!({a})", "{a} && {b}", "{a} || !({b})"]),
    )
        .prop_map(|(a, b, form)| form.replace("{a}", &a).replace("{b}", &b))
}

/// Everything that a condition can say of `a` and prove something.
fn about_one_number() -> impl Strategy<Value = Filter> {
    let number = || (-1_i64..=1).prop_map(Value::Int);
    let test = prop_oneof![
        number().prop_map(Test::Eq),
        number().prop_map(Test::Ne),
        vec(number(), 0..3).prop_map(Test::In),
        vec(number(), 0..3).prop_map(Test::NotIn),
        number().prop_map(Test::Gt),
        number().prop_map(Test::Gte),
        number().prop_map(Test::Lt),
        number().prop_map(Test::Lte),
    ];
    let leaf = test.prop_map(|test| Filter::Field(Path::field("a"), test));
    let both = vec(leaf, 1..3).prop_map(Filter::And);
    prop_oneof![both.clone(), vec(both, 1..3).prop_map(Filter::Or)]
}

#[derive(Clone, Copy, Debug)]
enum Pinned {
    Exactly,
    InList,
    NotAtAll,
}

fn place(mut document: Object, pinned: Pinned, condition: &Filter) -> Object {
    let Filter::And(parts) = condition else {
        return document;
    };
    let value = match parts.first() {
        Some(Filter::Field(_, Test::Eq(value))) => value.clone(),
        Some(Filter::Field(_, Test::In(values))) => values.first().cloned().unwrap_or(Value::Null),
        _ => return document,
    };
    match pinned {
        Pinned::Exactly => document.insert("a", value),
        Pinned::InList => document.insert("a", Value::Array(vec![Value::Int(5), value])),
        Pinned::NotAtAll => {}
    }
    document
}

/// Rules and worlds are many, so each is tried on several documents.
const DOCUMENTS: usize = 12;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_printed_reads_the_same(expr in any_expr()) {
        let text = expr.to_string();
        prop_assume!(text.chars().count() <= 1024);
        match parse(&text) {
            Ok(read) => prop_assert_eq!(read, expr, "{}", text),
            Err(problem) => prop_assert!(problem.message.contains("levels"), "{}: {:?}", text, problem),
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        let _ = Rule::parse(&text);
    }

    #[test]
    fn no_heap_of_tokens_makes_the_parser_panic(tokens in vec(select(vec![
        "(", ")", "[", "]", "!", "&&", "||", "==", "in", "+", "-", "1", "'a'", "`", "${", "}", "get(", "doc",
        ".a", "auth", "request.data", "\\", "'", "\"", " ", "9999999999999999999", "1e999", "é",
    ]), 0..40)) {
        let text = tokens.concat();
        if let Err(problems) = Rule::parse(&text) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(text.get(problem.start..problem.end).is_some(), "{:?}", problem);
            }
        }
    }

    #[test]
    fn the_residual_matches_iff_the_rule_is_true(
        text in rule(),
        world in world(pinning()),
        documents in vec(placed(), DOCUMENTS),
    ) {
        let rule = Rule::parse(&text).expect("generated rules parse");
        let residual = world.ask(|cx| rule.residual(cx));
        prop_assert!(strict_only(&residual), "{:?}", residual);
        for (document, pinned) in documents {
            let document = place(document, pinned, &world.condition);
            let truth = world.ask(|cx| rule.eval(cx, &document));
            let matches = residual.matches(&document);
            if matches {
                prop_assert_eq!(truth, Truth::True, "{} of {:?} by {:?}", text, document, residual);
            }
            if truth == Truth::True && world.condition.matches(&document) {
                prop_assert!(matches, "{} of {:?} by {:?}", text, document, residual);
            }
        }
    }

    #[test]
    fn without_get_the_residual_needs_no_pins(
        text in rule().prop_filter("no get()", |text| !text.contains("get(")),
        world in world(Just(Filter::all())),
        documents in vec(object(value()), DOCUMENTS),
    ) {
        let rule = Rule::parse(&text).expect("generated rules parse");
        let residual = world.ask(|cx| rule.residual(cx));
        for document in documents {
            let truth = world.ask(|cx| rule.eval(cx, &document));
            let matches = residual.matches(&document);
            prop_assert_eq!(matches, truth == Truth::True, "{:?} by {:?}", document, residual);
        }
    }

    #[test]
    fn the_negation_is_true_iff_the_rule_is_false(
        text in rule(),
        world in world(Just(Filter::all())),
        document in object(value()),
    ) {
        let rule = Rule::parse(&text).expect("generated rules parse");
        let negation = Rule::parse(&format!("!({text})")).expect("generated rules parse");
        let truth = world.ask(|cx| rule.eval(cx, &document));
        prop_assert_eq!(world.ask(|cx| negation.eval(cx, &document)), !truth);
    }

    #[test]
    fn what_is_proved_is_true(
        text in rule(),
        world in world(condition(prop_oneof![5 => scalar(), 1 => Just(Value::Null)])),
        documents in vec(object(scalar()), 2 * DOCUMENTS),
    ) {
        let rule = Rule::parse(&text).expect("generated rules parse");
        if world.ask(|cx| rule.proved_by_condition(cx)) {
            for document in documents.iter().filter(|it| world.condition.matches(it)) {
                prop_assert_eq!(world.ask(|cx| rule.eval(cx, document)), Truth::True);
            }
        }
    }

    #[test]
    fn what_bounds_prove_is_true(
        text in on_one_number(),
        world in world(about_one_number()),
        documents in vec(object(scalar()), DOCUMENTS),
        numbers in vec(-2_i64..=2, DOCUMENTS),
    ) {
        let rule = Rule::parse(&text).expect("generated rules parse");
        if world.ask(|cx| rule.proved_by_condition(cx)) {
            for (mut document, number) in documents.into_iter().zip(numbers) {
                document.insert("a", Value::Int(number));
                if world.condition.matches(&document) {
                    prop_assert_eq!(world.ask(|cx| rule.eval(cx, &document)), Truth::True);
                }
            }
        }
    }

    #[test]
    fn what_is_never_true_is_not_true(
        text in rule(),
        world in world(Just(Filter::all())),
        document in object(value()),
    ) {
        let rule = Rule::parse(&text).expect("generated rules parse");
        if !rule.satisfiable() {
            prop_assert_ne!(world.ask(|cx| rule.eval(cx, &document)), Truth::True);
        }
    }
}

fn strict_only(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().all(strict_only),
        Filter::Strict(_) => true,
        Filter::Not(_) | Filter::Field(..) => false,
    }
}
