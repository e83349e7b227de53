//! Owners by configuration: for as long as no document makes anybody an owner.

use cloudbase_graphql::data::{DocId, Document, Principal};
use cloudbase_graphql::gateway::{Config, Credential};

use super::writes::{LAX, Write, active, held};
use crate::gateway::world::{NOW, World, kind, name, object, set};

async fn world(seed: &[(&str, &str)]) -> World {
    let config = Config {
        owners: [Principal::openid("boot")].into(),
        ..Config::default()
    };
    World::configured(LAX, seed, config).await
}

const OWNER: [&str; 3] = ["admin", "clerk", "owner"];

#[tokio::test]
async fn what_makes_somebody_an_owner_makes_the_configured_ones_none() {
    let document = |id: &str, rest: &str| format!(r#"{{"_id":"{id}",{rest}}}"#);
    let future = format!(
        r#""roles":["owner"],"status":"ACTIVE","expiresAt":{}"#,
        NOW + 1
    );
    let past = format!(r#""roles":["owner"],"status":"ACTIVE","expiresAt":{{"$date":{NOW}}}"#);
    for (text, is_owned) in [
        (
            document("openid:o", r#""roles":["owner"],"status":"ACTIVE""#),
            true,
        ),
        (
            document("uid:o", r#""roles":["clerk","owner"],"status":"ACTIVE""#),
            true,
        ),
        (
            document("openid:o", r#""roles":["founder"],"status":"ACTIVE""#),
            true,
        ),
        (document("openid:o", &future), true),
        (
            document(
                "openid:o",
                r#""roles":["owner"],"status":"ACTIVE","expiresAt":null"#,
            ),
            true,
        ),
        (document("openid:o", &past), false),
        (
            document("openid:o", r#""roles":["owner"],"status":"DISABLED""#),
            false,
        ),
        (
            document("openid:o", r#""roles":["admin"],"status":"ACTIVE""#),
            false,
        ),
        // Nobody can be called so, and half a document gives nothing.
        (
            document("o", r#""roles":["owner"],"status":"ACTIVE""#),
            false,
        ),
        (
            document("openid:o", r#""roles":"owner","status":"ACTIVE""#),
            false,
        ),
        (
            document("openid:o", r#""roles":["owner",1],"status":"ACTIVE""#),
            false,
        ),
        (
            document(
                "openid:o",
                r#""roles":["owner"],"status":"ACTIVE","expiresAt":"never""#,
            ),
            false,
        ),
    ] {
        let world = world(&[("roles", &text)]).await;
        let expected: &[&str] = if is_owned { &[] } else { &OWNER };
        assert_eq!(held(&world, "openid:boot").await, expected, "{text}");
        assert!(held(&world, "uid:boot").await.is_empty());
    }
    assert_eq!(held(&world(&[]).await, "openid:boot").await, OWNER);
}

#[tokio::test]
async fn the_first_owner_ends_it_at_once_and_the_last_brings_it_back() {
    let world = world(&[]).await;
    let boot = world.as_("openid:boot").await;
    Write::Create("openid:first".into(), active(&["owner"]))
        .by(&boot)
        .await
        .expect("they are the owner");
    assert!(held(&world, "openid:boot").await.is_empty());
    assert_eq!(held(&world, "openid:first").await, OWNER);
    // Not even in what had begun.
    let told = Write::Create("openid:second".into(), active(&["owner"]))
        .by(&boot)
        .await;
    assert_eq!(told.as_ref().map_err(kind), Err("conflict"));
    // Past every permission: the operator, in the database.
    let id = DocId::string("openid:first");
    let disable = cloudbase_graphql::data::Update {
        ops: vec![set("status", "\"DISABLED\"")],
    };
    let written = world
        .served
        .update_one(
            &name("roles"),
            &id,
            &cloudbase_graphql::data::Filter::all(),
            &disable,
        )
        .await;
    written.expect("a write").expect("it is there");
    assert_eq!(held(&world, "openid:boot").await, OWNER);
}

#[tokio::test]
async fn who_an_owner_was_for_a_time_leaves_nobody_locked_out() {
    let text = format!(
        r#"{{"_id":"openid:o","roles":["owner"],"status":"ACTIVE","expiresAt":{}}}"#,
        NOW + 10
    );
    let world = world(&[("roles", &text)]).await;
    let credential = Credential {
        user: Some(Principal::openid("boot").to_user()),
        ..Credential::default()
    };
    let standing = world
        .gateway
        .standing(&credential)
        .await
        .expect("a standing");
    assert!(standing.caller.roles.is_empty());
    assert_eq!(
        standing.until,
        Some(NOW + 10),
        "they are to look again then"
    );
    world.clock.set(NOW + 9);
    assert!(held(&world, "openid:boot").await.is_empty());
    world.clock.set(NOW + 10);
    assert_eq!(held(&world, "openid:boot").await, OWNER);
    assert!(held(&world, "openid:o").await.is_empty());
}

#[tokio::test]
async fn a_configured_owner_does_not_make_themselves_one_for_good() {
    let world = world(&[]).await;
    let boot = world.as_("openid:boot").await;
    let told = Write::Create("openid:boot".into(), active(&["clerk"]))
        .by(&boot)
        .await;
    assert_eq!(told.as_ref().map_err(kind), Err("elevation"));
}

#[tokio::test]
async fn whether_there_are_owners_is_looked_at_once_until_a_commit() {
    let world = world(&[]).await;
    assert_eq!(held(&world, "openid:boot").await, OWNER);
    let reads = world.gateway.reads();
    for _ in 0..5 {
        assert_eq!(held(&world, "openid:boot").await, OWNER);
    }
    assert_eq!(world.gateway.reads(), reads, "remembered");
    let owner = Document::new(DocId::string("uid:o"), 0, object(&active(&["founder"])));
    world
        .served
        .insert(&name("roles"), vec![owner])
        .await
        .expect("a write");
    assert!(held(&world, "openid:boot").await.is_empty());
}
