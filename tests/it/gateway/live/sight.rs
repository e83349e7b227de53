//! Who may be shown the same.

use cloudbase_graphql::gateway::Sight;

use super::super::world::World;

const SCHEMA: &str = r#"
extend schema @role(name: "boss", includes: ["clerk"]) @role(name: "clerk")
type Open @collection(name: "opens", permission: READONLY) { id: ID! a: Int b: Int @grant(role: "clerk", read: true) }
type Own @collection(name: "owns", permission: PRIVATE) @grant(role: "boss", read: true) { id: ID! }
type Mine @collection(name: "mines", permission: READONLY) { id: ID! secret: String @rule(read: "doc._openid == auth.openid") }
type Closed @collection(name: "closeds", permission: ADMINONLY) { id: ID! }
type Timed @collection(name: "timeds", permission: CUSTOM) @rule(read: "doc.from <= now") { id: ID! from: Float }
type PartTimed @collection(name: "parttimeds", permission: READONLY) { id: ID! from: Float late: Int @rule(read: "doc.from <= now") }
type Asking @collection(name: "askings", permission: CUSTOM) @rule(read: "get(`database.opens.x`).a == 1") { id: ID! }
type PartAsking @collection(name: "partaskings", permission: READONLY) { id: ID! x: Int @rule(read: "get(`database.opens.x`).a == 1") }
type Role @collection(name: "roles", permission: ADMINONLY) { id: ID! roles: [String!]! status: String! }
"#;

const ROLES: &[(&str, &str)] = &[
    (
        "roles",
        r#"{"_id":"openid:cleo","roles":["clerk"],"status":"ACTIVE"}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:carl","roles":["clerk"],"status":"ACTIVE"}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:bea","roles":["boss"],"status":"ACTIVE"}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:ben","roles":["boss"],"status":"ACTIVE"}"#,
    ),
];

async fn sight(world: &World, who: &str, collections: &[&str]) -> Sight {
    let actor = world.as_(who).await;
    let collections: Vec<_> = collections
        .iter()
        .map(|name| actor.collection(name))
        .collect();
    actor.session.sight(&collections).await.expect("a sight")
}

#[tokio::test]
async fn equal_decisions_are_equal_sights() {
    let world = World::new(SCHEMA, ROLES).await;
    let cases: &[(&[&str], &str, &str, bool)] = &[
        (&["opens"], "openid:ann", "openid:abe", true),
        (&["opens"], "openid:ann", "openid:cleo", false),
        (&["opens"], "openid:cleo", "openid:carl", true),
        (&["opens"], "openid:cleo", "openid:bea", true),
        (&["owns"], "openid:ann", "openid:abe", false),
        (&["owns"], "openid:bea", "openid:ben", true),
        (&["owns"], "openid:bea", "openid:cleo", false),
        (&["mines"], "openid:ann", "openid:abe", false),
        (&["closeds"], "openid:ann", "openid:bea", true),
        (&[], "openid:ann", "openid:bea", true),
        (&["opens", "owns"], "openid:ann", "openid:abe", false),
        (&["closeds", "opens"], "openid:ann", "openid:abe", true),
        // Never shared, whatever they decide.
        (&["timeds"], "openid:ann", "openid:abe", false),
        (&["timeds"], "openid:bea", "openid:ben", false),
        (&["parttimeds"], "openid:ann", "openid:abe", false),
        (&["askings"], "openid:ann", "openid:abe", false),
        (&["partaskings"], "openid:ann", "openid:abe", false),
        (&["opens", "timeds"], "openid:ann", "openid:abe", false),
    ];
    for (collections, one, other, equal) in cases {
        let (a, b) = (
            sight(&world, one, collections).await,
            sight(&world, other, collections).await,
        );
        assert_eq!(a == b, *equal, "{collections:?} {one} {other}");
    }
}

#[tokio::test]
async fn a_sight_is_the_same_as_long_as_the_caller_is() {
    let world = World::new(SCHEMA, ROLES).await;
    let all = [
        "opens",
        "owns",
        "mines",
        "timeds",
        "parttimeds",
        "askings",
        "partaskings",
    ];
    let before = sight(&world, "openid:cleo", &all).await;
    world.clock.set(super::super::world::NOW + 1_000_000);
    world.put("opens", r#"{"_id":"x","a":1}"#).await;
    assert_eq!(sight(&world, "openid:cleo", &all).await, before);
    // The order they are named in says nothing.
    let mut turned = all.to_vec();
    turned.reverse();
    turned.push("opens");
    assert_eq!(sight(&world, "openid:cleo", &turned).await, before);
    world.remove("roles", "openid:cleo").await;
    assert_ne!(sight(&world, "openid:cleo", &all).await, before);
}

#[tokio::test]
async fn no_name_looks_like_somebody_elses_decisions() {
    let world = World::new(SCHEMA, ROLES).await;
    let names = [
        "openid:a",
        "openid:a:a",
        "uid:a",
        "openid:a\"",
        "openid:a\\\"",
        "openid:a\",roles",
        "openid:5:allow",
        "openid:4:deny",
        "openid:{}",
    ];
    // The owner rule looks at the last part of a principal alone: those who share it see the same.
    for collections in [&["owns"][..], &["timeds"], &["mines", "askings"]] {
        let mut seen = Vec::new();
        for name in names {
            if collections == ["owns"] && name.ends_with(":a") {
                continue;
            }
            let sight = sight(&world, name, collections).await;
            assert!(!seen.contains(&sight), "{name} {collections:?}");
            seen.push(sight);
        }
    }
}

#[tokio::test]
async fn who_is_not_signed_in_has_no_sight() {
    let world = World::new(SCHEMA, ROLES).await;
    let nobody = world.as_("-").await;
    let sight = nobody.session.sight(&[nobody.collection("opens")]).await;
    assert_eq!(sight.unwrap_err().to_string(), "sign in first");
}
