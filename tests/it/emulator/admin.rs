//! Recorded requests of the official SDKs, sent again: the answers have the
//! shape that the SDKs were recorded to understand.
//!
//! `fixtures/admin.jsonl`: what `@cloudbase/node-sdk` 3.18.3, `wx-server-sdk` 4.0.2 and `tcb-admin-node` 1.23.0,
//! unmodified, sent to a recorder on this machine, and answers of which it is known what they made of them. Times,
//! keys and ids in them are made up or over. `fixtures/operators.jsonl`: what their operators become on the wire.

use std::collections::{BTreeMap, BTreeSet};

use cloudbase_graphql::emulator::Config;
use serde::Deserialize;
use serde_json::{Value, json};

use super::exchange::Served;

#[derive(Deserialize)]
struct Recording {
    from: String,
    exchanges: Vec<Exchange>,
}

#[derive(Deserialize)]
struct Exchange {
    query: String,
    headers: BTreeMap<String, String>,
    body: Value,
    status: u16,
    answer: Value,
}

fn recordings() -> Vec<Recording> {
    let lines = include_str!("fixtures/admin.jsonl").lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Documents that the recorded requests name.
const SEED: [&str; 8] = [
    r#"{"_id":"todo-1","title":"t","n":{"$numberInt":"3"},"done":false,"k":"a"}"#,
    r#"{"_id":"a","n":{"$numberInt":"2"},"a":{"$numberInt":"1"}}"#,
    r#"{"_id":"a1","n":{"$numberInt":"12"},"a":{"$numberInt":"1"}}"#,
    r#"{"_id":"a2","n":{"$numberInt":"4"},"a":{"$numberInt":"2"},"b":{"$numberInt":"1"}}"#,
    r#"{"_id":"a3","n":{"$numberInt":"5"},"a":{"$numberInt":"3"}}"#,
    r#"{"_id":"id-1","n":{"$numberInt":"6"},"a":{"$numberInt":"1"}}"#,
    r#"{"_id":"u1","name":"Ada"}"#,
    r#"{"_id":{"$numberInt":"42"}}"#,
];

/// And as many that their conditions find that something is left after what they skip.
fn more() -> impl Iterator<Item = String> {
    (1..=25).map(|number| {
        let document = json!({
            "_id": format!("x-{number}"), "title": "t", "n": number % 9 + 1, "done": false, "a": { "b": "x" },
            "c": { "d": 1 }, "status": "paid", "uid": format!("u{number}"), "amount": 1.5, "at": { "$date": 0 },
        });
        document.to_string()
    })
}

/// Requests that are refused here, while the recorder had an answer for them. Nobody knows the cloud's.
const REFUSED: [(&str, &str); 1] = [
    // A removal without a condition.
    ("remove-all-no-where", "INVALID_PARAM"),
];

#[tokio::test]
async fn recorded_requests_get_answers_of_the_same_shape() {
    let mut wrong = Vec::new();
    for recording in recordings() {
        let served = Served::with(Config::default()).await;
        prepare(&served, &recording).await;
        if let Err(difference) = replay(&served, &recording).await {
            wrong.push(format!("{}: {difference}", recording.from));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The collections that are there, and documents in them: none that the recording adds.
async fn prepare(served: &Served, recording: &Recording) {
    let added: Vec<String> = recording.exchanges.iter().flat_map(added).collect();
    for name in collections(recording) {
        let created = call(
            served,
            json!({ "action": "database.addCollection", "collectionName": name }),
        );
        assert_eq!(created.await["message"], "ok", "{name}");
        let seed = SEED.iter().filter(|document| {
            let id = document.split('"').nth(3).unwrap();
            !added.iter().any(|added| added == id)
        });
        let insert = json!({
            "action": "database.insertDocument",
            "collectionName": name,
            "data": seed.map(|&document| document.to_owned()).chain(more()).collect::<Vec<_>>(),
        });
        let inserted = call(served, insert).await;
        assert_eq!(inserted["code"], Value::Null, "{inserted}");
    }
}

/// Those that the requests name, but for those they make or were told of that they are not there.
fn collections(recording: &Recording) -> BTreeSet<String> {
    // A lookup's.
    let mut names = BTreeSet::from(["users".to_owned()]);
    for exchange in &recording.exchanges {
        let makes = exchange.body["action"] == "database.addCollection";
        let fails = exchange.answer["code"].is_string();
        let name = exchange.body["collectionName"].as_str();
        if let Some(name) = name
            && name != "nope"
            && makes == (makes && fails)
        {
            names.insert(name.to_owned());
        }
    }
    names
}

/// The ids that a request gives to new documents.
fn added(exchange: &Exchange) -> Vec<String> {
    let Exchange { answer, body, .. } = exchange;
    let one = ["upsert_id", "upserted_id", "_id"].map(|name| &answer["data"][name]);
    let many = answer["data"]["insertedIds"].as_array();
    let upserted = answer["upserted"].as_str();
    let ids = one
        .into_iter()
        .chain([&answer["id"]])
        .chain(many.into_iter().flatten());
    let ids = ids.filter_map(Value::as_str);
    let sent = body.to_string();
    ids.chain(upserted.and_then(|text| text.split('"').nth(3)))
        .filter(|id| sent.contains(&format!("\"{id}\"")) || sent.contains(&format!("\"{id}\\")))
        .map(str::to_owned)
        .collect()
}

async fn replay(served: &Served, recording: &Recording) -> Result<(), String> {
    let mut transactions: BTreeMap<String, Value> = BTreeMap::new();
    for exchange in &recording.exchanges {
        rehearse(served, exchange).await;
        let mut body = exchange.body.clone();
        if let Some(recorded) = body["transactionId"].as_str() {
            body["transactionId"] = transactions[recorded].clone();
        }
        let headers = exchange.headers.iter();
        let headers: Vec<_> = headers.map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let path = format!("/admin?{}", exchange.query);
        if exchange.status != 200 {
            let status = served.status("POST", &path, &headers, &body).await;
            assert_eq!(status, exchange.status, "{}", recording.from);
            continue;
        }
        let (_, answer) = served.send("POST", &path, &headers, Some(&body)).await;
        if let Some((_, code)) = REFUSED.iter().find(|(from, _)| *from == recording.from) {
            assert_eq!(answer["code"], *code, "{}", recording.from);
            continue;
        }
        alike(&exchange.answer, &answer, "")
            .map_err(|difference| format!("{difference} in {answer} to {body}"))?;
        assert_sequence(&exchange.query, &answer);
        if let Some(recorded) = exchange.answer["transactionId"].as_str() {
            transactions.insert(recorded.to_owned(), answer["transactionId"].clone());
        }
    }
    Ok(())
}

/// Refusals that only a busy or broken cloud gives.
async fn rehearse(served: &Served, exchange: &Exchange) {
    let action = &exchange.body["action"];
    let fault = match exchange.answer["code"].as_str() {
        _ if exchange.status != 200 => json!({ "status": exchange.status }),
        Some(code @ ("DATABASE_TRANSACTION_CONFLICT" | "DATABASE_TIMEOUT")) => {
            json!({ "code": code })
        }
        _ => return,
    };
    let mut fault = fault;
    fault["action"] = action.clone();
    fault["times"] = 1.into();
    let set = served.post("/_emulator/faults", &[], fault).await;
    assert!(set["id"].is_u64(), "{set}");
}

/// The client finds its own name for the request in the answer's.
fn assert_sequence(query: &str, answer: &Value) {
    let sequence = query.split("seqId=").nth(1).unwrap_or_default();
    let id = answer["requestId"].as_str().unwrap();
    assert!(id.ends_with(sequence), "{id} {query}");
}

/// Whether an answer has all members of the recorded one, of the same types; a list is as empty as the recorded one.
fn alike(recorded: &Value, answer: &Value, at: &str) -> Result<(), String> {
    match (recorded, answer) {
        (Value::Object(members), Value::Object(_)) => {
            members.iter().try_for_each(|(name, value)| {
                let inner = answer.get(name);
                let inner = inner.ok_or_else(|| format!("no `{at}.{name}`"))?;
                match name.as_str() {
                    // Which fields documents have is the documents' affair.
                    "list" => same_list(value, inner, at),
                    "code" if value != inner => Err(format!("{inner} instead of {value}")),
                    _ => alike(value, inner, &format!("{at}.{name}")),
                }
            })
        }
        (Value::Object(_), _) => Err(format!("`{at}` is no object")),
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Null, Value::Null) => Ok(()),
        (Value::Array(recorded), Value::Array(items)) if recorded.len() == items.len() => Ok(()),
        _ => Err(format!("`{at}` is {answer}, not as {recorded}")),
    }
}

fn same_list(recorded: &Value, answer: &Value, at: &str) -> Result<(), String> {
    match (recorded, answer) {
        // The older generation's aggregations: the text of a list.
        (Value::String(recorded), Value::String(answer)) => {
            let read = |text: &str| serde_json::from_str(text).unwrap();
            same_list(&read(recorded), &read(answer), at)
        }
        (Value::Array(recorded), Value::Array(items)) => match (recorded.first(), items.first()) {
            (Some(Value::String(_)), Some(Value::String(text))) => {
                let document: Value = serde_json::from_str(text).unwrap();
                assert!(document.is_object(), "{text}");
                Ok(())
            }
            (Some(Value::Object(_)), Some(Value::Object(_))) | (None, _) => Ok(()),
            (_, found) => Err(format!("`{at}.list` begins with {found:?}")),
        },
        _ => Err(format!("`{at}.list` is {answer}")),
    }
}

async fn call(served: &Served, body: Value) -> Value {
    served
        .post("/admin", &[("authorization", "Bearer any")], body)
        .await
}

#[derive(Deserialize)]
struct Operator {
    kind: String,
    js: String,
    newer: Option<Value>,
    older: Option<Value>,
}

/// What the SDKs make of their helpers' arguments that the database cannot take: refused, by name.
const SENSELESS: [&str; 5] = [
    "{a:_.or(1,2)}",
    "{a:_.mod(4,3)}",
    "{a:_.elemMatch({v:_.mod(4,3)})}",
    "_.text({search:'x', language:'en', caseSensitive:true, diacriticSensitive:false})",
    "_.text('x')",
];

#[tokio::test]
async fn every_operator_of_the_sdks_is_understood() {
    let served = Served::with(Config::default()).await;
    let created = json!({ "action": "database.addCollection", "collectionName": "todos" });
    call(&served, created).await;
    let operators = include_str!("fixtures/operators.jsonl").lines();
    let mut wrong = Vec::new();
    for operator in operators {
        let operator: Operator = serde_json::from_str(operator).unwrap();
        let newer = operator
            .newer
            .as_ref()
            .map(|value| request(&operator.kind, &value.to_string().into()));
        let older = operator
            .older
            .as_ref()
            .map(|value| older_request(&operator.kind, value));
        for body in newer.into_iter().chain(older) {
            let answer = call(&served, body.clone()).await;
            let refused = answer["code"].is_string();
            if refused && !SENSELESS.contains(&operator.js.as_str()) {
                wrong.push(format!("{}: {} to {body}", operator.js, answer["message"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn request(kind: &str, value: &Value) -> Value {
    match kind {
        "query" => json!({
            "action": "database.getDocument", "collectionName": "todos", "queryType": "WHERE", "limit": 10,
            "query": value,
        }),
        "update" => json!({
            "action": "database.modifyDocument", "collectionName": "todos", "queryType": "WHERE", "multi": true,
            "merge": true, "upsert": false, "query": "{}", "data": value,
        }),
        _ => json!({
            "action": "database.insertDocument", "collectionName": "todos", "data": [value],
        }),
    }
}

fn older_request(kind: &str, value: &Value) -> Value {
    match kind {
        "query" => json!({
            "action": "database.queryDocument", "collectionName": "todos", "queryType": "WHERE", "query": value,
        }),
        "update" => json!({
            "action": "database.updateDocument", "collectionName": "todos", "queryType": "WHERE", "multi": true,
            "merge": true, "upsert": false, "query": {}, "data": value,
        }),
        _ => json!({ "action": "database.addDocument", "collectionName": "todos", "data": value }),
    }
}

#[tokio::test]
async fn refusals_have_a_code_and_status_200() {
    let served = Served::with(Config {
        env: Some("e1".to_owned()),
        ..Config::default()
    })
    .await;
    for (path, headers, body, code) in [
        (
            "/admin",
            &[("authorization", "Bearer any")][..],
            json!({}),
            "INVALID_PARAM",
        ),
        (
            "/admin",
            &[("authorization", "Bearer any")],
            json!({ "action": "functions.invokeFunction" }),
            "INVALID_ACTION",
        ),
        (
            "/admin",
            &[("authorization", "Bearer any")],
            json!({ "action": "database.addCollection", "collectionName": "a", "envName": "e2" }),
            "INVALID_ENV",
        ),
        (
            "/admin",
            &[],
            json!({ "action": "database.addCollection", "collectionName": "a" }),
            "MISSING_CREDENTIALS",
        ),
        (
            "/web",
            &[],
            json!({ "action": "database.addCollection", "collectionName": "a", "env": "e1" }),
            "PERMISSION_DENIED",
        ),
        (
            "/web",
            &[],
            json!({ "action": "database.queryDocument", "collectionName": "a", "env": "e1" }),
            "DATABASE_COLLECTION_NOT_EXIST",
        ),
    ] {
        let (status, answer) = served.send("POST", path, headers, Some(&body)).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(answer["code"], code, "{body} {answer}");
        assert!(answer["message"].is_string() && answer["requestId"].is_string());
    }
}

#[tokio::test]
async fn the_way_to_the_socket_is_told_on_both_addresses() {
    let served = Served::with(Config::default()).await;
    let body = json!({ "action": "auth.wsWebSign", "env": "e1", "access_token": "any" });
    for (path, headers) in [
        ("/web", &[][..]),
        ("/admin", &[("authorization", "Bearer any")]),
    ] {
        let data = &served.post(path, headers, body.clone()).await["data"];
        assert_eq!(data["wsUrl"], format!("ws://{}/ws", served.address()));
        assert_eq!(data["envId"], "e1");
        assert!(data["signStr"].is_string() && data["secretVersion"].is_string());
    }
}

#[tokio::test]
async fn the_positional_operator_means_the_element_that_was_asked_for() {
    let served = Served::with(Config::default()).await;
    let act = |action: &str, mut members: Value| {
        members["action"] = format!("database.{action}").into();
        members["collectionName"] = "orders".into();
        call(&served, members)
    };
    act("addCollection", json!({})).await;
    let order = r#"{"_id":"o","lines":[{"sku":"a","n":1},{"sku":"b","n":1}]}"#;
    act("insertDocument", json!({ "data": [order] })).await;
    let line = |sku: &str, n: &str| json!({ "sku": sku, "n": { "$numberInt": n } });
    let none = "The positional operator did not find the match needed from the query.";
    for (condition, data, upsert, refused, after) in [
        (
            r#"{"lines.sku":"b"}"#,
            r#"{"$inc":{"lines.$.n":4}}"#,
            false,
            None,
            json!([line("a", "1"), line("b", "5")]),
        ),
        (
            r#"{"_id":"o","lines":{"$elemMatch":{"n":{"$lt":5}}}}"#,
            r#"{"$set":{"lines.$":"gone"}}"#,
            false,
            None,
            json!(["gone", line("b", "5")]),
        ),
        (
            r#"{"_id":"o"}"#,
            r#"{"$set":{"lines.$.n":0}}"#,
            false,
            Some(none),
            json!(["gone", line("b", "5")]),
        ),
        (
            r#"{"lines.sku":"z"}"#,
            r#"{"$set":{"lines.$.n":0}}"#,
            true,
            Some(none),
            json!(["gone", line("b", "5")]),
        ),
    ] {
        let modify = json!({
            "queryType": "WHERE", "query": condition, "data": data, "multi": true, "merge": true, "upsert": upsert,
        });
        let answer = act("modifyDocument", modify).await;
        let message = answer["message"]
            .as_str()
            .filter(|_| answer["code"].is_string());
        assert_eq!(message.is_some(), refused.is_some(), "{data} {answer}");
        assert!(
            message
                .unwrap_or_default()
                .contains(refused.unwrap_or_default()),
            "{answer}"
        );
        let found = act(
            "getDocument",
            json!({ "queryType": "WHERE", "query": "{}", "limit": 9 }),
        );
        let list = found.await["data"]["list"].clone();
        let documents = list.as_array().unwrap().iter();
        let documents = documents.map(|text| serde_json::from_str(text.as_str().unwrap()).unwrap());
        let documents: Vec<Value> = documents.collect();
        assert_eq!(documents.len(), 1, "{data}");
        assert_eq!(documents[0]["lines"], after, "{data}");
    }
}
