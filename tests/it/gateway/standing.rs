//! Whom a credential makes as time passes and roles come and go.

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::data::{Caller, DocId, Filter, Identity, Principal, Update};
use cloudbase_graphql::gateway::{Clock, Config, Credential, Gateway, Standing};

use super::fickle::Fickle;
use super::notes::SCHEMA;
use super::world::{NOW, World, name, set};

fn credential(principal: &str, until: Option<i64>) -> Credential {
    let principal = Principal::parse(principal).expect("a principal");
    Credential {
        user: Some(principal.to_user()),
        until,
        proof: None,
    }
}

/// `openid:p clerk until +10`, the time counted from [`NOW`].
fn said(standing: &Standing) -> String {
    let mut words = vec![match &standing.caller.identity {
        Identity::None => "nobody".to_owned(),
        Identity::User(user) => user.principal.to_string(),
    }];
    words.extend(standing.caller.roles.iter().map(ToString::to_string));
    words.extend(
        standing
            .until
            .map(|until| format!("until +{}", until - NOW)),
    );
    words.join(" ")
}

async fn clerk(expires: &str) -> World {
    let document = format!(
        r#"{{"_id":"openid:p","roles":["clerk"],"status":"ACTIVE","expiresAt":{expires}}}"#
    );
    World::new(SCHEMA, &[("roles", &document)]).await
}

#[tokio::test]
async fn a_standing_lasts_until_the_first_of_its_reasons_ends() {
    let in_ten = (NOW + 10).to_string();
    // When the roles expire, when the token does, how much time has passed.
    let cases = [
        ("null", None, 0, "openid:p clerk"),
        ("null", Some(20), 0, "openid:p clerk until +20"),
        (in_ten.as_str(), None, 0, "openid:p clerk until +10"),
        (in_ten.as_str(), Some(20), 0, "openid:p clerk until +10"),
        (in_ten.as_str(), Some(5), 0, "openid:p clerk until +5"),
        (in_ten.as_str(), Some(20), 10, "openid:p until +20"),
        (in_ten.as_str(), Some(20), 20, "nobody"),
        ("null", Some(20), 19, "openid:p clerk until +20"),
        ("null", Some(20), 20, "nobody"),
        ("null", Some(-1), 0, "nobody"),
    ];
    for (roles_until, token_until, passed, expected) in cases {
        let world = clerk(roles_until).await;
        let credential = credential("openid:p", token_until.map(|ms| NOW + ms));
        world
            .gateway
            .standing(&credential)
            .await
            .expect("a first look");
        world.clock.set(NOW + passed);
        let standing = world
            .gateway
            .standing(&credential)
            .await
            .expect("a standing");
        assert_eq!(
            said(&standing),
            expected,
            "{roles_until} {token_until:?} {passed}"
        );
    }
}

#[tokio::test]
async fn a_credential_without_a_user_is_nobody_for_good() {
    let world = clerk("null").await;
    let credential = Credential {
        user: None,
        until: Some(NOW + 1),
        proof: None,
    };
    let standing = world.gateway.standing(&credential).await.expect("nobody");
    assert_eq!(*standing.caller, Caller::none());
    assert_eq!(standing.until, None);
}

#[tokio::test]
async fn of_a_store_that_tells_nothing_no_roles_are_remembered() {
    let world = clerk("null").await;
    let gateway = Gateway::new(
        Arc::clone(world.gateway.model()),
        Arc::new(Fickle::silent(Arc::clone(&world.store))),
        Arc::clone(&world.clock) as Arc<dyn Clock>,
        Config::default(),
    );
    let credential = credential("openid:p", None);
    let standing = gateway.standing(&credential).await.expect("a standing");
    assert_eq!(said(&standing), "openid:p clerk");
    let withdraw = Update {
        ops: vec![set("status", "\"DISABLED\"")],
    };
    let id = DocId::string("openid:p");
    let written = world
        .served
        .update_one(&name("roles"), &id, &Filter::all(), &withdraw)
        .await;
    written.expect("a write").expect("a document");
    let standing = gateway.standing(&credential).await.expect("a standing");
    assert_eq!(said(&standing), "openid:p");
}

#[tokio::test]
async fn roles_that_cannot_be_read_are_an_error_not_nothing() {
    let world = clerk("null").await;
    let store = Arc::new(Fickle::silent(Arc::clone(&world.store)));
    store.set_away(true);
    let gateway = Gateway::new(
        Arc::clone(world.gateway.model()),
        store,
        Arc::clone(&world.clock) as Arc<dyn Clock>,
        Config::default(),
    );
    let standing = gateway.standing(&credential("openid:p", None)).await;
    let error = standing.expect_err("nobody knows");
    assert_eq!(
        error.to_string(),
        "the database is not available, try again"
    );
}

#[tokio::test]
async fn without_a_collection_of_roles_their_version_never_ends() {
    let schema = r#"type T @collection(name: "ts", permission: PRIVATE) { id: ID! n: Int }"#;
    let world = World::new(schema, &[]).await;
    let version = world.gateway.roles_version();
    assert!(!version.has_changed().expect("it has not come to an end"));
}

#[tokio::test]
async fn who_is_told_that_roles_changed_finds_them_changed() {
    let world = clerk("null").await;
    let credential = credential("openid:p", None);
    let mut version = world.gateway.roles_version();
    for (status, expected) in [("DISABLED", "openid:p"), ("ACTIVE", "openid:p clerk")] {
        let standing = world.gateway.standing(&credential).await;
        assert_ne!(said(&standing.expect("a standing")), expected);
        let update = Update {
            ops: vec![set("status", &format!("{status:?}"))],
        };
        let id = DocId::string("openid:p");
        let written = world
            .served
            .update_one(&name("roles"), &id, &Filter::all(), &update)
            .await;
        written.expect("a write").expect("a document");
        let told = tokio::time::timeout(Duration::from_secs(30), version.changed()).await;
        told.expect("word of it")
            .expect("it has not come to an end");
        let standing = world.gateway.standing(&credential).await;
        assert_eq!(said(&standing.expect("a standing")), expected);
    }
    // Whoever begins to listen now is not told of what was before.
    let version = world.gateway.roles_version();
    assert!(!version.has_changed().expect("it has not come to an end"));
}
