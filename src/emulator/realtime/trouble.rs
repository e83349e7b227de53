//! What is set to go wrong at one event of a socket.

use std::time::Duration;

use super::message::Message;
use super::outlet::End;
use super::refusal::Refusal;
use super::watch::Client;
use crate::emulator::app::App;
use crate::emulator::fault::{SocketEffect, SocketEvent};

/// All that happens at the event.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// The socket ends instead.
    pub(super) end: Option<End>,
    /// Nothing is sent.
    pub(super) is_silent: bool,
    /// The push is sent twice.
    pub(super) is_doubled: bool,
    /// The push has an id that leaves one out.
    pub(super) leaves_gap: bool,
    /// The push is sent later.
    pub(super) delay: Option<Duration>,
    /// The events that were kept are forgotten first.
    pub(super) forgets: bool,
    /// The client is told this instead.
    pub(super) refusal: Option<Refusal>,
}

impl Trouble {
    /// What is set for this event, of a watch of this collection.
    pub(super) fn at(app: &App, event: SocketEvent, collection: Option<&str>) -> Self {
        let mut trouble = Self::default();
        for effect in app.faults.for_socket_event(event, collection) {
            trouble.add(effect);
        }
        trouble
    }

    /// Lets happen what happens instead of telling a watch's client anything; whether there is any.
    pub(super) fn strikes(&self, client: &Client, request_id: &str) -> bool {
        if let Some(end) = self.end {
            client.outlet.end(end);
        } else if let Some(refusal) = &self.refusal {
            client.tell(&Message::Refused(refusal), request_id);
        }
        self.end.is_some() || self.refusal.is_some() || self.is_silent
    }

    fn add(&mut self, effect: SocketEffect) {
        match effect {
            SocketEffect::Drop => self.end = Some(End::Drop),
            SocketEffect::Close(code) => self.end = Some(End::Close(code, "")),
            SocketEffect::SwallowPush | SocketEffect::SwallowPing | SocketEffect::SwallowAnswer => {
                self.is_silent = true;
            }
            SocketEffect::DuplicatePush => self.is_doubled = true,
            SocketEffect::Gap => self.leaves_gap = true,
            SocketEffect::DelayPush(delay) => self.delay = Some(delay),
            SocketEffect::TrimHistory => self.forgets = true,
            SocketEffect::ExpiredSign => self.refusal = Some(Refusal::sign_expired()),
            SocketEffect::Refuse(code) => self.refusal = Some(Refusal::rehearsed(code)),
        }
    }
}
