//! What becomes of one list.

use serde_json::json;

use super::super::{Event, Happening, Key};
use super::rig::Rig;
use crate::cloudbase::realtime::Signal;

fn attentive(count: u64) -> Signal {
    Signal {
        count,
        attentive: true,
    }
}

#[test]
fn a_watch_begins_as_the_clouds_own_clients_begin_it() {
    let rig = Rig::watching(1);
    let [login, begin] = ["LOGIN", "INIT_WATCH"].map(|kind| rig.last(kind).clone());
    assert_eq!(
        login["msgData"],
        json!({"envId": "emu-env", "accessToken": "", "referrer": "web", "sdkVersion": "", "dataVersion": ""})
    );
    assert_eq!(
        login["exMsgData"],
        json!({"runtime": "web", "signStr": "sign-1", "secretVersion": "1"})
    );
    assert_eq!(
        begin["msgData"],
        json!({
            "envId": "emu-env", "collName": "todos", "query": r#"{"team":"red"}"#, "limit": 1,
            "orderBy": {"n": "desc", "_id": "asc"},
        })
    );
    assert!(
        begin["watchId"]
            .as_str()
            .is_some_and(|id| id.starts_with("watchid_17"))
    );
    assert_eq!(rig.signal(1), attentive(1));
}

#[test]
fn each_new_event_counts_and_no_old_one_does() {
    let mut rig = Rig::watching(2);
    // What comes, and how the count grows by it.
    let cases: [(&[i64], u64); 5] = [
        (&[1], 1),
        (&[1], 0),
        (&[2, 2, 3], 1),
        (&[3, 4], 1),
        (&[], 0),
    ];
    for (numbers, growth) in cases {
        let before = rig.signal(1);
        rig.push(1, numbers);
        assert_eq!(
            rig.signal(1),
            attentive(before.count + growth),
            "{numbers:?}"
        );
    }
    assert_eq!(rig.signal(2), attentive(1), "it is another list");
    assert_eq!(rig.count("REBUILD_WATCH"), 0);
    assert_eq!(rig.notes, []);
}

#[test]
fn a_gap_is_filled_by_a_rebuild() {
    let mut rig = Rig::watching(1);
    rig.push(1, &[1]);
    rig.current = 4;
    let before = rig.signal(1).count;
    rig.push(1, &[3, 4]);
    let rebuild = rig.last("REBUILD_WATCH");
    assert_eq!(
        rebuild["msgData"],
        json!({"envId": "emu-env", "collName": "todos", "queryID": "query-1", "eventID": 1})
    );
    assert_eq!(rebuild["watchId"], rig.watch_id(1).as_str());
    assert_eq!(rig.noted(&Happening::Gap), 1);
    assert!(rig.signal(1).count > before && rig.signal(1).attentive);
    rig.push(1, &[5]);
    assert_eq!(rig.count("REBUILD_WATCH"), 1, "nothing is missing any more");
}

#[test]
fn events_that_cannot_be_read_are_a_gap() {
    let mut rig = Rig::watching(1);
    let mut message = rig.events(1, &[1]);
    message["msgData"]["events"][0]["ID"] = json!({"no": "number"});
    let before = rig.signal(1).count;
    rig.hear(&message);
    assert!(rig.signal(1).count > before);
    assert_eq!(rig.count("REBUILD_WATCH"), 1);
}

#[test]
fn events_before_the_answer_are_not_lost() {
    let mut rig = Rig::new();
    rig.silent.insert("INIT_WATCH");
    rig.watch(1);
    rig.push(1, &[4]);
    let begin = rig.last("INIT_WATCH").clone();
    let data = json!({"queryID": "q", "currEvent": 3, "events": []});
    rig.hear(&json!({
        "watchId": begin["watchId"], "requestId": begin["requestId"], "msgType": "INIT_EVENT", "msgData": data,
    }));
    assert_eq!(rig.signal(1), attentive(1));
    rig.push(1, &[5]);
    assert_eq!(
        (rig.signal(1), rig.count("REBUILD_WATCH")),
        (attentive(2), 0)
    );

    rig.silent.insert("REBUILD_WATCH");
    rig.push(1, &[7]);
    assert!(!rig.signal(1).attentive);
    rig.push(1, &[8]);
    let rebuild = rig.last("REBUILD_WATCH").clone();
    let mut answer = rig.events(1, &[6, 7]);
    answer["requestId"] = rebuild["requestId"].clone();
    rig.hear(&answer);
    assert!(rig.signal(1).attentive);
    rig.push(1, &[9]);
    assert_eq!(rig.count("REBUILD_WATCH"), 1);
}

#[test]
fn silence_is_asked_about() {
    let mut rig = Rig::watching(1);
    rig.push(1, &[1, 2]);
    rig.current = 2;
    rig.wait_seconds(60);
    let checks = rig.count("CHECK_LAST");
    assert!((3..=6).contains(&checks), "{checks}");
    let data = &rig.last("CHECK_LAST")["msgData"];
    assert_eq!(*data, json!({"queryID": "query-1", "eventID": 2}));
    assert_eq!(rig.signals[&Key(1)].len(), 2, "nothing was missed");

    rig.current = 3;
    let before = rig.signal(1).count;
    rig.wait_seconds(20);
    assert!(rig.signal(1).count > before && rig.signal(1).attentive);
    assert_eq!(
        (rig.count("REBUILD_WATCH"), rig.noted(&Happening::Gap)),
        (1, 1)
    );
}

#[test]
fn who_does_not_answer_is_not_believed() {
    let mut rig = Rig::watching(1);
    rig.silent.insert("CHECK_LAST");
    rig.wait_seconds(35);
    assert_eq!(rig.count("REBUILD_WATCH"), 1, "an answer may be lost");
    assert!(rig.signal(1).attentive);
    rig.silent.insert("REBUILD_WATCH");
    rig.wait_seconds(30);
    assert!(!rig.signals[&Key(1)].iter().all(|signal| signal.attentive));
    assert_eq!(rig.count("INIT_WATCH"), 2);
    assert_eq!(rig.count("CLOSE_WATCH"), 1);
    let names = rig.all("INIT_WATCH");
    assert_ne!(names[0]["watchId"], names[1]["watchId"]);
}

#[test]
fn a_server_that_counts_anew_is_asked_anew() {
    let mut rig = Rig::watching(1);
    rig.push(1, &[1, 2, 3]);
    rig.wait_seconds(25);
    assert_eq!(rig.count("INIT_WATCH"), 2);
    rig.push(1, &[1]);
    assert_eq!(rig.count("REBUILD_WATCH"), 0);
    assert!(rig.signal(1).attentive);
}

#[test]
fn what_cannot_be_rebuilt_begins_anew() {
    for code in ["QUERYID_INVALID_ERROR", "SYS_ERR", "MADE_UP", ""] {
        let mut rig = Rig::watching(1);
        rig.refused.insert("REBUILD_WATCH", code);
        let before = rig.signal(1).count;
        rig.lose(None);
        assert!(!rig.signal(1).attentive);
        rig.wait_seconds(1);
        assert_eq!(
            (rig.count("REBUILD_WATCH"), rig.count("INIT_WATCH")),
            (1, 2),
            "{code}"
        );
        assert!(rig.signal(1).attentive && rig.signal(1).count > before);
    }
}

#[test]
fn refusals_are_not_provoked_again_and_again() {
    // The code, and how often it is tried within eight minutes, and within fourteen.
    for (code, soon, later) in [
        ("COLLECTION_PERMISSION_DENIED", 1, 2),
        ("WATCH_DOCUMENTS_EXCEED_LIMIT", 1, 2),
        ("", 1, 2),
        ("SYS_ERR", 3, 4),
        ("QUERYID_INVALID_ERROR", 3, 4),
        ("SIGN_EXPIRED_ERROR", 3, 4),
    ] {
        let mut rig = Rig::new();
        rig.refused.insert("INIT_WATCH", code);
        rig.watch(1);
        rig.wait_seconds(7 * 60);
        assert_eq!(rig.count("INIT_WATCH"), soon, "{code}");
        rig.wait_seconds(7 * 60);
        assert_eq!(rig.count("INIT_WATCH"), later, "{code}");
        assert_eq!(rig.signal(1), Signal::default());
        rig.refused.clear();
        rig.wait_seconds(14 * 60);
        assert!(rig.signal(1).attentive, "{code}");
    }
}

#[test]
fn a_refused_watch_leaves_others_alone() {
    let mut rig = Rig::watching(2);
    let name = rig.watch_id(1);
    rig.refuse(Some(&name), "COLLECTION_PERMISSION_DENIED");
    assert!(!rig.signal(1).attentive && rig.signal(2).attentive);
    rig.push(2, &[1]);
    assert_eq!(rig.signal(2), attentive(2));
    assert_eq!(rig.opened.len(), 1);
}

#[test]
fn a_signature_that_ends_is_replaced() {
    for named in [true, false] {
        let mut rig = Rig::watching(2);
        let name = rig.watch_id(1);
        rig.refuse(named.then_some(name.as_str()), "CHECK_LOGIN_FAILED");
        rig.wait_seconds(1);
        let renewed: Vec<bool> = rig.opened.iter().map(|(_, _, renew)| *renew).collect();
        assert_eq!(renewed, [false, true]);
        assert_eq!((rig.count("LOGIN"), rig.count("REBUILD_WATCH")), (2, 2));
        assert!(rig.signal(1).attentive && rig.signal(2).attentive);
    }
}

#[test]
fn an_error_of_nobody_makes_all_look() {
    let mut rig = Rig::watching(2);
    rig.refuse(None, "SYS_ERR");
    assert_eq!([rig.signal(1), rig.signal(2)], [attentive(2); 2]);
    rig.wait_seconds(1);
    assert_eq!(rig.count("CHECK_LAST"), 2);
    assert_eq!(rig.opened.len(), 1);
    rig.refuse(Some("nobody's"), "SYS_ERR");
    assert_eq!([rig.signal(1), rig.signal(2)], [attentive(2); 2]);
}

#[test]
fn the_last_one_closes_the_socket() {
    let mut rig = Rig::watching(2);
    let name = rig.watch_id(1);
    rig.feed(Event::Unwatch { key: Key(1) });
    assert_eq!(rig.last("CLOSE_WATCH")["watchId"], name.as_str());
    assert_eq!(rig.closed, []);
    rig.feed(Event::Unwatch { key: Key(2) });
    assert_eq!(rig.closed, [(rig.link(), 3001)]);
    assert_eq!(rig.machine.wake_at(), None);
    rig.watch(3);
    assert_eq!((rig.opened.len(), rig.signal(3)), (2, attentive(1)));
}
