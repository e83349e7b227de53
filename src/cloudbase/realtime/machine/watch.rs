//! One list on one socket.
//!
//! ```text
//! Waiting ──logged in──► Initing ──answer──► Active ◄──answer── Rebuilding
//!    ▲                      │                  │ └──gap, check──────▲ │
//!    └──socket lost─────────┴──────────────────┴────────────────────┘ │
//! Resting ◄──refused────────┴──────────────────┘       any failure: Initing
//! ```
//!
//! What an event tells is not looked at: that there was one is enough, since whoever hears of it reads the list.

use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use super::Happening;
use super::chance::{Chance, Names};
use super::circuit::{Circuit, Pause};
use super::message::{Events, List, Outgoing, Refusal, Remedy, Source};
use crate::cloudbase::realtime::Timing;

#[derive(Debug)]
pub(super) struct Watch {
    list: Arc<List>,
    phase: Phase,
    circuit: Circuit,
}

#[derive(Debug)]
enum Phase {
    /// Nobody is logged in. With what can be taken up again, until when.
    Waiting(Option<(Place, Instant)>),
    /// It failed, and is tried again later.
    Resting {
        until: Instant,
    },
    Initing {
        watch_id: SmolStr,
        request: Request,
        ahead: Option<i64>,
    },
    Active {
        place: Place,
        check: Check,
    },
    Rebuilding {
        place: Place,
        request: Request,
        ahead: Option<i64>,
    },
}

/// Where in which events the watch is.
#[derive(Clone, Debug)]
struct Place {
    watch_id: SmolStr,
    query_id: SmolStr,
    /// The number of the last event that is known.
    last: i64,
}

#[derive(Debug)]
struct Request {
    id: SmolStr,
    deadline: Instant,
}

/// Whether something was missed is asked after a silence.
#[derive(Debug)]
enum Check {
    At(Instant),
    Sent(Request),
}

/// How a message says what it is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Address<'a> {
    /// It answers this one.
    Request(&'a str),
    Watch(&'a str),
    Query(&'a str),
}

/// What comes of an event, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Say(String),
    /// The list may have changed.
    Changed,
    /// The signature that the socket was opened with is not good any more.
    Sign,
    Note(Happening),
}

/// What everything happens in.
#[derive(Debug)]
pub(super) struct Moment<'a> {
    pub(super) now: Instant,
    pub(super) timing: &'a Timing,
    /// The environment, as the signature named it.
    pub(super) env: Option<&'a str>,
    pub(super) names: &'a mut Names,
    pub(super) chance: &'a mut Chance,
    pub(super) effects: &'a mut Vec<Effect>,
}

impl Moment<'_> {
    fn request(&mut self) -> Request {
        Request {
            id: self.names.request(self.now, self.chance),
            deadline: self.now + self.timing.answer_within,
        }
    }

    fn say(&mut self, watch_id: &str, request: &Request, message: Outgoing<'_>) {
        let text = message.text(self.env, Some(watch_id), &request.id);
        self.effects.push(Effect::Say(text));
    }

    fn next_check(&mut self) -> Check {
        Check::At(self.now + self.chance.about(self.timing.check_after))
    }
}

impl Watch {
    pub(super) fn new(list: Arc<List>) -> Self {
        Self {
            list,
            phase: Phase::Waiting(None),
            circuit: Circuit::default(),
        }
    }

    /// Whether events are told at the moment, as far as is known.
    pub(super) fn is_attentive(&self) -> bool {
        matches!(self.phase, Phase::Active { .. })
    }

    /// Whether nothing will become of it soon that has not become yet.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.phase, Phase::Active { .. } | Phase::Resting { .. })
    }

    /// Whether a message is about this watch.
    pub(super) fn is_meant(&self, address: Address<'_>) -> bool {
        match address {
            Address::Request(id) => self.request().is_some_and(|request| request.id == id),
            Address::Watch(id) => self.watch_id().is_some_and(|own| own == id),
            Address::Query(id) => self.place().is_some_and(|place| place.query_id == id),
        }
    }

    /// What is to be answered.
    fn request(&self) -> Option<&Request> {
        match &self.phase {
            Phase::Initing { request, .. } | Phase::Rebuilding { request, .. } => Some(request),
            Phase::Active { check, .. } => match check {
                Check::Sent(request) => Some(request),
                Check::At(_) => None,
            },
            Phase::Waiting(_) | Phase::Resting { .. } => None,
        }
    }

    fn place(&self) -> Option<&Place> {
        match &self.phase {
            Phase::Active { place, .. } | Phase::Rebuilding { place, .. } => Some(place),
            Phase::Waiting(_) | Phase::Resting { .. } | Phase::Initing { .. } => None,
        }
    }

    /// What the server knows it by on this socket.
    fn watch_id(&self) -> Option<&SmolStr> {
        match &self.phase {
            Phase::Initing { watch_id, .. } => Some(watch_id),
            _ => self.place().map(|place| &place.watch_id),
        }
    }

    /// The socket is logged in.
    pub(super) fn begin(&mut self, moment: &mut Moment<'_>) {
        match &mut self.phase {
            Phase::Waiting(kept) => match kept.take() {
                Some((place, until)) if moment.now < until => self.rebuild(place, moment),
                _ => self.init(moment),
            },
            _ => self.tick(moment),
        }
    }

    /// The socket is gone.
    pub(super) fn pause(&mut self, moment: &Moment<'_>) {
        let until = moment.now + moment.timing.rebuild_within;
        let phase = std::mem::replace(&mut self.phase, Phase::Waiting(None));
        self.phase = match phase {
            Phase::Active { place, .. } | Phase::Rebuilding { place, .. } => {
                Phase::Waiting(Some((place, until)))
            }
            Phase::Initing { .. } => Phase::Waiting(None),
            Phase::Waiting(kept) => Phase::Waiting(kept),
            Phase::Resting { until } => Phase::Resting { until },
        };
    }

    /// Nobody wants it any more.
    pub(super) fn end(&self, moment: &mut Moment<'_>) {
        let Some(watch_id) = self.watch_id() else {
            return;
        };
        let request = moment.request();
        moment.say(watch_id, &request, Outgoing::Close);
    }

    /// Something is wrong, but it is not known with which watch.
    pub(super) fn doubt(&mut self, moment: &mut Moment<'_>) {
        moment.effects.push(Effect::Changed);
        if let Phase::Active { check, .. } = &mut self.phase
            && let Check::At(at) = check
        {
            *at = moment.now;
        }
    }

    pub(super) fn wake_at(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Resting { until } => Some(*until),
            Phase::Active {
                check: Check::At(at),
                ..
            } => Some(*at),
            _ => self.request().map(|request| request.deadline),
        }
    }

    /// Does what is due; the socket is logged in.
    pub(super) fn tick(&mut self, moment: &mut Moment<'_>) {
        if self.wake_at().is_none_or(|at| at > moment.now) {
            return;
        }
        match &mut self.phase {
            Phase::Waiting(_) => {}
            Phase::Resting { .. } => self.init(moment),
            Phase::Initing { .. } => self.fail(moment),
            Phase::Rebuilding { .. } => {
                self.end(moment);
                self.init(moment);
            }
            Phase::Active { place, check } => match check {
                Check::At(_) => *check = ask(place, moment),
                // Silence may be a lost answer; what was missed meanwhile is told when the watch is taken up anew.
                Check::Sent(_) => self.resume(moment),
            },
        }
    }

    /// Events, or where they are.
    pub(super) fn heard(&mut self, events: &Events, is_answer: bool, moment: &mut Moment<'_>) {
        match &mut self.phase {
            Phase::Waiting(_) | Phase::Resting { .. } => {}
            Phase::Initing { ahead, .. } => {
                if is_answer || events.source == Source::Init {
                    self.begun(events, moment);
                } else {
                    *ahead = farthest(*ahead, events);
                }
            }
            Phase::Rebuilding { ahead, .. } => {
                if is_answer {
                    self.rebuilt(events, moment);
                } else {
                    *ahead = farthest(*ahead, events);
                }
            }
            Phase::Active { .. } if events.source == Source::Check => self.checked(events, moment),
            Phase::Active { .. } => self.pushed(events, moment),
        }
    }

    fn begun(&mut self, events: &Events, moment: &mut Moment<'_>) {
        let Phase::Initing {
            watch_id, ahead, ..
        } = &self.phase
        else {
            return;
        };
        let (Some(query_id), Some(current)) = (events.query_id.clone(), events.current) else {
            self.fail(moment);
            return;
        };
        let place = Place {
            watch_id: watch_id.clone(),
            query_id,
            // Whoever is told now reads what is now: that is after all events that came meanwhile.
            last: ahead.map_or(current, |ahead| ahead.max(current)),
        };
        self.circuit.succeeded();
        self.activate(place, moment);
    }

    fn rebuilt(&mut self, events: &Events, moment: &mut Moment<'_>) {
        let Phase::Rebuilding { place, ahead, .. } = &self.phase else {
            return;
        };
        let told = farthest(events.current, events);
        let last = told.unwrap_or(place.last);
        let place = Place {
            last: ahead.map_or(last, |ahead| ahead.max(last)),
            // A watch that was begun anew instead has a new name for its query.
            query_id: match events.source {
                Source::Init => events.query_id.as_ref().unwrap_or(&place.query_id).clone(),
                _ => place.query_id.clone(),
            },
            watch_id: place.watch_id.clone(),
        };
        self.activate(place, moment);
    }

    fn activate(&mut self, place: Place, moment: &mut Moment<'_>) {
        let check = moment.next_check();
        self.phase = Phase::Active { place, check };
        moment.effects.push(Effect::Changed);
    }

    fn checked(&mut self, events: &Events, moment: &mut Moment<'_>) {
        let Phase::Active { place, check } = &mut self.phase else {
            return;
        };
        match events.current.map(|current| current.cmp(&place.last)) {
            None | Some(std::cmp::Ordering::Equal) => *check = moment.next_check(),
            Some(std::cmp::Ordering::Greater) => self.missed(moment),
            // The events are counted anew: the watch is another one than we think.
            Some(std::cmp::Ordering::Less) => {
                self.end(moment);
                self.init(moment);
            }
        }
    }

    fn pushed(&mut self, events: &Events, moment: &mut Moment<'_>) {
        let Phase::Active { place, check } = &mut self.phase else {
            return;
        };
        let before = place.last;
        let mut is_complete = true;
        for number in &events.numbers {
            match number {
                Some(number) if *number <= place.last => {}
                Some(number) if place.last.checked_add(1) == Some(*number) => place.last = *number,
                _ => is_complete = false,
            }
        }
        *check = moment.next_check();
        if place.last != before || !is_complete {
            moment.effects.push(Effect::Changed);
        }
        if !is_complete {
            self.missed(moment);
        }
    }

    /// The server knows events that did not come.
    fn missed(&mut self, moment: &mut Moment<'_>) {
        moment.effects.push(Effect::Note(Happening::Gap));
        moment.effects.push(Effect::Changed);
        self.resume(moment);
    }

    pub(super) fn refused(&mut self, refusal: &Refusal, moment: &mut Moment<'_>) {
        let code = refusal.code.clone();
        moment
            .effects
            .push(Effect::Note(Happening::Refusal { code }));
        match (refusal.remedy(), &self.phase) {
            (_, Phase::Waiting(_) | Phase::Resting { .. }) => {}
            (Remedy::Sign, _) => match self.failed(moment) {
                Pause::Short(_) => moment.effects.push(Effect::Sign),
                // A watch that is refused again and again must not take the socket's others along.
                Pause::Rest(rest) => self.rest(rest, moment),
            },
            (_, Phase::Rebuilding { .. }) => self.init(moment),
            (Remedy::Begin, Phase::Active { .. }) => match self.failed(moment) {
                Pause::Short(_) => self.init(moment),
                Pause::Rest(rest) => self.rest(rest, moment),
            },
            (Remedy::Begin | Remedy::Retry, _) => self.fail(moment),
            (Remedy::Rest, _) => {
                let rest = self.circuit.refused(moment.timing, moment.chance);
                self.rest(rest, moment);
            }
        }
    }

    /// Begins anew, under another name, so that nothing is taken for news of this watch that was meant for an old one.
    fn init(&mut self, moment: &mut Moment<'_>) {
        let watch_id = moment.names.watch(moment.now, moment.chance);
        let request = moment.request();
        moment.say(&watch_id, &request, Outgoing::Init { list: &self.list });
        self.phase = Phase::Initing {
            watch_id,
            request,
            ahead: None,
        };
    }

    /// Asks for what happened after the last event that is known.
    fn rebuild(&mut self, place: Place, moment: &mut Moment<'_>) {
        let request = moment.request();
        let message = Outgoing::Rebuild {
            list: &self.list,
            query_id: &place.query_id,
            last: place.last,
        };
        moment.say(&place.watch_id, &request, message);
        moment.effects.push(Effect::Note(Happening::Rebuild));
        self.phase = Phase::Rebuilding {
            place,
            request,
            ahead: None,
        };
    }

    fn resume(&mut self, moment: &mut Moment<'_>) {
        if let Phase::Active { place, .. } = &self.phase {
            self.rebuild(place.clone(), moment);
        }
    }

    fn failed(&mut self, moment: &mut Moment<'_>) -> Pause {
        self.circuit
            .failed(moment.now, moment.timing, moment.chance)
    }

    fn fail(&mut self, moment: &mut Moment<'_>) {
        let (Pause::Short(pause) | Pause::Rest(pause)) = self.failed(moment);
        self.rest(pause, moment);
    }

    fn rest(&mut self, pause: Duration, moment: &mut Moment<'_>) {
        self.end(moment);
        self.phase = Phase::Resting {
            until: moment.now + pause,
        };
    }
}

/// Asks whether something was missed.
fn ask(place: &Place, moment: &mut Moment<'_>) -> Check {
    let request = moment.request();
    let message = Outgoing::Check {
        query_id: &place.query_id,
        last: place.last,
    };
    moment.say(&place.watch_id, &request, message);
    Check::Sent(request)
}

/// The greatest number there is.
fn farthest(known: Option<i64>, events: &Events) -> Option<i64> {
    events.numbers.iter().copied().flatten().chain(known).max()
}
