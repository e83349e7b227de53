//! Subscriptions before they run: which there are, and how they are refused.

use cloudbase_graphql::gateway::Abilities;
use cloudbase_graphql::graphql::api::{Api, TypeDef};
use cloudbase_graphql::graphql::{Allowed, MatchesOperator, Outcome, Request};
use cloudbase_graphql::model::Model;

use super::schema::{SHOP, as_roles, full, model};
use crate::harness::TestApp;

/// The root fields of the subscriptions of an API.
fn live(api: &Api) -> Vec<&str> {
    let root = api.subscription.as_deref();
    let root = root.and_then(|name| api.object(name));
    root.map_or_else(Vec::new, |root| {
        root.fields.keys().map(|name| &**name).collect()
    })
}

#[test]
fn a_role_is_offered_what_it_may_ever_read() {
    let everything = [
        "user", "users", "role", "roles", "item", "items", "order", "orders",
    ];
    assert_eq!(live(&full(SHOP)), everything);
    assert_eq!(live(&as_roles(SHOP, &["admin"])), everything);
    let customer = as_roles(SHOP, &[]);
    assert_eq!(
        live(&customer),
        ["user", "users", "item", "items", "order", "orders"]
    );
    for unseen in ["RolesEvent", "RoleEvent", "RoleChange"] {
        assert!(!customer.types.contains_key(unseen), "{unseen}");
    }
}

#[test]
fn nothing_to_read_is_nothing_to_watch() {
    let source = r#"
        extend schema @role(name: "clerk")
        type Letter @collection(name: "letters", permission: ADMINONLY) @grant(role: "clerk", create: true) { id: ID! }
    "#;
    let api = Api::of(&Abilities::of_anyone(model(source)), MatchesOperator::Off);
    let api = api.expect("no names clash");
    assert_eq!(api.subscription, None);
    for gone in ["Subscription", "EventKind", "ChangeType"] {
        assert!(!api.types.contains_key(gone), "{gone}");
    }
}

/// The third type of the API is the root of subscriptions, whatever comes before it in the model.
#[test]
fn the_roots_come_first() {
    let api = full(SHOP);
    let first: Vec<_> = api.types.values().take(3).map(TypeDef::name).collect();
    assert_eq!(first, ["Query", "Mutation", "Subscription"]);
}

/// Named after the list, not after the type with an `s`.
#[test]
fn a_list_event_is_named_after_its_list() {
    let source = r#"
        type Story @collection(name: "news", list: "stories", permission: READONLY) { id: ID! }
        type StorysEvent @collection(name: "more", list: "more", permission: READONLY) { id: ID! }
    "#;
    let api = full(source);
    for name in [
        "StoriesEvent",
        "StoryEvent",
        "StoryChange",
        "MoreEvent",
        "StorysEventEvent",
    ] {
        assert!(api.object(name).is_some(), "{name}");
    }
    let taken = source.replace("StorysEvent", "StoriesEvent");
    assert!(Model::parse(&taken).is_err());
}

#[tokio::test]
async fn a_subscription_is_not_answered_once() {
    let app = TestApp::shop().await;
    let admin = app.caller("openid:demo-admin").await;
    for allowed in [Allowed::All, Allowed::Queries] {
        let request = Request {
            query: "subscription { orders { nodes { id } } }".to_owned(),
            allowed,
            ..Request::default()
        };
        let answer = admin.send(request).await;
        assert_eq!(answer.outcome, Outcome::Refused);
        assert_eq!(answer.errors(), ["BAD_USER_INPUT"]);
        assert!(answer.message().contains("WebSocket"), "{}", answer.text);
        assert!(answer.json.get("data").is_none(), "{}", answer.text);
    }
}
