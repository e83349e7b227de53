//! The messages of graphql-transport-ws, and the codes that its sockets are closed with.
//!
//! Pure: text in, messages out. The protocol is written down in the package
//! `graphql-ws`; codes and reasons are those of its server.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::server::auth;
use crate::server::refusal::Refusal;
use crate::server::request::{self, Parameters};

/// The sub-protocol's name.
pub(super) const NAME: &str = "graphql-transport-ws";

/// The longest id of an operation, in bytes: a socket keeps the ids of those that run.
const MAX_ID: usize = 256;

/// The longest reason that fits into a close frame, in bytes.
const MAX_REASON: usize = 123;

/// What a client says.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    Init(Map<String, Json>),
    /// With a payload it is sent back; a token in it is the socket's from now on.
    Ping(Option<Map<String, Json>>),
    Pong,
    Subscribe {
        id: String,
        parameters: Parameters,
    },
    Complete {
        id: String,
    },
}

/// How a socket is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: Cow<'static, str>,
}

impl Close {
    pub(super) const GOING_AWAY: Self = Self::new(1001, "the server shuts down: connect again");
    pub(super) const NOT_TEXT: Self = Self::new(1007, "a text message is UTF-8");
    /// Not 4429, at which clients give up: a caller who closes another socket may come back.
    pub(super) const CROWDED: Self = Self::new(1013, "too many sockets of one caller");
    /// Not for clients to give up at either: one that has a token to show comes back.
    pub(super) const TOO_MANY_PROOFS: Self = Self::new(1013, "too many tokens one after the other");
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// Clients ask for a fresh token and come back.
    pub(super) const EXPIRED: Self = Self::new(4403, "Forbidden: the token has expired");
    pub(super) const FOREIGN_PROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    pub(super) const NO_INIT: Self = Self::new(4408, "Connection initialisation timeout");
    pub(super) const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(reason),
        }
    }

    fn because(code: u16, mut reason: String) -> Self {
        reason.truncate(reason.floor_char_boundary(MAX_REASON));
        Self {
            code,
            reason: Cow::Owned(reason),
        }
    }

    /// Frames were not those of a WebSocket.
    pub(super) fn violation(why: &str) -> Self {
        Self::because(1002, format!("Protocol violation: {why}"))
    }

    /// A message was not one of the protocol's.
    pub(super) fn malformed(why: &str) -> Self {
        Self::because(4400, format!("Invalid message received: {why}"))
    }

    /// A proof of identity was refused, or nobody knows at this moment what it is worth: clients come back then.
    pub(super) fn unproven(why: &auth::Refused) -> Self {
        match why.retry_after() {
            Some(_) => Self::because(1013, why.to_string()),
            None => Self::because(4403, format!("Forbidden: {why}")),
        }
    }

    /// An operation with this id runs already.
    pub(super) fn duplicate(id: &str) -> Self {
        Self::because(4409, format!("Subscriber for {id} already exists"))
    }

    /// A message has more than so many bytes.
    pub(super) fn too_large(max: usize) -> Self {
        Self::because(1009, format!("a message has at most {max} bytes"))
    }
}

/// A message as it is written.
#[derive(Deserialize)]
struct Written {
    r#type: Option<Json>,
    id: Option<Json>,
    payload: Option<Json>,
}

impl Message {
    /// # Errors
    ///
    /// With 4400 for everything that no client of the protocol would send.
    pub(super) fn parse(text: &str) -> Result<Self, Close> {
        // A list would be read as the members of an object in their order.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(Close::malformed("it is no JSON object"));
        }
        let written: Written =
            serde_json::from_str(text).map_err(|error| Close::malformed(&error.to_string()))?;
        let Some(Json::String(kind)) = &written.r#type else {
            return Err(Close::malformed("`type` is not a string"));
        };
        match kind.as_str() {
            "connection_init" => Ok(Self::Init(written.notice()?.unwrap_or_default())),
            "ping" => Ok(Self::Ping(written.notice()?)),
            "pong" => written.notice().map(|_| Self::Pong),
            "subscribe" => written.subscribe(),
            "complete" => written.id().map(|id| Self::Complete { id }),
            _ => Err(Close::malformed("no client sends this `type`")),
        }
    }
}

impl Written {
    /// A payload that may be there.
    fn notice(self) -> Result<Option<Map<String, Json>>, Close> {
        match self.payload {
            None => Ok(None),
            Some(Json::Object(members)) => Ok(Some(members)),
            Some(_) => Err(Close::malformed("`payload` is not an object")),
        }
    }

    fn subscribe(mut self) -> Result<Message, Close> {
        let Some(Json::Object(payload)) = self.payload.take() else {
            return Err(Close::malformed("`payload` is not an object"));
        };
        let parameters = request::from_payload(payload).map_err(|refusal| match refusal {
            Refusal::Malformed(why) => Close::malformed(&why),
            other => Close::malformed(&other.into_error().message),
        })?;
        Ok(Message::Subscribe {
            id: self.id()?,
            parameters,
        })
    }

    fn id(self) -> Result<String, Close> {
        match self.id {
            Some(Json::String(id)) if id.is_empty() => Err(Close::malformed("`id` is empty")),
            Some(Json::String(id)) if id.len() > MAX_ID => Err(Close::malformed(&format!(
                "`id` has more than {MAX_ID} bytes"
            ))),
            Some(Json::String(id)) => Ok(id),
            _ => Err(Close::malformed("`id` is not a string")),
        }
    }
}

/// What is open between a socket's handshake and its first operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing came yet on a socket that was opened without a sub-protocol (some mini programs cannot name one): the
    /// first message shows whether this one is meant.
    Unknown,
    /// It was not said yet who the socket speaks for.
    Opening,
    Acknowledged,
}

impl Phase {
    /// Whether a message may come now.
    pub(super) fn take(&mut self, message: &Message) -> Result<(), Close> {
        match (*self, message) {
            (Phase::Unknown | Phase::Opening, Message::Init(_)) => {
                *self = Phase::Acknowledged;
                Ok(())
            }
            (Phase::Unknown, _) => Err(Close::FOREIGN_PROTOCOL),
            (Phase::Opening, Message::Subscribe { .. }) => Err(Close::UNAUTHORIZED),
            (Phase::Acknowledged, Message::Init(_)) => Err(Close::SECOND_INIT),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_protocol_are_understood() {
        let subscribe = |id: &str, query: &str| Message::Subscribe {
            id: id.to_owned(),
            parameters: Parameters {
                query: query.to_owned(),
                ..Parameters::default()
            },
        };
        for (text, meant) in [
            (r#"{"type":"connection_init"}"#, Message::Init(Map::new())),
            (
                r#" {"payload":null,"type":"connection_init","more":1} "#,
                Message::Init(Map::new()),
            ),
            (r#"{"type":"ping"}"#, Message::Ping(None)),
            (
                r#"{"type":"ping","payload":{}}"#,
                Message::Ping(Some(Map::new())),
            ),
            (r#"{"type":"pong","payload":{"a":1}}"#, Message::Pong),
            (
                r#"{"type":"complete","id":"1"}"#,
                Message::Complete { id: "1".to_owned() },
            ),
            (
                r#"{"id":"a","type":"subscribe","payload":{"query":"{me}","variables":null,"operationName":null,"extensions":{}}}"#,
                subscribe("a", "{me}"),
            ),
        ] {
            assert_eq!(Message::parse(text), Ok(meant), "{text}");
        }
    }

    #[test]
    fn reasons_fit_into_a_frame() {
        let long = "单".repeat(100);
        for close in [Close::malformed(&long), Close::duplicate(&long)] {
            assert!(close.reason.len() <= MAX_REASON, "{}", close.reason);
            assert!(close.reason.ends_with('单'));
        }
    }
}
