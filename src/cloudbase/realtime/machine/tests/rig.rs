//! A machine, a clock and a server that the test moves.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::Instant;

use super::super::{Action, Event, Happening, Key, Link, List, Login, Machine};
use crate::cloudbase::Secret;
use crate::cloudbase::realtime::{Query, Signal, Timing};
use crate::data::{CollectionName, Direction, Object, Value};

/// See the fields. What is said and done is kept in order.
pub(super) struct Rig {
    pub(super) machine: Machine,
    pub(super) now: Instant,
    pub(super) said: Vec<(Link, Json)>,
    pub(super) opened: Vec<(Instant, Link, bool)>,
    pub(super) closed: Vec<(Link, u16)>,
    pub(super) signals: BTreeMap<Key, Vec<Signal>>,
    pub(super) notes: Vec<Happening>,
    /// Whether sockets can be opened.
    pub(super) is_reachable: bool,
    /// Kinds of messages that are not answered.
    pub(super) silent: BTreeSet<&'static str>,
    /// Kinds of messages that are refused, and with which code.
    pub(super) refused: BTreeMap<&'static str, &'static str>,
    /// The number of the last event on the server.
    pub(super) current: i64,
    pub(super) life: Option<Duration>,
    queries: u64,
    coming: VecDeque<Event>,
}

/// A list whose limit is its number.
pub(super) fn list(number: u64) -> Arc<List> {
    Arc::new(List::new(Query {
        collection: CollectionName::parse("todos").expect("a name"),
        query: Object::from_iter([("team", Value::string("red"))]),
        order: vec![
            ("n".to_owned(), Direction::Descending),
            ("_id".to_owned(), Direction::Ascending),
        ],
        limit: number,
    }))
}

impl Rig {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            machine: Machine::new(Timing::default(), now, 1_700_000_000_000, 42),
            now,
            said: Vec::new(),
            opened: Vec::new(),
            closed: Vec::new(),
            signals: BTreeMap::new(),
            notes: Vec::new(),
            is_reachable: true,
            silent: BTreeSet::new(),
            refused: BTreeMap::new(),
            current: 0,
            life: None,
            queries: 0,
            coming: VecDeque::new(),
        }
    }

    /// With lists that are watched.
    pub(super) fn watching(lists: u64) -> Self {
        let mut rig = Self::new();
        for key in 1..=lists {
            rig.watch(key);
        }
        rig
    }

    pub(super) fn watch(&mut self, key: u64) {
        let list = list(key);
        self.feed(Event::Watch {
            key: Key(key),
            list,
        });
    }

    /// What comes of what is done comes when all else is done.
    pub(super) fn feed(&mut self, event: Event) {
        self.coming.push_back(event);
        while let Some(event) = self.coming.pop_front() {
            for action in self.machine.next(event, self.now) {
                self.perform(action);
            }
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Open { link, renew } => {
                self.opened.push((self.now, link, renew));
                let login = self.login();
                self.coming.push_back(match self.is_reachable {
                    true => Event::Opened { link, login },
                    false => Event::Lost { link, code: None },
                });
            }
            Action::Send { link, text } => {
                let message: Json = serde_json::from_str(&text).expect("JSON");
                self.said.push((link, message.clone()));
                self.answer(link, &message);
            }
            Action::Close { link, code } => self.closed.push((link, code)),
            Action::Publish { key, signal } => self.signals.entry(key).or_default().push(signal),
            Action::Note(happening) => self.notes.push(happening),
        }
    }

    fn login(&self) -> Login {
        Login {
            signature: Secret::new("sign-1"),
            secret_version: Value::string("1"),
            env: Some("emu-env".to_owned()),
            life: self.life,
        }
    }

    fn answer(&mut self, link: Link, message: &Json) {
        let asked = message["msgType"].as_str().expect("a type");
        if self.silent.contains(asked) {
            return;
        }
        let (kind, data) = match (self.refused.get(asked), asked) {
            (Some(code), _) => ("ERROR", json!({"code": code, "message": "made up"})),
            (None, "LOGIN") => ("LOGIN_RES", json!({"envId": "emu-env"})),
            (None, "PING") => ("PONG", Json::Null),
            (None, "INIT_WATCH") => {
                self.queries += 1;
                let query = format!("query-{}", self.queries);
                (
                    "INIT_EVENT",
                    json!({"queryID": query, "currEvent": self.current, "events": []}),
                )
            }
            (None, "CHECK_LAST" | "REBUILD_WATCH") => {
                let query = message["msgData"]["queryID"].clone();
                let kind = match asked {
                    "CHECK_LAST" => "CHECK_EVENT",
                    _ => "NEXT_EVENT",
                };
                (
                    kind,
                    json!({"queryID": query, "currEvent": self.current, "events": []}),
                )
            }
            _ => return,
        };
        let mut answer = json!({"msgType": kind, "msgData": data});
        for name in ["watchId", "requestId"] {
            if let Some(id) = message.get(name) {
                answer[name] = id.clone();
            }
        }
        let text = answer.to_string();
        self.coming.push_back(Event::Heard { link, text });
    }

    /// A message comes on the last socket.
    pub(super) fn hear(&mut self, message: &Json) {
        self.hear_on(self.link(), message);
    }

    pub(super) fn hear_on(&mut self, link: Link, message: &Json) {
        let text = message.to_string();
        self.feed(Event::Heard { link, text });
    }

    /// Events of a list come.
    pub(super) fn push(&mut self, key: u64, numbers: &[i64]) {
        let message = self.events(key, numbers);
        self.hear(&message);
    }

    pub(super) fn events(&self, key: u64, numbers: &[i64]) -> Json {
        let line = |number: &i64| json!({"ID": number, "DataType": "add", "QueueType": "enqueue", "DocID": 7, "Doc": "{}"});
        let events: Vec<Json> = numbers.iter().map(line).collect();
        let data = json!({"currEvent": numbers.iter().max(), "events": events});
        json!({"watchId": self.watch_id(key), "requestId": "push", "msgType": "NEXT_EVENT", "msgData": data})
    }

    pub(super) fn refuse(&mut self, watch_id: Option<&str>, code: &str) {
        let mut message =
            json!({"requestId": "push", "msgType": "ERROR", "msgData": {"code": code}});
        if let Some(watch_id) = watch_id {
            message["watchId"] = watch_id.into();
        }
        self.hear(&message);
    }

    pub(super) fn lose(&mut self, code: Option<u16>) {
        let link = self.link();
        self.feed(Event::Lost { link, code });
    }

    /// Time passes.
    pub(super) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.machine.wake_at()
            && at <= end
        {
            self.now = self.now.max(at);
            self.feed(Event::Tick);
            let next = self.machine.wake_at();
            assert!(next.is_none_or(|next| next > self.now), "it does not rest");
        }
        self.now = end;
    }

    pub(super) fn wait_seconds(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
    }

    pub(super) fn signal(&self, key: u64) -> Signal {
        let signals = self.signals.get(&Key(key));
        signals
            .and_then(|signals| signals.last())
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn link(&self) -> Link {
        self.opened.last().expect("a socket was opened").1
    }

    /// What was said of a kind, in order.
    pub(super) fn all(&self, kind: &str) -> Vec<&Json> {
        let said = self.said.iter().map(|(_, message)| message);
        said.filter(|message| message["msgType"] == kind).collect()
    }

    pub(super) fn count(&self, kind: &str) -> usize {
        self.all(kind).len()
    }

    pub(super) fn last(&self, kind: &str) -> &Json {
        self.all(kind)
            .last()
            .unwrap_or_else(|| panic!("no {kind} was said"))
    }

    /// What the list is called at the moment.
    pub(super) fn watch_id(&self, key: u64) -> String {
        let mut begun = self.all("INIT_WATCH").into_iter().rev();
        let begun = begun.find(|message| message["msgData"]["limit"] == key);
        let begun = begun.expect("the list was begun");
        begun["watchId"].as_str().expect("a text").to_owned()
    }

    pub(super) fn noted(&self, happening: &Happening) -> usize {
        let notes = self.notes.iter();
        notes.filter(|note| *note == happening).count()
    }
}
