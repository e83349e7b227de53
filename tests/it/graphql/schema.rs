//! SDL of the full API and of roles.

use std::collections::BTreeSet;
use std::sync::Arc;

use cloudbase_graphql::data::Role;
use cloudbase_graphql::gateway::Abilities;
use cloudbase_graphql::graphql::api::Api;
use cloudbase_graphql::graphql::{MatchesOperator, sdl};
use cloudbase_graphql::model::Model;

pub(crate) const SHOP: &str = include_str!("../../../schema.graphql");

/// What the shop does not have: every scalar, compound keys, embedded objects inside each other, own
/// names, deprecations, fields that only some may read, operations nobody may perform.
const MUSEUM: &str = r#"
extend schema @role(name: "curator") @role(name: "guard")

"A thing on show."
type Exhibit
  @collection(name: "exhibits", permission: READONLY, list: "things", single: "thing")
  @grant(role: "curator", read: true, write: true)
  @index(fields: ["hall", "number"], unique: true)
  @index(fields: ["-addedAt"])
  @index(fields: ["2dsphere:place"])
{
  id: ID!
  hall: String!
  number: Int!
  """
  In kilograms.

  Say "about" nothing.
  """
  weight: Float
  code: Long
  onShow: Boolean! @default(value: true)
  extra: JSON
  addedAt: DateTime! @field(as: EPOCH_MS) @timestamp(on: CREATE)
  place: GeoPoint
  tags: [String!]
  views: [View]
  parts: [Part!]!
  origin: Origin
  insuredFor: Int! @grant(role: "curator", read: true, update: true)
  colour: String @deprecated(reason: "see \"parts\"")
  tickets: [Ticket!]! @relation(from: "hall", to: "hall")
}

enum View {
  FRONT
  BACK @deprecated(reason: "no longer drawn")
}

type Origin { country: String! finder: Person }
type Person { name: String! born: DateTime }
type Part { name: String! exhibit: Exhibit @relation(from: "name", to: "_id") }

type Ticket @collection(name: "tickets", permission: ADMINONLY) @grant(role: "guard", create: true) {
  id: ID!
  hall: String!
}
"#;

pub(crate) fn model(source: &str) -> Arc<Model> {
    let checked = Model::parse(source).expect("the model is good");
    Arc::new(checked.model)
}

pub(crate) fn full(source: &str) -> Api {
    Api::of(&Abilities::of_anyone(model(source)), MatchesOperator::Staff).expect("no name clashes")
}

pub(crate) fn as_roles(source: &str, roles: &[&str]) -> Api {
    let model = model(source);
    let roles: BTreeSet<Role> = model.expand_roles(roles.iter().copied());
    Api::of(&Abilities::of_roles(model, roles), MatchesOperator::Staff).expect("no name clashes")
}

#[test]
fn the_shop() {
    insta::assert_snapshot!(sdl::print(&full(SHOP)));
}

#[test]
fn the_shop_as_a_customer_sees_it() {
    insta::assert_snapshot!(sdl::print(&as_roles(SHOP, &[])));
}

#[test]
fn a_museum() {
    insta::assert_snapshot!(sdl::print(&full(MUSEUM)));
}

#[test]
fn a_museum_as_a_guard_sees_it() {
    insta::assert_snapshot!(sdl::print(&as_roles(MUSEUM, &["guard"])));
}

#[test]
fn only_staff_are_offered_regular_expressions() {
    let offered = |api: &Api| {
        let strings = api.input("StringFilter").expect("the shop has strings");
        strings.fields.contains_key("matches")
    };
    assert!(offered(&full(SHOP)));
    assert!(offered(&as_roles(SHOP, &["support"])));
    assert!(!offered(&as_roles(SHOP, &[])));
    let off = Api::of(&Abilities::of_anyone(model(SHOP)), MatchesOperator::Off);
    assert!(!offered(&off.expect("no name clashes")));
}

#[test]
fn tickets_are_offered_where_they_are_given() {
    let sdl = |abilities: Abilities| {
        let api = Api::of(&abilities, MatchesOperator::Off).expect("no name clashes");
        sdl::print(&api)
    };
    for abilities in [
        Abilities::of_anyone(model(SHOP)),
        Abilities::of_roles(model(SHOP), BTreeSet::new()),
    ] {
        assert!(!sdl(abilities.clone()).contains("Ticket"));
        let text = sdl(abilities.with_tickets());
        assert!(text.contains("  wsTicket: WsTicket\n"), "{text}");
        assert!(
            text.contains("  ticket: String!\n  expiresAt: DateTime!\n"),
            "{text}"
        );
    }
    let other = "type WsTicket @collection(name: \"x\", permission: READONLY) { id: ID! }";
    let abilities = Abilities::of_anyone(model(other));
    assert!(Api::of(&abilities, MatchesOperator::Off).is_ok());
    assert!(Api::of(&abilities.with_tickets(), MatchesOperator::Off).is_err());
}

/// A role's API is part of the full one: what a role may name, execution knows, with the same type.
#[test]
fn what_a_role_sees_is_part_of_the_whole() {
    let whole = sdl::print(&full(SHOP));
    let whole: BTreeSet<&str> = whole.lines().collect();
    for roles in [&[][..], &["support"], &["operator"], &["admin"], &["owner"]] {
        let seen = sdl::print(&as_roles(SHOP, roles));
        let strange: Vec<_> = seen.lines().filter(|line| !whole.contains(line)).collect();
        assert!(strange.is_empty(), "{roles:?}: {strange:#?}");
    }
}

/// Whichever of the two finds it: nothing is ever served under a name that means something else as well.
#[test]
fn names_that_would_be_served_twice_are_refused() {
    let order = "type Order @collection(name: \"orders\", permission: READONLY) @index(fields: [\"no\", \"at\"], unique: true) { id: ID! no: String! at: Int! }\n";
    for clash in [
        "type OrderFilter @collection(name: \"x\", permission: READONLY) { id: ID! }",
        "type OrderOrder @collection(name: \"x\", permission: READONLY) { id: ID! }",
        "type OrderConnection @collection(name: \"x\", permission: READONLY) { id: ID! }",
        "type OrderNoAtKey @collection(name: \"x\", permission: READONLY) { id: ID! }",
        "type CreateOrderPayload @collection(name: \"x\", permission: READONLY) { id: ID! }",
        "type CreateOrdersPayload @collection(name: \"x\", permission: READONLY) { id: ID! }",
        "type Orders @collection(name: \"x\", permission: READONLY) { id: ID! }",
        "type X @collection(name: \"x\", list: \"orders\", permission: READONLY) { id: ID! }",
        "type X @collection(name: \"x\", single: \"me\", permission: READONLY) { id: ID! }",
        "type X @collection(name: \"x\", list: \"x\", single: \"x\", permission: READONLY) { id: ID! }",
        "type X @collection(name: \"x\", permission: READONLY) { id: ID! and: Int }",
        "type X @collection(name: \"x\", permission: READONLY) { id: ID! photo: FileID photoUrl: String }",
        "type X @collection(name: \"x\", permission: READONLY) { id: ID! y: Y } type Y { photo: FileID photoUrl: String }",
        "type X @collection(name: \"x\", permission: READONLY) { id: ID! y: Int @field(name: \"y\") b: String y2: B } type B { c: Int } type BFilter { c: Int }",
    ] {
        let refused = match Model::parse(&format!("{order}{clash}")) {
            Err(_) => true,
            Ok(checked) => {
                let abilities = Abilities::of_anyone(Arc::new(checked.model));
                Api::of(&abilities, MatchesOperator::Off).is_err()
            }
        };
        assert!(refused, "{clash}");
    }
}
