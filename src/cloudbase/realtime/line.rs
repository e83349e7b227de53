//! Drives a machine: events come in by one channel, and what it says is done.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Shared;
use super::machine::{Action, Event, Happening, Link, Machine};
use super::socket::{self, Order};

/// Events that wait; a socket that has more is not read meanwhile.
pub(super) const INBOX: usize = 256;

/// Messages that wait to be sent on a socket. More than all watches say at once; a socket with more takes nothing.
const OUTBOX: usize = 1_024;

pub(super) struct Line {
    shared: Arc<Shared>,
    machine: Machine,
    /// Where its sockets tell what they hear.
    inbox: mpsc::Sender<Event>,
    /// The sockets that are open or being opened. Dropping one ends it.
    sockets: BTreeMap<Link, mpsc::Sender<Order>>,
}

impl Line {
    pub(super) fn new(shared: Arc<Shared>, inbox: mpsc::Sender<Event>) -> Self {
        let now_ms = shared.clock.now_ms();
        // Without randomness all gateways wait the same, which is no error.
        let seed = getrandom::u64().unwrap_or_default();
        let timing = shared.config.timing;
        Self {
            machine: Machine::new(timing, Instant::now(), now_ms, seed),
            shared,
            inbox,
            sockets: BTreeMap::new(),
        }
    }

    /// Until the end of all.
    pub(super) async fn run(mut self, mut events: mpsc::Receiver<Event>) {
        let closing = self.shared.closing.clone();
        loop {
            let wake_at = self.machine.wake_at();
            let event = tokio::select! {
                () = closing.cancelled() => break,
                Some(event) = events.recv() => event,
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => Event::Tick,
            };
            self.take(event);
        }
        for order in self.sockets.into_values() {
            // One that takes no orders ends as nobody gives any.
            drop(order.try_send(Order::Close(1000)));
        }
    }

    fn take(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            if let Event::Lost { link, .. } = &event {
                self.sockets.remove(link);
            }
            for action in self.machine.next(event, Instant::now()) {
                events.extend(self.perform(action));
            }
        }
    }

    /// What happens thereby, if something does.
    fn perform(&mut self, action: Action) -> Option<Event> {
        match action {
            Action::Open { link, renew } => self.open(link, renew),
            Action::Send { link, text } => {
                let sent = self.sockets.get(&link)?.try_send(Order::Say(text));
                return sent.err().map(|_| Event::Lost { link, code: None });
            }
            Action::Close { link, code } => {
                let order = self.sockets.remove(&link)?;
                drop(order.try_send(Order::Close(code)));
            }
            Action::Publish { key, signal } => self.shared.publish(key, signal),
            Action::Note(happening) => self.note(&happening),
        }
        None
    }

    fn open(&mut self, link: Link, renew: bool) {
        let (orders, ordered) = mpsc::channel(OUTBOX);
        self.sockets.insert(link, orders);
        let (shared, inbox) = (Arc::clone(&self.shared), self.inbox.clone());
        self.shared.tracker.spawn(async move {
            shared.counters.sockets.fetch_add(1, Relaxed);
            socket::run(Arc::clone(&shared.opener), link, renew, ordered, inbox).await;
            shared.counters.sockets.fetch_sub(1, Relaxed);
        });
    }

    fn note(&self, happening: &Happening) {
        let counters = &self.shared.counters;
        let counter = match happening {
            Happening::Interruption => &counters.interruptions,
            Happening::Rotation => &counters.rotations,
            Happening::Rebuild => &counters.rebuilds,
            Happening::Gap => &counters.gaps,
            Happening::Refusal { code } => {
                tracing::warn!(code = %code, "the cloud refuses something on the realtime socket");
                &counters.refusals
            }
        };
        counter.fetch_add(1, Relaxed);
    }
}
