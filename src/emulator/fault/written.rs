//! How a fault is written: JSON, or `key=value` pairs for flags.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Moment, Protocol, RequestEffect, SocketEffect, SocketEvent};
use crate::cloudbase::Code;

/// One thing that goes wrong, and when. As text: `code=EXCEED_REQUEST_LIMIT action=database.getDocument every=3 times=2`;
/// in JSON, the same names are members.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(super) written: Written,
    pub(super) effect: Effect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    OfRequest(RequestEffect),
    OfSocket(SocketEvent, SocketEffect),
}

/// The members of a fault: which requests or events it is about, and one effect.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) protocol: Option<Protocol>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<String>,
    /// What the path begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) collection: Option<String>,
    /// The event of a socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<SocketEvent>,

    /// So many are let pass first.
    pub(super) after: u64,
    /// Then each of this number is struck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) every: Option<NonZeroU64>,
    /// So many, and no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u64>,

    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    socket: Option<SocketTrouble>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_push_ms: Option<u64>,
}

/// What happens to sockets that needs no number.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum SocketTrouble {
    Drop,
    SwallowPush,
    DuplicatePush,
    Gap,
    SwallowPing,
    SwallowAnswer,
    TrimHistory,
    ExpiredSign,
}

/// Members whose values are numbers.
const NUMBERS: [&str; 7] = [
    "after",
    "every",
    "times",
    "latency_ms",
    "status",
    "close",
    "delay_push_ms",
];

/// Characters of a code.
const MAX_CODE: usize = 64;

/// The longest delay of anything.
const MAX_DELAY: Duration = Duration::from_secs(600);

/// Why something written is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultError(String);

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut members = serde_json::Map::new();
        for pair in text.split_whitespace() {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| FaultError(format!("`{pair}` is not `name=value`")))?;
            let value = match value.parse::<u64>() {
                Ok(number) if NUMBERS.contains(&name) => number.into(),
                _ => value.into(),
            };
            members.insert(name.to_owned(), value);
        }
        Self::from_json(members.into())
    }
}

impl Fault {
    pub(super) fn from_json(json: serde_json::Value) -> Result<Self, FaultError> {
        let written: Written =
            serde_json::from_value(json).map_err(|error| FaultError(error.to_string()))?;
        let effect = written.effect()?;
        Ok(Self { written, effect })
    }
}

impl Written {
    /// The one effect that is named.
    fn effect(&self) -> Result<Effect, FaultError> {
        let mut named = Vec::new();
        named.extend(self.request_effects()?.map(Effect::OfRequest));
        for effect in self.socket_effects()? {
            let event = self.on.unwrap_or_else(|| usual_event(&effect));
            named.push(Effect::OfSocket(event, effect));
        }
        match named.as_slice() {
            [Effect::OfSocket(SocketEvent::Ping, SocketEffect::Refuse(_))] => Err(FaultError(
                "a ping is not refused, but it may not be answered: `socket=swallow_ping`"
                    .to_owned(),
            )),
            [effect] => Ok(effect.clone()),
            [] => Err(FaultError(
                "say what happens: `latency_ms`, `code`, `status`, `reset`, `socket`, `close` or `delay_push_ms`"
                    .to_owned(),
            )),
            _ => Err(FaultError(
                "a fault has one effect; write one fault for each".to_owned(),
            )),
        }
    }

    fn request_effects(&self) -> Result<impl Iterator<Item = RequestEffect>, FaultError> {
        let latency = self.latency_ms.map(delay).transpose()?;
        let code = self.code.as_deref().filter(|_| self.on.is_none());
        let code = code.map(self::code).transpose()?;
        let status = self.status.map(status).transpose()?;
        Ok([
            latency.map(RequestEffect::Latency),
            code.map(RequestEffect::Refuse),
            status.map(RequestEffect::Status),
            self.reset.map(RequestEffect::Reset),
        ]
        .into_iter()
        .flatten())
    }

    fn socket_effects(&self) -> Result<Vec<SocketEffect>, FaultError> {
        let delay = self.delay_push_ms.map(delay).transpose()?;
        let close = self.close.map(close_code).transpose()?;
        let code = self.on.and(self.code.as_deref()).map(socket_code);
        Ok([
            self.socket.map(SocketEffect::from),
            code.transpose()?.map(SocketEffect::Refuse),
            close.map(SocketEffect::Close),
            delay.map(SocketEffect::DelayPush),
        ]
        .into_iter()
        .flatten()
        .collect())
    }
}

impl From<SocketTrouble> for SocketEffect {
    fn from(trouble: SocketTrouble) -> Self {
        match trouble {
            SocketTrouble::Drop => SocketEffect::Drop,
            SocketTrouble::SwallowPush => SocketEffect::SwallowPush,
            SocketTrouble::DuplicatePush => SocketEffect::DuplicatePush,
            SocketTrouble::Gap => SocketEffect::Gap,
            SocketTrouble::SwallowPing => SocketEffect::SwallowPing,
            SocketTrouble::SwallowAnswer => SocketEffect::SwallowAnswer,
            SocketTrouble::TrimHistory => SocketEffect::TrimHistory,
            SocketTrouble::ExpiredSign => SocketEffect::ExpiredSign,
        }
    }
}

/// When an effect happens if nothing is said.
fn usual_event(effect: &SocketEffect) -> SocketEvent {
    match effect {
        SocketEffect::SwallowAnswer => SocketEvent::Watch,
        SocketEffect::SwallowPing => SocketEvent::Ping,
        SocketEffect::ExpiredSign => SocketEvent::Login,
        SocketEffect::TrimHistory => SocketEvent::Rebuild,
        _ => SocketEvent::Push,
    }
}

fn delay(ms: u64) -> Result<Duration, FaultError> {
    let delay = Duration::from_millis(ms);
    refuse_unless(delay <= MAX_DELAY, "a delay is at most 600000 ms")?;
    Ok(delay)
}

fn code(name: &str) -> Result<Code, FaultError> {
    Code::parse(name).ok_or_else(|| FaultError(format!("no error code is called `{name}`")))
}

/// The socket has codes of its own, and clients are to bear with others.
fn socket_code(code: &str) -> Result<SmolStr, FaultError> {
    let is_name = (1..=MAX_CODE).contains(&code.len())
        && code
            .bytes()
            .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_');
    refuse_unless(is_name, "a code is made of capital letters and `_`")?;
    Ok(code.into())
}

fn status(status: u16) -> Result<u16, FaultError> {
    refuse_unless((400..600).contains(&status), "a status is from 400 to 599")?;
    Ok(status)
}

/// The codes that one side may send to the other.
pub(super) fn close_code(code: u16) -> Result<u16, FaultError> {
    let sendable = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    refuse_unless(
        sendable,
        "a close code is one that can be sent: 1000, 1011, 3050…",
    )?;
    Ok(code)
}

fn refuse_unless(fine: bool, reason: impl fmt::Display) -> Result<(), FaultError> {
    if fine {
        Ok(())
    } else {
        Err(FaultError(reason.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_one_effect() {
        for (text, effect) in [
            (
                "latency_ms=200 action=database.getDocument",
                Effect::OfRequest(RequestEffect::Latency(Duration::from_millis(200))),
            ),
            (
                "code=EXCEED_REQUEST_LIMIT every=3 times=2",
                Effect::OfRequest(RequestEffect::Refuse(Code::ExceedRequestLimit)),
            ),
            (
                "status=503 protocol=rest after=1",
                Effect::OfRequest(RequestEffect::Status(503)),
            ),
            (
                "reset=midway path=/web",
                Effect::OfRequest(RequestEffect::Reset(Moment::Midway)),
            ),
            (
                "socket=swallow_push collection=todos",
                Effect::OfSocket(SocketEvent::Push, SocketEffect::SwallowPush),
            ),
            (
                "socket=expired_sign",
                Effect::OfSocket(SocketEvent::Login, SocketEffect::ExpiredSign),
            ),
            (
                "socket=drop on=watch",
                Effect::OfSocket(SocketEvent::Watch, SocketEffect::Drop),
            ),
            (
                "socket=swallow_answer",
                Effect::OfSocket(SocketEvent::Watch, SocketEffect::SwallowAnswer),
            ),
            (
                "code=MADE_UP on=rebuild",
                Effect::OfSocket(SocketEvent::Rebuild, SocketEffect::Refuse("MADE_UP".into())),
            ),
            (
                "close=3050",
                Effect::OfSocket(SocketEvent::Push, SocketEffect::Close(3050)),
            ),
            (
                "delay_push_ms=5",
                Effect::OfSocket(
                    SocketEvent::Push,
                    SocketEffect::DelayPush(Duration::from_millis(5)),
                ),
            ),
        ] {
            let fault: Fault = text.parse().expect(text);
            assert_eq!(fault.effect, effect, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for (text, told) in [
            ("", "say what happens"),
            ("after=3", "say what happens"),
            ("status=503 reset=before", "one effect"),
            ("status", "`status` is not `name=value`"),
            ("status=200", "400 to 599"),
            ("status=many", "invalid type"),
            ("statu=503", "unknown field `statu`"),
            ("code=NOPE", "no error code is called `NOPE`"),
            ("code=nope on=push", "capital letters"),
            ("code=SYS_ERR on=ping", "a ping is not refused"),
            ("latency_ms=99999999999", "at most"),
            ("reset=never", "unknown variant `never`"),
            ("close=1006", "can be sent"),
            ("status=503 every=0", "nonzero"),
            ("status=503 protocol=gopher", "unknown variant `gopher`"),
        ] {
            let error = text.parse::<Fault>().expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
