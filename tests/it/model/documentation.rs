//! The page for users keeps up with the directives.

use cloudbase_graphql::model::{Model, PRELUDE};

const PAGE: &str = include_str!("../../../docs/schema-file.md");

#[test]
fn the_first_example_is_a_good_model() {
    let block = PAGE
        .split("```graphql\n")
        .nth(1)
        .expect("the page has an example");
    let source = block.split("```").next().unwrap_or(block);
    let checked = Model::parse(source).expect("the example has no errors");
    assert_eq!(checked.warnings, []);
}

#[test]
fn every_directive_has_a_section() {
    for definition in PRELUDE.split("\ndirective @").skip(1) {
        let name = definition.split('(').next().unwrap_or(definition);
        assert!(
            PAGE.lines()
                .any(|line| line.starts_with("## ") && line.contains(&format!("`@{name}`"))),
            "`@{name}` has no section"
        );
    }
}
