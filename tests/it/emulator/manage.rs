//! The cloud API: collections, indexes, permissions.

use cloudbase_graphql::emulator::{Config, Credentials};
use serde_json::{Value as Json, json};

use super::exchange::Served;

/// What the manager SDK signs; any signature is taken where no secret is configured.
const SIGNED: (&str, &str) = (
    "authorization",
    "TC3-HMAC-SHA256 Credential=x/2026-11-22/tcb/tc3_request, SignedHeaders=content-type;host, Signature=00",
);

async fn act(served: &Served, action: &str, body: Json) -> Json {
    let headers = [
        SIGNED,
        ("x-tc-action", action),
        ("x-tc-timestamp", "1795345974"),
    ];
    let mut answer = served.post("/", &headers, body).await;
    answer["Response"].take()
}

/// The code of a refusal; `null` if it was done.
async fn code(served: &Served, action: &str, body: Json) -> Json {
    act(served, action, body).await["Error"]["Code"].take()
}

#[tokio::test]
async fn collections_come_and_go() {
    let served = Served::with(Config::default()).await;
    let todos = json!({"EnvId": "e", "TableName": "todos"});
    assert_eq!(
        code(&served, "DescribeTable", todos.clone()).await,
        "ResourceNotFound"
    );
    assert_eq!(
        code(&served, "CreateTable", todos.clone()).await,
        Json::Null
    );
    assert_eq!(
        code(&served, "CreateTable", todos.clone()).await,
        "ResourceInUse"
    );
    let described = act(&served, "DescribeTable", todos.clone()).await;
    assert_eq!(described["IndexNum"], 1);
    assert_eq!(described["Indexes"][0]["Name"], "_id_");
    let listed = act(
        &served,
        "ListTables",
        json!({"MgoLimit": 10, "MgoOffset": 0}),
    )
    .await;
    assert_eq!(
        listed["Pager"],
        json!({"Offset": 0, "Limit": 10, "Total": 1})
    );
    assert_eq!(listed["Tables"][0]["TableName"], "todos");
    assert_eq!(
        code(&served, "DeleteTable", todos.clone()).await,
        Json::Null
    );
    assert_eq!(
        code(&served, "DeleteTable", todos).await,
        "ResourceNotFound"
    );
}

#[tokio::test]
async fn indexes_are_changed_all_or_none() {
    let served = Served::with(Config::default()).await;
    act(&served, "CreateTable", json!({"TableName": "todos"})).await;
    let index = |name: &str, direction: &str| {
        json!({"IndexName": name, "MgoKeySchema": {
            "MgoIsUnique": true, "MgoIndexKeys": [{"Name": "n", "Direction": direction}],
        }})
    };
    let change = |create: Json| json!({"TableName": "todos", "CreateIndexes": create});
    let wrong = change(json!([index("a", "1"), index("b", "up")]));
    assert_eq!(
        code(&served, "UpdateTable", wrong).await,
        "InvalidParameter"
    );
    let right = change(json!([index("a", "1")]));
    assert_eq!(code(&served, "UpdateTable", right).await, Json::Null);
    let described = act(&served, "DescribeTable", json!({"TableName": "todos"})).await;
    let names = described["Indexes"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|index| index["Name"].as_str().unwrap()).collect();
    assert_eq!(names, ["_id_", "a"]);
}

#[tokio::test]
async fn permissions_hold_for_clients_at_once() {
    let served = Served::with(Config::default()).await;
    act(&served, "CreateTable", json!({"TableName": "todos"})).await;
    let describe = json!({"CollectionName": "todos"});
    assert_eq!(
        act(&served, "DescribeDatabaseACL", describe.clone()).await["AclTag"],
        "PRIVATE"
    );
    let token = json!({});
    let headers = [("x-device-id", "d")];
    let token = served
        .post("/auth/v1/signin/anonymously", &headers, token)
        .await;
    let query = json!({
        "action": "database.getDocument", "collectionName": "todos", "queryType": "WHERE", "query": "{}",
        "access_token": token["access_token"],
    });
    for (tag, rule, expected) in [
        ("ADMINONLY", None, json!("DATABASE_PERMISSION_DENIED")),
        ("ADMINWRITE", None, Json::Null),
        (
            "CUSTOM",
            Some(r#"{"read": false}"#),
            json!("DATABASE_PERMISSION_DENIED"),
        ),
        (
            "CUSTOM",
            Some(r#"{"read": "auth.loginType == 'ANONYMOUS'"}"#),
            Json::Null,
        ),
    ] {
        let permission = json!({"CollectionName": "todos", "AclTag": tag, "Rule": rule});
        assert_eq!(
            code(&served, "ModifySafeRule", permission).await,
            Json::Null
        );
        let described = act(&served, "DescribeSafeRule", describe.clone()).await;
        assert_eq!(
            (&described["AclTag"], &described["Rule"]),
            (&json!(tag), &json!(rule))
        );
        let answer = served.post("/web", &[], query.clone()).await;
        assert_eq!(answer["code"], expected, "{tag} {rule:?}");
    }
    for (tag, rule) in [
        ("CUSTOM", None),
        ("OPEN", None),
        ("CUSTOM", Some("{\"read\": \"1 +\"}")),
    ] {
        let permission = json!({"CollectionName": "todos", "AclTag": tag, "Rule": rule});
        assert_eq!(
            code(&served, "ModifySafeRule", permission).await,
            "InvalidParameter"
        );
    }
}

#[tokio::test]
async fn only_who_signs_with_the_secret_manages() {
    let config = Config {
        identity: Credentials {
            secrets: [("id".to_owned(), "key".to_owned())].into(),
            ..Credentials::default()
        },
        ..Config::default()
    };
    let served = Served::with(config).await;
    let refused = code(&served, "CreateTable", json!({"TableName": "todos"})).await;
    assert_eq!(refused, "AuthFailure.SignatureFailure");
    let unsigned = served
        .post("/", &[("x-tc-action", "ListTables")], json!({}))
        .await;
    assert!(
        unsigned["Response"]["Error"]["Code"].is_string(),
        "{unsigned}"
    );
}
