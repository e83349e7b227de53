//! The messages of the socket: JSON texts, one to a frame.
//!
//! Of what comes, little is looked at: numbers of events, but not what they tell of. Members that are missing, or of
//! another type than the cloud's own clients take, are as if not there.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use smol_str::SmolStr;

use super::Login;
use crate::cloudbase::realtime::Query;
use crate::data::ejson::{self, Mode};
use crate::data::{Direction, Object, Value};

/// What came.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) watch_id: Option<SmolStr>,
    pub(super) request_id: Option<SmolStr>,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    LoggedIn,
    /// The list a watch begins with, what happened to it since, or only the number of the last event.
    Events(Events),
    Refused(Refusal),
    /// A sign of life, or something that we do not know.
    Other,
}

#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) source: Source,
    pub(super) query_id: Option<SmolStr>,
    /// The number of the last event there is.
    pub(super) current: Option<i64>,
    /// The numbers of the events that are told, where they can be read.
    pub(super) numbers: Vec<Option<i64>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Source {
    Init,
    #[default]
    Next,
    Check,
}

/// Why the server does not do something.
/// Only the code is kept: the message beside it may repeat values of the query, which do not belong in a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: SmolStr,
}

/// What helps against a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// A new signature.
    Sign,
    /// To begin the watch anew: the server does not know it any more.
    Begin,
    /// To try again.
    Retry,
    /// Nothing soon.
    Rest,
}

impl Refusal {
    /// What the cloud's own clients know of codes. The code for too many documents is not known; it is one of the rest.
    pub(super) fn remedy(&self) -> Remedy {
        match self.code.as_str() {
            "CHECK_LOGIN_FAILED"
            | "SIGN_EXPIRED_ERROR"
            | "SIGN_INVALID_ERROR"
            | "SIGN_PARAM_INVALID"
            | "WX_WEBSOCKET_TOKEN_EXPIRED" => Remedy::Sign,
            "QUERYID_INVALID_ERROR" => Remedy::Begin,
            "SYS_ERR" => Remedy::Retry,
            _ => Remedy::Rest,
        }
    }
}

/// Reads a message; `None`: it is none.
pub(super) fn read(text: &str) -> Option<Incoming> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Envelope<'a> {
        #[serde(default)]
        watch_id: Option<Loose>,
        #[serde(default)]
        request_id: Option<Loose>,
        #[serde(default)]
        msg_type: Option<Loose>,
        #[serde(default, borrow)]
        msg_data: Option<&'a RawValue>,
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).ok()?;
    let data: Data = envelope
        .msg_data
        .and_then(|data| serde_json::from_str(data.get()).ok())
        .unwrap_or_default();
    let kind = envelope.msg_type.and_then(Loose::text);
    Some(Incoming {
        watch_id: envelope.watch_id.and_then(Loose::text),
        request_id: envelope.request_id.and_then(Loose::text),
        kind: kind.map_or(Kind::Other, |kind| data.of_kind(&kind)),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    #[serde(rename = "queryID")]
    query_id: Option<Loose>,
    #[serde(rename = "currEvent")]
    current: Option<Loose>,
    events: Option<Vec<Event>>,
    code: Option<Loose>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "ID", default)]
    number: Option<Loose>,
}

impl Data {
    fn of_kind(self, kind: &str) -> Kind {
        match kind {
            "ERROR" => Kind::Refused(self.refusal().unwrap_or_default()),
            "LOGIN_RES" => self.refusal().map_or(Kind::LoggedIn, Kind::Refused),
            "INIT_EVENT" => self.events(Source::Init),
            "NEXT_EVENT" => self.events(Source::Next),
            "CHECK_EVENT" => self.events(Source::Check),
            _ => Kind::Other,
        }
    }

    /// `None`: there is no code.
    fn refusal(self) -> Option<Refusal> {
        let code = self.code?.text().unwrap_or_default();
        (!matches!(code.as_str(), "" | "0")).then_some(Refusal { code })
    }

    fn events(self, source: Source) -> Kind {
        let events = self.events.unwrap_or_default();
        let number = |event: Event| event.number.and_then(Loose::int);
        Kind::Events(Events {
            source,
            query_id: self
                .query_id
                .and_then(Loose::text)
                .filter(|id| !id.is_empty()),
            current: self.current.and_then(Loose::int),
            numbers: events.into_iter().map(number).collect(),
        })
    }
}

/// A text or a number, whichever of them it is meant to be.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Int(i64),
    Text(SmolStr),
    Neither(IgnoredAny),
}

impl Loose {
    fn int(self) -> Option<i64> {
        match self {
            Loose::Int(int) => Some(int),
            Loose::Text(text) => text.parse().ok(),
            Loose::Neither(_) => None,
        }
    }

    fn text(self) -> Option<SmolStr> {
        match self {
            Loose::Int(int) => Some(smol_str::format_smolstr!("{int}")),
            Loose::Text(text) => Some(text),
            Loose::Neither(_) => None,
        }
    }
}

/// A list as it is asked for.
#[derive(Clone, Debug)]
pub(in crate::cloudbase::realtime) struct List {
    collection: SmolStr,
    /// The condition as a text of its own.
    query: SmolStr,
    order: Object,
    limit: i64,
}

impl List {
    pub(in crate::cloudbase::realtime) fn new(query: Query) -> Self {
        let direction = |direction| match direction {
            Direction::Ascending => "asc",
            Direction::Descending => "desc",
        };
        let order = query.order.into_iter();
        let order = order.map(|(field, way)| (field, Value::string(direction(way))));
        let condition = query.query.into_iter();
        let condition = condition.map(|(name, value)| (name, as_spoken(value)));
        let condition: Object = condition.collect();
        Self {
            collection: query.collection.as_str().into(),
            query: ejson::object_to_string(&condition, Mode::Relaxed).into(),
            order: order.collect(),
            limit: i64::try_from(query.limit).unwrap_or(i64::MAX),
        }
    }

    /// The same for equal lists, and for no others.
    pub(in crate::cloudbase::realtime) fn key(&self) -> String {
        ejson::object_to_string(&self.members(), Mode::Relaxed)
    }

    fn members(&self) -> Object {
        Object::from_iter([
            ("collName", Value::string(self.collection.clone())),
            ("query", Value::string(self.query.clone())),
            ("limit", Value::Int(self.limit)),
            ("orderBy", Value::Object(self.order.clone())),
        ])
    }
}

/// A value as the cloud's own clients say it here: as plain JSON, and dates in milliseconds.
fn as_spoken(value: Value) -> Value {
    match value {
        Value::Date(ms) => Value::Object(Object::from_iter([("$date", Value::Int(ms))])),
        Value::Array(items) => Value::Array(items.into_iter().map(as_spoken).collect()),
        Value::Object(object) => {
            let members = object.into_iter();
            let members = members.map(|(name, value)| (name, as_spoken(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

/// What is said: a message without its address.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outgoing<'a> {
    Login(&'a Login),
    Ping,
    Init {
        list: &'a List,
    },
    Rebuild {
        list: &'a List,
        query_id: &'a str,
        last: i64,
    },
    Check {
        query_id: &'a str,
        last: i64,
    },
    Close,
}

impl Outgoing<'_> {
    /// The text. `env`: as the signature named it.
    pub(super) fn text(
        self,
        env: Option<&str>,
        watch_id: Option<&str>,
        request_id: &str,
    ) -> String {
        let mut message = Object::new();
        if let Some(watch_id) = watch_id {
            message.insert("watchId", Value::string(watch_id));
        }
        message.insert("requestId", Value::string(request_id));
        message.insert("msgType", Value::string(self.kind()));
        message.insert("msgData", self.data(env).map_or(Value::Null, Value::Object));
        if let Outgoing::Login(login) = self {
            message.insert("exMsgData", Value::Object(proof(login)));
        }
        ejson::object_to_string(&message, Mode::Relaxed)
    }

    fn kind(self) -> &'static str {
        match self {
            Outgoing::Login(_) => "LOGIN",
            Outgoing::Ping => "PING",
            Outgoing::Init { .. } => "INIT_WATCH",
            Outgoing::Rebuild { .. } => "REBUILD_WATCH",
            Outgoing::Check { .. } => "CHECK_LAST",
            Outgoing::Close => "CLOSE_WATCH",
        }
    }

    fn data(self, env: Option<&str>) -> Option<Object> {
        let position = |query_id: &str, last| {
            [
                ("queryID", Value::string(query_id)),
                ("eventID", Value::Int(last)),
            ]
        };
        let env = env.map(|env| ("envId", Value::string(env)));
        let env = env.into_iter();
        Some(match self {
            Outgoing::Ping | Outgoing::Close => return None,
            Outgoing::Login(_) => env.chain(NOBODY.map(text)).collect(),
            Outgoing::Init { list } => {
                let env = env.map(|(name, env)| (SmolStr::new(name), env));
                env.chain(list.members()).collect()
            }
            Outgoing::Rebuild {
                list,
                query_id,
                last,
            } => {
                let collection = ("collName", Value::string(list.collection.clone()));
                env.chain([collection])
                    .chain(position(query_id, last))
                    .collect()
            }
            Outgoing::Check { query_id, last } => position(query_id, last).into_iter().collect(),
        })
    }
}

/// What a login says that proves itself by a signature.
const NOBODY: [(&str, &str); 4] = [
    ("accessToken", ""),
    ("referrer", "web"),
    ("sdkVersion", ""),
    ("dataVersion", ""),
];

fn text((name, text): (&'static str, &str)) -> (&'static str, Value) {
    (name, Value::string(text))
}

fn proof(login: &Login) -> Object {
    Object::from_iter([
        ("runtime", Value::string("web")),
        ("signStr", Value::string(login.signature.expose())),
        ("secretVersion", login.secret_version.clone()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::CollectionName;

    #[test]
    fn messages_are_read_as_far_as_they_can_be() {
        let events = |source, query_id: Option<&str>, current, numbers: &[Option<i64>]| {
            Some(format!("{source:?} {query_id:?} {current:?} {numbers:?}"))
        };
        let (next, check) = (Source::Next, Source::Check);
        let cases: [(&str, &str, Option<String>); 9] = [
            (
                "NEXT_EVENT",
                r#"{"queryID":"q","currEvent":2,"events":[{"ID":1,"RemovedFields":7,"DocID":1.5},{"ID":"2"},{}]}"#,
                events(next, Some("q"), Some(2), &[Some(1), Some(2), None]),
            ),
            (
                "CHECK_EVENT",
                r#"{"queryID":7,"currEvent":"3"}"#,
                events(check, Some("7"), Some(3), &[]),
            ),
            (
                "NEXT_EVENT",
                r#"{"queryID":"","currEvent":1.5,"events":null}"#,
                events(next, None, None, &[]),
            ),
            ("NEXT_EVENT", "[]", events(next, None, None, &[])),
            ("NEXT_EVENT", "null", events(next, None, None, &[])),
            (
                "LOGIN_RES",
                r#"{"envId":"e","code":""}"#,
                Some("in".to_owned()),
            ),
            (
                "LOGIN_RES",
                r#"{"code":"SYS_ERR","message":[]}"#,
                Some("SYS_ERR".to_owned()),
            ),
            ("ERROR", "{}", Some(String::new())),
            ("PONG", "null", None),
        ];
        for (kind, data, expected) in cases {
            let text = format!(r#"{{"requestId":"R","msgType":"{kind}","msgData":{data}}}"#);
            let incoming = read(&text).expect("a message");
            assert_eq!(incoming.request_id.as_deref(), Some("R"));
            let told = match incoming.kind {
                Kind::Events(told) => {
                    let query_id = told.query_id.as_deref();
                    events(told.source, query_id, told.current, &told.numbers)
                }
                Kind::LoggedIn => Some("in".to_owned()),
                Kind::Refused(refusal) => Some(refusal.code.to_string()),
                Kind::Other => None,
            };
            assert_eq!(told, expected, "{kind} {data}");
        }
        for text in ["", "7", "{", "null"] {
            assert!(read(text).is_none(), "{text}");
        }
        assert!(read("{}").is_some_and(|it| matches!(it.kind, Kind::Other)));
    }

    #[test]
    fn values_are_said_as_the_clouds_own_clients_say_them() {
        let list = |day| {
            let day = Object::from_iter([("$gt", Value::Date(day))]);
            let items = vec![Value::Int(1), Value::Double(1.5), Value::Date(2)];
            List::new(Query {
                collection: CollectionName::parse("todos").expect("a name"),
                query: Object::from_iter([("day", Value::Object(day)), ("n", Value::Array(items))]),
                order: vec![("z".to_owned(), Direction::Descending)],
                limit: 3,
            })
        };
        assert_eq!(
            list(1).query,
            r#"{"day":{"$gt":{"$date":1}},"n":[1,1.5,{"$date":2}]}"#
        );
        assert_eq!(list(1).key(), list(1).key());
        assert_ne!(list(1).key(), list(2).key());
    }
}
