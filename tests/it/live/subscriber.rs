//! A subscriber in this process. It keeps the list that it is told of, and fails when an event contradicts itself.

use std::time::Duration;

use bytes::Bytes;
use cloudbase_graphql::data::{
    CollectionName, DocId, Filter, Path, Principal, Update, ejson, update,
};
use cloudbase_graphql::gateway::Credential;
use cloudbase_graphql::graphql::{End, Event, Outcome, Reply, Request, Subscription};
use serde_json::Value as Json;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::harness::TestApp;

/// How long an event may take that is sure to come. Generous: a busy machine is not a fault.
const PATIENCE: Duration = Duration::from_secs(20);

/// A live operation, what was told of it so far, and what its connection proved.
pub(crate) struct Subscriber {
    pub(crate) subscription: Subscription,
    pub(crate) credential: watch::Sender<Credential>,
    /// The documents as the events made them: `changes { node }` put into the list before.
    pub(crate) list: Vec<Json>,
    sequence: u64,
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) bytes: Bytes,
    pub(crate) json: Json,
}

/// A live list of these fields, with everything an event tells.
pub(crate) fn live_list(field: &str, selected: &str) -> String {
    format!(
        "subscription {{ {field} {{ sequence kind nodes {{ id {selected} }} \
         changes {{ type id index node {{ id {selected} }} }} }} }}"
    )
}

/// A live document of these fields, with everything an event tells.
pub(crate) fn live_document(field: &str, selected: &str) -> String {
    live_list(field, selected).replace(" nodes {", " node {")
}

/// What a connection of this principal proves; `-` proves nothing.
pub(crate) fn credential(principal: &str, until: Option<i64>) -> Credential {
    let user = Principal::parse(principal).ok();
    Credential {
        user: user.map(|principal| principal.to_user()),
        until,
        proof: None,
    }
}

impl TestApp {
    /// Subscribes as this principal, with the roles that the documents give.
    pub(crate) async fn subscribe(&self, principal: &str, query: &str) -> Subscriber {
        self.subscribe_with(credential(principal, None), query)
            .await
    }

    pub(crate) async fn subscribe_with(&self, credential: Credential, query: &str) -> Subscriber {
        let (credential, proved) = watch::channel(credential);
        match self.executor.open(request(query), proved).await {
            Reply::Live(subscription) => Subscriber {
                subscription,
                credential,
                list: Vec::new(),
                sequence: 0,
            },
            Reply::Once(answer) => panic!("refused: {:?}", answer.body),
        }
    }

    /// The codes for which an operation is refused that is not answered for longer than once.
    pub(crate) async fn refusal(&self, principal: &str, query: &str) -> String {
        let (_credential, proved) = watch::channel(credential(principal, None));
        match self.executor.open(request(query), proved).await {
            Reply::Live(_) => "live".to_owned(),
            Reply::Once(answer) => {
                assert_eq!(answer.outcome, Outcome::Refused, "{:?}", answer.body);
                codes(&serde_json::from_slice(&answer.body).expect("JSON"))
            }
        }
    }

    /// Sets one value of a document past every permission: the value is EJSON.
    pub(crate) async fn set(&self, collection: &str, id: &str, path: &str, value: &str) {
        let path = Path::parse(path).expect("a path");
        let value = ejson::parse_value(value).expect("EJSON");
        let update = Update {
            ops: vec![update::Op::Set(path, value)],
        };
        let collection = CollectionName::parse(collection).expect("a collection's name");
        let (id, all) = (DocId::string(id), Filter::all());
        let updated = self
            .writer
            .update_one(&collection, &id, &all, &update)
            .await;
        updated.expect("a write").expect("the document is there");
    }

    /// Deletes a document past every permission.
    pub(crate) async fn delete(&self, collection: &str, id: &str) {
        let collection = CollectionName::parse(collection).expect("a collection's name");
        let (id, all) = (DocId::string(id), Filter::all());
        let deleted = self.writer.delete_one(&collection, &id, &all).await;
        deleted.expect("a write").expect("the document was there");
    }
}

fn request(query: &str) -> Request {
    Request {
        query: query.to_owned(),
        ..Request::default()
    }
}

fn codes(json: &Json) -> String {
    let errors = json["errors"].as_array().expect("errors");
    let code = |error: &Json| {
        error["extensions"]["code"]
            .as_str()
            .expect("a code")
            .to_owned()
    };
    errors.iter().map(code).collect::<Vec<_>>().join(" ")
}

impl Subscriber {
    /// What comes next, whatever it is.
    pub(crate) async fn event(&mut self) -> Event {
        let next = timeout(PATIENCE, self.subscription.next()).await;
        next.expect("an event within reasonable time")
    }

    /// The next event of the list, put into [`Subscriber::list`].
    pub(crate) async fn next(&mut self) -> Told {
        match self.event().await {
            Event::Next(bytes) => self.take_in(bytes),
            Event::End(end) => panic!("it ended: {end:?}"),
        }
    }

    /// [`Told::brief`] of the next event.
    pub(crate) async fn told(&mut self) -> String {
        self.next().await.brief()
    }

    /// The end, which comes next.
    pub(crate) async fn end(&mut self) -> End {
        match self.event().await {
            Event::End(end) => end,
            Event::Next(bytes) => panic!("it goes on: {bytes:?}"),
        }
    }

    /// The codes of the errors that come next instead of an event.
    pub(crate) async fn failure(&mut self) -> String {
        match self.event().await {
            Event::Next(bytes) => codes(&serde_json::from_slice(&bytes).expect("JSON")),
            Event::End(end) => panic!("it ended: {end:?}"),
        }
    }

    fn take_in(&mut self, bytes: Bytes) -> Told {
        let json = serde_json::from_slice(&bytes).expect("JSON");
        let told = Told { bytes, json };
        let event = told.event();
        if let Some(sequence) = event["sequence"].as_u64() {
            assert!(
                sequence > self.sequence,
                "not after {}: {event}",
                self.sequence
            );
            self.sequence = sequence;
        }
        if event["changes"].is_array() {
            self.fold(event);
            let now = event["nodes"].as_array().cloned().or_else(|| {
                let node = event.get("node")?;
                Some(
                    Some(node.clone())
                        .filter(|node| !node.is_null())
                        .into_iter()
                        .collect(),
                )
            });
            let now = now.unwrap_or_else(|| self.list.clone());
            assert_eq!(self.list, now, "the changes do not make the list: {event}");
        }
        told
    }

    /// As every client does it: take out what is named, then put in what has an index, in order.
    fn fold(&mut self, event: &Json) {
        let changes = event["changes"].as_array().expect("changes");
        if event["kind"] != "CHANGE" {
            self.list.clear();
        }
        let named = |node: &Json| changes.iter().any(|change| change["id"] == node["id"]);
        self.list.retain(|node| !named(node));
        for change in changes {
            match change["index"].as_u64() {
                Some(index) => {
                    let index = usize::try_from(index).expect("a place in a list");
                    self.list.insert(index, change["node"].clone());
                }
                None => assert!(change["node"].is_null(), "more than an id: {change}"),
            }
        }
    }
}

impl Told {
    /// The one member of `data`.
    pub(crate) fn event(&self) -> &Json {
        let data = self.json["data"].as_object();
        let event = data.and_then(|data| data.values().next());
        event.unwrap_or_else(|| panic!("no data: {}", self.json))
    }

    /// `CHANGE -o1 ~o2@0 +o5@3`: removed, updated, added.
    pub(crate) fn brief(&self) -> String {
        let event = self.event();
        let mut words = vec![event["kind"].as_str().expect("a kind").to_owned()];
        for change in event["changes"].as_array().expect("changes") {
            let id = change["id"].as_str().expect("an id");
            words.push(match change["type"].as_str() {
                Some("REMOVED") => format!("-{id}"),
                Some("UPDATED") => format!("~{id}@{}", change["index"]),
                _ => format!("+{id}@{}", change["index"]),
            });
        }
        words.join(" ")
    }

    /// The document of this id as the event shows it.
    pub(crate) fn node(&self, id: &str) -> &Json {
        let nodes = self.event()["nodes"].as_array().expect("nodes");
        let node = nodes.iter().find(|node| node["id"] == id);
        node.unwrap_or_else(|| panic!("no {id}: {}", self.json))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("events are UTF-8")
    }
}
