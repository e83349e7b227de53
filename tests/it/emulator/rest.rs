//! The database over REST, as the web SDK 3.x asks for it.

use cloudbase_graphql::emulator::{Config, Permissions};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use super::exchange::Served;

const BASE: &str = "/v1/database/instances/(default)/databases/(default)";
const ADMIN: (&str, &str) = ("authorization", "Bearer example.api.key");

/// What an official SDK sent for a call (`rest.jsonl`: recorded between the unmodified web SDK 3.7.0 and a local
/// server, whose answers were written by hand).
#[derive(Deserialize)]
struct Recorded {
    from: String,
    exchanges: Vec<Exchange>,
}

#[derive(Deserialize)]
struct Exchange {
    method: String,
    path: String,
    query: String,
    body: Option<Box<RawValue>>,
    status: u16,
    answer: Json,
}

async fn served() -> Served {
    let served = Served::with(Config::default()).await;
    let collection = json!({"collectionName": "todos"});
    served
        .post(&format!("{BASE}/collections"), &[ADMIN], collection)
        .await;
    served
}

/// What each recorded call finds.
fn seed(from: &str) -> Vec<Json> {
    match from {
        "rest-count" | "rest-update" | "rest-remove" => vec![
            json!({"_id": "a", "a": 1, "n": 1, "b": 1}),
            json!({"_id": "b", "a": 1, "n": 1}),
        ],
        "rest-query" => (2..6)
            .map(|n| json!({"_id": n.to_string(), "n": n, "at": {"$date": -n}}))
            .collect(),
        "rest-aggregate" => vec![json!({"_id": "a", "a": 2, "b": "x"})],
        "rest-run-commands" => vec![json!({"_id": "a", "at": {"$date": -1}})],
        "rest-doc-get" | "rest-doc-update" | "rest-doc-remove" => {
            vec![json!({"_id": "a", "n": 2})]
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn every_recorded_request_gets_an_answer_of_the_recorded_shape() {
    let lines = include_str!("fixtures/rest.jsonl").lines();
    for line in lines {
        let recorded: Recorded = serde_json::from_str(line).unwrap();
        let served = match recorded.from.as_str() {
            "rest-create-collection" => Served::with(Config::default()).await,
            _ => served().await,
        };
        insert(&served, &seed(&recorded.from)).await;
        let mut transaction = String::new();
        for exchange in &recorded.exchanges {
            let current = |text: &str| text.replace("tx-1", &transaction);
            let path = format!("{}?{}", current(&exchange.path), current(&exchange.query));
            let body = exchange.body.as_ref().map(|body| current(body.get()));
            let (status, answer) = served
                .send_text(&exchange.method, &path, &[ADMIN], body)
                .await;
            let told = format!("{}: {answer}", recorded.from);
            let is_insert = exchange.answer.get("insertedIds").is_some();
            let expected = if is_insert { 201 } else { exchange.status };
            assert_eq!(status.as_u16(), expected, "{told}");
            same_shape(&exchange.answer, &answer, &told);
            if let Some(begun) = answer["transactionId"].as_str() {
                transaction = begun.to_owned();
            }
        }
    }
}

/// Both have the same members of the same kinds; what is null counts as not there. (The answers were written by hand:
/// one has an `upsert_id` where nothing is inserted, one a field that the projection leaves out.)
fn same_shape(recorded: &Json, answer: &Json, told: &str) {
    match (recorded, answer) {
        (Json::Object(recorded), Json::Object(answer)) => {
            let shown = |object: &serde_json::Map<String, Json>| -> Vec<String> {
                let shown = object.iter().filter(|(_, value)| !value.is_null());
                let mut names: Vec<String> = shown.map(|(name, _)| name.clone()).collect();
                names.retain(|name| name != "upsert_id" && name != "at");
                names.sort();
                names
            };
            assert_eq!(shown(recorded), shown(answer), "{told}");
            for (name, value) in recorded.iter().filter(|(_, value)| !value.is_null()) {
                if let Some(answered) = answer.get(name) {
                    same_shape(value, answered, told);
                }
            }
        }
        (Json::Array(recorded), Json::Array(answer)) => {
            assert_eq!(recorded.is_empty(), answer.is_empty(), "{told}");
            for (recorded, answer) in recorded.iter().zip(answer) {
                same_shape(recorded, answer, told);
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(recorded),
            std::mem::discriminant(answer),
            "{told}"
        ),
    }
}

async fn insert(served: &Served, documents: &[Json]) {
    if !documents.is_empty() {
        let (status, answer) = call(served, "POST", "", json!({ "data": documents })).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
    }
}

/// A request to the documents of `todos`, by an administrator.
async fn call(served: &Served, method: &str, path: &str, body: Json) -> (StatusCode, Json) {
    let path = format!("{BASE}/collections/todos/documents{path}");
    let body = (!body.is_null()).then_some(body);
    served.send(method, &path, &[ADMIN], body.as_ref()).await
}

#[tokio::test]
async fn values_keep_their_kind_and_their_order() {
    let served = served().await;
    let document = json!({
        "_id": "a", "z": 1, "b": {"$numberDouble": "2.0"}, "at": {"$date": 5},
        "long": 3_000_000_000_i64, "id": {"$oid": "0123456789abcdef01234567"},
        "there": {"type": "Point", "coordinates": [1, 2.5]},
    });
    insert(&served, &[document]).await;
    let (status, answer) = call(&served, "GET", "/a", Json::Null).await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!({
        "_id": "a", "z": {"$numberInt": "1"}, "b": {"$numberDouble": "2.0"},
        "at": {"$date": {"$numberLong": "5"}}, "long": {"$numberLong": "3000000000"},
        "id": {"$oid": "0123456789abcdef01234567"},
        "there": {"type": "Point", "coordinates": [{"$numberInt": "1"}, {"$numberDouble": "2.5"}]},
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn writes_do_what_they_say() {
    let served = served().await;
    insert(
        &served,
        &[
            json!({"_id": "a", "n": 1, "m": 1}),
            json!({"_id": "b", "n": 1}),
        ],
    )
    .await;
    let int = |n: i64| json!({"$numberInt": n.to_string()});
    for (method, path, body, status, expected) in [
        (
            "PATCH",
            "/a",
            json!({"data": {"$inc": {"n": 1}}, "returnDoc": true}),
            200,
            json!({"matched": 1, "updated": 1, "upsert_id": null, "doc": {"_id": "a", "n": int(2), "m": int(1)}}),
        ),
        (
            "PATCH",
            "/a",
            json!({"data": {"n": 5}, "replaceMode": true, "returnDoc": true}),
            200,
            json!({"matched": 1, "updated": 1, "upsert_id": null, "doc": {"_id": "a", "n": int(5)}}),
        ),
        (
            "PATCH",
            "/c",
            json!({"data": {"n": 7}, "upsert": true}),
            200,
            json!({"matched": 0, "updated": 0, "upsert_id": "c"}),
        ),
        (
            "PATCH",
            "",
            json!({"query": {"n": {"$gt": 1}}, "data": {"$set": {"x": true}}, "multi": true}),
            200,
            json!({"matched": 2, "updated": 2, "upsert_id": null}),
        ),
        (
            "PATCH",
            "",
            json!({"query": {}, "data": {"$set": {"x": true}}, "multi": true}),
            200,
            json!({"matched": 3, "updated": 1, "upsert_id": null}),
        ),
        (
            "POST",
            "/remove",
            json!({"query": {"n": 7}}),
            200,
            json!({"deleted": 1}),
        ),
        ("DELETE", "/a", Json::Null, 200, json!({"deleted": 1})),
        ("DELETE", "/a", Json::Null, 200, json!({"deleted": 0})),
        ("GET", "?count=true", Json::Null, 200, json!({"total": 1})),
    ] {
        let (answered, answer) = call(&served, method, path, body.clone()).await;
        assert_eq!(
            answered.as_u16(),
            status,
            "{method} {path} {body}: {answer}"
        );
        assert_eq!(answer, expected, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn refusals_are_a_status_and_a_code() {
    let served = served().await;
    insert(&served, &[json!({"_id": "a", "n": 1})]).await;
    for (method, path, body, status, code) in [
        ("GET", "/z", Json::Null, 404, "DOCUMENT_NOT_FOUND"),
        (
            "PATCH",
            "/z",
            json!({"data": {"$set": {"a": 1}}}),
            404,
            "DOCUMENT_NOT_FOUND",
        ),
        (
            "POST",
            "",
            json!({"data": [{"_id": "a"}]}),
            409,
            "DATABASE_DUPLICATE_WRITE",
        ),
        (
            "POST",
            "",
            json!({"data": {"_id": "b"}}),
            400,
            "INVALID_PARAM",
        ),
        ("POST", "", json!([1]), 400, "INVALID_PARAM"),
        (
            "PATCH",
            "",
            json!({"data": {"$set": {"a": 1}}}),
            400,
            "INVALID_PARAM",
        ),
        (
            "PATCH",
            "/a",
            json!({"data": {"$set": {"a": 1}}, "replaceMode": true}),
            400,
            "INVALID_PARAM",
        ),
        (
            "PATCH",
            "",
            json!({"query": {}, "data": {"a": 1}, "multi": true}),
            400,
            "INVALID_PARAM",
        ),
        (
            "PATCH",
            "/a",
            json!({"data": {"$jump": {"a": 1}}}),
            500,
            "DATABASE_REQUEST_FAILED",
        ),
        ("POST", "/remove", json!({}), 400, "INVALID_PARAM"),
        ("GET", "?limit=many", Json::Null, 400, "INVALID_PARAM"),
        ("GET", "?order=%5B1%5D", Json::Null, 400, "INVALID_PARAM"),
        ("GET", "?query=%7B", Json::Null, 400, "INVALID_PARAM"),
        (
            "GET",
            "/a?transactionId=none",
            Json::Null,
            503,
            "DATABASE_TRANSACTION_FAIL",
        ),
    ] {
        let (answered, answer) = call(&served, method, path, body.clone()).await;
        let told = format!("{method} {path} {body}: {answer}");
        assert_eq!(answered.as_u16(), status, "{told}");
        assert_eq!(answer["code"], code, "{told}");
        assert!(
            answer["message"].is_string() && answer["requestId"].is_string(),
            "{told}"
        );
    }
}

#[tokio::test]
async fn there_is_one_instance_and_one_database() {
    let served = served().await;
    for (path, status) in [
        (
            "/v1/database/instances/(default)/databases/(default)/collections/todos/documents",
            200,
        ),
        (
            "/v1/database/instances/%28default%29/databases/%28default%29/collections/todos/documents",
            200,
        ),
        (
            "/v1/database/instances/other/databases/(default)/collections/todos/documents",
            400,
        ),
        (
            "/v1/database/instances/(default)/databases/other/collections/todos/documents",
            400,
        ),
        (
            "/v1/database/instances/(default)/databases/(default)/collections/nope/documents",
            404,
        ),
    ] {
        let (answered, answer) = served.send("GET", path, &[ADMIN], None).await;
        assert_eq!(answered.as_u16(), status, "{path}: {answer}");
    }
}

#[tokio::test]
async fn lists_have_a_length() {
    let served = served().await;
    let documents: Vec<Json> = (0..30).map(|n| json!({"_id": format!("{n:02}")})).collect();
    insert(&served, &documents).await;
    for (query, limit, length) in [
        ("", 20, 20),
        ("?limit=25", 25, 25),
        ("?limit=5000", 1000, 30),
        ("?limit=0", 20, 20),
        ("?offset=25", 20, 5),
    ] {
        let (_, answer) = call(&served, "GET", query, Json::Null).await;
        assert_eq!(answer["limit"], limit, "{query}");
        assert_eq!(
            answer["list"].as_array().map(Vec::len),
            Some(length),
            "{query}"
        );
    }
}

#[tokio::test]
async fn native_commands_are_for_administrators() {
    let served = served().await;
    let path = format!("{BASE}/commands");
    let run = async |command: &str| {
        let body = format!(r#"{{"commands": [{command}]}}"#);
        let (status, answer) = served.send_text("POST", &path, &[ADMIN], Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{command}: {answer}");
        answer["list"][0].clone()
    };
    let int = |n: i64| json!({"$numberInt": n.to_string()});
    let done = |n: i64| json!([{"n": int(n), "ok": int(1)}]);
    let value = |value: Json| json!([{"value": value, "ok": int(1)}]);
    let document = |id: &str, n: i64| json!({"_id": id, "n": int(n)});
    for (command, rows) in [
        (
            r#"{"insert": "todos", "documents": [{"_id": "a", "n": 1}, {"_id": "b", "n": 2}]}"#,
            done(2),
        ),
        (
            r#"{"find": "todos", "filter": {"n": {"$gt": 1}}}"#,
            json!([document("b", 2)]),
        ),
        (
            r#"{"find": "todos", "sort": {"n": -1}, "limit": 1, "projection": {"n": 0}}"#,
            json!([{"_id": "b"}]),
        ),
        (r#"{"count": "todos", "query": {"n": 1}}"#, done(1)),
        (
            r#"{"aggregate": "todos", "pipeline": [{"$match": {"n": 2}}], "cursor": {}}"#,
            json!([document("b", 2)]),
        ),
        (
            r#"{"update": "todos", "updates": [{"q": {"_id": "a"}, "u": {"$inc": {"n": 1}}}]}"#,
            json!([{"n": int(1), "nModified": int(1), "upserted": [], "ok": int(1)}]),
        ),
        (
            r#"{"findAndModify": "todos", "sort": {"n": -1, "_id": -1}, "update": {"$inc": {"n": 5}}}"#,
            value(document("b", 2)),
        ),
        (
            r#"{"findAndModify": "todos", "query": {"_id": "b"}, "update": {"$inc": {"n": 1}}, "new": true}"#,
            value(document("b", 8)),
        ),
        (
            r#"{"findAndModify": "todos", "query": {"_id": "z"}, "update": {"$inc": {"n": 1}}}"#,
            value(Json::Null),
        ),
        (
            r#"{"findAndModify": "todos", "query": {"_id": "z"}, "update": {"n": 1}, "upsert": true, "new": true}"#,
            value(document("z", 1)),
        ),
        (
            r#"{"findAndModify": "todos", "query": {"_id": "b"}, "remove": true, "fields": {"n": 1}}"#,
            value(document("b", 8)),
        ),
        (
            r#"{"delete": "todos", "deletes": [{"q": {}, "limit": 0}]}"#,
            done(2),
        ),
    ] {
        assert_eq!(run(command).await, rows, "{command}");
    }
    let body = json!({"commands": [{"find": "todos"}]});
    let (status, answer) = served.send("POST", &path, &[], Some(&body)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
}

#[tokio::test]
async fn clients_have_what_the_permission_gives_them() {
    let permissions = json!({"mine": {"AclTag": "PRIVATE"}, "ours": {"AclTag": "ADMINONLY"}});
    let served = Served::with(Config {
        permissions: Permissions::parse(&permissions.to_string()).unwrap(),
        ..Config::default()
    })
    .await;
    let mut tokens = Vec::new();
    for device in ["device-1", "device-2"] {
        let device = ("x-device-id", device);
        let answer = served
            .post("/auth/v1/signin/anonymously", &[device], json!({}))
            .await;
        tokens.push(format!(
            "Bearer {}",
            answer["access_token"].as_str().unwrap()
        ));
    }
    let documents = |collection: &str| format!("{BASE}/collections/{collection}/documents");
    let body = json!({"data": [{"_id": "d"}]});
    let [ann, bob] = [0, 1].map(|at| [("authorization", tokens[at].as_str())]);
    let (status, answer) = served
        .send("POST", &documents("mine"), &ann, Some(&body))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    for (headers, seen) in [(&ann[..], 1), (&bob[..], 0)] {
        let (_, answer) = served.send("GET", &documents("mine"), headers, None).await;
        assert_eq!(
            answer["list"].as_array().map(Vec::len),
            Some(seen),
            "{answer}"
        );
    }
    for (headers, collection) in [(&ann[..], "ours"), (&[], "ours")] {
        let (status, answer) = served
            .send("GET", &documents(collection), headers, None)
            .await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
        assert_eq!(answer["code"], "DATABASE_PERMISSION_DENIED", "{answer}");
    }
    let (status, answer) = served
        .send(
            "POST",
            &format!("{BASE}/collections"),
            &ann,
            Some(&json!({"collectionName": "new"})),
        )
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
}
