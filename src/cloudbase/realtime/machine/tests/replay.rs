//! Conversations that were recorded with the cloud's own client: what told its app something tells us that the list may
//! have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::super::{Event, Key};
use super::rig::Rig;

/// Not of the socket.
const HTTP: &str = "http-";

fn recordings() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "conformance/fixtures/realtime",
        "src/cloudbase/realtime/machine/tests/fixtures",
    ];
    let files = folders.iter().flat_map(|folder| {
        let entries = fs::read_dir(root.join(folder)).expect(folder);
        entries.map(|entry| entry.expect("an entry").path())
    });
    let is_recording = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.ends_with(".jsonl") && !name.starts_with(HTTP))
    };
    files.filter(is_recording).collect()
}

#[test]
fn whatever_told_the_clouds_own_client_something_tells_us() {
    let recordings = recordings();
    assert!(recordings.len() > 45, "{}", recordings.len());
    for path in recordings {
        Replay::of(&path).run();
    }
}

struct Replay {
    name: String,
    rig: Rig,
    lines: Vec<Json>,
    expected: Json,
    /// The lists, by what the recorded client called them.
    keys: BTreeMap<String, u64>,
    /// What our own requests are called, by the recorded ones.
    requests: BTreeMap<String, Json>,
    /// How many of our messages stand for recorded ones.
    consumed: BTreeSet<usize>,
}

impl Replay {
    fn of(path: &Path) -> Self {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(path).expect(&name);
        let lines = text
            .lines()
            .map(|line| serde_json::from_str(line).expect(&name));
        let expected = fs::read_to_string(path.with_extension("expect.json")).expect(&name);
        let mut rig = Rig::new();
        let all = ["LOGIN", "INIT_WATCH", "REBUILD_WATCH", "CHECK_LAST"];
        rig.silent.extend(all);
        Self {
            rig,
            lines: lines.collect(),
            expected: serde_json::from_str(&expected).expect(&name),
            keys: BTreeMap::new(),
            requests: BTreeMap::new(),
            consumed: BTreeSet::new(),
            name,
        }
    }

    fn run(mut self) {
        for line in &self.lines {
            let message = &line["msg"];
            if message["msgType"] == "INIT_WATCH" {
                let next = self.keys.len() as u64 + 1;
                let name = message["watchId"].as_str().expect("a name").to_owned();
                self.keys.entry(name).or_insert(next);
            }
        }
        // One client never came so far as to begin a watch.
        for key in 1..=self.keys.len().max(1) as u64 {
            self.rig.watch(key);
        }
        for number in 1..=self.lines.len() {
            let line = self.lines[number - 1].clone();
            match line["dir"].as_str() {
                Some("c2s") => self.say(&line["msg"]),
                _ => self.hear(line["msg"].clone()),
            }
            self.check(number);
            self.lose(number);
        }
    }

    /// Lets time pass until we say what the recorded client said, if we ever do. For signs of life it depends on how
    /// long nothing else was said.
    fn say(&mut self, recorded: &Json) {
        if recorded["msgType"] == "CLOSE_WATCH" {
            let key = self.keys[recorded["watchId"].as_str().expect("a name")];
            self.rig.feed(Event::Unwatch { key: Key(key) });
        }
        let seconds = if recorded["msgType"] == "PING" { 1 } else { 40 };
        for _ in 0..seconds {
            if let Some((index, own)) = self.counterpart(recorded) {
                let keys = |message: &Json| -> BTreeSet<String> {
                    let data = message["msgData"].as_object();
                    data.into_iter()
                        .flat_map(|data| data.keys().cloned())
                        .collect()
                };
                // Lists of ours have a limit always.
                let recorded_keys = keys(recorded);
                assert!(
                    keys(&own).is_superset(&recorded_keys),
                    "{}: {own}",
                    self.name
                );
                self.consumed.insert(index);
                let recorded = recorded["requestId"].as_str().expect("a name").to_owned();
                self.requests.insert(recorded, own["requestId"].clone());
                return;
            }
            self.rig.wait_seconds(1);
        }
    }

    fn counterpart(&self, recorded: &Json) -> Option<(usize, Json)> {
        let key = recorded["watchId"].as_str().map(|name| self.keys[name]);
        let is_same = |message: &Json| {
            let name = key.map(|key| self.rig.watch_id(key));
            message["msgType"] == recorded["msgType"]
                && name.is_none_or(|name| message["watchId"] == name.as_str())
        };
        if key.is_some() && self.rig.count("INIT_WATCH") == 0 {
            return None;
        }
        let mut said = self.rig.said.iter().enumerate();
        let found =
            said.find(|(index, (_, message))| !self.consumed.contains(index) && is_same(message));
        found.map(|(index, (_, message))| (index, message.clone()))
    }

    fn hear(&mut self, mut message: Json) {
        if let Some(own) = message["requestId"]
            .as_str()
            .and_then(|id| self.requests.get(id))
        {
            message["requestId"] = own.clone();
        }
        let key = message["watchId"]
            .as_str()
            .and_then(|name| self.keys.get(name))
            .copied();
        if let Some(key) = key.filter(|_| self.rig.count("INIT_WATCH") > 0) {
            message["watchId"] = self.rig.watch_id(key).into();
        }
        self.rig.hear(&message);
    }

    /// The socket ends where the recorded one was ended by the server.
    fn lose(&mut self, after: usize) {
        let sockets = self.expected["sockets"].as_array().expect("sockets");
        let codes: Vec<u64> = sockets
            .iter()
            .filter(|socket| socket["event"] == "close" && socket["after_line"] == after)
            .filter_map(|socket| socket["code"].as_u64())
            .filter(|code| !(3_000..=3_002).contains(code))
            .collect();
        for code in codes {
            let code = u16::try_from(code).ok().filter(|code| *code != 1_006);
            self.rig.lose(code);
        }
    }

    fn check(&self, after: usize) {
        let callbacks = self.expected["callbacks"].as_array().expect("callbacks");
        for (label, name) in self.expected["watches"].as_object().expect("watches") {
            let Some(key) = name.as_str().and_then(|name| self.keys.get(name)) else {
                continue;
            };
            let told: BTreeSet<u64> = callbacks
                .iter()
                .filter(|told| told["cb"] == "onChange" && told["watch"] == label.as_str())
                .filter_map(|told| told["after_line"].as_u64())
                .filter(|line| *line <= after as u64)
                .collect();
            let count = self.rig.signal(*key).count;
            assert!(
                count >= told.len() as u64,
                "{} line {after}: {label} was told {told:?}, we {count}",
                self.name
            );
        }
    }
}
