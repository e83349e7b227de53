//! Names that the served API takes are names that a model file may not use.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use cloudbase_graphql::cli::check::Report;
use cloudbase_graphql::gateway::Abilities;
use cloudbase_graphql::graphql::MatchesOperator;
use cloudbase_graphql::graphql::api::Api;
use cloudbase_graphql::model::Model;

/// A model that makes the API bring along whatever it can.
const RICH: &str = r#"
extend schema @role(name: "admin")
type Shop @collection(name: "shops") @rule(read: true, write: true) @grant(role: "admin", read: true)
  @index(fields: ["name"], unique: true)
{
  id: ID!
  name: String
  count: Int
  ratio: Float
  open: Boolean
  long: Long
  at: DateTime
  any: JSON
  photo: FileID
  place: GeoPoint
  kind: Kind
  address: Address
  tags: [String!]
  kinds: [Kind!]
  lines: [Line!]
  items: [Item!]! @relation(from: "_id", to: "shopId")
}
type Item @collection(name: "items") @rule(read: true, write: true) { id: ID! shopId: ID }
enum Kind { A B }
type Address { city: String }
type Line { price: Int }
"#;

const OWN: [&str; 5] = ["Shop", "Item", "Kind", "Address", "Line"];

#[test]
fn no_type_of_a_model_takes_a_name_of_the_api() {
    let model = Model::parse(RICH).expect("the model is good").model;
    let abilities = Abilities::of_anyone(Arc::new(model));
    let api = Api::of(&abilities, MatchesOperator::Staff).expect("no names clash");
    let added = api
        .types
        .keys()
        .filter(|name| !OWN.contains(&name.as_str()));
    for name in added {
        let source = format!("{RICH}\ntype {name} {{ a: Int }}");
        let accepted = Model::parse(&source).is_ok();
        assert!(
            !accepted,
            "`type {name}` is accepted, and clashes with the API"
        );
    }
}

/// Too rare for the reader of models to look for; the check builds the API and finds it.
#[test]
fn clashes_within_the_api_are_reported() {
    let source = r#"
        type A @collection(name: "as") @rule(read: true) 
          @index(fields: ["x", "yZ"], unique: true) @index(fields: ["xYZ"], unique: true)
        { id: ID! x: String yZ: String xYZ: String }
    "#;
    let report = Report::of(Path::new("schema.graphql"), source);
    assert_eq!(report.exit_code, ExitCode::FAILURE, "{}", report.problems);
    assert!(report.summary.is_empty());
}
