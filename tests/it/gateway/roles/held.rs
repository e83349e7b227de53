//! Which roles a principal holds, and since when.

use cloudbase_graphql::data::{Caller, DocId, Filter, Principal, Update};
use cloudbase_graphql::gateway::Config;

use super::super::notes::SCHEMA;
use super::super::world::{NOW, World, name, set};

async fn roles(world: &World, principal: &str) -> String {
    let user = Principal::parse(principal).expect("a principal").to_user();
    let Caller { roles, .. } = world.gateway.caller(user).await.expect("a caller");
    roles
        .iter()
        .map(|role| role.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

fn seed(text: &str) -> World1<'_> {
    World1(text)
}

/// One `roles` document of `openid:p`, without its id.
struct World1<'a>(&'a str);

impl World1<'_> {
    async fn world(&self) -> World {
        let document = format!(r#"{{"_id":"openid:p",{}}}"#, self.0);
        World::new(SCHEMA, &[("roles", &document)]).await
    }
}

#[tokio::test]
async fn a_roles_document_gives_roles_if_it_is_as_it_should_be() {
    let cases = [
        (
            r#""roles":["owner"],"status":"ACTIVE""#,
            "admin clerk owner",
        ),
        (r#""roles":["clerk","clerk"],"status":"ACTIVE""#, "clerk"),
        (
            r#""roles":["unheard-of","clerk"],"status":"ACTIVE""#,
            "clerk",
        ),
        (r#""roles":[],"status":"ACTIVE""#, ""),
        (r#""roles":["owner"],"status":"DISABLED""#, ""),
        (
            r#""roles":["clerk"],"status":"ACTIVE","expiresAt":null"#,
            "clerk",
        ),
        (
            r#""roles":["clerk"],"status":"ACTIVE","expiresAt":{"$date":1767225600001}"#,
            "clerk",
        ),
        (
            r#""roles":["clerk"],"status":"ACTIVE","expiresAt":{"$date":1767225600000}"#,
            "",
        ),
        (
            r#""roles":["clerk"],"status":"ACTIVE","expiresAt":1767225600001"#,
            "clerk",
        ),
        (
            r#""roles":["clerk"],"status":"ACTIVE","expiresAt":1767225599999"#,
            "",
        ),
        (
            r#""roles":["clerk"],"status":"ACTIVE","expiresAt":1.7e12"#,
            "",
        ),
        // Damaged: nothing is guessed.
        (r#""roles":["owner"]"#, ""),
        (r#""roles":["owner"],"status":"active""#, ""),
        (r#""roles":["owner"],"status":true"#, ""),
        (r#""roles":"owner","status":"ACTIVE""#, ""),
        (r#""roles":{"0":"owner"},"status":"ACTIVE""#, ""),
        (r#""roles":["owner",1],"status":"ACTIVE""#, ""),
        (
            r#""roles":["owner"],"status":"ACTIVE","expiresAt":"2099-01-01""#,
            "",
        ),
        (r#""status":"ACTIVE""#, ""),
    ];
    for (text, expected) in cases {
        assert_eq!(
            roles(&seed(text).world().await, "openid:p").await,
            expected,
            "{text}"
        );
    }
}

#[tokio::test]
async fn roles_belong_to_exactly_one_principal() {
    let world = seed(r#""roles":["clerk"],"status":"ACTIVE""#).world().await;
    for principal in ["uid:p", "openid:P", "openid:app:p", "openid:q"] {
        assert_eq!(roles(&world, principal).await, "", "{principal}");
    }
}

#[tokio::test]
async fn a_model_without_roles_knows_no_owners() {
    let config = Config {
        owners: [Principal::openid("p")].into(),
        ..Config::default()
    };
    let schema = r#"type T @collection(name: "ts", permission: PRIVATE) { id: ID! n: Int }"#;
    let world = World::configured(schema, &[], config.clone()).await;
    assert_eq!(roles(&world, "openid:p").await, "");
    // Without the collection there is nobody else to be one.
    let schema = format!("extend schema @role(name: \"owner\") {schema}");
    let world = World::configured(&schema, &[], config).await;
    assert_eq!(roles(&world, "openid:p").await, "owner");
}

#[tokio::test]
async fn roles_are_remembered_until_a_commit_changes_them() {
    let world = seed(r#""roles":["clerk"],"status":"ACTIVE""#).world().await;
    assert_eq!(roles(&world, "openid:p").await, "clerk");
    let reads = world.gateway.reads();
    assert_eq!(roles(&world, "openid:p").await, "clerk");
    assert_eq!(world.gateway.reads(), reads, "remembered");

    let id = DocId::string("openid:p");
    let collection = name("roles");
    let disable = Update {
        ops: vec![set("status", "\"DISABLED\"")],
    };
    world
        .served
        .update_one(&collection, &id, &Filter::all(), &disable)
        .await
        .unwrap();
    assert_eq!(roles(&world, "openid:p").await, "", "disabled");
    let enable = Update {
        ops: vec![set("status", "\"ACTIVE\""), set("roles", r#"["admin"]"#)],
    };
    world
        .served
        .update_one(&collection, &id, &Filter::all(), &enable)
        .await
        .unwrap();
    assert_eq!(roles(&world, "openid:p").await, "admin clerk");
    world
        .served
        .delete_one(&collection, &id, &Filter::all())
        .await
        .unwrap();
    assert_eq!(roles(&world, "openid:p").await, "", "deleted");
}

#[tokio::test]
async fn a_first_roles_document_counts_at_once() {
    let world = World::new(
        SCHEMA,
        &[(
            "roles",
            r#"{"_id":"openid:root","roles":["owner"],"status":"ACTIVE"}"#,
        )],
    )
    .await;
    assert_eq!(roles(&world, "openid:new").await, "");
    let root = world.as_("openid:root").await;
    root.create_with_id(
        "roles",
        Some("openid:new"),
        r#"{"roles":["clerk"],"status":"ACTIVE"}"#,
    )
    .await
    .expect("created");
    assert_eq!(roles(&world, "openid:new").await, "clerk");
}

#[tokio::test]
async fn a_flood_of_other_commits_hides_no_change_of_roles() {
    let world = seed(r#""roles":["clerk"],"status":"ACTIVE""#).world().await;
    assert_eq!(roles(&world, "openid:p").await, "clerk");
    let id = DocId::string("openid:p");
    let disable = Update {
        ops: vec![set("status", "\"DISABLED\"")],
    };
    world
        .served
        .update_one(&name("roles"), &id, &Filter::all(), &disable)
        .await
        .unwrap();
    // More changes than any feed keeps.
    for batch in 0..60_i64 {
        let documents = (0..100_i64).map(|at| {
            let fields = crate::gateway::world::object(&format!(
                r#"{{"slug":"{batch}-{at}","code":"{batch}-{at}"}}"#
            ));
            cloudbase_graphql::data::Document::new(DocId::Int(batch * 100 + at), 0, fields)
        });
        world
            .served
            .insert(&name("notes"), documents.collect())
            .await
            .unwrap();
    }
    assert_eq!(roles(&world, "openid:p").await, "");
}

#[tokio::test]
async fn remembered_roles_expire() {
    let text = format!(
        r#""roles":["clerk"],"status":"ACTIVE","expiresAt":{{"$date":{}}}"#,
        NOW + 10
    );
    let world = seed(&text).world().await;
    assert_eq!(roles(&world, "openid:p").await, "clerk");
    world.clock.set(NOW + 9);
    assert_eq!(roles(&world, "openid:p").await, "clerk");
    world.clock.set(NOW + 10);
    assert_eq!(roles(&world, "openid:p").await, "");
}
