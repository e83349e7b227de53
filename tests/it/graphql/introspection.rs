//! What callers learn about the schema: that of their roles, and nothing else runs.

use std::collections::BTreeSet;
use std::sync::Arc;

use cloudbase_graphql::data::Role;
use cloudbase_graphql::graphql::MatchesOperator;
use cloudbase_graphql::graphql::intake::{Intake, Limits};
use cloudbase_graphql::graphql::role_view::RoleViews;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::schema::{SHOP, full, model};

/// What the current graphql-js sends, with everything it can ask for.
const EVERYTHING: &str = include_str!("introspection.graphql");

struct Shop {
    intake: Intake,
    views: RoleViews,
}

impl Shop {
    fn new() -> Self {
        let intake = Intake::new(full(SHOP).into(), Limits::default());
        Self {
            intake: intake.expect("the types are consistent"),
            views: RoleViews::new(model(SHOP), MatchesOperator::Staff),
        }
    }

    async fn ask(&self, roles: &[&str], query: &str, variables: Value) -> Value {
        let taken = self.intake.take_in(query, None).expect("a valid document");
        let view = self.views.of(&roles_of(roles)).expect("consistent types");
        let variables: IndexMap<_, _> = serde_json::from_value(variables).expect("variables");
        let answers = view.introspection.answer(&taken, variables).await;
        serde_json::to_value(answers.expect("answers")).expect("JSON")
    }
}

fn roles_of(names: &[&str]) -> BTreeSet<Role> {
    model(SHOP).expand_roles(names.iter().copied())
}

/// Names at `key` of a list at a pointer.
fn names(answer: &Value, pointer: &str) -> Vec<String> {
    let list = answer.pointer(pointer).and_then(Value::as_array);
    list.expect(pointer)
        .iter()
        .map(|item| item["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn the_whole_schema_as_clients_ask_for_it() {
    let answer = Shop::new().ask(&["owner"], EVERYTHING, json!({})).await;
    let schema = &answer["__schema"];
    assert_eq!(schema["queryType"]["name"], "Query");
    assert_eq!(schema["mutationType"]["name"], "Mutation");
    assert_eq!(schema["subscriptionType"]["name"], "Subscription");
    let types = schema["types"].as_array().expect("types");
    let named = |name: &str| {
        let found = types.iter().find(|ty| ty["name"] == name);
        found.unwrap_or_else(|| panic!("there is no type {name}"))
    };
    insta::assert_json_snapshot!(json!({
        "object": named("OrderLine"),
        "oneOf": named("OrderKey"),
        "enum": named("Direction"),
        "scalar": named("DateTime"),
        "directives": schema["directives"],
    }));
}

#[tokio::test]
async fn a_role_is_shown_what_it_may_ever_use() {
    let shop = Shop::new();
    let query = "{ __type(name: \"Mutation\") { fields { name } } item: __type(name: \"Item\") { fields { name } } role: __type(name: \"Role\") { name } }";
    let customer = shop.ask(&[], query, json!({})).await;
    assert_eq!(
        names(&customer, "/__type/fields"),
        ["createUser", "createUsers", "updateUser", "updateUsers"]
    );
    assert!(!names(&customer, "/item/fields").contains(&"cost".to_owned()));
    assert_eq!(customer["role"], Value::Null);
    let admin = shop.ask(&["admin"], query, json!({})).await;
    assert!(names(&admin, "/item/fields").contains(&"cost".to_owned()));
    assert_eq!(admin["role"], json!({"name": "Role"}));
}

#[tokio::test]
async fn only_introspection_is_answered_whatever_stands_around_it() {
    let query = "query Q($name: String!, $no: Boolean!) {
        __typename
        me { principal }
        ...Root
        ... on Query { orders(first: 1) { nodes { id } } s: __schema { queryType { ...T } } }
        skipped: __schema @skip(if: $no) { queryType { name } }
    }
    fragment Root on Query { t: __type(name: $name) { ...T } items { totalCount } ...More }
    fragment More on Query { ... @include(if: true) { t: __type(name: $name) { kind } } }
    fragment T on __Type { name }";
    let variables = json!({"name": "Order", "no": true});
    let answer = Shop::new().ask(&[], query, variables).await;
    assert_eq!(
        answer,
        json!({"t": {"name": "Order", "kind": "OBJECT"}, "s": {"queryType": {"name": "Query"}}})
    );
}

#[test]
fn roles_that_make_no_difference_share_a_view() {
    let views = RoleViews::new(model(SHOP), MatchesOperator::Off);
    let of = |names: &[&str]| views.of(&roles_of(names)).expect("consistent types");
    assert!(Arc::ptr_eq(&of(&["admin"]), &of(&["admin"])));
    assert!(!Arc::ptr_eq(&of(&["admin"]), &of(&["support"])));
    let unknown = BTreeSet::from([Role::new("gardener"), Role::new("support")]);
    let view = views.of(&unknown).expect("consistent types");
    assert!(Arc::ptr_eq(&view, &of(&["support"])));
}
