//! What is told of writes.

use serde_json::json;

use super::running::Running;
use super::socket::Socket;
use super::{document, red};

#[tokio::test]
async fn every_write_is_told_as_what_it_does_to_the_list() {
    let emulator = Running::start().await;
    emulator
        .insert("todos", &[document("t1", 1), document("t2", 2)])
        .await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;

    emulator
        .insert(
            "todos",
            &[json!({"_id": "x", "team": "blue"}), document("t3", 3)],
        )
        .await;
    let told = socket.told().await;
    assert_eq!(told["watchId"], "w");
    let event = json!({
        "ID": 1, "DataType": "add", "QueueType": "enqueue", "DocID": "t3",
        "Doc": r#"{"_id":"t3","n":3,"team":"red"}"#, "UpdatedFields": "", "removedFields": "",
    });
    let data = json!({"queryID": query_id, "currEvent": 1, "events": [event]});
    assert_eq!(told["msgData"], data);

    emulator
        .update(
            "todos",
            json!({"_id": "t1"}),
            json!({"$set": {"n": 7, "a.b": 1}}),
        )
        .await;
    let told = socket.told().await;
    let event = json!({
        "ID": 2, "DataType": "update", "QueueType": "update", "DocID": "t1",
        "Doc": r#"{"_id":"t1","n":7,"team":"red","a":{"b":1}}"#,
        "UpdatedFields": r#"{"n":7,"a.b":1}"#, "removedFields": "",
    });
    assert_eq!(told["msgData"]["events"], json!([event]));
    emulator
        .update("todos", json!({"_id": "t1"}), json!({"$unset": {"a": 1}}))
        .await;
    let told = socket.told().await;
    assert_eq!(told["msgData"]["events"][0]["removedFields"], r#"["a"]"#);
    assert_eq!(told["msgData"]["events"][0]["UpdatedFields"], "");

    emulator.replace("todos", "t1", document("t1", 8)).await;
    assert_eq!(socket.records().await, ["replace/update t1"]);
    emulator
        .update(
            "todos",
            json!({"_id": "t1"}),
            json!({"$set": {"team": "blue"}}),
        )
        .await;
    let told = socket.told().await;
    let left = &told["msgData"]["events"][0];
    assert_eq!(
        (&left["QueueType"], &left["Doc"]),
        (&json!("dequeue"), &json!(""))
    );
    assert_eq!(left["UpdatedFields"], r#"{"team":"blue"}"#);
    emulator
        .update(
            "todos",
            json!({"_id": "x"}),
            json!({"$set": {"team": "red"}}),
        )
        .await;
    assert_eq!(socket.records().await, ["update/enqueue x"]);
    emulator
        .replace("todos", "x", json!({"team": "blue"}))
        .await;
    assert_eq!(socket.records().await, ["replace/dequeue x"]);
    emulator.remove("todos", "x").await;
    emulator.remove("todos", "t3").await;
    assert_eq!(
        socket.records().await,
        ["remove/dequeue t3"],
        "of `x` nothing is told"
    );
    emulator
        .update("todos", json!({"team": "red"}), json!({"$inc": {"n": 1}}))
        .await;
    assert_eq!(socket.records().await, ["update/update t2"]);
    let last = socket.check("w", &query_id).await;
    assert_eq!(
        last["msgData"],
        json!({"queryID": query_id, "currEvent": 9})
    );
}

#[tokio::test]
async fn one_commit_is_one_event() {
    let emulator = Running::start().await;
    emulator
        .insert(
            "todos",
            &[document("a", 1), document("b", 2), document("c", 3)],
        )
        .await;
    let mut socket = Socket::of(&emulator, "key").await;
    let mut list = red("todos");
    list["limit"] = 2.into();
    socket.watches("w", list).await;
    emulator
        .update(
            "todos",
            json!({"n": {"$gte": 2}}),
            json!({"$set": {"n": 0}}),
        )
        .await;
    let told = socket.told().await;
    let ids: Vec<_> = told["msgData"]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["ID"])
        .collect();
    assert!(ids.iter().all(|id| **id == 1), "{told}");
    // By `n` descending it is now a, then b and c by id.
    assert_eq!(
        super::socket::records(&told),
        ["update/update b", "update/dequeue c", "limit/enqueue a"]
    );
}

#[tokio::test]
async fn watches_on_a_socket_are_told_apart() {
    let emulator = Running::start().await;
    let mut socket = Socket::of(&emulator, "key").await;
    let of = |team: &str| json!({"collName": "todos", "query": json!({"team": team}).to_string()});
    let first = socket.watches("first", of("red")).await;
    let second = socket.watches("second", of("blue")).await;
    assert_ne!(first, second);
    emulator
        .insert("todos", &[json!({"_id": "b", "team": "blue"})])
        .await;
    let told = socket.told().await;
    assert_eq!(
        (&told["watchId"], &told["msgData"]["queryID"]),
        (&json!("second"), &json!(second))
    );
    socket
        .say(json!({"watchId": "second", "msgType": "CLOSE_WATCH", "msgData": null}))
        .await;
    let answer = socket.check("second", &second).await;
    assert_eq!(
        super::socket::refused(&answer, "second"),
        "QUERYID_INVALID_ERROR"
    );
    emulator
        .insert(
            "todos",
            &[json!({"_id": "c", "team": "blue"}), document("r", 1)],
        )
        .await;
    assert_eq!(socket.told().await["watchId"], "first");
}

#[tokio::test]
async fn a_sign_of_life_is_answered() {
    let emulator = Running::start().await;
    let mut socket = Socket::open(&emulator).await;
    let answer = socket
        .ask(json!({"msgType": "PING", "msgData": null}))
        .await;
    assert_eq!(
        (&answer["msgType"], &answer["msgData"]),
        (&json!("PONG"), &json!(null))
    );
    assert_eq!(answer.get("watchId"), None);
}

#[tokio::test]
async fn the_end_of_the_emulator_is_told() {
    let emulator = Running::start().await;
    let mut socket = Socket::of(&emulator, "key").await;
    socket.watches("w", red("todos")).await;
    let (code, ()) = tokio::join!(socket.closed(), emulator.stop());
    assert_eq!(code, Some(1001));
}
