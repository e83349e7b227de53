//! One socket after another: opened, logged in, kept alive, and opened anew when it is lost, for ever.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;
use tokio::time::Instant;

use super::circuit::Backoff;
use super::message::{self, Incoming, Kind, List, Outgoing, Refusal, Remedy};
use super::stage::Stage;
use super::watch::{Address, Effect, Moment, Watch};
use super::{Action, Happening, Key, Link, Login, NOBODY_WATCHES, RECONNECTING};
use crate::cloudbase::realtime::Timing;

#[derive(Debug, Default)]
pub(super) struct Session {
    state: State,
    watches: BTreeMap<Key, Watch>,
    backoff: Backoff,
    /// Whether the next signature must not be made of a token that is known already.
    renew: bool,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody watches anything.
    #[default]
    Idle,
    Pausing {
        until: Instant,
    },
    Opening {
        link: Link,
        deadline: Instant,
    },
    LoggingIn {
        open: Open,
        request: SmolStr,
        deadline: Instant,
        login: Login,
    },
    Ready {
        open: Open,
        since: Instant,
        /// When a younger socket should take over; `None`: that was told.
        rotate_at: Option<Instant>,
        env: Option<String>,
    },
}

/// A socket that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    link: Link,
    heard_at: Instant,
    /// Whether a sign of life was asked for since.
    is_asked: bool,
}

impl Session {
    pub(super) fn add(&mut self, key: Key, list: Arc<List>, stage: &mut Stage<'_>) {
        self.watches.insert(key, Watch::new(list));
        match self.state {
            State::Idle => self.open(stage),
            State::Ready { .. } => self.with(key, stage, Watch::begin),
            _ => {}
        }
    }

    pub(super) fn remove(&mut self, key: Key, stage: &mut Stage<'_>) {
        self.with(key, stage, |watch, moment| watch.end(moment));
        self.watches.remove(&key);
        if self.watches.is_empty() {
            self.end(NOBODY_WATCHES, stage);
        }
    }

    /// Closes the socket, if there is one, and opens no other.
    pub(super) fn end(&mut self, code: u16, stage: &mut Stage<'_>) {
        if let Some(link) = self.link() {
            stage.act(Action::Close { link, code });
        }
        self.state = State::Idle;
    }

    /// The socket that there is, or that is being opened.
    pub(super) fn link(&self) -> Option<Link> {
        match &self.state {
            State::Idle | State::Pausing { .. } => None,
            State::Opening { link, .. } => Some(*link),
            State::LoggingIn { open, .. } | State::Ready { open, .. } => Some(open.link),
        }
    }

    pub(super) fn is_attentive(&self, key: Key) -> bool {
        self.watches.get(&key).is_some_and(Watch::is_attentive)
    }

    pub(super) fn is_ready(&self) -> bool {
        matches!(self.state, State::Ready { .. })
    }

    /// Whether all that can be watched is.
    pub(super) fn is_settled(&self) -> bool {
        self.is_ready() && self.watches.values().all(Watch::is_settled)
    }

    /// Whether the socket is so old that another should take over. Told once.
    pub(super) fn retires(&mut self, now: Instant) -> bool {
        match &mut self.state {
            State::Ready { rotate_at, .. } => rotate_at.take_if(|at| *at <= now).is_some(),
            _ => false,
        }
    }

    pub(super) fn opened(&mut self, login: Login, stage: &mut Stage<'_>) {
        let State::Opening { link, .. } = self.state else {
            return;
        };
        let request = stage.names.request(stage.now, stage.chance);
        let text = Outgoing::Login(&login).text(login.env.as_deref(), None, &request);
        stage.act(Action::Send { link, text });
        self.renew = false;
        self.state = State::LoggingIn {
            open: Open {
                link,
                heard_at: stage.now,
                is_asked: false,
            },
            request,
            deadline: stage.now + stage.timing.login_within,
            login,
        };
    }

    /// The socket is gone, or could not be opened. `code`: what the server closed it with.
    pub(super) fn lost(&mut self, code: Option<u16>, stage: &mut Stage<'_>) {
        // It closes so whom it does not believe (any longer).
        const NOT_AUTHENTICATED: u16 = 3050;
        self.renew |= code == Some(NOT_AUTHENTICATED);
        self.pause(stage);
    }

    pub(super) fn heard(&mut self, text: &str, stage: &mut Stage<'_>) {
        if let State::LoggingIn { open, .. } | State::Ready { open, .. } = &mut self.state {
            open.heard_at = stage.now;
            open.is_asked = false;
        }
        let Some(incoming) = message::read(text) else {
            return;
        };
        match &self.state {
            State::LoggingIn { request, .. } => {
                let is_answer = incoming.request_id.as_ref() == Some(request);
                self.answered(&incoming, is_answer, stage);
            }
            State::Ready { .. } => self.told(&incoming, stage),
            State::Idle | State::Pausing { .. } | State::Opening { .. } => {}
        }
    }

    /// Whatever is refused before the login is answered is the login.
    fn answered(&mut self, incoming: &Incoming, is_answer: bool, stage: &mut Stage<'_>) {
        match &incoming.kind {
            Kind::LoggedIn => self.logged_in(stage),
            Kind::Refused(refusal) => {
                self.renew |= refusal.remedy() == Remedy::Sign;
                stage.note_refusal(refusal);
                self.give_up(stage);
            }
            Kind::Events(_) | Kind::Other if is_answer => self.give_up(stage),
            Kind::Events(_) | Kind::Other => {}
        }
    }

    fn logged_in(&mut self, stage: &mut Stage<'_>) {
        let State::LoggingIn { open, login, .. } = &self.state else {
            return;
        };
        self.state = State::Ready {
            open: *open,
            since: stage.now,
            rotate_at: Some(stage.now + stage.rotation(login.life)),
            env: login.env.clone(),
        };
        self.with_all(stage, Watch::begin);
    }

    fn told(&mut self, incoming: &Incoming, stage: &mut Stage<'_>) {
        match (&incoming.kind, self.meant(incoming)) {
            (Kind::Events(events), Some(key)) => {
                let id = incoming.request_id.as_deref();
                self.with(key, stage, |watch, moment| {
                    let is_answer = id.is_some_and(|id| watch.is_meant(Address::Request(id)));
                    watch.heard(events, is_answer, moment);
                });
            }
            (Kind::Refused(refusal), Some(key)) => {
                self.with(key, stage, |watch, moment| watch.refused(refusal, moment));
            }
            (Kind::Refused(refusal), None) if incoming.watch_id.is_none() => {
                self.blamed(refusal, stage);
            }
            // News of a watch that is none any more.
            (Kind::Refused(_) | Kind::Events(_), None) | (Kind::LoggedIn | Kind::Other, _) => {}
        }
    }

    /// The watch that a message is about: the one it answers, or names, or names the query of.
    fn meant(&self, incoming: &Incoming) -> Option<Key> {
        let query_id = match &incoming.kind {
            Kind::Events(events) => events.query_id.as_deref(),
            _ => None,
        };
        let addresses = [
            incoming.request_id.as_deref().map(Address::Request),
            incoming.watch_id.as_deref().map(Address::Watch),
            query_id.map(Address::Query),
        ];
        addresses.into_iter().flatten().find_map(|address| {
            let mut watches = self.watches.iter();
            let found = watches.find(|(_, watch)| watch.is_meant(address));
            found.map(|(key, _)| *key)
        })
    }

    /// Something is refused, but it is not said what.
    fn blamed(&mut self, refusal: &Refusal, stage: &mut Stage<'_>) {
        stage.note_refusal(refusal);
        self.with_all(stage, Watch::doubt);
        if refusal.remedy() == Remedy::Sign {
            self.sign_again(stage);
        }
    }

    pub(super) fn tick(&mut self, stage: &mut Stage<'_>) {
        let now = stage.now;
        match &mut self.state {
            State::Idle => {}
            State::Pausing { until } if *until <= now => self.open(stage),
            State::Opening { deadline, .. } | State::LoggingIn { deadline, .. }
                if *deadline <= now =>
            {
                self.give_up(stage);
            }
            State::Ready { open, .. } if open.heard_at + stage.timing.dead_after <= now => {
                self.give_up(stage);
            }
            State::Ready { open, .. } => {
                if !open.is_asked && open.heard_at + stage.timing.ping_after <= now {
                    open.is_asked = true;
                    stage.ping(open.link);
                }
                self.with_all(stage, Watch::tick);
            }
            State::Pausing { .. } | State::Opening { .. } | State::LoggingIn { .. } => {}
        }
    }

    pub(super) fn wake_at(&self, timing: &Timing) -> Option<Instant> {
        match &self.state {
            State::Idle => None,
            State::Pausing { until } => Some(*until),
            State::Opening { deadline, .. } | State::LoggingIn { deadline, .. } => Some(*deadline),
            State::Ready {
                open, rotate_at, ..
            } => {
                let silence = if open.is_asked {
                    timing.dead_after
                } else {
                    timing.ping_after
                };
                let watches = self.watches.values().filter_map(Watch::wake_at);
                let own = [Some(open.heard_at + silence), *rotate_at];
                watches.chain(own.into_iter().flatten()).min()
            }
        }
    }

    fn open(&mut self, stage: &mut Stage<'_>) {
        let link = stage.new_link();
        stage.act(Action::Open {
            link,
            renew: self.renew,
        });
        self.state = State::Opening {
            link,
            deadline: stage.now + stage.timing.open_within,
        };
    }

    /// Leaves a socket that is of no use.
    fn give_up(&mut self, stage: &mut Stage<'_>) {
        if let Some(link) = self.link() {
            let code = RECONNECTING;
            stage.act(Action::Close { link, code });
        }
        self.pause(stage);
    }

    /// The next socket is opened with another signature.
    fn sign_again(&mut self, stage: &mut Stage<'_>) {
        self.renew = true;
        self.give_up(stage);
    }

    fn pause(&mut self, stage: &mut Stage<'_>) {
        if let State::Ready { since, .. } = &self.state
            && *since + stage.timing.proven_after <= stage.now
        {
            self.backoff.reset();
        }
        self.with_all(stage, |watch, moment| watch.pause(moment));
        stage.note(Happening::Interruption);
        self.state = State::Pausing {
            until: stage.now + self.backoff.next(stage.timing, stage.chance),
        };
    }

    fn with(
        &mut self,
        key: Key,
        stage: &mut Stage<'_>,
        act: impl FnOnce(&mut Watch, &mut Moment<'_>),
    ) {
        let Some(watch) = self.watches.get_mut(&key) else {
            return;
        };
        let env = match &self.state {
            State::Ready { env, .. } => env.as_deref(),
            _ => None,
        };
        let mut effects = Vec::new();
        act(
            watch,
            &mut Moment {
                now: stage.now,
                timing: stage.timing,
                env,
                names: stage.names,
                chance: stage.chance,
                effects: &mut effects,
            },
        );
        for effect in effects {
            self.perform(key, effect, stage);
        }
    }

    fn perform(&mut self, key: Key, effect: Effect, stage: &mut Stage<'_>) {
        match effect {
            Effect::Say(text) => {
                if let Some(link) = self.link() {
                    stage.act(Action::Send { link, text });
                }
            }
            Effect::Changed => stage.changed(key),
            Effect::Note(happening) => stage.note(happening),
            Effect::Sign => self.sign_again(stage),
        }
    }

    fn with_all(&mut self, stage: &mut Stage<'_>, act: impl Fn(&mut Watch, &mut Moment<'_>)) {
        let keys: Vec<Key> = self.watches.keys().copied().collect();
        for key in keys {
            self.with(key, stage, &act);
        }
    }
}
