//! A fault that is set, and how often it was met.

use serde_json::{Value, json};

use super::written::{Effect, Fault};
use super::{Asked, RequestEffect, SocketEffect, SocketEvent};

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: u64,
    fault: Fault,
    /// Requests or events that it is about.
    seen: u64,
    /// Those that it struck.
    struck: u64,
}

impl Entry {
    pub(super) fn new(id: u64, fault: Fault) -> Self {
        Self {
            id,
            fault,
            seen: 0,
            struck: 0,
        }
    }

    pub(super) fn is_of_requests(&self) -> bool {
        matches!(self.fault.effect, Effect::OfRequest(_))
    }

    pub(super) fn for_request(&mut self, asked: &Asked<'_>) -> Option<RequestEffect> {
        let Effect::OfRequest(effect) = self.fault.effect else {
            return None;
        };
        let written = &self.fault.written;
        let meant = written.protocol.is_none_or(|it| it == asked.protocol)
            && is(written.action.as_deref(), asked.action)
            && is(written.collection.as_deref(), asked.collection)
            && written
                .path
                .as_deref()
                .is_none_or(|start| asked.path.starts_with(start));
        (meant && self.strikes()).then_some(effect)
    }

    pub(super) fn for_socket(
        &mut self,
        at: SocketEvent,
        collection: Option<&str>,
    ) -> Option<SocketEffect> {
        let Effect::OfSocket(event, effect) = self.fault.effect.clone() else {
            return None;
        };
        let meant = event == at && is(self.fault.written.collection.as_deref(), collection);
        (meant && self.strikes()).then_some(effect)
    }

    /// Counts one more that it is about; whether that one is struck.
    fn strikes(&mut self) -> bool {
        let written = &self.fault.written;
        self.seen += 1;
        let every = written.every.map_or(1, u64::from);
        let past = self.seen.saturating_sub(written.after);
        let struck = past > 0
            && past.is_multiple_of(every)
            && written.times.is_none_or(|times| self.struck < times);
        self.struck += u64::from(struck);
        struck
    }

    /// As it was written, with its number and counts.
    pub(super) fn described(&self) -> Value {
        let fault = serde_json::to_value(&self.fault.written).unwrap_or_default();
        json!({ "id": self.id, "fault": fault, "seen": self.seen, "struck": self.struck })
    }
}

fn is(wanted: Option<&str>, found: Option<&str>) -> bool {
    wanted.is_none() || wanted == found
}

#[cfg(test)]
mod tests {
    use super::super::Protocol;
    use super::*;

    fn entry(text: &str) -> Entry {
        Entry::new(1, text.parse().expect(text))
    }

    #[test]
    fn those_it_is_about_are_counted() {
        for (text, expected) in [
            ("status=503", "xxxxxxxx"),
            ("status=503 after=2", "..xxxxxx"),
            ("status=503 every=3", "..x..x.."),
            ("status=503 after=1 every=2 times=2", "..x.x..."),
            ("status=503 times=0", "........"),
        ] {
            let mut entry = entry(text);
            let struck: String = (0..8)
                .map(|_| entry.for_request(&Asked::default()).is_some())
                .map(|struck| if struck { 'x' } else { '.' })
                .collect();
            assert_eq!(struck, expected, "{text}");
        }
    }

    #[test]
    fn others_pass_uncounted() {
        let asked = Asked {
            protocol: Protocol::Admin,
            path: "/admin",
            action: Some("database.getDocument"),
            collection: Some("todos"),
        };
        for (text, meant) in [
            ("status=500", true),
            ("status=500 protocol=admin", true),
            ("status=500 protocol=web", false),
            ("status=500 action=database.getDocument", true),
            ("status=500 action=database.get", false),
            ("status=500 path=/adm", true),
            ("status=500 path=/web", false),
            ("status=500 collection=todos", true),
            ("status=500 collection=todo", false),
            ("socket=drop", false),
        ] {
            let mut entry = entry(text);
            assert_eq!(entry.for_request(&asked).is_some(), meant, "{text}");
            assert_eq!(entry.seen, u64::from(meant), "{text}");
        }
    }

    #[test]
    fn events_of_sockets_are_told_apart() {
        let mut entry = entry("socket=gap collection=todos");
        assert_eq!(entry.for_socket(SocketEvent::Ping, Some("todos")), None);
        assert_eq!(entry.for_socket(SocketEvent::Push, Some("other")), None);
        let gap = entry.for_socket(SocketEvent::Push, Some("todos"));
        assert_eq!(gap, Some(SocketEffect::Gap));
        assert_eq!(entry.for_request(&Asked::default()), None);
    }
}
