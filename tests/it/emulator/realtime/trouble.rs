//! What goes wrong on purpose.

use serde_json::json;

use super::running::Running;
use super::socket::{Socket, login, records, refused};
use super::{document, red};

#[tokio::test]
async fn sockets_are_dropped_and_closed() {
    let emulator = Running::start().await;
    let mut sockets = [
        Socket::of(&emulator, "key").await,
        Socket::of(&emulator, "key").await,
    ];
    emulator.order(json!({"drop": true})).await;
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, None);
    }
    let mut socket = Socket::of(&emulator, "key").await;
    emulator.order(json!({"close": 3050})).await;
    assert_eq!(socket.closed().await, Some(3050));
    emulator
        .fault(json!({"close": 1011, "on": "watch", "times": 1}))
        .await;
    let mut socket = Socket::of(&emulator, "key").await;
    let list = red("todos");
    socket
        .say(json!({"watchId": "w", "msgType": "INIT_WATCH", "msgData": list}))
        .await;
    assert_eq!(socket.closed().await, Some(1011));
}

#[tokio::test]
async fn pushes_are_swallowed_doubled_and_renumbered() {
    let emulator = Running::start().await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;
    emulator
        .fault(json!({"socket": "swallow_push", "times": 1}))
        .await;
    emulator.insert("todos", &[document("a", 1)]).await;
    while socket.check("w", &query_id).await["msgData"]["currEvent"] != 1 {}
    emulator
        .fault(json!({"socket": "duplicate_push", "times": 1}))
        .await;
    emulator.insert("todos", &[document("b", 2)]).await;
    let pushes = [socket.told().await, socket.told().await];
    assert_eq!(
        pushes[0]["msgData"]["events"][0]["ID"], 2,
        "the first is left out"
    );
    assert_eq!(pushes[0]["msgData"], pushes[1]["msgData"]);
    let answer = socket.rebuild("w", &query_id, 0).await;
    assert_eq!(records(&answer), ["add/enqueue a", "add/enqueue b"]);

    emulator.fault(json!({"socket": "gap", "times": 1})).await;
    emulator.insert("todos", &[document("c", 3)]).await;
    assert_eq!(socket.told().await["msgData"]["events"][0]["ID"], 4);
    let answer = socket.rebuild("w", &query_id, 2).await;
    assert_eq!(
        (records(&answer), &answer["msgData"]["currEvent"]),
        (vec!["add/enqueue c".to_owned()], &json!(3))
    );
}

#[tokio::test]
async fn pushes_are_delayed_but_not_lost() {
    let emulator = Running::start().await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;
    emulator
        .fault(json!({"delay_push_ms": 50, "times": 1}))
        .await;
    emulator.insert("todos", &[document("a", 1)]).await;
    emulator.insert("todos", &[document("b", 2)]).await;
    assert_eq!(socket.records().await, ["add/enqueue a"]);
    assert_eq!(socket.records().await, ["add/enqueue b"]);
    assert_eq!(
        socket.check("w", &query_id).await["msgData"]["currEvent"],
        2
    );
}

#[tokio::test]
async fn signatures_expire_and_signs_of_life_are_swallowed() {
    let emulator = Running::start().await;
    emulator
        .fault(json!({"socket": "expired_sign", "times": 1}))
        .await;
    let mut socket = Socket::open(&emulator).await;
    let signature = emulator.sign("key").await;
    let answer = socket.login(&signature).await;
    assert_eq!(answer["msgData"]["code"], "SIGN_EXPIRED_ERROR");
    assert_eq!(socket.login(&signature).await["msgType"], "LOGIN_RES");
    emulator
        .fault(json!({"socket": "expired_sign", "on": "watch", "times": 1}))
        .await;
    let answer = socket.watch("w", red("todos")).await;
    assert_eq!(refused(&answer, "w"), "SIGN_EXPIRED_ERROR");
    socket.watches("w", red("todos")).await;
    emulator
        .fault(json!({"socket": "expired_sign", "on": "push", "times": 1}))
        .await;
    emulator.insert("todos", &[document("a", 1)]).await;
    let told = socket.told().await;
    assert_eq!(refused(&told, "w"), "SIGN_EXPIRED_ERROR");

    emulator
        .fault(json!({"socket": "swallow_ping", "times": 1}))
        .await;
    let ping = || json!({"msgType": "PING", "msgData": null});
    let swallowed = socket.say(ping()).await;
    let answer = socket.ask(ping()).await;
    assert_ne!(answer["requestId"], swallowed.as_str());
}

#[tokio::test]
async fn answers_are_swallowed() {
    let emulator = Running::start().await;
    for fault in [
        json!({"socket": "swallow_answer", "times": 1}),
        json!({"socket": "swallow_answer", "on": "login", "times": 1}),
        json!({"socket": "swallow_answer", "on": "rebuild", "times": 1}),
        json!({"socket": "swallow_answer", "on": "check", "times": 1}),
    ] {
        emulator.fault(fault).await;
    }
    let mut socket = Socket::open(&emulator).await;
    let signature = emulator.sign("key").await;
    let unheard = socket.say(login(&signature)).await;
    let answer = socket.login(&signature).await;
    assert_eq!(answer["msgType"], "LOGIN_RES");
    assert_ne!(answer["requestId"], unheard.as_str());

    let begin = json!({"watchId": "w", "msgType": "INIT_WATCH", "msgData": red("todos")});
    socket.say(begin).await;
    let query_id = socket.watches("w", red("todos")).await;
    let of_query = |kind| {
        let data =
            json!({"envId": "emu-env", "collName": "todos", "queryID": query_id, "eventID": 0});
        json!({"watchId": "w", "msgType": kind, "msgData": data})
    };
    socket.say(of_query("REBUILD_WATCH")).await;
    socket.say(of_query("CHECK_LAST")).await;
    let checked = socket.check("w", &query_id).await;
    assert_eq!(checked["msgType"], "CHECK_EVENT");
    emulator.insert("todos", &[document("a", 1)]).await;
    assert_eq!(
        socket.records().await,
        ["add/enqueue a"],
        "nothing else was told"
    );
}

#[tokio::test]
async fn clients_are_told_any_code() {
    let emulator = Running::start().await;
    let refuse = async |on: &str, code: &str| {
        let fault = json!({"code": code, "on": on, "times": 1});
        emulator.fault(fault).await;
    };
    let mut socket = Socket::open(&emulator).await;
    let signature = emulator.sign("key").await;
    refuse("login", "INVALIID_ENV").await;
    let answer = socket.login(&signature).await;
    assert_eq!(answer["msgData"]["code"], "INVALIID_ENV");
    socket.login(&signature).await;
    refuse("watch", "MADE_UP").await;
    let answer = socket.watch("w", red("todos")).await;
    assert_eq!(refused(&answer, "w"), "MADE_UP");
    let query_id = socket.watches("w", red("todos")).await;
    refuse("rebuild", "QUERYID_INVALID_ERROR").await;
    let answer = socket.rebuild("w", &query_id, 0).await;
    assert_eq!(refused(&answer, "w"), "QUERYID_INVALID_ERROR");
    refuse("check", "QUERYID_INVALID_ERROR").await;
    let answer = socket.check("w", &query_id).await;
    assert_eq!(refused(&answer, "w"), "QUERYID_INVALID_ERROR");
    refuse("push", "SYS_ERR").await;
    emulator.insert("todos", &[document("a", 1)]).await;
    assert_eq!(refused(&socket.told().await, "w"), "SYS_ERR");
}

#[tokio::test]
async fn what_is_kept_is_forgotten() {
    let emulator = Running::start().await;
    emulator.insert("todos", &[document("a", 1)]).await;
    let mut socket = Socket::of(&emulator, "key").await;
    let query_id = socket.watches("w", red("todos")).await;
    emulator.insert("todos", &[document("b", 2)]).await;
    socket.records().await;
    emulator
        .fault(json!({"socket": "trim_history", "times": 1}))
        .await;
    let answer = socket.rebuild("w", &query_id, 0).await;
    assert_eq!(records(&answer), ["init/init b", "init/init a"]);
}
