//! What the socket tells its clients, as JSON texts.

use serde::{Serialize, Serializer};

use super::history::Event;
use super::record::{DataType, QueueType, Record};
use super::refusal::Refusal;

/// The events of a watch, for its client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Events<'a> {
    pub(super) query_id: &'a str,
    /// The id of the last event there is.
    pub(super) current: i64,
    pub(super) events: &'a [Event],
}

/// What is told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Message<'a> {
    LoggedIn {
        env: &'a str,
    },
    /// The list a watch begins with.
    Init(Events<'a>),
    Next(Events<'a>),
    Check {
        query_id: &'a str,
        current: i64,
    },
    Pong,
    Refused(&'a Refusal),
}

impl Message<'_> {
    /// The text. `watch_id` must be there for whatever concerns a watch: clients blame an arbitrary one for an error
    /// without.
    pub(super) fn text(&self, watch_id: Option<&str>, request_id: &str) -> String {
        let envelope = Envelope {
            watch_id,
            request_id,
            kind: self.kind(),
            data: self,
        };
        serde_json::to_string(&envelope).expect("these are texts and numbers")
    }

    fn kind(&self) -> &'static str {
        match self {
            Message::LoggedIn { .. } => "LOGIN_RES",
            Message::Init(_) => "INIT_EVENT",
            Message::Next(_) => "NEXT_EVENT",
            Message::Check { .. } => "CHECK_EVENT",
            Message::Pong => "PONG",
            Message::Refused(_) => "ERROR",
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    watch_id: Option<&'a str>,
    request_id: &'a str,
    #[serde(rename = "msgType")]
    kind: &'static str,
    #[serde(rename = "msgData")]
    data: &'a Message<'a>,
}

impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match *self {
            Message::LoggedIn { env } => Login { env }.serialize(to),
            Message::Init(events) | Message::Next(events) => events.serialize(to),
            Message::Check { query_id, current } => Position { query_id, current }.serialize(to),
            Message::Pong => to.serialize_none(),
            Message::Refused(Refusal { code, message }) => Error { code, message }.serialize(to),
        }
    }
}

#[derive(Serialize)]
struct Login<'a> {
    #[serde(rename = "envId")]
    env: &'a str,
}

#[derive(Serialize)]
struct Position<'a> {
    #[serde(rename = "queryID")]
    query_id: &'a str,
    #[serde(rename = "currEvent")]
    current: i64,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            #[serde(flatten)]
            position: Position<'a>,
            events: Vec<Line<'a>>,
        }
        let lines = self.events.iter().flat_map(|event| {
            let records = event.records.iter();
            records.map(|record| Line::new(event.id, record))
        });
        let fields = Fields {
            position: Position {
                query_id: self.query_id,
                current: self.current,
            },
            events: lines.collect(),
        };
        fields.serialize(to)
    }
}

/// A record on the wire. Never `RemovedFields`: what the clients' types call so, their code does not read.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    #[serde(rename = "ID")]
    id: i64,
    data_type: DataType,
    queue_type: QueueType,
    #[serde(rename = "DocID")]
    doc_id: &'a str,
    doc: &'a str,
    updated_fields: Option<&'a str>,
    #[serde(rename = "removedFields")]
    removed_fields: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn new(id: i64, record: &'a Record) -> Self {
        let has_fields = record.data != DataType::Init;
        Self {
            id,
            data_type: record.data,
            queue_type: record.queue,
            doc_id: &record.id,
            doc: &record.document,
            updated_fields: has_fields.then_some(&record.updated),
            removed_fields: has_fields.then_some(&record.removed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DocId;

    #[test]
    fn messages_are_what_the_clients_read() {
        let record = Record {
            document: r#"{"_id":"t1"}"#.to_owned(),
            updated: r#"{"n":1}"#.to_owned(),
            ..Record::bare(DataType::Update, QueueType::Enqueue, &DocId::string("t1"))
        };
        let init = Record {
            updated: String::new(),
            ..Record {
                data: DataType::Init,
                queue: QueueType::Init,
                ..record.clone()
            }
        };
        let told = |id, record: &Record| Event {
            id,
            records: vec![record.clone()].into(),
        };
        let events = [told(7, &record)];
        let first = [told(0, &init)];
        let refusal = Refusal::denied();
        let cases = [
            (
                Message::LoggedIn { env: "e" },
                None,
                r#"{"requestId":"R","msgType":"LOGIN_RES","msgData":{"envId":"e"}}"#,
            ),
            (
                Message::Pong,
                None,
                r#"{"requestId":"R","msgType":"PONG","msgData":null}"#,
            ),
            (
                Message::Check {
                    query_id: "q",
                    current: 3,
                },
                Some("W"),
                r#"{"watchId":"W","requestId":"R","msgType":"CHECK_EVENT","msgData":{"queryID":"q","currEvent":3}}"#,
            ),
            (
                Message::Init(Events {
                    query_id: "q",
                    current: 0,
                    events: &first,
                }),
                Some("W"),
                r#"{"watchId":"W","requestId":"R","msgType":"INIT_EVENT","msgData":{"queryID":"q","currEvent":0,"events":[{"ID":0,"DataType":"init","QueueType":"init","DocID":"t1","Doc":"{\"_id\":\"t1\"}","UpdatedFields":null,"removedFields":null}]}}"#,
            ),
            (
                Message::Next(Events {
                    query_id: "q",
                    current: 7,
                    events: &events,
                }),
                Some("W"),
                r#"{"watchId":"W","requestId":"R","msgType":"NEXT_EVENT","msgData":{"queryID":"q","currEvent":7,"events":[{"ID":7,"DataType":"update","QueueType":"enqueue","DocID":"t1","Doc":"{\"_id\":\"t1\"}","UpdatedFields":"{\"n\":1}","removedFields":""}]}}"#,
            ),
            (
                Message::Refused(&refusal),
                Some("W"),
                r#"{"watchId":"W","requestId":"R","msgType":"ERROR","msgData":{"code":"COLLECTION_PERMISSION_DENIED","message":"the collection's permission or security rule does not allow this"}}"#,
            ),
        ];
        for (message, watch_id, text) in cases {
            assert_eq!(message.text(watch_id, "R"), text);
        }
    }
}
