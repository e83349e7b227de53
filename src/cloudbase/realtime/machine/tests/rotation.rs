//! A younger socket takes over from an old one.

use std::time::Duration;

use super::super::{Event, Happening, Key};
use super::rig::Rig;

#[test]
fn nobody_notices_but_by_looking_once() {
    let mut rig = Rig::watching(3);
    rig.wait_seconds(80 * 60);
    assert_eq!(rig.opened.len(), 1);
    let (old, news) = (rig.link(), rig.events(1, &[1]));
    rig.wait_seconds(11 * 60);
    assert_eq!((rig.opened.len(), rig.noted(&Happening::Rotation)), (2, 1));
    assert_eq!(rig.closed, [(old, 1000)]);
    assert_eq!(
        (rig.count("INIT_WATCH"), rig.count("REBUILD_WATCH")),
        (6, 0)
    );
    for key in 1..=3 {
        let signals = &rig.signals[&Key(key)];
        assert!(signals.iter().all(|signal| signal.attentive));
        assert_eq!(rig.signal(key).count, 2);
    }
    rig.hear_on(old, &news);
    assert_eq!(rig.signal(1).count, 2, "the old one is closed");
    rig.push(1, &[1]);
    assert_eq!(rig.signal(1).count, 3);
    rig.wait_seconds(24 * 3_600);
    assert!(
        (17..=20).contains(&rig.opened.len()),
        "{}",
        rig.opened.len()
    );
}

#[test]
fn a_token_that_ends_earlier_is_replaced_earlier() {
    for (life, sockets) in [(3_600, 2), (100, 60), (0, 90)] {
        let mut rig = Rig::new();
        rig.life = Some(Duration::from_secs(life));
        rig.watch(1);
        rig.wait_seconds(3_600);
        let opened = rig.opened.len();
        assert!(
            opened >= sockets && opened <= sockets * 2,
            "{life}: {opened}"
        );
        assert!(rig.signals[&Key(1)].iter().all(|signal| signal.attentive));
    }
}

#[test]
fn the_old_one_serves_until_the_younger_one_does() {
    let mut rig = Rig::watching(1);
    let (old, news) = (rig.link(), rig.events(1, &[1]));
    rig.is_reachable = false;
    rig.wait_seconds(100 * 60);
    assert!(rig.opened.len() > 3);
    assert_eq!(rig.signals[&Key(1)].len(), 1);
    rig.current = 1;
    rig.hear_on(old, &news);
    assert_eq!((rig.signal(1).count, rig.signal(1).attentive), (2, true));
    rig.is_reachable = true;
    rig.wait_seconds(31);
    assert_eq!(rig.closed, [(old, 1000)]);
    assert_eq!((rig.signal(1).count, rig.signal(1).attentive), (3, true));
}

#[test]
fn if_the_old_one_breaks_the_younger_one_goes_on() {
    let mut rig = Rig::watching(1);
    let old = rig.link();
    rig.silent.insert("INIT_WATCH");
    while rig.opened.len() < 2 {
        rig.wait_seconds(1);
    }
    rig.feed(Event::Lost {
        link: old,
        code: None,
    });
    assert!(!rig.signal(1).attentive);
    let before = rig.signal(1).count;
    rig.silent.clear();
    rig.wait_seconds(30);
    assert_eq!(rig.opened.len(), 2);
    assert!(rig.signal(1).attentive && rig.signal(1).count > before);
}

#[test]
fn lists_that_come_and_go_meanwhile_do_so_on_both() {
    let mut rig = Rig::watching(2);
    rig.silent.insert("INIT_WATCH");
    while rig.opened.len() < 2 {
        rig.wait_seconds(1);
    }
    rig.silent.clear();
    rig.watch(3);
    assert!(rig.signal(3).attentive);
    rig.feed(Event::Unwatch { key: Key(1) });
    rig.wait_seconds(30);
    assert!(rig.signal(2).attentive && rig.signal(3).attentive);
    rig.feed(Event::Unwatch { key: Key(2) });
    rig.feed(Event::Unwatch { key: Key(3) });
    assert_eq!(rig.closed.len(), 2);
    assert_eq!(rig.machine.wake_at(), None);
}
