//! What is told of writes, one by one; and the law: a client that replays what
//! it is told has what a fresh query would find, after every commit.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::data::{Object, Order, OrderKey, Path, Value, ejson};
use crate::emulator::realtime::history::History;
use crate::emulator::realtime::message::{Events, Message};

type Version = Option<Arc<Document>>;

fn version(text: &str) -> Version {
    let fields = ejson::parse_object(text).expect("EJSON");
    Document::from_object(fields).map(Arc::new)
}

fn is_red(document: &Document) -> bool {
    document.get("team") == Some(&Value::string("red"))
}

fn step(kind: Kind, before: Version, after: Version) -> Step {
    let id = before
        .as_ref()
        .or(after.as_ref())
        .expect("one of them")
        .id();
    Step {
        kind,
        id: id.clone(),
        matches: after.as_deref().is_some_and(is_red),
        before,
        after,
    }
}

fn by_n(limit: usize, documents: &[Version]) -> Window {
    let order = Order {
        keys: vec![OrderKey::descending(Path::field("n"))],
    };
    let documents = documents.iter().flatten().cloned().collect();
    Window::new(Ranking::ByFields(order), limit, documents)
}

/// `data/queue id document updated removed`, one a record.
fn lines(records: &[Record]) -> Vec<String> {
    let line = |record: &Record| {
        let Record {
            data,
            queue,
            id,
            document,
            updated,
            removed,
        } = record;
        format!("{data:?}/{queue:?} {id} {document} {updated} {removed}")
            .trim_end()
            .to_owned()
    };
    records.iter().map(line).collect()
}

#[test]
fn what_is_told_of_a_write() {
    let a = || version(r#"{"_id":"a","team":"red","n":1}"#);
    let blue = || version(r#"{"_id":"a","team":"blue","n":1}"#);
    let more = || version(r#"{"_id":"a","team":"red","n":2,"m":1}"#);
    let cases: [(Vec<Version>, Step, &[&str]); 11] = [
        (
            vec![],
            step(Kind::Add, None, a()),
            &[r#"Add/Enqueue a {"_id":"a","team":"red","n":1}"#],
        ),
        (vec![], step(Kind::Add, None, blue()), &[]),
        (
            vec![a()],
            step(Kind::Update, a(), more()),
            &[r#"Update/Update a {"_id":"a","team":"red","n":2,"m":1} {"n":2,"m":1}"#],
        ),
        (
            vec![more()],
            step(Kind::Update, more(), a()),
            &[r#"Update/Update a {"_id":"a","team":"red","n":1} {"n":1} ["m"]"#],
        ),
        (vec![a()], step(Kind::Update, a(), a()), &[]),
        (
            vec![],
            step(Kind::Update, blue(), a()),
            &[r#"Update/Enqueue a {"_id":"a","team":"red","n":1} {"team":"red"}"#],
        ),
        (
            vec![a()],
            step(Kind::Update, a(), blue()),
            &[r#"Update/Dequeue a  {"team":"blue"}"#],
        ),
        (
            vec![a()],
            step(Kind::Replace, a(), more()),
            &[r#"Replace/Update a {"_id":"a","team":"red","n":2,"m":1}"#],
        ),
        (
            vec![],
            step(Kind::Replace, blue(), a()),
            &[r#"Replace/Enqueue a {"_id":"a","team":"red","n":1}"#],
        ),
        (
            vec![a()],
            step(Kind::Replace, a(), blue()),
            &[r#"Replace/Dequeue a {"_id":"a","team":"blue","n":1}"#],
        ),
        (
            vec![a()],
            step(Kind::Remove, a(), None),
            &["Remove/Dequeue a"],
        ),
    ];
    for (documents, step, told) in cases {
        let mut window = by_n(usize::MAX, &documents);
        let records = window.apply(std::slice::from_ref(&step));
        assert_eq!(lines(&records), told, "{step:?}");
    }
}

#[test]
fn what_may_not_be_seen_is_not_told() {
    let a = || version(r#"{"_id":"a","team":"red","n":1}"#);
    let hidden = |kind| Step {
        after: None,
        ..step(kind, a(), a())
    };
    let cases = [
        (hidden(Kind::Update), "Update/Dequeue a"),
        (
            hidden(Kind::Replace),
            r#"Replace/Dequeue a {"_id":"a","team":"red","n":1}"#,
        ),
    ];
    for (step, told) in cases {
        let step = Step {
            matches: false,
            ..step
        };
        let mut window = by_n(usize::MAX, &[a()]);
        assert_eq!(lines(&window.apply(&[step])), [told]);
    }
    let unseen_before = Step {
        before: None,
        ..step(Kind::Update, a(), a())
    };
    let told = r#"Update/Enqueue a {"_id":"a","team":"red","n":1}"#;
    assert_eq!(lines(&by_n(5, &[]).apply(&[unseen_before])), [told]);
}

#[test]
fn others_are_pushed_out_and_move_up() {
    let document =
        |id: &str, n: i64| version(&json!({"_id": id, "team": "red", "n": n}).to_string());
    let mut window = by_n(2, &[document("t1", 1), document("t2", 2)]);
    let steps: [(Step, &[&str]); 4] = [
        (
            step(Kind::Add, None, document("t4", 9)),
            &[
                r#"Add/Enqueue t4 {"_id":"t4","n":9,"team":"red"}"#,
                "Limit/Dequeue t1",
            ],
        ),
        (
            step(Kind::Update, document("t1", 1), document("t1", 0)),
            &[],
        ),
        (
            step(Kind::Update, document("t4", 9), document("t4", -1)),
            &[
                r#"Update/Dequeue t4  {"n":-1}"#,
                r#"Limit/Enqueue t1 {"_id":"t1","n":0,"team":"red"}"#,
            ],
        ),
        (
            step(Kind::Remove, document("t2", 2), None),
            &[
                "Remove/Dequeue t2",
                r#"Limit/Enqueue t4 {"_id":"t4","n":-1,"team":"red"}"#,
            ],
        ),
    ];
    for (step, told) in steps {
        assert_eq!(
            lines(&window.apply(std::slice::from_ref(&step))),
            told,
            "{step:?}"
        );
    }
    assert_eq!(window.len(), 2);
}

/// The list as a client keeps it, written from the protocol's own words and from nothing of this crate.
#[derive(Default)]
struct Client {
    current: i64,
    documents: Vec<Json>,
    /// Whether updates are patched even where the document came whole.
    patches: bool,
}

impl Client {
    fn hear(&mut self, message: &str) {
        let message: Json = serde_json::from_str(message).unwrap();
        let data = &message["msgData"];
        let current = data["currEvent"].as_i64().unwrap();
        let mut events = data["events"].as_array().unwrap().clone();
        if message["msgType"] == "INIT_EVENT" {
            self.documents.clear();
            self.current = current - 1;
            for event in &mut events {
                event["ID"] = current.into();
            }
            if events.is_empty() {
                self.current = current;
            }
        }
        let mut is_first_init = true;
        for (at, event) in events.iter().enumerate() {
            let id = event["ID"].as_i64().unwrap();
            assert_eq!(id, self.current + 1, "no gap, nothing twice");
            self.take(event, &mut is_first_init);
            if events
                .get(at + 1)
                .is_none_or(|next| next["ID"] != event["ID"])
            {
                self.current = id;
            }
        }
        assert_eq!(self.current, current);
    }

    fn take(&mut self, event: &Json, is_first_init: &mut bool) {
        let text = |name: &str| event[name].as_str().filter(|text| !text.is_empty());
        let parse = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        let place = self
            .documents
            .iter()
            .position(|document| document["_id"] == event["DocID"]);
        let mut document = text("Doc").map(parse);
        let kinds = (
            event["DataType"].as_str().unwrap(),
            event["QueueType"].as_str().unwrap(),
        );
        if kinds.0 == "update" && kinds.1 != "enqueue" && (document.is_none() || self.patches) {
            let mut patched = self.documents[place.expect("it is in the list")].clone();
            for (path, value) in text("UpdatedFields")
                .map(parse)
                .iter()
                .flat_map(|fields| fields.as_object().unwrap())
            {
                set(&mut patched, path, value);
            }
            for path in text("removedFields")
                .map(parse)
                .iter()
                .flat_map(|paths| paths.as_array().unwrap())
            {
                unset(&mut patched, path.as_str().unwrap());
            }
            if kinds.1 == "update" {
                assert!(
                    document.is_none_or(|whole| whole == patched),
                    "the patch and the whole agree"
                );
            }
            document = Some(patched);
        }
        match kinds.1 {
            "init" if std::mem::take(is_first_init) => {
                self.documents = vec![document.expect("whole")]
            }
            "init" => self.documents.push(document.expect("whole")),
            "enqueue" => {
                assert_eq!(place, None, "nothing enters twice");
                self.documents.push(document.expect("whole"));
            }
            "dequeue" => drop(self.documents.remove(place.expect("what leaves was there"))),
            "update" => {
                self.documents[place.expect("what stays was there")] = document.expect("whole")
            }
            other => panic!("unknown: {other}"),
        }
    }

    fn set(&self) -> BTreeMap<String, Json> {
        let by_id = |document: &Json| {
            (
                document["_id"].as_str().unwrap().to_owned(),
                document.clone(),
            )
        };
        self.documents.iter().map(by_id).collect()
    }
}

fn set(document: &mut Json, path: &str, value: &Json) {
    let mut at = document;
    for segment in path.split('.') {
        at = match at {
            Json::Array(items) => &mut items[segment.parse::<usize>().unwrap()],
            Json::Object(members) => members.entry(segment).or_insert(Json::Null),
            other => {
                *other = Json::Object(Map::new());
                &mut other[segment]
            }
        };
    }
    *at = value.clone();
}

fn unset(document: &mut Json, path: &str) {
    let (parent, last) = path
        .rsplit_once('.')
        .map_or(("", path), |(parent, last)| (parent, last));
    let pointer = if parent.is_empty() {
        String::new()
    } else {
        format!("/{}", parent.replace('.', "/"))
    };
    let parent = document.pointer_mut(&pointer).expect("its parent is there");
    parent
        .as_object_mut()
        .expect("an object")
        .remove(last)
        .expect("it was there");
}

/// A write of one of a few documents: what it becomes, if anything, and whether by an update or a replacement.
type Draw = (u8, Option<Json>, bool);

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    let inner = prop_oneof![
        Just(json!(1)),
        (0..2, 0..2).prop_map(|(x, y)| json!({"x": x, "l": [y, {"z": x}]})),
        (0..2).prop_map(|x| json!({"y": {"z": x}})),
        vec(0..2, 0..3).prop_map(|items| json!(items)),
    ];
    let fields = (
        0..3,
        prop::sample::select(vec!["red", "red", "blue"]),
        prop::option::of(inner),
    );
    let fields = fields.prop_map(|(n, team, inner)| match inner {
        Some(inner) => json!({"n": n, "team": team, "inner": inner}),
        None => json!({"n": n, "team": team}),
    });
    vec(
        (0_u8..6, prop::option::weighted(0.8, fields), any::<bool>()),
        0..4,
    )
}

fn orders() -> impl Strategy<Value = Order> {
    let key = (
        prop::sample::select(vec!["n", "team", "inner.x", "_id"]),
        any::<bool>(),
    );
    vec(key, 0..3).prop_map(|keys| Order {
        keys: keys
            .into_iter()
            .map(|(name, ascending)| {
                let path = Path::parse(name).expect("a path");
                if ascending {
                    OrderKey::ascending(path)
                } else {
                    OrderKey::descending(path)
                }
            })
            .collect(),
    })
}

/// All documents of the collection, by id.
type All = BTreeMap<u8, Arc<Document>>;

fn write(all: &mut All, draws: Vec<Draw>) -> Vec<Step> {
    let draws: BTreeMap<u8, (Option<Json>, bool)> = draws
        .into_iter()
        .map(|(id, fields, whole)| (id, (fields, whole)))
        .collect();
    let mut steps = Vec::new();
    for (id, (fields, whole)) in draws {
        let after = fields.map(|fields| {
            let fields: Object = ejson::parse_object(&fields.to_string()).expect("EJSON");
            Arc::new(Document::new(DocId::string(id.to_string()), 1, fields))
        });
        let before = match &after {
            Some(after) => all.insert(id, Arc::clone(after)),
            None => all.remove(&id),
        };
        let kind = match (&before, &after) {
            (None, None) => continue,
            (None, Some(_)) => Kind::Add,
            (Some(_), None) => Kind::Remove,
            (Some(_), Some(_)) if whole => Kind::Replace,
            (Some(_), Some(_)) => Kind::Update,
        };
        steps.push(step(kind, before, after));
    }
    steps
}

/// What a fresh query finds: not the window's own way of sorting, only the order's.
fn found(all: &All, order: &Order, limit: usize) -> Vec<Arc<Document>> {
    let mut found: Vec<_> = all
        .values()
        .filter(|document| is_red(document))
        .cloned()
        .collect();
    found.sort_by(|a, b| order.compare(a.fields(), b.fields()));
    found.truncate(limit);
    found
}

fn as_set(documents: &[Arc<Document>]) -> BTreeMap<String, Json> {
    let by_id = |document: &Arc<Document>| {
        let json = serde_json::from_str(&super::super::text::document(document)).unwrap();
        (document.id().to_string(), json)
    };
    documents.iter().map(by_id).collect()
}

proptest! {
    #[test]
    fn a_client_that_replays_what_it_is_told_has_what_a_query_finds(
        first in draws(),
        commits in vec((draws(), prop::bool::weighted(0.1)), 0..12),
        order in orders(),
        limit in prop_oneof![Just(usize::MAX), 1_usize..4],
        patches in any::<bool>(),
    ) {
        let mut all = All::new();
        write(&mut all, first);
        let ranking = Ranking::ByFields(order.clone());
        let mut window = Window::new(ranking, limit, found(&all, &order, usize::MAX));
        let mut history = History::new(100);
        let mut client = Client { patches, ..Client::default() };
        let init = super::super::history::Event { id: 0, records: window.init().into() };
        let events = Events { query_id: "q", current: 0, events: &[init] };
        client.hear(&Message::Init(events).text(Some("w"), "r"));
        prop_assert_eq!(client.set(), as_set(&found(&all, &order, limit)));
        for (draws, is_lost) in commits {
            let steps = write(&mut all, draws);
            let records = if is_lost {
                window.replace(found(&all, &order, usize::MAX))
            } else {
                window.apply(&steps)
            };
            let expected = found(&all, &order, limit);
            prop_assert_eq!(window.shown(), &expected);
            if !records.is_empty() {
                let event = history.add(records);
                let events = Events { query_id: "q", current: event.id, events: &[event] };
                client.hear(&Message::Next(events).text(Some("w"), "r"));
            }
            prop_assert_eq!(client.set(), as_set(&expected));
        }
    }
}
