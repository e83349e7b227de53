//! The cloud API: what is asked, and what is made of answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::manage::{Manage, SafeRule, Table, TableIndex};
use cloudbase_graphql::cloudbase::{
    Client, Config, Credentials, Error, KeyPair, Limits, Protocol, Secret,
};
use cloudbase_graphql::data::{CollectionName, Direction, Index, IndexKeys, Order, OrderKey, Path};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// What the official manager SDK asked (`manage.jsonl`: recorded between the unmodified SDK and a local server), with
/// answers that it understands.
#[derive(Clone, Debug, Deserialize)]
struct Exchange {
    from: String,
    action: String,
    body: Json,
    answer: Json,
}

fn recorded() -> Vec<Exchange> {
    let lines = include_str!("fixtures/manage.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).expect("an exchange"))
        .collect()
}

fn exchange(action: &str, body: Json, answer: Json) -> Exchange {
    Exchange {
        from: String::new(),
        action: action.to_owned(),
        body,
        answer: Json::Object([("Response".to_owned(), answer)].into_iter().collect()),
    }
}

/// The first question of all.
fn environment() -> Exchange {
    recorded().swap_remove(0)
}

/// The body of a question about a collection.
fn about(collection: &str) -> Json {
    json!({
        "EnvId": "demo-env-1a2b3c",
        "MongoConnector": {"InstanceId": "flexdb", "DatabaseName": "tnt-example01"},
        "TableName": collection,
    })
}

/// Exchanges that are still to come.
#[derive(Clone)]
struct Script(Arc<Mutex<VecDeque<Exchange>>>);

impl Script {
    fn is_over(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

async fn play(State(script): State<Script>, headers: HeaderMap, body: Bytes) -> String {
    let mut exchanges = script.0.lock().unwrap();
    let expected = exchanges.pop_front().expect("one more question");
    assert_eq!(headers["x-tc-action"], expected.action.as_str());
    let body: Json = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(body, expected.body, "{} {}", expected.action, expected.from);
    expected.answer.to_string()
}

/// The cloud API that is asked this and answers so.
async fn playing(exchanges: Vec<Exchange>, wx_app_id: Option<&str>) -> (Manage, Script) {
    let script = Script(Arc::new(Mutex::new(exchanges.into())));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new().fallback(play).with_state(script.clone());
    TaskTracker::new().spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let config = Config {
        env: "demo-env-1a2b3c".to_owned(),
        protocol: Protocol::Rest,
        region: "ap-shanghai".to_owned(),
        wx_app_id: wx_app_id.map(str::to_owned),
        origin: Some(origin),
        credentials: Credentials {
            api_key: None,
            key_pair: Some(KeyPair {
                id: "id".to_owned(),
                key: Secret::new("key"),
                session_token: None,
            }),
        },
        limits: Limits::default(),
    };
    let client = Client::new(config, Arc::new(SystemClock)).unwrap();
    (Manage::new(Arc::new(client)), script)
}

fn name(collection: &str) -> CollectionName {
    CollectionName::parse(collection).expect("a name")
}

fn ordered(keys: &[(&str, Direction)], unique: bool) -> Index {
    let key = |(path, direction): &(&str, Direction)| OrderKey {
        path: Path::parse(path).expect("a path"),
        direction: *direction,
    };
    Index {
        keys: IndexKeys::Ordered(Order {
            keys: keys.iter().map(key).collect(),
        }),
        unique,
    }
}

fn private() -> SafeRule {
    SafeRule {
        acl_tag: "PRIVATE".to_owned(),
        rule: None,
    }
}

#[tokio::test]
async fn it_is_asked_what_the_official_sdk_asks() {
    let mut exchanges = recorded();
    // It may come with a permission, which the SDK does not know of.
    exchanges[1].body["PermissionInfo"] = json!({"EnvId": "demo-env-1a2b3c", "AclTag": "PRIVATE"});
    // Nothing is ever dropped.
    let last = exchanges.last_mut().expect("exchanges");
    last.body
        .as_object_mut()
        .expect("a body")
        .remove("DropIndexes");
    let (manage, script) = playing(exchanges, None).await;
    let todos = name("todos");
    manage.create_table(&todos, &private()).await.unwrap();
    let table = manage.table(&todos).await.unwrap().expect("a table");
    let id = TableIndex {
        name: "_id_".to_owned(),
        index: Some(ordered(&[("_id", Direction::Ascending)], true)),
    };
    assert_eq!(table, Table { indexes: vec![id] });
    assert_eq!(manage.table(&name("nope")).await.unwrap(), None);
    let index = TableIndex::of(&ordered(&[("n", Direction::Ascending)], false));
    manage.create_indexes(&todos, &[index]).await.unwrap();
    assert!(script.is_over());
}

#[tokio::test]
async fn indexes_are_read_and_written_alike() {
    let geo = Index {
        keys: IndexKeys::Geo(Path::parse("place").expect("a path")),
        unique: false,
    };
    let order = [("a.b", Direction::Ascending), ("c", Direction::Descending)];
    let known = [
        ("a.b_1_c_-1", ordered(&order, true)),
        ("place_2dsphere", geo),
    ];
    let shown = json!([
        {"Name": "a.b_1_c_-1", "Unique": true, "Size": 1, "Keys": [
            {"Name": "a.b", "Direction": "1"}, {"Name": "c", "Direction": -1}]},
        {"Name": "place_2dsphere", "Keys": [{"Name": "place", "Direction": "2dsphere"}]},
        {"Name": "words", "Keys": [{"Name": "text", "Direction": "text"}]},
        {"Name": "mixed", "Keys": [{"Name": "p", "Direction": "2dsphere"}, {"Name": "q", "Direction": "1"}]},
        {"Name": "odd", "Keys": [{"Name": "a..b", "Direction": "1"}]},
        {"Name": "bare"},
    ]);
    let mut change = about("todos");
    change["CreateIndexes"] = json!([
        {"IndexName": "a.b_1_c_-1", "MgoKeySchema": {"MgoIsUnique": true, "MgoIndexKeys": [
            {"Name": "a.b", "Direction": "1"}, {"Name": "c", "Direction": "-1"}]}},
        {"IndexName": "place_2dsphere", "MgoKeySchema": {"MgoIsUnique": false, "MgoIndexKeys": [
            {"Name": "place", "Direction": "2dsphere"}]}},
    ]);
    let exchanges = vec![
        environment(),
        exchange("DescribeTable", about("todos"), json!({"Indexes": shown})),
        exchange("UpdateTable", change, json!({"RequestId": "r"})),
    ];
    let (manage, script) = playing(exchanges, None).await;
    let table = manage
        .table(&name("todos"))
        .await
        .unwrap()
        .expect("a table");
    let (read, others) = table.indexes.split_at(2);
    let ours: Vec<TableIndex> = known
        .iter()
        .map(|(_, index)| TableIndex::of(index))
        .collect();
    assert_eq!(read, ours);
    assert!(
        ours.iter()
            .zip(&known)
            .all(|(index, (name, _))| index.name == *name)
    );
    assert!(
        others.iter().all(|index| index.index.is_none()),
        "{others:?}"
    );
    manage.create_indexes(&name("todos"), &ours).await.unwrap();
    assert!(script.is_over());
}

#[tokio::test]
async fn a_rule_that_may_not_be_read_leaves_the_tag() {
    let question = json!({"EnvId": "demo-env-1a2b3c", "CollectionName": "todos", "WxAppId": "wx1"});
    let refused = |code: &str| json!({"Error": {"Code": code, "Message": "no"}, "RequestId": "r"});
    let rule = json!({"AclTag": "CUSTOM", "Rule": "{}", "RequestId": "r"});
    let custom = |rule: Option<&str>| SafeRule {
        acl_tag: "CUSTOM".to_owned(),
        rule: rule.map(str::to_owned),
    };
    let exchanges = vec![
        exchange("DescribeSafeRule", question.clone(), rule),
        exchange(
            "DescribeSafeRule",
            question.clone(),
            refused("UnauthorizedOperation.CamNoAuth"),
        ),
        exchange(
            "DescribeDatabaseACL",
            question.clone(),
            json!({"AclTag": "CUSTOM"}),
        ),
        exchange("DescribeSafeRule", question, refused("ResourceNotFound")),
    ];
    let (manage, script) = playing(exchanges, Some("wx1")).await;
    let todos = name("todos");
    assert_eq!(manage.safe_rule(&todos).await.unwrap(), custom(Some("{}")));
    assert_eq!(manage.safe_rule(&todos).await.unwrap(), custom(None));
    let error = manage.safe_rule(&todos).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    assert!(script.is_over());
}

#[tokio::test]
async fn a_collection_is_made_without_a_permission_where_it_may_have_none() {
    let mut with = about("todos");
    with["PermissionInfo"] = json!({"EnvId": "demo-env-1a2b3c", "AclTag": "CUSTOM", "Rule": "{}"});
    let refused = json!({"Error": {"Code": "InvalidParameter", "Message": "PermissionInfo"}});
    let exchanges = vec![
        environment(),
        exchange("CreateTable", with, refused),
        exchange("CreateTable", about("todos"), json!({"RequestId": "r"})),
    ];
    let (manage, script) = playing(exchanges, None).await;
    let permission = SafeRule {
        acl_tag: "CUSTOM".to_owned(),
        rule: Some("{}".to_owned()),
    };
    let made = manage.create_table(&name("todos"), &permission).await;
    made.unwrap();
    assert!(script.is_over());
}

#[tokio::test]
async fn answers_that_make_no_sense_are_errors() {
    let cases = [
        json!(null),
        json!([]),
        json!({"Indexes": 1}),
        json!({"Indexes": [{"Unique": true}]}),
        json!({"Indexes": [{"Name": "a", "Keys": [{"Name": "b"}]}]}),
    ];
    for case in cases {
        let exchanges = vec![
            environment(),
            exchange("DescribeTable", about("todos"), case.clone()),
        ];
        // The question may be repeated: it changes nothing.
        let mut all = exchanges.clone();
        all.extend(vec![exchanges[1].clone(); 10]);
        let (manage, _) = playing(all, None).await;
        let error = manage.table(&name("todos")).await.unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{case}: {error}");
    }
    for databases in [json!(null), json!([])] {
        let info = json!({"EnvInfo": {"EnvBaseInfo": {"Databases": databases}}});
        let (manage, _) = playing(
            vec![exchange(
                "DescribeEnvInfo",
                json!({"EnvId": "demo-env-1a2b3c"}),
                info,
            )],
            None,
        )
        .await;
        let error = manage.table(&name("todos")).await.unwrap_err();
        assert!(error.to_string().contains("no database"), "{error}");
    }
}
