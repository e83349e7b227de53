//! Coming back on another socket.

use std::time::Duration;

use cloudbase_graphql::emulator::{Config, RealtimeLimits};
use serde_json::json;

use super::running::Running;
use super::socket::{Socket, records, refused};
use super::{document, red};

async fn emulator(realtime: RealtimeLimits) -> Running {
    Running::with(Config {
        realtime,
        ..Config::default()
    })
    .await
}

#[tokio::test]
async fn who_comes_back_is_told_what_they_missed() {
    let emulator = Running::start().await;
    emulator.insert("todos", &[document("a", 1)]).await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;
    emulator.insert("todos", &[document("b", 2)]).await;
    assert_eq!(socket.records().await, ["add/enqueue b"]);
    drop(socket);
    emulator.insert("todos", &[document("c", 3)]).await;
    emulator.remove("todos", "a").await;

    let mut socket = Socket::of(&emulator, "key").await;
    let answer = loop {
        // The watch notes commits a moment after they were answered.
        let answer = socket.rebuild("again", &query_id, 1).await;
        if answer["msgData"]["currEvent"] == 3 {
            break answer;
        }
    };
    assert_eq!(
        (&answer["msgType"], &answer["watchId"]),
        (&json!("NEXT_EVENT"), &json!("again"))
    );
    assert_eq!(records(&answer), ["add/enqueue c", "remove/dequeue a"]);
    let ids: Vec<_> = answer["msgData"]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["ID"])
        .collect();
    assert_eq!(ids, [2, 3]);
    emulator.insert("todos", &[document("d", 4)]).await;
    let told = loop {
        let told = socket.told().await;
        if told["msgData"]["currEvent"] == 4 {
            break told;
        }
    };
    assert_eq!(
        (&told["watchId"], records(&told)),
        (&json!("again"), vec!["add/enqueue d".to_owned()])
    );
    let answer = socket.rebuild("again", &query_id, 4).await;
    assert_eq!(
        answer["msgData"],
        json!({"queryID": query_id, "currEvent": 4, "events": []})
    );
    assert_eq!(
        refused(&socket.rebuild("again", &query_id, 5).await, "again"),
        "QUERYID_INVALID_ERROR"
    );
}

#[tokio::test]
async fn what_is_forgotten_is_told_as_a_whole_list() {
    let emulator = emulator(RealtimeLimits {
        history: 1,
        ..RealtimeLimits::default()
    })
    .await;
    emulator.insert("todos", &[document("a", 1)]).await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;
    emulator.insert("todos", &[document("b", 2)]).await;
    emulator.insert("todos", &[document("c", 3)]).await;
    assert_eq!(socket.records().await, ["add/enqueue b"]);
    assert_eq!(socket.records().await, ["add/enqueue c"]);
    let answer = socket.rebuild("w", &query_id, 0).await;
    assert_eq!(
        records(&answer),
        ["init/init c", "init/init b", "init/init a"]
    );
    assert_eq!(answer["msgData"]["currEvent"], 1);
    assert_eq!(answer["msgData"]["events"][2]["ID"], 1);
    emulator.remove("todos", "a").await;
    assert_eq!(socket.told().await["msgData"]["events"][0]["ID"], 2);
}

#[tokio::test]
async fn an_empty_list_cannot_be_told_as_a_whole() {
    let emulator = emulator(RealtimeLimits {
        history: 1,
        ..RealtimeLimits::default()
    })
    .await;
    emulator.insert("todos", &[document("a", 1)]).await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;
    emulator
        .update("todos", json!({"_id": "a"}), json!({"$set": {"n": 2}}))
        .await;
    emulator.remove("todos", "a").await;
    socket.records().await;
    socket.records().await;
    assert_eq!(
        refused(&socket.rebuild("w", &query_id, 0).await, "w"),
        "QUERYID_INVALID_ERROR"
    );
}

#[tokio::test]
async fn a_watch_does_not_wait_for_ever() {
    let emulator = emulator(RealtimeLimits {
        keep: Duration::ZERO,
        ..RealtimeLimits::default()
    })
    .await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;
    drop(socket);
    let mut socket = Socket::of(&emulator, "key").await;
    // It is over once the end of the first socket is noticed.
    while socket.rebuild("w", &query_id, 0).await["msgType"] != "ERROR" {
        drop(socket);
        socket = Socket::of(&emulator, "key").await;
    }
}

#[tokio::test]
async fn only_so_many_watches_wait() {
    let emulator = emulator(RealtimeLimits {
        max_detached: 1,
        ..RealtimeLimits::default()
    })
    .await;
    let mut socket = Socket::of(&emulator, "key").await;
    let ids = [
        socket.watches("a", red("todos")).await,
        socket.watches("b", red("todos")).await,
    ];
    drop(socket);
    let mut socket = Socket::of(&emulator, "key").await;
    loop {
        let mut found = 0;
        for id in &ids {
            found += i32::from(socket.rebuild(id, id, 0).await["msgType"] == "NEXT_EVENT");
        }
        assert!(found > 0, "the last that lost its socket is kept");
        if found == 1 {
            break;
        }
        drop(socket);
        socket = Socket::of(&emulator, "key").await;
    }
}

#[tokio::test]
async fn a_watch_is_taken_up_only_by_who_began_it() {
    let emulator = Running::start().await;
    emulator.insert("todos", &[document("a", 1)]).await;
    let (owner, other) = (emulator.anonymous().await, emulator.anonymous().await);
    let mut socket = Socket::of(&emulator, &owner).await;
    let query_id = socket.watches("w", red("todos")).await;
    for token in [&*other, "key"] {
        let mut thief = Socket::of(&emulator, token).await;
        let answer = thief.rebuild("w", &query_id, 0).await;
        assert_eq!(refused(&answer, "w"), "QUERYID_INVALID_ERROR");
        assert_eq!(
            refused(&thief.check("w", &query_id).await, "w"),
            "QUERYID_INVALID_ERROR"
        );
    }
    let mut again = Socket::of(&emulator, &owner).await;
    assert_eq!(
        again.rebuild("w", &query_id, 0).await["msgType"],
        "NEXT_EVENT"
    );
    // The first socket has it no more.
    socket
        .say(json!({"watchId": "w", "msgType": "CLOSE_WATCH", "msgData": null}))
        .await;
    assert_eq!(
        refused(&socket.check("w", &query_id).await, "w"),
        "QUERYID_INVALID_ERROR"
    );
    emulator.insert("todos", &[document("b", 2)]).await;
    assert_eq!(again.records().await, ["add/enqueue b"]);
}
