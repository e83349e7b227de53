//! Whether the cloud is what the schema says, asked of an emulator in this process.

use std::sync::Arc;

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::{
    Client, Config, Credentials, KeyPair, Limits, Protocol, Secret,
};
use cloudbase_graphql::doctor::{Examination, Remedy, Report, State, Subject, examine};
use cloudbase_graphql::emulator::{self, Permissions};
use cloudbase_graphql::model::Model;

use crate::emulator::exchange::Served;

const SCHEMA: &str = r#"
extend schema @role(name: "clerk")

type Note
  @collection(name: "notes", permission: CUSTOM)
  @rule(read: "doc.public == true || doc._openid == auth.openid", write: "doc._openid == auth.openid", delete: false)
  @grant(role: "clerk", read: true)
  @index(fields: ["_openid", "-at"])
  @index(fields: ["slug"], unique: true)
  @index(fields: ["2dsphere:place"])
{ id: ID! openid: String @field(name: "_openid") public: Boolean slug: String at: DateTime place: GeoPoint }

type Tag @collection(name: "tags", permission: ADMINWRITE) { id: ID! }

type Role @collection(name: "roles", permission: ADMINONLY) { id: ID! roles: [String!]! status: String! }
"#;

fn model(schema: &str) -> Arc<Model> {
    let checked = Model::parse(schema).unwrap_or_else(|problems| panic!("{problems:#?}"));
    Arc::new(checked.model)
}

/// An emulator whose collections are those of this schema, under these permissions where they are given.
async fn cloud(schema: Option<&str>, permissions: &str) -> Served {
    let config = emulator::Config {
        env: Some("test".to_owned()),
        model: schema.map(model),
        permissions: Permissions::parse(permissions).expect("permissions"),
        identity: emulator::Credentials {
            secrets: [("id".to_owned(), "key".to_owned())].into(),
            api_keys: vec!["api-key".to_owned()],
            ..emulator::Credentials::default()
        },
        ..emulator::Config::default()
    };
    Served::with(config).await
}

/// How the emulator is reached, with a key pair that it knows.
fn config(cloud: &Served) -> Config {
    Config {
        env: "test".to_owned(),
        protocol: Protocol::Rest,
        region: "ap-shanghai".to_owned(),
        wx_app_id: None,
        origin: Some(format!("http://{}", cloud.address())),
        credentials: Credentials {
            api_key: Some(Secret::new("api-key")),
            key_pair: Some(pair("key")),
        },
        limits: Limits::default(),
    }
}

fn pair(key: &str) -> KeyPair {
    KeyPair {
        id: "id".to_owned(),
        key: Secret::new(key),
        session_token: None,
    }
}

fn client(config: Config) -> Arc<Client> {
    Arc::new(Client::new(config, Arc::new(SystemClock)).expect("a client"))
}

async fn examined(config: Config) -> Report {
    examine(&client(config), &model(SCHEMA)).await
}

/// `collection indexes permission` of a collection.
fn states(report: &Report, collection: &str) -> [State; 3] {
    let examination = found(report, collection);
    [Subject::Collection, Subject::Index, Subject::Permission].map(|it| examination.state(it))
}

fn found<'r>(report: &'r Report, collection: &str) -> &'r Examination {
    let mut examinations = report.collections.iter();
    let known = examinations.find(|it| it.collection.as_str() == collection);
    known.expect("a collection of the schema")
}

fn plan(report: &Report) -> Vec<String> {
    report.remedies().iter().map(ToString::to_string).collect()
}

use State::{Different, Ok as Same, Unknown};

#[tokio::test]
async fn a_cloud_that_is_the_schema_is_ok() {
    let cloud = cloud(Some(SCHEMA), "{}").await;
    for protocol in [Protocol::Rest, Protocol::Admin] {
        let config = Config {
            protocol,
            ..config(&cloud)
        };
        let report = examined(config).await;
        assert_eq!(report.verdict, Same, "{report}");
        assert!(report.remedies().is_empty());
    }
}

#[tokio::test]
async fn other_permissions_that_say_the_same_are_ok() {
    let permissions = r#"{
        "notes": {"AclTag": "CUSTOM", "Rule": {
            "read": "true === doc['public'] || auth.openid == doc._openid",
            "create": "auth.openid==doc._openid", "update": "doc._openid == auth.openid"}},
        "tags": {"AclTag": "CUSTOM", "Rule": {"read": true}},
        "roles": {"AclTag": "CUSTOM", "Rule": {"read": "false", "write": false}}
    }"#;
    let cloud = cloud(Some(SCHEMA), permissions).await;
    let report = examined(config(&cloud)).await;
    assert_eq!(report.verdict, Same, "{report}");
}

#[tokio::test]
async fn a_difference_is_told_where_it_is_and_nothing_changes_a_permission() {
    let permissions = r#"{
        "notes": {"AclTag": "CUSTOM", "Rule": {"read": true, "write": "doc._openid == auth.openid", "delete": false}},
        "roles": {"AclTag": "READONLY"}
    }"#;
    let cloud = cloud(Some(SCHEMA), permissions).await;
    let report = examined(config(&cloud)).await;
    assert_eq!(states(&report, "notes"), [Same, Same, Different]);
    assert_eq!(states(&report, "tags"), [Same; 3]);
    assert_eq!(states(&report, "roles"), [Same, Same, Different]);
    let text = report.to_string();
    for told in [
        "read is `true` in the cloud, `doc.public == true || doc._openid == auth.openid` in the schema",
        "paste this rule in the console",
        "choose `ADMINONLY` in the console",
    ] {
        assert!(text.contains(told), "{text}");
    }
    assert_eq!(plan(&report), [""; 0]);
}

#[tokio::test]
async fn what_is_missing_can_be_created_and_is_ok_then() {
    // Notes without indexes, no tags, roles that are open.
    let there = r#"
        type Note @collection(name: "notes", permission: PRIVATE) @index(fields: ["slug"]) { id: ID! slug: String }
    "#;
    let permissions = r#"{"roles": {"AclTag": "READONLY"}}"#;
    let cloud = cloud(Some(there), permissions).await;
    let report = examined(config(&cloud)).await;
    assert_eq!(states(&report, "notes"), [Same, Different, Different]);
    assert_eq!(states(&report, "tags"), [Different; 3]);
    assert_eq!(
        plan(&report),
        [
            "create the index `_openid_1_at_-1` of `notes`",
            "create the index `place_2dsphere` of `notes`",
            "create the collection `tags`, permission ADMINWRITE",
        ]
    );
    let outcomes = Remedy::apply(&report.remedies(), &client(config(&cloud))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let report = examined(config(&cloud)).await;
    // The index that is not unique stands in the way of one that is; that is for people.
    assert_eq!(states(&report, "notes"), [Same, Different, Different]);
    assert_eq!(states(&report, "tags"), [Same; 3]);
    assert_eq!(states(&report, "roles"), [Same, Same, Different]);
    assert_eq!(plan(&report), [""; 0]);
    assert!(report.to_string().contains("drop it in the console"));
}

#[tokio::test]
async fn a_cloud_that_has_nothing_is_made_what_the_schema_says() {
    let cloud = cloud(None, "{}").await;
    let report = examined(config(&cloud)).await;
    assert_eq!(report.verdict, Different);
    assert_eq!(report.remedies().len(), 6, "{:?}", plan(&report));
    Remedy::apply(&report.remedies(), &client(config(&cloud))).await;
    let report = examined(config(&cloud)).await;
    assert_eq!(report.verdict, Same, "{report}");
    // Twice is once too often, and hurts nothing.
    let missing = examined(config(&cloud)).await;
    assert!(missing.remedies().is_empty());
}

#[tokio::test]
async fn without_a_key_pair_only_collections_are_known() {
    let there = r#"type Note @collection(name: "notes", permission: PRIVATE) { id: ID! }"#;
    let cloud = cloud(Some(there), "{}").await;
    for protocol in [Protocol::Rest, Protocol::Admin] {
        let mut config = Config {
            protocol,
            ..config(&cloud)
        };
        config.credentials.key_pair = None;
        let report = examined(config).await;
        assert_eq!(states(&report, "notes"), [Same, Unknown, Unknown]);
        assert_eq!(states(&report, "tags"), [Different; 3]);
        let text = report.to_string();
        assert!(text.contains("TENCENTCLOUD_SECRETID"), "{text}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_unknown_and_says_what_to_check() {
    let cloud = cloud(Some(SCHEMA), "{}").await;
    let limits = Limits {
        max_retries: 0,
        ..Limits::default()
    };
    let good = Config {
        limits,
        ..config(&cloud)
    };
    let mut wrong_key = good.clone();
    wrong_key.credentials.key_pair = Some(pair("another"));
    let mut wrong_api_key = good.clone();
    wrong_api_key.credentials = Credentials {
        api_key: Some(Secret::new("another")),
        key_pair: None,
    };
    let wrong_env = Config {
        env: "another".to_owned(),
        ..good.clone()
    };
    // Nobody listens there: it was given back just now.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let unreachable = Config {
        origin: Some(format!("http://{address}")),
        ..good.clone()
    };
    for (config, told) in [
        (wrong_key, "TENCENTCLOUD_SECRETKEY"),
        (wrong_api_key, "CLOUDBASE_APIKEY"),
        (wrong_env, "another"),
        (unreachable, "cannot be reached"),
    ] {
        let report = examined(config).await;
        let text = report.to_string();
        assert_eq!(report.verdict, Unknown, "{told}: {text}");
        for collection in ["notes", "tags", "roles"] {
            assert_eq!(states(&report, collection), [Unknown; 3], "{told}: {text}");
        }
        assert!(text.contains(told), "{told}: {text}");
        assert!(!text.contains("api-key"), "{text}");
        assert!(report.remedies().is_empty());
    }
}
