//! Whatever comes, in whatever order: no panic, no signal without a socket, no busy clock.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::super::{Event, Key, Link};
use super::rig::{Rig, list};

#[derive(Clone, Debug)]
enum Step {
    Watch(u64),
    Unwatch(u64),
    Wait(u64),
    Lose(Option<u16>),
    Text(String),
    /// Of a list: the kind, its numbers, and whether it answers what was said last.
    Message(u64, &'static str, Vec<i64>, bool),
    Refuse(Option<u64>, &'static str),
    Silence(&'static str),
    Reachable(bool),
}

const SAID: [&str; 5] = ["LOGIN", "INIT_WATCH", "REBUILD_WATCH", "CHECK_LAST", "PING"];

fn step() -> impl Strategy<Value = Step> {
    let key = || 1_u64..4;
    let kind =
        prop::sample::select(&["INIT_EVENT", "NEXT_EVENT", "CHECK_EVENT", "LOGIN_RES", "X"][..]);
    let code = prop::sample::select(
        &[
            "SYS_ERR",
            "SIGN_EXPIRED_ERROR",
            "QUERYID_INVALID_ERROR",
            "OTHER",
            "",
        ][..],
    );
    let number = prop_oneof![0_i64..8, Just(i64::MAX), Just(i64::MIN)];
    prop_oneof![
        key().prop_map(Step::Watch),
        key().prop_map(Step::Unwatch),
        prop_oneof![0_u64..20, 100_u64..1_000].prop_map(Step::Wait),
        prop::option::of(prop::sample::select(&[1_000_u16, 1_011, 3_050][..])).prop_map(Step::Lose),
        prop_oneof![any::<String>(), "[\\[{\"a-zA-Z:,0-9}\\]]{0,40}"].prop_map(Step::Text),
        (
            key(),
            kind,
            prop::collection::vec(number, 0..4),
            any::<bool>()
        )
            .prop_map(|(key, kind, numbers, answers)| Step::Message(key, kind, numbers, answers)),
        (prop::option::of(key()), code).prop_map(|(key, code)| Step::Refuse(key, code)),
        prop::sample::select(&SAID[..]).prop_map(Step::Silence),
        any::<bool>().prop_map(Step::Reachable),
    ]
}

fn take(rig: &mut Rig, step: Step) {
    let has_begun = |rig: &Rig, key: u64| {
        let begun = rig.all("INIT_WATCH");
        begun
            .iter()
            .any(|message| message["msgData"]["limit"] == key)
    };
    match step {
        Step::Watch(key) => rig.feed(Event::Watch {
            key: Key(key),
            list: list(key),
        }),
        Step::Unwatch(key) => rig.feed(Event::Unwatch { key: Key(key) }),
        Step::Wait(seconds) => rig.wait_seconds(seconds),
        Step::Silence(kind) => drop(rig.silent.insert(kind)),
        Step::Reachable(reachable) => rig.is_reachable = reachable,
        _ if rig.opened.is_empty() => {}
        Step::Lose(code) => rig.lose(code),
        Step::Text(text) => {
            let link = rig.link();
            rig.feed(Event::Heard { link, text });
        }
        Step::Message(key, kind, numbers, answers) if has_begun(rig, key) => {
            let mut message = rig.events(key, &numbers);
            message["msgType"] = kind.into();
            if let Some((_, said)) = rig.said.last().filter(|_| answers) {
                message["requestId"] = said["requestId"].clone();
            }
            rig.hear(&message);
        }
        Step::Refuse(Some(key), code) if has_begun(rig, key) => {
            let name = rig.watch_id(key);
            rig.refuse(Some(&name), code);
        }
        Step::Refuse(_, code) => rig.refuse(None, code),
        Step::Message(..) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn it_always_finds_back(steps in prop::collection::vec(step(), 1..40)) {
        let mut rig = Rig::new();
        for step in steps {
            take(&mut rig, step);
            let open = rig.opened.iter().filter(|(_, link, _)| {
                !rig.closed.iter().any(|(closed, _)| closed == link)
            });
            prop_assert!(open.count() <= rig.opened.len());
        }
        rig.silent.clear();
        rig.is_reachable = true;
        rig.watch(9);
        // The longest rest, and what it may be prolonged by.
        rig.wait(Duration::from_secs(30 * 60));
        prop_assert!(rig.signal(9).attentive);
    }

    #[test]
    fn any_json_can_be_heard(
        kind in prop::sample::select(&["LOGIN_RES", "INIT_EVENT", "NEXT_EVENT", "CHECK_EVENT", "ERROR", "PONG"][..]),
        names in prop::collection::vec(prop::sample::select(
            &["queryID", "currEvent", "events", "code", "message", "ID"][..]), 0..4),
        values in prop::collection::vec(json(), 4),
        wraps in any::<bool>(),
    ) {
        let mut rig = Rig::watching(1);
        let data: serde_json::Map<String, Json> =
            names.iter().map(|name| (*name).to_owned()).zip(values.clone()).collect();
        let data = if wraps { Json::Array(vec![data.into()]) } else { data.into() };
        let watch_id = rig.watch_id(1);
        for watch_id in [json!(watch_id), values[0].clone()] {
            rig.hear(&json!({
                "watchId": watch_id, "requestId": values[1], "msgType": kind, "msgData": data,
            }));
        }
        rig.wait_seconds(40 * 60);
        prop_assert!(rig.signal(1).attentive);
        let Link(link) = rig.link();
        prop_assert!(link < 10, "sockets were opened again and again");
    }
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("ID|DocID|code|x", inner, 0..4).prop_map(|members| members
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}
