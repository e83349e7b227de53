//! What a session acts on at one moment.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use super::chance::{Chance, Names};
use super::message::{Outgoing, Refusal};
use super::{Action, Happening, Key, Link};
use crate::cloudbase::realtime::Timing;

/// A socket is not replaced at once by another one, however short its token's life is.
const SHORTEST_LIFE: Duration = Duration::from_secs(30);

/// How long before the end of its token a socket is replaced, at the least.
const MARGIN: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) now: Instant,
    pub(super) timing: &'a Timing,
    pub(super) names: &'a mut Names,
    pub(super) chance: &'a mut Chance,
    pub(super) last_link: &'a mut u64,
    pub(super) actions: &'a mut Vec<Action>,
    /// Lists that may have changed.
    pub(super) changed: &'a mut BTreeSet<Key>,
}

impl Stage<'_> {
    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    pub(super) fn note(&mut self, happening: Happening) {
        self.act(Action::Note(happening));
    }

    pub(super) fn note_refusal(&mut self, refusal: &Refusal) {
        let code = refusal.code.clone();
        self.note(Happening::Refusal { code });
    }

    pub(super) fn changed(&mut self, key: Key) {
        self.changed.insert(key);
    }

    pub(super) fn ping(&mut self, link: Link) {
        let request = self.names.request(self.now, self.chance);
        let text = Outgoing::Ping.text(None, None, &request);
        self.act(Action::Send { link, text });
    }

    pub(super) fn new_link(&mut self) -> Link {
        *self.last_link += 1;
        Link(*self.last_link)
    }

    /// How long a socket is used. `life`: that of the token it was signed with, if it is known.
    pub(super) fn rotation(&mut self, life: Option<Duration>) -> Duration {
        let token = life.map(|life| life.saturating_sub(MARGIN).max(SHORTEST_LIFE));
        let most = token.map_or(self.timing.rotate_after, |most| {
            most.min(self.timing.rotate_after)
        });
        self.chance.nearly(most)
    }
}
