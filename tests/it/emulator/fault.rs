//! What goes wrong on purpose.

use cloudbase_graphql::emulator::Config;
use serde_json::{Value, json};

use super::exchange::Served;

const KEY: &[(&str, &str)] = &[("authorization", "Bearer any")];

/// An emulator with a collection, in which these go wrong.
async fn served(faults: &[&str]) -> Served {
    let served = Served::with(Config::default()).await;
    let created = json!({ "action": "database.addCollection", "collectionName": "todos" });
    served.post("/admin", KEY, created).await;
    for fault in faults {
        let fault: Value = serde_json::from_str(fault).unwrap();
        let set = served.post("/_emulator/faults", &[], fault).await;
        assert!(set["id"].is_u64(), "{set}");
    }
    served
}

fn insert(id: &str) -> Value {
    let document = json!({ "_id": id }).to_string();
    json!({ "action": "database.insertDocument", "collectionName": "todos", "data": [document] })
}

async fn count(served: &Served) -> Value {
    let body = json!({ "action": "database.calculateDocument", "collectionName": "todos" });
    served.post("/admin", KEY, body).await["data"]["total"].clone()
}

#[tokio::test]
async fn a_code_is_told_as_each_protocol_tells_it() {
    let served = served(&[
        r#"{"code": "EXCEED_REQUEST_LIMIT", "protocol": "admin", "action": "database.insertDocument", "times": 1}"#,
        r#"{"code": "EXCEED_REQUEST_LIMIT", "protocol": "rest"}"#,
        r#"{"code": "EXCEED_REQUEST_LIMIT", "protocol": "manage", "action": "ListTables"}"#,
        r#"{"code": "EXCEED_REQUEST_LIMIT", "protocol": "sign_in"}"#,
    ])
    .await;
    let (status, answer) = served.send("POST", "/admin", KEY, Some(&insert("a"))).await;
    assert_eq!(
        (status.as_u16(), &answer["code"]),
        (200, &json!("EXCEED_REQUEST_LIMIT"))
    );
    assert_eq!(count(&served).await, 0);
    served.post("/admin", KEY, insert("a")).await;
    assert_eq!(count(&served).await, 1);
    let path = "/v1/database/instances/(default)/databases/(default)/collections/todos/documents";
    let (status, answer) = served.send("GET", path, KEY, None).await;
    assert_eq!(
        (status.as_u16(), &answer["code"]),
        (422, &json!("EXCEED_REQUEST_LIMIT"))
    );
    let action = [("x-tc-action", "ListTables")];
    let answer = served.post("/", &action, json!({})).await;
    assert!(answer["Response"]["Error"]["Code"].is_string(), "{answer}");
    let (status, answer) = served
        .send("POST", "/auth/v1/signin", &[], Some(&json!({})))
        .await;
    assert_eq!(
        (status.as_u16(), &answer["error"]),
        (400, &json!("exceed_request_limit"))
    );
}

#[tokio::test]
async fn a_status_has_no_body_of_the_protocol() {
    let served =
        served(&[r#"{"status": 503, "path": "/admin", "collection": "todos", "every": 2}"#]).await;
    let body = insert("a");
    assert_eq!(served.status("POST", "/admin", KEY, &body).await, 200);
    assert_eq!(served.status("POST", "/admin", KEY, &body).await, 503);
    assert_eq!(served.status("POST", "/admin", KEY, &body).await, 200);
}

#[tokio::test]
async fn a_connection_breaks_before_or_after_the_work() {
    for (moment, done) in [("before", 0), ("after", 1), ("midway", 1)] {
        let fault = json!({ "reset": moment, "action": "database.insertDocument", "times": 1 });
        let served = served(&[&fault.to_string()]).await;
        let outcome = served.try_text("POST", "/admin", KEY, &insert("a")).await;
        assert!(outcome.is_err(), "{moment}: {outcome:?}");
        assert_eq!(count(&served).await, done, "{moment}");
    }
}

#[tokio::test]
async fn faults_are_listed_counted_and_taken_away() {
    let served = served(&[
        r#"{"status": 503, "action": "x"}"#,
        r#"{"status": 503, "collection": "todos"}"#,
    ])
    .await;
    assert_eq!(
        served.status("POST", "/admin", KEY, &insert("a")).await,
        503
    );
    let (_, list) = served.send("GET", "/_emulator/faults", &[], None).await;
    let told = json!({ "id": 2, "fault": { "after": 0, "status": 503, "collection": "todos" }, "seen": 1, "struck": 1 });
    assert_eq!(list["faults"][1], told);
    assert_eq!(
        served
            .status("DELETE", "/_emulator/faults?id=2", &[], &Value::Null)
            .await,
        204
    );
    assert_eq!(
        served
            .status("DELETE", "/_emulator/faults?id=2", &[], &Value::Null)
            .await,
        404
    );
    assert_eq!(
        served.status("POST", "/admin", KEY, &insert("a")).await,
        200
    );
    assert_eq!(
        served
            .status("DELETE", "/_emulator/faults", &[], &Value::Null)
            .await,
        204
    );
    let (_, list) = served.send("GET", "/_emulator/faults", &[], None).await;
    assert_eq!(list, json!({ "faults": [] }));
}

#[tokio::test]
async fn what_is_no_fault_is_refused() {
    let served = served(&[]).await;
    for body in [
        json!({}),
        json!({ "statu": 503 }),
        json!({ "status": 200 }),
        json!([]),
    ] {
        assert_eq!(
            served.status("POST", "/_emulator/faults", &[], &body).await,
            400,
            "{body}"
        );
    }
    let page = [("origin", "http://example.com")];
    let fault = json!({ "status": 503 });
    assert_eq!(
        served
            .status("POST", "/_emulator/faults", &page, &fault)
            .await,
        403
    );
}

#[tokio::test]
async fn the_clock_stands_where_it_is_set() {
    let served = served(&[]).await;
    let set = served
        .post("/_emulator/clock", &[], json!({ "at": 86_400_000 }))
        .await;
    assert_eq!(set["now"], 86_400_000);
    let document = r#"{"_id":"a","at":{"$tcb_server_date":{"offset":{"$numberInt":"5"}}}}"#;
    let insert = json!({ "action": "database.insertDocument", "collectionName": "todos", "data": [document] });
    served.post("/admin", KEY, insert).await;
    let query = json!({ "action": "database.queryDocument", "collectionName": "todos" });
    let found = served.post("/admin", KEY, query).await;
    assert_eq!(
        found["data"]["list"],
        json!([{ "_id": "a", "at": { "$date": 86_400_005 } }])
    );
    assert_eq!(found["TotalCount"], 1);
    let set = served
        .post("/_emulator/clock", &[], json!({ "at": null }))
        .await;
    assert!(set["now"].as_i64().unwrap() > 86_400_000);
}

#[tokio::test]
async fn pages_of_a_browser_are_let_in_everywhere_but_here() {
    let served = served(&[]).await;
    let asks = [
        ("origin", "http://localhost:5173"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,x-seqid"),
    ];
    for path in [
        "/web",
        "/auth/v1/signin",
        "/v1/database/anything",
        "/nowhere",
    ] {
        let headers = served.headers("OPTIONS", path, &asks).await;
        assert_eq!(
            headers["access-control-allow-origin"], "http://localhost:5173",
            "{path}"
        );
        assert_eq!(
            headers["access-control-allow-headers"],
            "content-type,x-seqid"
        );
    }
    let headers = served.headers("GET", "/healthz", &asks[..1]).await;
    assert_eq!(
        headers["access-control-allow-origin"],
        "http://localhost:5173"
    );
}
