//! Logging in, beginning a watch, and what is refused.

use cloudbase_graphql::emulator::{Config, RealtimeLimits};
use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::Message;

use super::running::Running;
use super::socket::{Socket, records, refused};
use super::{document, red};

/// The code and the watch of an error.
fn error(message: &Json) -> (&str, Option<&str>) {
    let code = message["msgData"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("{message}"));
    (code, message["watchId"].as_str())
}

#[tokio::test]
async fn a_watch_begins_with_its_list_in_order() {
    let emulator = Running::start().await;
    let documents = [document("t1", 1), document("t2", 2), document("t3", 3)];
    emulator.insert("todos", &documents).await;
    emulator
        .insert("todos", &[json!({"_id": "t4", "team": "blue"})])
        .await;
    let mut socket = Socket::of(&emulator, "key").await;

    let mut list = red("todos");
    list["limit"] = 2.into();
    let answer = socket.watch("w", list).await;
    assert_eq!(answer["watchId"], "w");
    let data = &answer["msgData"];
    assert_eq!(data["currEvent"], 0);
    assert_eq!(data["queryID"].as_str().unwrap().len(), 32);
    assert_eq!(records(&answer), ["init/init t3", "init/init t2"]);
    assert_eq!(data["events"][0]["ID"], 0);
    assert_eq!(
        data["events"][0]["Doc"],
        r#"{"_id":"t3","n":3,"team":"red"}"#
    );

    let unordered = json!({"collName": "todos", "query": "{}", "orderBy": {}});
    let answer = socket.watch("all", unordered).await;
    let ids = ["t4", "t3", "t2", "t1"].map(|id| format!("init/init {id}"));
    assert_eq!(records(&answer), ids, "without an order by id, descending");
    let nothing = json!({"collName": "todos", "query": r#"{"team":"none"}"#});
    let answer = socket.watch("none", nothing).await;
    assert_eq!(
        (
            &answer["msgData"]["events"],
            &answer["msgData"]["currEvent"]
        ),
        (&json!([]), &json!(0))
    );
}

#[tokio::test]
async fn conditions_are_those_of_the_clients() {
    let emulator = Running::start().await;
    let at = |ms: i64| json!({"$date": {"$numberLong": ms.to_string()}});
    let documents = [
        json!({"_id": "a", "name": "Ann", "b": {"c": 1}, "at": at(1_700_000_000_000)}),
        json!({"_id": "b", "name": "bob", "at": at(4_000_000_000_000)}),
    ];
    emulator.insert("todos", &documents).await;
    let mut socket = Socket::of(&emulator, "key").await;
    let cases = [
        (r#"{"at":{"$lt":{"$date":1700000000001}}}"#, "a"),
        (r#"{"at":{"$gt":{"$date":{"offset":1000}}}}"#, "b"),
        (r#"{"name":{"$regex":"^B","$options":"i"}}"#, "b"),
        (r#"{"b.c":{"$exists":true}}"#, "a"),
        (
            r#"{"$and":[{"name":{"$ne":"Ann"}},{"_id":{"$in":["a","b"]}}]}"#,
            "b",
        ),
    ];
    for (query, id) in cases {
        let answer = socket
            .watch("w", json!({"collName": "todos", "query": query}))
            .await;
        assert_eq!(records(&answer), [format!("init/init {id}")], "{query}");
        let date = answer["msgData"]["events"][0]["Doc"].as_str().unwrap();
        assert!(date.contains(r#""at":{"$date":"#), "{date}");
    }
}

#[tokio::test]
async fn the_nearest_come_first() {
    let emulator = Running::start().await;
    let at =
        |id: &str, east: f64| json!({"_id": id, "at": {"type": "Point", "coordinates": [east, 0]}});
    let places = [at("far", 0.3), at("mid", -0.2), at("near", 0.1)];
    emulator.insert("todos", &places).await;
    let near = r#"{"at":{"$nearSphere":{"$geometry":{"type":"Point","coordinates":[0,0]}}}}"#;
    let list =
        |order: Json| json!({"collName": "todos", "query": near, "orderBy": order, "limit": 2});
    let mut socket = Socket::of(&emulator, "key").await;
    for (name, order, told) in [
        ("by distance", json!({}), ["near", "mid"]),
        ("as asked", json!({"_id": "asc"}), ["far", "mid"]),
    ] {
        let answer = socket.watch(name, list(order)).await;
        let told = told.map(|id| format!("init/init {id}"));
        assert_eq!(records(&answer), told, "{name}");
        let close = json!({"watchId": name, "msgType": "CLOSE_WATCH", "msgData": null});
        socket.say(close).await;
    }
    socket.watches("w", list(json!({}))).await;
    emulator.insert("todos", &[at("nearer", 0.0)]).await;
    let told = ["add/enqueue nearer", "limit/dequeue mid"];
    assert_eq!(socket.records().await, told);
}

#[tokio::test]
async fn who_is_not_logged_in_watches_nothing() {
    let emulator = Running::start().await;
    let mut socket = Socket::open(&emulator).await;
    let answer = socket.watch("w", red("todos")).await;
    assert_eq!(refused(&answer, "w"), "CHECK_LOGIN_FAILED");
    let answer = socket.rebuild("w", "0", 0).await;
    assert_eq!(refused(&answer, "w"), "CHECK_LOGIN_FAILED");
    let answer = socket.login("made-up").await;
    assert_eq!(error(&answer), ("SIGN_INVALID_ERROR", None));
    emulator.stop_clock(0).await;
    let signature = emulator.sign("key").await;
    emulator.stop_clock(60_000).await;
    let answer = socket.login(&signature).await;
    assert_eq!(error(&answer), ("SIGN_EXPIRED_ERROR", None));
    let answer = socket
        .ask(json!({"msgType": "LOGIN", "msgData": {"envId": "emu-env"}}))
        .await;
    assert_eq!(error(&answer), ("SIGN_PARAM_INVALID", None));
    let answer = socket.watch("w", red("todos")).await;
    assert_eq!(refused(&answer, "w"), "CHECK_LOGIN_FAILED");
    let signature = emulator.sign("key").await;
    assert_eq!(
        socket.login(&signature).await["msgData"],
        json!({"envId": "emu-env"})
    );
    assert_eq!(
        socket.watch("w", red("todos")).await["msgType"],
        "INIT_EVENT"
    );
}

#[tokio::test]
async fn another_environment_is_refused() {
    let config = Config {
        env: Some("emu-env".to_owned()),
        ..Config::default()
    };
    let emulator = Running::with(config).await;
    let mut socket = Socket::of(&emulator, "key").await;
    let message =
        |kind: &str, data: Json| json!({"watchId": "w", "msgType": kind, "msgData": data});
    let mut list = red("todos");
    list["envId"] = "other".into();
    let answer = socket.ask(message("INIT_WATCH", list)).await;
    assert_eq!(refused(&answer, "w"), "INVALIID_ENV");
    let rebuild = json!({"envId": "other", "queryID": "q", "eventID": 0});
    let answer = socket.ask(message("REBUILD_WATCH", rebuild)).await;
    assert_eq!(refused(&answer, "w"), "INVALIID_ENV");
}

#[tokio::test]
async fn what_cannot_be_watched_is_told_and_the_socket_goes_on() {
    let emulator = Running::start().await;
    let mut socket = Socket::of(&emulator, "key").await;
    let cases = [
        (
            json!({"collName": "todos", "query": r#""{\"a\":1}""#}),
            "object",
        ),
        (json!({"collName": "todos", "query": "{"}), ""),
        (
            json!({"collName": "todos", "query": r#"{"a":{"$nope":1}}"#}),
            "$nope",
        ),
        (
            json!({"collName": "todos", "query": "{}", "limit": -1}),
            "`limit`",
        ),
        (
            json!({"collName": "todos", "query": "{}", "orderBy": {"a": 1}}),
            "`orderBy`",
        ),
        (json!({"collName": "nowhere", "query": "{}"}), "nowhere"),
        (json!({"query": "{}"}), "collection"),
    ];
    for (list, told) in cases {
        let answer = socket.watch("w", list.clone()).await;
        refused(&answer, "w");
        let message = answer["msgData"]["message"].as_str().unwrap();
        assert!(message.contains(told), "{list}: {message}");
    }
    let answer = socket
        .ask(json!({"watchId": "w", "msgType": "WHAT", "msgData": null}))
        .await;
    assert_eq!(refused(&answer, "w"), "INVALID_PARAM");
    assert_eq!(
        socket.watch("w", red("todos")).await["msgType"],
        "INIT_EVENT"
    );
}

#[tokio::test]
async fn what_nobody_can_be_told_of_ends_the_socket() {
    let emulator = Running::start().await;
    let unaddressed = json!({"requestId": "r", "msgType": "INIT_WATCH", "msgData": red("todos")});
    let deep = "[".repeat(100_000);
    let cases = [
        (Message::binary(vec![1, 2]), 1003),
        (Message::text("not JSON"), 1008),
        (Message::text("{}"), 1008),
        (Message::text(deep), 1008),
        (Message::text(unaddressed.to_string()), 1008),
        (Message::text("x".repeat((1 << 20) + 1)), 1009),
    ];
    for (message, code) in cases {
        let mut socket = Socket::open(&emulator).await;
        socket.send(message).await;
        let (told, reason) = socket.farewell().await.unwrap();
        assert_eq!(told, code);
        assert!(reason.contains("message"), "{code}: {reason}");
    }
}

#[tokio::test]
async fn there_are_only_so_many_sockets_and_watches() {
    let realtime = RealtimeLimits {
        max_sockets: 1,
        max_watches_per_socket: 2,
        ..RealtimeLimits::default()
    };
    let emulator = Running::with(Config {
        realtime,
        ..Config::default()
    })
    .await;
    let mut socket = Socket::of(&emulator, "key").await;
    assert!(Socket::try_open(&emulator).await.is_err());
    socket.watches("one", red("todos")).await;
    let two = socket.watches("two", red("todos")).await;
    let answer = socket.watch("three", red("todos")).await;
    assert_eq!(refused(&answer, "three"), "WATCH_EXCEED_LIMIT");
    let answer = socket.rebuild("three", &two, 0).await;
    assert_eq!(refused(&answer, "three"), "WATCH_EXCEED_LIMIT");
    socket.watches("two", red("todos")).await;
    socket
        .say(json!({"watchId": "one", "msgType": "CLOSE_WATCH", "msgData": null}))
        .await;
    socket.watches("three", red("todos")).await;
}

#[tokio::test]
async fn a_list_has_only_so_many_documents() {
    let realtime = RealtimeLimits {
        max_documents: 2,
        ..RealtimeLimits::default()
    };
    let emulator = Running::with(Config {
        realtime,
        ..Config::default()
    })
    .await;
    emulator
        .insert("todos", &[document("a", 1), document("b", 2)])
        .await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;
    let mut limited = red("todos");
    limited["limit"] = 2.into();
    socket.watches("limited", limited).await;
    emulator.insert("todos", &[document("c", 3)]).await;
    for _ in 0..2 {
        let told = socket.told().await;
        match told["watchId"].as_str() {
            Some("limited") => assert_eq!(records(&told), ["add/enqueue c", "limit/dequeue a"]),
            _ => assert_eq!(refused(&told, "w"), "WATCH_DOCUMENTS_EXCEED_LIMIT"),
        }
    }
    assert_eq!(
        refused(&socket.check("w", &query_id).await, "w"),
        "QUERYID_INVALID_ERROR"
    );
    let answer = socket.watch("w", red("todos")).await;
    assert_eq!(refused(&answer, "w"), "WATCH_DOCUMENTS_EXCEED_LIMIT");
}
