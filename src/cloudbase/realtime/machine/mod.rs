//! What is said and done on a socket, as a state machine: events in, actions out, no IO and no clock.
//!
//! - `message.rs`: messages as texts
//! - `watch.rs`: one list on one socket
//! - `session.rs`: one socket after another, with its watches; `stage.rs`: what it acts on
//! - `circuit.rs`: when to try again; `chance.rs`: jitter and names

mod chance;
mod circuit;
mod message;
mod session;
mod stage;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use self::chance::{Chance, Names};
pub(super) use self::message::List;
use self::session::Session;
use self::stage::Stage;
use super::{Signal, Timing};
use crate::cloudbase::Secret;
use crate::data::Value;

/// What the cloud's own clients close their sockets with.
const RECONNECTING: u16 = 3000;
const NOBODY_WATCHES: u16 = 3001;
/// The standard code for a socket that is not needed any more.
const GOING_AWAY: u16 = 1000;

/// Names a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(pub(super) u64);

/// Names a socket; none is used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Link(pub(super) u64);

/// What a socket logs in with.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) signature: Secret,
    /// Goes with the signature: a text or a number.
    pub(super) secret_version: Value,
    /// The environment, as the signature names it.
    pub(super) env: Option<String>,
    /// How long the token is good that it was signed with, if that is known.
    pub(super) life: Option<Duration>,
}

#[derive(Clone, Debug)]
pub(super) enum Event {
    Watch {
        key: Key,
        list: Arc<List>,
    },
    Unwatch {
        key: Key,
    },
    /// A socket is open, and who opens it is signed.
    Opened {
        link: Link,
        login: Login,
    },
    /// A socket is gone, or could not be opened. `code`: what the server closed it with.
    Lost {
        link: Link,
        code: Option<u16>,
    },
    Heard {
        link: Link,
        text: String,
    },
    /// Time has passed.
    Tick,
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    /// To sign and to open a socket. `renew`: the last token was not believed.
    Open {
        link: Link,
        renew: bool,
    },
    Send {
        link: Link,
        text: String,
    },
    /// To close a socket, or not to open it any more. Nothing is heard of it after that.
    Close {
        link: Link,
        code: u16,
    },
    Publish {
        key: Key,
        signal: Signal,
    },
    Note(Happening),
}

/// What is worth counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// A socket was lost, or could not be opened.
    Interruption,
    /// A socket is old, and another one is opened in its place.
    Rotation,
    /// A watch is taken up where it was.
    Rebuild,
    /// An event did not come.
    Gap,
    Refusal {
        code: SmolStr,
    },
}

/// Lists that are watched on one socket, and on its successor while that takes over.
#[derive(Debug)]
pub(super) struct Machine {
    timing: Timing,
    names: Names,
    chance: Chance,
    last_link: u64,
    lists: BTreeMap<Key, (Arc<List>, Signal)>,
    current: Session,
    /// Begins all watches anew on a socket of its own, and becomes the current one as soon as it has.
    successor: Option<Session>,
}

impl Machine {
    /// `now_ms`: milliseconds since 1970 at the moment `now`.
    pub(super) fn new(timing: Timing, now: Instant, now_ms: i64, seed: u64) -> Self {
        Self {
            timing,
            names: Names::new(now, now_ms),
            chance: Chance::new(seed),
            last_link: 0,
            lists: BTreeMap::new(),
            current: Session::default(),
            successor: None,
        }
    }

    /// Takes an event in. What comes of it is to be done in order.
    pub(super) fn next(&mut self, event: Event, now: Instant) -> Vec<Action> {
        let (mut actions, mut changed) = (Vec::new(), BTreeSet::new());
        let mut stage = Stage {
            now,
            timing: &self.timing,
            names: &mut self.names,
            chance: &mut self.chance,
            last_link: &mut self.last_link,
            actions: &mut actions,
            changed: &mut changed,
        };
        let sessions = [Some(&mut self.current), self.successor.as_mut()];
        for session in sessions.into_iter().flatten() {
            take(session, &event, &mut stage);
            session.tick(&mut stage);
        }
        match event {
            Event::Watch { key, list } => {
                self.lists.insert(key, (list, Signal::default()));
            }
            Event::Unwatch { key } => {
                self.lists.remove(&key);
            }
            _ => {}
        }
        rotate(
            &mut self.current,
            &mut self.successor,
            &self.lists,
            &mut stage,
        );
        self.publish(&changed, &mut actions);
        actions
    }

    /// When [`Event::Tick`] is due.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let sessions = [Some(&self.current), self.successor.as_ref()];
        let moments = sessions
            .into_iter()
            .flatten()
            .filter_map(|session| session.wake_at(&self.timing));
        moments.min()
    }

    /// Tells of lists whose signal is another one now.
    fn publish(&mut self, changed: &BTreeSet<Key>, actions: &mut Vec<Action>) {
        for (key, (_, signal)) in &mut self.lists {
            let successor = self.successor.as_ref();
            let attentive = self.current.is_attentive(*key)
                || successor.is_some_and(|session| session.is_attentive(*key));
            let returns = attentive && !signal.attentive;
            let next = Signal {
                count: signal.count + u64::from(returns || changed.contains(key)),
                attentive,
            };
            if next != *signal {
                *signal = next;
                let (key, signal) = (*key, next);
                actions.push(Action::Publish { key, signal });
            }
        }
    }
}

fn take(session: &mut Session, event: &Event, stage: &mut Stage<'_>) {
    match event {
        Event::Watch { key, list } => session.add(*key, Arc::clone(list), stage),
        Event::Unwatch { key } => session.remove(*key, stage),
        Event::Opened { link, login } if session.link() == Some(*link) => {
            session.opened(login.clone(), stage);
        }
        Event::Lost { link, code } if session.link() == Some(*link) => session.lost(*code, stage),
        Event::Heard { link, text } if session.link() == Some(*link) => session.heard(text, stage),
        // Of a socket that was given up meanwhile.
        Event::Opened { .. } | Event::Lost { .. } | Event::Heard { .. } | Event::Tick => {}
    }
}

/// Lets a younger socket take over from an old one, without a moment in which nobody watches.
fn rotate(
    current: &mut Session,
    successor: &mut Option<Session>,
    lists: &BTreeMap<Key, (Arc<List>, Signal)>,
    stage: &mut Stage<'_>,
) {
    let is_due = current.retires(stage.now);
    match successor {
        None if is_due => {
            stage.note(Happening::Rotation);
            let mut session = Session::default();
            for (key, (list, _)) in lists {
                session.add(*key, Arc::clone(list), stage);
            }
            *successor = Some(session);
        }
        Some(session) if session.is_settled() || !current.is_ready() => {
            current.end(GOING_AWAY, stage);
            *current = std::mem::take(session);
            *successor = None;
        }
        _ => {}
    }
}
