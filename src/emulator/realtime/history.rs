//! What was told about a list: events one after the other, the last ones kept for clients that missed some.

use std::collections::VecDeque;
use std::sync::Arc;

use super::record::Record;

/// What the events of one watch may take, in bytes, whatever their number.
const MAX_BYTES: usize = 8 << 20;

/// What one commit did to a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// One more than that of the event before.
    pub(super) id: i64,
    pub(super) records: Arc<[Record]>,
}

/// The events of one watch.
#[derive(Debug)]
pub(super) struct History {
    /// The id of the last event; 0 before the first.
    current: i64,
    /// The last events, by id without a gap.
    events: VecDeque<Event>,
    bytes: usize,
    max_events: usize,
}

/// What a client that knows all events up to one has to be told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// These, perhaps none.
    Events(Vec<Event>),
    /// More than is kept.
    Forgotten,
    /// No such event ever was.
    Unknown,
}

impl History {
    pub(super) fn new(max_events: usize) -> Self {
        Self {
            current: 0,
            events: VecDeque::new(),
            bytes: 0,
            max_events,
        }
    }

    pub(super) fn current(&self) -> i64 {
        self.current
    }

    pub(super) fn add(&mut self, records: Vec<Record>) -> Event {
        self.current += 1;
        let event = Event {
            id: self.current,
            records: records.into(),
        };
        self.bytes += event.size();
        self.events.push_back(event.clone());
        while self.events.len() > self.max_events || self.bytes > MAX_BYTES {
            self.forget_one();
        }
        event
    }

    /// What followed the event of this id.
    pub(super) fn after(&self, id: i64) -> Missed {
        if id < 0 || id > self.current {
            return Missed::Unknown;
        }
        let missed: Vec<_> = self.events.iter().filter(|event| event.id > id).collect();
        if i64::try_from(missed.len()) != Ok(self.current - id) {
            return Missed::Forgotten;
        }
        Missed::Events(missed.into_iter().cloned().collect())
    }

    /// Forgets all events.
    pub(super) fn trim(&mut self) {
        while !self.events.is_empty() {
            self.forget_one();
        }
    }

    /// Begins anew after a list that was told whole as the event of this id.
    pub(super) fn restart(&mut self, id: i64) {
        self.trim();
        self.current = id;
    }

    fn forget_one(&mut self) {
        let forgotten = self.events.pop_front();
        self.bytes -= forgotten.map_or(0, |event| event.size());
    }
}

impl Event {
    fn size(&self) -> usize {
        self.records.iter().map(Record::size).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DocId;
    use crate::emulator::realtime::record::{DataType, QueueType};

    fn record(document: &str) -> Record {
        let id = DocId::string("d");
        Record {
            document: document.to_owned(),
            ..Record::bare(DataType::Update, QueueType::Update, &id)
        }
    }

    fn ids(missed: &Missed) -> Vec<i64> {
        match missed {
            Missed::Events(events) => events.iter().map(|event| event.id).collect(),
            other => panic!("not events: {other:?}"),
        }
    }

    #[test]
    fn who_missed_events_is_told_them_while_they_are_kept() {
        let mut history = History::new(3);
        assert_eq!(history.after(0), Missed::Events(Vec::new()));
        for id in 1..=5 {
            assert_eq!(history.add(vec![record("")]).id, id);
        }
        assert_eq!(ids(&history.after(5)), [0_i64; 0]);
        assert_eq!(ids(&history.after(3)), [4, 5]);
        assert_eq!(ids(&history.after(2)), [3, 4, 5]);
        assert_eq!(history.after(1), Missed::Forgotten);
        assert_eq!(history.after(6), Missed::Unknown);
        assert_eq!(history.after(-1), Missed::Unknown);
        assert_eq!(history.after(i64::MIN), Missed::Unknown);
        history.restart(2);
        assert_eq!(history.after(2), Missed::Events(Vec::new()));
        assert_eq!(history.after(1), Missed::Forgotten);
        assert_eq!(history.add(vec![record("")]).id, 3);
        assert_eq!(ids(&history.after(2)), [3]);
    }

    #[test]
    fn large_events_are_not_kept_for_long() {
        let mut history = History::new(1000);
        let large = "x".repeat(MAX_BYTES / 2);
        for _ in 0..3 {
            history.add(vec![record(&large)]);
        }
        assert_eq!(ids(&history.after(2)), [3]);
        assert_eq!(history.after(1), Missed::Forgotten);
        history.add(vec![record(&large), record(&large)]);
        assert_eq!(history.after(3), Missed::Forgotten);
        assert_eq!(history.after(4), Missed::Events(Vec::new()));
    }
}
