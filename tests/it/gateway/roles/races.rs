//! Writers whose roles are taken before they write, and owners who remove each other.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::data::{Caller, DocId, Filter, Principal, Update};
use cloudbase_graphql::gateway::{Clock, Config, Gateway};

use super::writes::{LAX, Write, active, everything, held};
use crate::gateway::world::{Actor, World, kind, name, set};
use crate::hub::shared::Shared;

const OWNERS: &[(&str, &str)] = &[
    (
        "roles",
        r#"{"_id":"openid:a","roles":["owner"],"status":"ACTIVE"}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:b","roles":["owner"],"status":"ACTIVE"}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:c","roles":["clerk"],"status":"ACTIVE"}"#,
    ),
    ("notes", r#"{"_id":"n","text":"old"}"#),
];

/// The ways to make an owner none.
fn removals(id: &str) -> [Write; 6] {
    let id = || id.to_owned();
    [
        Write::Delete(id()),
        Write::DeleteMany(vec![id(), "openid:c".into()]),
        Write::Set(id(), "status", "\"DISABLED\"".into()),
        Write::Set(id(), "roles", "[\"clerk\"]".into()),
        Write::Set(id(), "expiresAt", r#"{"$date":1}"#.into()),
        Write::SetMany(vec![id()], "roles", "[]".into()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_remove_each_other_do_not_leave_none() {
    for turn in 0..12 {
        let world = World::new(LAX, OWNERS).await;
        let (a, b) = (world.as_("openid:a").await, world.as_("openid:b").await);
        let (of_a, of_b) = (
            &removals("openid:a")[turn % 6],
            &removals("openid:b")[turn / 2],
        );
        let (first, second) = tokio::join!(of_b.by(&a), of_a.by(&b));
        let done = u8::from(first.is_ok()) + u8::from(second.is_ok());
        assert_eq!(done, 1, "{of_a:?} {of_b:?}: {first:?} {second:?}");
        let told = first.and(second).expect_err("one of them");
        assert_eq!(kind(&told), "conflict", "{told}");
        let mut owners = 0;
        for principal in ["openid:a", "openid:b"] {
            owners += u8::from(held(&world, principal).await.len() == 3);
        }
        assert_eq!(owners, 1);
    }
}

#[tokio::test]
async fn who_is_an_owner_for_a_time_does_not_outlast_the_others() {
    let text =
        r#"{"_id":"openid:t","roles":["owner"],"status":"ACTIVE","expiresAt":1767225700000}"#;
    let lasting = OWNERS[0];
    for write in removals("openid:a") {
        let world = World::new(LAX, &[lasting, ("roles", text)]).await;
        let told = write
            .by(&world.as_("openid:t").await)
            .await
            .expect_err("the last");
        assert_eq!(kind(&told), "elevation", "{write:?}");
        assert!(told.to_string().contains("the last owner stays"), "{told}");
        // With somebody else they may.
        let world = World::new(LAX, &[lasting, OWNERS[1], ("roles", text)]).await;
        let told = write.by(&world.as_("openid:t").await).await;
        assert!(told.is_ok(), "{write:?}: {told:?}");
    }
}

/// Takes roles past every permission, as the operator does in the database.
async fn withdraw(world: &World, id: &str) {
    let update = Update {
        ops: vec![set("status", "\"DISABLED\"")],
    };
    let written = world
        .served
        .update_one(&name("roles"), &DocId::string(id), &Filter::all(), &update)
        .await;
    written.expect("a write").expect("it is there");
}

#[tokio::test]
async fn nothing_is_written_to_roles_with_roles_that_are_gone() {
    let writes = removals("openid:c").into_iter().chain([
        Write::Create("openid:new".into(), active(&["clerk"])),
        Write::CreateMany(vec![("openid:new".into(), active(&["owner"]))]),
        Write::Push("openid:c".into(), "owner".into()),
    ]);
    for write in writes {
        let world = World::new(LAX, OWNERS).await;
        let a = world.as_("openid:a").await;
        withdraw(&world, "openid:a").await;
        let before = everything(&world).await;
        let told = write.by(&a).await.expect_err("they are nobody");
        assert_eq!(kind(&told), "conflict", "{write:?}");
        assert!(told.to_string().contains("ask again"), "{told}");
        assert_eq!(everything(&world).await, before, "{write:?}");
    }
}

#[tokio::test]
async fn sensitive_collections_are_written_by_who_still_holds_their_roles() {
    for is_sensitive in [false, true] {
        let config = Config {
            sensitive: is_sensitive.then(|| name("notes")).into_iter().collect(),
            ..Config::default()
        };
        let world = World::configured(LAX, OWNERS, config).await;
        let a = world.as_("openid:a").await;
        withdraw(&world, "openid:a").await;
        let told = [
            a.update("notes", "n", vec![set("text", "\"new\"")])
                .await
                .map(drop),
            a.create("notes", r#"{"text":"t"}"#).await.map(drop),
            a.delete("notes", "n", None).await.map(drop),
        ];
        let told: Vec<&str> = told
            .iter()
            .map(|it| it.as_ref().map_or_else(kind, |()| "ok"))
            .collect();
        let expected = if is_sensitive { "conflict" } else { "ok" };
        assert_eq!(told, [expected; 3]);
    }
}

#[tokio::test]
async fn what_is_remembered_is_not_enough_where_others_take_roles() {
    let world = World::new(LAX, OWNERS).await;
    let config = Config {
        roles_max_age: Duration::from_secs(3600),
        ..Config::default()
    };
    let shared = Shared::over(Arc::clone(&world.store));
    let gateway = Arc::new(Gateway::new(
        Arc::clone(world.gateway.model()),
        shared,
        Arc::clone(&world.clock) as Arc<dyn Clock>,
        config,
    ));
    let caller = async || {
        let user = Principal::openid("a").to_user();
        gateway.caller(user).await.expect("roles")
    };
    assert_eq!(caller().await.roles.len(), 3);
    let update = Update {
        ops: vec![set("status", "\"DISABLED\"")],
    };
    let id = DocId::string("openid:a");
    let store: &dyn cloudbase_graphql::store::Store = world.store.as_ref();
    let written = store
        .update_one(&name("roles"), &id, &Filter::all(), &update)
        .await;
    written.expect("a write").expect("it is there");
    let stale: Caller = caller().await;
    assert_eq!(stale.roles.len(), 3, "still remembered");
    let actor = Actor {
        session: gateway.session(Arc::new(stale)),
    };
    let told = Write::Delete("openid:c".into())
        .by(&actor)
        .await
        .expect_err("stale");
    assert_eq!(kind(&told), "conflict");
}
