//! The page about rules says what is so.

use cloudbase_graphql::rules::{MAX_DOCUMENTS, MAX_GET_DEPTH, MAX_GETS, Rule};

const PAGE: &str = include_str!("../../../docs/rules.md");

#[test]
fn the_rules_on_the_page_parse() {
    let mut inside = false;
    let mut rules = 0;
    for line in PAGE.lines() {
        match line {
            "```rule" => inside = true,
            "```" => inside = false,
            rule if inside => {
                rules += 1;
                let problems = Rule::parse(rule).err();
                assert_eq!(problems, None, "{rule}");
            }
            _ => {}
        }
    }
    assert!(rules > 10, "only {rules} rules found");
}

#[test]
fn the_limits_on_the_page_are_the_limits() {
    assert_eq!((MAX_GETS, MAX_GET_DEPTH, MAX_DOCUMENTS), (3, 2, 10));
    for words in [
        "At most three `get()` in a rule, at most one inside another, at most ten documents",
        "At most 1024 characters, at most 32 levels",
    ] {
        assert!(PAGE.contains(words), "{words}");
    }
    let negations = |count: usize| format!("{}true", "!".repeat(count));
    assert!(Rule::parse(&negations(32)).is_ok());
    assert!(Rule::parse(&negations(33)).is_err());
}
