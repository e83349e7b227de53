//! The worked examples of the platform's documentation (`fixtures/rules/cases.json`), asked for as clients do, with
//! the documents they speak of in the store.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::*;
use crate::data::LoginType;
use crate::emulator::clock::SetClock;

const CASES: &str = include_str!("../../../../tests/it/fixtures/rules/cases.json");

#[tokio::test]
async fn all_cases_come_out_so() {
    let file: Json = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for case in cases {
        let found = outcome(&file, case).await;
        if case["expect"] != found {
            wrong.push(format!("{}: {found}: {}", case["id"], case["reason"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(cases.len(), 101);
}

async fn outcome(file: &Json, case: &Json) -> &'static str {
    let database = stored(case).await;
    let clock = SetClock::new(Arc::new(crate::clock::SystemClock));
    clock.set(Some(case["now"].as_i64().unwrap_or(0)));
    let settings = Settings {
        is_closed: false,
        unauthenticated: UnauthenticatedAccess::CustomRulesOnly,
    };
    let identity = identity(&file["identities"][case["identity"].as_str().unwrap()]);
    let session = Session::new(Arc::clone(&database), identity, Arc::new(clock), settings);
    let by_id_alone = case["request"]["via"] == "doc" && case["request"]["op"] == "read";
    match (run(&session, &case["request"]).await, case["doc"].is_null()) {
        (Err(failure), _) => {
            assert_eq!(
                failure.code,
                Code::DatabasePermissionDenied,
                "{}",
                case["id"]
            );
            "deny"
        }
        (Ok(0), false) if by_id_alone => "deny",
        (Ok(0), false) => "allow-empty",
        _ => {
            check_stored(&database, case).await;
            "allow"
        }
    }
}

/// How many documents the request came to.
async fn run(session: &Session, request: &Json) -> Result<u64> {
    let condition = match &request["docId"] {
        Json::Null => request["where"].clone(),
        id => json!({ "_id": id }),
    };
    let condition = match condition {
        Json::Null => "{}".to_owned(),
        condition => condition.to_string(),
    };
    let selection = session.select(&name("things"), &object(&condition))?;
    match request["op"].as_str().unwrap() {
        "read" => Ok(session.find(list(selection), None).await?.len() as u64),
        "watch" => Ok(session.watch(selection).await?.documents.len() as u64),
        "aggregate" => super::aggregates::count(session, &condition).await,
        "create" => {
            let added = session.add(&request["data"].to_string()).await?;
            Ok(added.len() as u64)
        }
        "update" => {
            let operators = operators(request["data"].as_object().unwrap());
            Ok(session.update(&condition, &operators).await?.matched)
        }
        "delete" => session.delete(&condition).await,
        other => panic!("no operation `{other}`"),
    }
}

/// `{field: value}` sets, `{field: {$inc: …}}` changes in another way.
fn operators(data: &Map<String, Json>) -> String {
    let mut operators = Map::new();
    for (field, value) in data {
        let command = value.as_object().and_then(|value| value.iter().next());
        let (operator, argument) = match command {
            Some((name, argument)) if name.starts_with('$') => (name.as_str(), argument),
            _ => ("$set", value),
        };
        let of_operator = operators.entry(operator).or_insert_with(|| json!({}));
        of_operator[field] = argument.clone();
    }
    Json::Object(operators).to_string()
}

/// A store with the documents of the case, and one that nobody asked for.
async fn stored(case: &Json) -> Arc<Database> {
    let (tag, rule) = match case["rule"]["aclTag"].as_str() {
        Some(tag) => (tag, None),
        None => ("CUSTOM", Some(case["rule"].to_string())),
    };
    let database = environment(tag, rule.as_deref()).await;
    if !case["doc"].is_null() {
        fill(&database, "things", &[&case["doc"].to_string()]).await;
    }
    let related = case["related"].as_object().into_iter().flatten();
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for (path, fields) in related {
        let (collection, id) = path.split_once('/').unwrap();
        if made.insert(collection) {
            database.create_collection(&name(collection)).await.unwrap();
        }
        if fields.is_null() {
            continue;
        }
        let mut fields = fields.clone();
        fields["_id"] = id.into();
        fill(&database, collection, &[&fields.to_string()]).await;
    }
    database
}

async fn check_stored(database: &Arc<Database>, case: &Json) {
    let Some(expected) = case["effect"].get("stored") else {
        return;
    };
    let found = admin(database).show("{}").await.unwrap();
    let mut found: Json = serde_json::from_str(&found).unwrap();
    found.as_object_mut().unwrap().remove("_id");
    assert_eq!(found, *expected, "{}", case["id"]);
}

fn identity(known: &Json) -> Identity {
    if known["kind"] == "admin" {
        return Identity::Admin;
    }
    let auth = &known["auth"];
    let login_type = match auth["loginType"].as_str() {
        Some("ANONYMOUS") => LoginType::Anonymous,
        _ => LoginType::Email,
    };
    match (auth["openid"].as_str(), auth["uid"].as_str()) {
        (Some(openid), _) => user(openid),
        (None, Some(uid)) => web(uid, login_type),
        (None, None) => nobody(),
    }
}
