//! What becomes of the socket.

use std::time::Duration;

use super::super::{Event, Happening, Key};
use super::rig::Rig;

#[test]
fn silence_is_broken_and_then_ends_it() {
    let mut rig = Rig::watching(1);
    rig.silent.extend(["PING", "CHECK_LAST"]);
    rig.wait_seconds(9);
    assert_eq!(rig.count("PING"), 0);
    rig.wait_seconds(2);
    assert_eq!(rig.count("PING"), 1);
    assert!(rig.signal(1).attentive);
    rig.wait(Duration::from_millis(4_100));
    assert_eq!(rig.count("PING"), 1);
    assert_eq!(rig.closed[0].1, 3000);
    assert!(!rig.signal(1).attentive);
    rig.wait_seconds(1);
    assert_eq!(rig.opened.len(), 2);
    assert!(rig.signal(1).attentive);
}

#[test]
fn any_word_is_a_sign_of_life() {
    let mut rig = Rig::watching(1);
    rig.silent.insert("PING");
    for text in ["", "{}", "[1]", r#"{"msgType":"PONG"}"#] {
        rig.wait_seconds(12);
        let (link, text) = (rig.link(), text.to_owned());
        rig.feed(Event::Heard { link, text });
    }
    assert_eq!((rig.opened.len(), rig.closed.len()), (1, 0));
    assert!(rig.count("PING") >= 2);
}

#[test]
fn it_comes_back_for_ever_but_not_too_often() {
    let mut rig = Rig::new();
    rig.is_reachable = false;
    rig.watch(1);
    rig.wait_seconds(3_600);
    let moments: Vec<_> = rig.opened.iter().map(|(at, ..)| *at).collect();
    let pauses: Vec<Duration> = moments.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(pauses[0] >= Duration::from_millis(375), "{pauses:?}");
    assert!(pauses[0] <= Duration::from_millis(625), "{pauses:?}");
    let longest = Duration::from_secs(30);
    assert!(pauses.iter().all(|pause| *pause <= longest), "{pauses:?}");
    assert!((120..200).contains(&pauses.len()), "{}", pauses.len());
    rig.is_reachable = true;
    rig.wait_seconds(30);
    assert!(rig.signal(1).attentive);
}

#[test]
fn a_socket_that_breaks_again_and_again_is_opened_more_and_more_slowly() {
    let mut rig = Rig::watching(1);
    for _ in 0..8 {
        rig.lose(None);
        rig.wait_seconds(31);
        assert!(rig.signal(1).attentive);
    }
    rig.lose(None);
    rig.wait_seconds(10);
    assert!(!rig.signal(1).attentive);
    rig.wait_seconds(120);
    rig.lose(None);
    rig.wait_seconds(1);
    assert!(rig.signal(1).attentive, "a good one begins anew");
}

#[test]
fn a_short_loss_is_rebuilt_and_a_long_one_begins_anew() {
    for (minutes, rebuilds, begins) in [(1, 1, 1), (3, 0, 2)] {
        let mut rig = Rig::watching(1);
        rig.push(1, &[1, 2]);
        rig.current = 5;
        rig.is_reachable = false;
        rig.lose(None);
        rig.wait_seconds(60 * minutes - 1);
        assert!(!rig.signal(1).attentive);
        let before = rig.signal(1).count;
        rig.is_reachable = true;
        rig.wait_seconds(31);
        assert_eq!(rig.count("REBUILD_WATCH"), rebuilds, "{minutes} min");
        assert_eq!(rig.count("INIT_WATCH"), begins, "{minutes} min");
        assert!(rig.signal(1).attentive && rig.signal(1).count > before);
        let before = rig.signal(1).count;
        rig.push(1, &[6]);
        assert_eq!(rig.signal(1).count, before + 1);
    }
}

#[test]
fn a_login_that_fails_is_tried_again() {
    for (silent, code, renews) in [
        (true, "", false),
        (false, "SIGN_EXPIRED_ERROR", true),
        (false, "SYS_ERR", false),
    ] {
        let mut rig = Rig::new();
        match silent {
            true => drop(rig.silent.insert("LOGIN")),
            false => drop(rig.refused.insert("LOGIN", code)),
        }
        rig.watch(1);
        rig.wait_seconds(6);
        assert!(rig.opened.len() >= 2, "{code}");
        assert_eq!(rig.opened[1].2, renews, "{code}");
        assert_eq!((rig.count("INIT_WATCH"), rig.signal(1).count), (0, 0));
        rig.silent.clear();
        rig.refused.clear();
        rig.wait_seconds(31);
        assert!(rig.signal(1).attentive, "{code}");
    }
}

#[test]
fn whom_the_server_does_not_believe_asks_for_another_token() {
    let mut rig = Rig::watching(1);
    rig.lose(Some(3050));
    rig.wait_seconds(1);
    rig.lose(Some(1011));
    rig.wait_seconds(2);
    let renewed: Vec<bool> = rig.opened.iter().map(|(_, _, renew)| *renew).collect();
    assert_eq!(renewed, [false, true, false]);
    assert_eq!(rig.noted(&Happening::Interruption), 2);
}

#[test]
fn sockets_that_were_left_are_not_heard() {
    let mut rig = Rig::watching(1);
    let (old, news) = (rig.link(), rig.events(1, &[1]));
    rig.lose(None);
    rig.wait_seconds(1);
    let signals = rig.signals[&Key(1)].len();
    rig.hear_on(old, &news);
    rig.feed(Event::Lost {
        link: old,
        code: None,
    });
    assert_eq!(rig.signals[&Key(1)].len(), signals);
    assert!(rig.signal(1).attentive);
}
