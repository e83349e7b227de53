//! What runs on a socket.

use serde_json::json;

use super::super::dev;
use super::{ALICE, NOTES, Server, event, notes};

#[tokio::test]
async fn a_query_is_one_result_and_its_end() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(ALICE).await;
    for id in ["1", "1", "a \"b\" \n 单"] {
        socket.subscribe(id, "{ me { principal } }").await;
        let payload = json!({"data": {"me": {"principal": "openid:alice"}}});
        assert_eq!(
            socket.receive().await,
            json!({"id": id, "type": "next", "payload": payload})
        );
        assert_eq!(
            socket.receive().await,
            json!({"id": id, "type": "complete"})
        );
    }
}

#[tokio::test]
async fn variables_and_names_reach_the_operation() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(ALICE).await;
    let query = "query A { __typename } \
                 mutation B($text: String!) { createNote(input: {text: $text}) { note { text } } }";
    let payload = json!({"query": query, "operationName": "B", "variables": {"text": "from B"}});
    socket
        .send(json!({"id": "1", "type": "subscribe", "payload": payload}))
        .await;
    let answer = socket.receive().await;
    assert_eq!(
        answer["payload"],
        json!({"data": {"createNote": {"note": {"text": "from B"}}}})
    );
}

#[tokio::test]
async fn what_is_refused_is_an_error_and_its_id_is_free_again() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(ALICE).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        socket.subscribe("1", query).await;
        let message = socket.receive().await;
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(message["id"], "1");
        assert_eq!(message["payload"][0]["extensions"]["code"], code);
    }
}

#[tokio::test]
async fn an_operation_that_ran_with_errors_is_a_result() {
    let server = Server::start(dev()).await;
    let mut socket = server.open().await;
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("1", "{ notes { totalCount } }").await;
    let message = socket.receive().await;
    assert_eq!(message["type"], "next", "{message}");
    let code = &message["payload"]["errors"][0]["extensions"]["code"];
    assert_eq!(code, "UNAUTHENTICATED");
    assert_eq!(socket.receive().await["type"], "complete");
}

#[tokio::test]
async fn a_live_operation_tells_until_it_is_completed() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(ALICE).await;
    socket.subscribe("live", NOTES).await;
    let snapshot = socket.receive().await;
    assert_eq!(notes(&snapshot), event("SNAPSHOT", &[], &[]));

    // The mutation's own answer and the event come in either order.
    socket.write("w", "one").await;
    let messages = socket.receive_sorted::<3>().await;
    let ids = messages.each_ref().map(|message| &message["id"]);
    assert_eq!(ids, ["live", "w", "w"]);
    assert_eq!(notes(&messages[0]), event("CHANGE", &["one"], &["ADDED"]));

    socket.send(json!({"id": "live", "type": "complete"})).await;
    // One that is not known, because it ended, is none to speak of.
    socket.send(json!({"id": "live", "type": "complete"})).await;
    socket.write("w", "two").await;
    assert_eq!(socket.receive().await["type"], "next");
    assert_eq!(
        socket.receive().await,
        json!({"id": "w", "type": "complete"})
    );

    // Nothing was told in between, and the id is free again.
    socket.subscribe("live", NOTES).await;
    let snapshot = socket.receive().await;
    assert_eq!(snapshot["id"], "live");
    assert_eq!(notes(&snapshot).1.len(), 2);
}

#[tokio::test]
async fn several_run_side_by_side() {
    let server = Server::start(dev()).await;
    let mut socket = server.acknowledged(ALICE).await;
    for id in ["a", "b", "c"] {
        socket.subscribe(id, NOTES).await;
        assert_eq!(socket.receive().await["id"], id);
    }
    socket.send(json!({"id": "b", "type": "complete"})).await;
    socket.write("w", "one").await;
    let messages = socket.receive_sorted::<4>().await;
    let ids = messages.each_ref().map(|message| &message["id"]);
    assert_eq!(ids, ["a", "c", "w", "w"]);
}
