//! One subscriber.

use std::future::pending;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::cohort::{Cohort, Told};
use super::counters::{count, discount};
use super::operation::Payload;
use super::outage::{PAUSE, is_away};
use super::registry::Member;
use super::shown::Shown;
use super::{Live, Look, difference};
use crate::data::Caller;
use crate::gateway::{Closed, Credential, Gateway, Standing};
use crate::graphql::error::{Code, Error};
use crate::graphql::executor::refused;
use crate::graphql::render::event::EventKind;

/// A live operation. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    member: Member,
    /// Events of the cohort after what was told last; as many wait as the cohort's channel holds. `None` until a place
    /// in the cohort is taken, at first, after a move, or anew because too much was missed.
    receiver: Option<broadcast::Receiver<Arc<Told>>>,
    /// Whether more events came than wait for anybody.
    missed: bool,
    /// An event that was received and not handed out yet.
    waiting: Option<Arc<Told>>,
    /// The list as it was told last; `None` before the first event.
    seen: Option<Arc<[Look]>>,
    /// The number that was told last.
    sequence: u64,
    credential: watch::Receiver<Credential>,
    /// Grows when somebody's staff roles change; never behind what a watched list shows.
    roles: watch::Receiver<u64>,
    /// Changes when collections are closed or opened.
    closed: watch::Receiver<Closed>,
    standing: Standing,
    /// Whether it must be found out anew who this is and what they may see, before anything is handed out.
    in_doubt: bool,
    /// When it may be found out again who this is, after the store could not say.
    not_before: Option<Instant>,
    /// How many cohorts in a row were given up before they told anything, none of them long before the next.
    failures: u8,
    /// When the last of them was.
    given_up_at: Option<Instant>,
    /// Set when only the end is left to tell.
    end: Option<End>,
}

/// What a subscription tells next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// One answer, as the body of a response: `{"data":…}`. The same bytes for all subscribers that see the same.
    Next(Bytes),
    /// Nothing more will come.
    End(End),
}

/// Why a subscription ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The caller may not see any of it any more (roles were withdrawn, say), and was told that all of it left.
    Forbidden,
    /// The same because they count as not signed in any more: their token expired.
    Unauthenticated,
    /// It failed, and the last event said why.
    Failed,
}

/// So many cohorts in a row may be given up: the first may have had bad luck.
const FAILURES_MAX: u8 = 1;

/// After so long without a failure the next one is a first one.
const CALM: Duration = Duration::from_secs(30);

impl Subscription {
    pub(super) fn new(
        member: Member,
        credential: watch::Receiver<Credential>,
        roles: watch::Receiver<u64>,
        closed: watch::Receiver<Closed>,
        standing: Standing,
    ) -> Self {
        count(&member.live().counters.subscribers);
        Self {
            member,
            receiver: None,
            missed: false,
            waiting: None,
            seen: None,
            sequence: 0,
            credential,
            roles,
            closed,
            standing,
            in_doubt: false,
            not_before: None,
            failures: 0,
            given_up_at: None,
            end: None,
        }
    }

    /// The next event; the first is a SNAPSHOT. Dropping the future loses nothing, so that it can be one of several
    /// that are waited for. Never called again after [`Event::End`].
    pub async fn next(&mut self) -> Event {
        loop {
            let next = if let Some(end) = self.end {
                return Event::End(end);
            } else if self.is_in_doubt() {
                self.renew().await
            } else if self.receiver.is_none() {
                self.arrive()
            } else if let Some(told) = self.waiting.take() {
                self.failures = 0;
                self.hand_out(&told)
            } else {
                self.wait().await;
                None
            };
            if let Some(payload) = next {
                count(&self.live().counters.delivered);
                return Event::Next(payload);
            }
        }
    }

    /// Whether an event waits to be handed out: what a socket flushes before it closes.
    pub fn has_pending(&self) -> bool {
        let receiver = self.receiver.as_ref();
        self.waiting.is_some()
            || self.end.is_some()
            || receiver.is_none_or(|receiver| !receiver.is_empty())
    }

    fn live(&self) -> &Arc<Live> {
        self.member.live()
    }

    fn cohort(&self) -> &Arc<Cohort> {
        self.member.cohort()
    }

    /// Notes what is told, at the moment when it is.
    fn tell(&mut self, sequence: u64, looks: &Arc<[Look]>, payload: Payload) -> Bytes {
        self.sequence = sequence;
        self.seen = Some(Arc::clone(looks));
        if !payload.is_whole {
            // What comes next would build on what was not told.
            self.end = Some(End::Failed);
        }
        payload.body
    }

    /// Takes a place in the cohort, and tells what is new from there: everything at first and after too much was
    /// missed; what is different, to whoever comes from another cohort.
    fn arrive(&mut self) -> Option<Bytes> {
        let Some(seat) = self.cohort().attend(self.sequence) else {
            self.given_up();
            return None;
        };
        self.receiver = Some(seat.receiver);
        let missed = mem::take(&mut self.missed);
        let (live, shown) = (self.live(), &seat.shown);
        let (sequence, payload) = match &self.seen {
            None => (shown.sequence, self.whole(shown, EventKind::Snapshot)),
            Some(_) if missed => {
                count(&live.counters.resyncs);
                (shown.sequence, self.whole(shown, EventKind::Resync))
            }
            Some(seen) => {
                let changes = difference(seen, &shown.scene.looks);
                if changes.is_empty() {
                    return None;
                }
                let change = self
                    .cohort()
                    .change(live, seat.sequence, &shown.scene, &changes);
                (seat.sequence, change)
            }
        };
        Some(self.tell(sequence, &shown.scene.looks, payload))
    }

    fn whole(&self, shown: &Shown, kind: EventKind) -> Payload {
        let cohort = self.cohort();
        shown.whole(self.live(), &cohort.operation, &cohort.caller, kind)
    }

    /// Waits until there may be something to tell.
    async fn wait(&mut self) {
        let gateway = &self.member.live().gateway;
        tokio::select! {
            () = changed(&mut self.credential) => self.in_doubt = true,
            () = changed(&mut self.roles) => self.in_doubt = true,
            () = changed(&mut self.closed) => self.in_doubt = true,
            () = moment(gateway, self.standing.until) => {}
            received = received(&mut self.receiver) => match received {
                Ok(told) => self.waiting = Some(told),
                Err(RecvError::Lagged(_)) => self.lag(),
                Err(RecvError::Closed) => self.given_up(),
            }
        }
    }

    fn hand_out(&mut self, told: &Told) -> Option<Bytes> {
        let Some(payload) = told.payload() else {
            self.lag();
            return None;
        };
        Some(self.tell(told.sequence, &told.looks, payload))
    }

    /// Too much was missed: everything is told anew.
    fn lag(&mut self) {
        self.receiver = None;
        self.missed = true;
    }

    /// Nobody looks at the cohort's list any more. Why is found out by joining again.
    fn given_up(&mut self) {
        let now = Instant::now();
        let before = self.given_up_at.replace(now);
        if before.is_some_and(|before| now - before > CALM) {
            self.failures = 0;
        }
        self.failures += 1;
        self.in_doubt = true;
    }

    fn is_in_doubt(&self) -> bool {
        let gateway = &self.live().gateway;
        let is_past = |until: i64| until <= gateway.now();
        // What is handed out may show commits that came after one to somebody's roles: that one is counted first.
        gateway.live().count();
        // Neither sender tells anything more once it is gone.
        self.in_doubt
            || self.credential.has_changed().unwrap_or(false)
            || self.roles.has_changed().unwrap_or(false)
            || self.closed.has_changed().unwrap_or(false)
            || self.standing.until.is_some_and(is_past)
    }

    /// Finds out who this is now and what they may see; tells only if that is nothing.
    async fn renew(&mut self) -> Option<Bytes> {
        // Stays so until the answer is there: dropped before, it is asked again.
        self.in_doubt = true;
        if let Some(moment) = self.not_before {
            sleep_until(moment).await;
        }
        let credential = self.credential.borrow_and_update().clone();
        self.roles.mark_unchanged();
        self.closed.mark_unchanged();
        // Seldom, and large: in a box it takes no room in the futures of thousands who wait.
        let renewed = Box::pin(self.stand(&credential)).await;
        self.not_before = None;
        match renewed {
            Ok((standing, member)) => {
                self.in_doubt = false;
                self.standing = standing;
                if let Some(member) = member {
                    self.move_to(member);
                }
                // What there is to tell is told after another look whether this still holds.
                None
            }
            Err((End::Failed, errors)) if self.may_pass(&errors) => {
                self.not_before = Some(Instant::now() + PAUSE);
                None
            }
            Err((end, errors)) => self.refuse(end, &errors),
        }
    }

    /// Whether the answer may be another one later. Until then nothing is told.
    fn may_pass(&self, errors: &[Error]) -> bool {
        is_away(errors) && self.failures <= FAILURES_MAX && !self.live().is_over()
    }

    /// Who this is now, and the place to move to unless the old one is still right.
    async fn stand(
        &self,
        credential: &Credential,
    ) -> Result<(Standing, Option<Member>), (End, Vec<Error>)> {
        let standing = self.live().gateway.standing(credential).await;
        let standing = standing.map_err(|error| (End::Failed, vec![error.into()]))?;
        let member = self.place(&standing).await;
        let member = member.map_err(|errors| (End::of(&standing.caller, &errors), errors))?;
        Ok((standing, member))
    }

    /// A place in the cohort for this standing, unless the one that is held is right. If the caller was somebody else in
    /// between, even for a moment, it is not: what the cohort told then was not for them, nor is what it has yet to tell
    /// of that time.
    async fn place(&self, standing: &Standing) -> Result<Option<Member>, Vec<Error>> {
        if self.cohort().is_open() && standing.continues(&self.standing) {
            return Ok(None);
        }
        if self.failures > FAILURES_MAX {
            let message = "the list cannot be followed at the moment, subscribe again";
            return Err(vec![Error::new(Code::Unavailable, message)]);
        }
        let (live, operation) = (self.live(), &self.cohort().operation);
        let caller = &standing.caller;
        let key = live.key(operation, caller).await?;
        live.join(key, operation, caller).await.map(Some)
    }

    /// From now on with those who see what this one may see now; nothing of the old cohort is told any more.
    fn move_to(&mut self, member: Member) {
        self.member = member;
        self.receiver = None;
        self.waiting = None;
        self.missed = false;
    }

    /// Nothing is left to see: says so, then ends.
    fn refuse(&mut self, end: End, errors: &[Error]) -> Option<Bytes> {
        self.end = Some(end);
        self.waiting = None;
        if end == End::Failed {
            return Some(refused(errors).body);
        }
        let seen = self.seen.take().filter(|seen| !seen.is_empty())?;
        let sequence = self.sequence + 1;
        Some(self.cohort().removal(self.live(), sequence, &seen).body)
    }
}

impl End {
    /// What it means that this caller's operation is refused.
    fn of(caller: &Caller, errors: &[Error]) -> Self {
        match errors.first().map(|error| error.code) {
            Some(Code::Unauthenticated) => End::Unauthenticated,
            // Who saw something once may do so again by signing in.
            Some(Code::Forbidden) if caller.signed_in().is_none() => End::Unauthenticated,
            Some(Code::Forbidden) => End::Forbidden,
            _ => End::Failed,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        discount(&self.live().counters.subscribers);
    }
}

/// Waits for another value. One that is not to come is waited for forever.
async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    if receiver.changed().await.is_err() {
        pending().await
    }
}

async fn received(
    receiver: &mut Option<broadcast::Receiver<Arc<Told>>>,
) -> Result<Arc<Told>, RecvError> {
    match receiver {
        Some(receiver) => receiver.recv().await,
        None => pending().await,
    }
}

/// Waits until the gateway's clock may have reached a moment; it is to be asked again then.
async fn moment(gateway: &Gateway, until: Option<i64>) {
    /// Clocks are set right now and then, and timers do not notice.
    const LONGEST_MS: u64 = 60 * 60 * 1000;
    let Some(until) = until else {
        return pending().await;
    };
    let left = u64::try_from(until.saturating_sub(gateway.now())).unwrap_or(0);
    sleep(Duration::from_millis(left.clamp(1, LONGEST_MS))).await;
}
