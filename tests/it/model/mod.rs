//! Reading `schema.graphql`: good models, and the messages for bad ones.

use cloudbase_graphql::model::Model;

#[test]
fn reports_every_problem_in_the_order_of_the_file() {
    let source = "type A @collection(name: \"as\") { id: ID! a: Strin b: [[Int]] }\nunion U = A";
    let found = Model::parse(source).expect_err("the model has problems");
    let messages: Vec<_> = found
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "unknown type `Strin`",
            "lists of lists are not supported",
            "unions are not supported: `U`"
        ]
    );
}
