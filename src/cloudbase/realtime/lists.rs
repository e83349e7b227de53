//! Which lists are watched, on which line, and by whom.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

use super::line::{INBOX, Line};
use super::machine::{Event, Key, List};
use super::{Shared, Signal};

/// All lists that somebody wants to be told of.
#[derive(Debug, Default)]
pub(super) struct Lists {
    by_text: HashMap<String, Key>,
    entries: HashMap<Key, Entry>,
    lines: Vec<Lane>,
    last_key: u64,
}

#[derive(Debug)]
struct Entry {
    text: String,
    signal: watch::Sender<Signal>,
}

/// A line with the number of its lists.
#[derive(Debug)]
struct Lane {
    inbox: mpsc::Sender<Event>,
    lists: usize,
}

impl Lists {
    /// How many lists there are, and how many of them the cloud is watching.
    pub(super) fn counts(&self) -> (usize, usize) {
        let entries = self.entries.values();
        let attentive = entries.filter(|entry| entry.signal.borrow().attentive);
        (self.entries.len(), attentive.count())
    }

    fn known(&self, text: &str) -> Option<watch::Receiver<Signal>> {
        let entry = self.entries.get(self.by_text.get(text)?)?;
        Some(entry.signal.subscribe())
    }

    fn forget(&mut self, key: Key) {
        if let Some(entry) = self.entries.remove(&key) {
            self.by_text.remove(&entry.text);
        }
    }
}

impl Shared {
    /// Held for look-ups only.
    pub(super) fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn watch(self: &Arc<Self>, list: List) -> Option<watch::Receiver<Signal>> {
        let mut lists = self.lists();
        if self.closing.is_cancelled() {
            return None;
        }
        let text = list.key();
        if let Some(known) = lists.known(&text) {
            return Some(known);
        }
        let lane = self.lane(&mut lists)?;
        let inbox = lists.lines.get(lane)?.inbox.clone();
        lists.last_key += 1;
        let key = Key(lists.last_key);
        let (signal, receiver) = watch::channel(Signal::default());
        lists.by_text.insert(text.clone(), key);
        let sender = signal.clone();
        lists.entries.insert(key, Entry { text, signal });
        let begin = Event::Watch {
            key,
            list: Arc::new(list),
        };
        let shared = Arc::clone(self);
        self.tracker
            .spawn(async move { shared.attend(key, begin, sender, inbox, lane).await });
        Some(receiver)
    }

    /// A line with room for one more, which takes the place: sockets are few, so none is opened before the others are
    /// full.
    fn lane(self: &Arc<Self>, lists: &mut Lists) -> Option<usize> {
        let config = &self.config;
        let has_room = |lane: &Lane| lane.lists < config.max_watches_per_socket;
        let lane = match lists.lines.iter().position(has_room) {
            Some(lane) => lane,
            None if lists.lines.len() < config.max_sockets && config.max_watches_per_socket > 0 => {
                let (inbox, events) = mpsc::channel(INBOX);
                let line = Line::new(Arc::clone(self), inbox.clone());
                self.tracker.spawn(line.run(events));
                lists.lines.push(Lane { inbox, lists: 0 });
                lists.lines.len() - 1
            }
            None => return None,
        };
        lists.lines.get_mut(lane)?.lists += 1;
        Some(lane)
    }

    /// Sees to it that a list is watched until nobody wants it.
    async fn attend(
        &self,
        key: Key,
        begin: Event,
        signal: watch::Sender<Signal>,
        inbox: mpsc::Sender<Event>,
        lane: usize,
    ) {
        let watched = async {
            inbox.send(begin).await.ok()?;
            loop {
                signal.closed().await;
                let mut lists = self.lists();
                // Somebody may have come in the meantime.
                if signal.receiver_count() == 0 {
                    lists.forget(key);
                    break;
                }
            }
            inbox.send(Event::Unwatch { key }).await.ok()?;
            self.lists().lines.get_mut(lane)?.lists -= 1;
            Some(())
        };
        // When all ends, nobody needs to be told.
        self.closing.run_until_cancelled(watched).await;
    }

    pub(super) fn publish(&self, key: Key, signal: Signal) {
        if let Some(entry) = self.lists().entries.get(&key) {
            entry.signal.send_replace(signal);
        }
    }
}
