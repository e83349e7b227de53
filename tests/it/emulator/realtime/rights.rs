//! Who is told what.

use serde_json::{Value as Json, json};

use super::running::Running;
use super::socket::{Socket, records, refused};
use super::{document, red};

fn all(collection: &str) -> Json {
    json!({"collName": collection, "query": "{}"})
}

#[tokio::test]
async fn watching_is_reading() {
    let emulator = Running::start().await;
    let token = emulator.anonymous().await;
    for collection in ["todos", "private", "secret", "rooms"] {
        emulator.insert(collection, &[document("a", 1)]).await;
    }
    let mut socket = Socket::of(&emulator, &token).await;
    assert_eq!(
        records(&socket.watch("w", all("todos")).await),
        ["init/init a"]
    );
    assert!(
        records(&socket.watch("w", all("private")).await).is_empty(),
        "it is not theirs"
    );
    assert_eq!(
        records(&socket.watch("w", red("rooms")).await),
        ["init/init a"]
    );
    for list in [
        all("secret"),
        all("rooms"),
        json!({"collName": "rooms", "query": r#"{"team":"blue"}"#}),
    ] {
        let answer = socket.watch("w", list).await;
        assert_eq!(refused(&answer, "w"), "COLLECTION_PERMISSION_DENIED");
    }
    let mut nobody = Socket::of(&emulator, "").await;
    for collection in ["todos", "private", "secret", "rooms"] {
        let answer = nobody.watch("w", red(collection)).await;
        assert_eq!(
            refused(&answer, "w"),
            "COLLECTION_PERMISSION_DENIED",
            "{collection}"
        );
    }
}

#[tokio::test]
async fn of_a_document_that_leaves_nothing_hidden_is_told() {
    let emulator = Running::start().await;
    emulator
        .insert("rooms", &[document("a", 1), document("b", 2)])
        .await;
    let token = emulator.anonymous().await;
    let mut socket = Socket::of(&emulator, &token).await;
    socket.watches("w", red("rooms")).await;
    let hidden = json!({"team": "blue", "code": "hidden"});
    emulator
        .update("rooms", json!({"_id": "a"}), json!({"$set": hidden}))
        .await;
    let told = socket.told().await;
    assert_eq!(records(&told), ["update/dequeue a"]);
    assert!(!told.to_string().contains("hidden"), "{told}");
    emulator.replace("rooms", "b", hidden).await;
    let told = socket.told().await;
    assert_eq!(records(&told), ["replace/dequeue b"]);
    assert_eq!(
        told["msgData"]["events"][0]["Doc"],
        r#"{"_id":"b","n":2,"team":"red"}"#
    );
    // What was changed before one could see it is not told either.
    emulator
        .update(
            "rooms",
            json!({"_id": "b"}),
            json!({"$set": {"team": "red"}, "$unset": {"code": 1}}),
        )
        .await;
    let told = socket.told().await;
    assert_eq!(records(&told), ["update/enqueue b"]);
    let event = &told["msgData"]["events"][0];
    assert_eq!(
        (&event["UpdatedFields"], &event["removedFields"]),
        (&json!(""), &json!(""))
    );
}

#[tokio::test]
async fn a_right_that_is_taken_away_ends_the_watch() {
    let emulator = Running::start().await;
    let token = emulator.anonymous().await;
    let mut socket = Socket::of(&emulator, &token).await;
    let query_id = socket.watches("w", red("todos")).await;
    emulator.permit("todos", "ADMINONLY").await;
    emulator.insert("todos", &[document("a", 1)]).await;
    let told = socket.told().await;
    assert_eq!(refused(&told, "w"), "COLLECTION_PERMISSION_DENIED");
    emulator.permit("todos", "READONLY").await;
    let answer = socket.rebuild("w", &query_id, 0).await;
    assert_eq!(refused(&answer, "w"), "QUERYID_INVALID_ERROR");
}

#[tokio::test]
async fn a_right_that_grows_narrower_takes_documents_away() {
    let emulator = Running::start().await;
    emulator.insert("todos", &[document("a", 1)]).await;
    let token = emulator.anonymous().await;
    let mut socket = Socket::of(&emulator, &token).await;
    socket.watches("w", red("todos")).await;
    emulator.permit("todos", "PRIVATE").await;
    emulator.insert("todos", &[document("b", 2)]).await;
    assert_eq!(socket.records().await, ["remove/dequeue a"]);
    emulator.permit("todos", "READONLY").await;
    emulator.insert("todos", &[document("c", 3)]).await;
    let mut entered = socket.records().await;
    entered.sort();
    assert_eq!(entered, ["add/enqueue a", "add/enqueue b", "add/enqueue c"]);
}

#[tokio::test]
async fn who_lost_the_right_while_away_is_told_nothing_of_it() {
    let emulator = Running::start().await;
    let token = emulator.anonymous().await;
    let mut socket = Socket::of(&emulator, &token).await;
    let query_id = socket.watches("w", red("todos")).await;
    emulator.insert("todos", &[document("a", 1)]).await;
    assert_eq!(socket.records().await, ["add/enqueue a"]);
    drop(socket);
    emulator.permit("todos", "ADMINONLY").await;
    let mut socket = Socket::of(&emulator, &token).await;
    let answer = socket.rebuild("w", &query_id, 0).await;
    assert_eq!(refused(&answer, "w"), "COLLECTION_PERMISSION_DENIED");
}
