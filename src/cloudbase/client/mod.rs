//! HTTP to one environment of the cloud, shared by all protocols.
//!
//! A call goes through the breaker, waits for its turn in the limiter, is sent, and is tried again where that is safe and
//! the deadline and the budget of retries leave room.
//!
//! - `request.rs`: what is asked and answered; `hosts.rs`: where; `authenticate.rs`: headers that prove that we may
//! - `transport.rs`: one exchange over kept connections; `failure.rs`: what goes wrong there, in words
//! - `health.rs`, `breaker.rs`, `limiter.rs`, `retry.rs`: what keeps a busy or broken upstream from hurting us, and us from
//!   hurting it
//! - `skew.rs`: the cloud's time; `window.rs`, `statistics.rs`, `meter.rs`: counts
//!
//! It knows no protocol: what an answer means is said by whoever asks.

mod authenticate;
mod breaker;
mod failure;
mod health;
mod hosts;
mod limiter;
mod meter;
mod request;
mod retry;
mod skew;
mod statistics;
mod transport;
mod window;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use self::authenticate::Proof;
use self::breaker::Breaker;
use self::health::Health;
use self::hosts::Hosts;
use self::limiter::Limiter;
use self::request::Class;
use self::retry::{Attempts, Budget};
use self::skew::CloudTime;
use self::statistics::Counters;
use self::transport::{Received, Transport, USER_AGENT};
use super::error::{Error, Result, Retry};
use super::{Config, Credentials};
use crate::clock::Clock;

pub use self::meter::{carried, metered};
pub use self::request::{Answer, Authentication, Host, Label, Method, Request};
pub use self::statistics::Statistics;

/// A client of one environment. Cheap to share; dropping it closes its connections.
#[derive(Debug)]
pub struct Client {
    config: Config,
    hosts: Hosts,
    transport: Transport,
    time: CloudTime,
    limiter: Limiter,
    breakers: Breakers,
    budget: Budget,
    counters: Counters,
}

/// One for each class of requests.
#[derive(Debug, Default)]
struct Breakers {
    reads: Breaker,
    writes: Breaker,
    manages: Breaker,
    signs: Breaker,
    files: Breaker,
}

/// A call that is given less time than this says nothing about the upstream when its time is over.
const PATIENCE: Duration = Duration::from_secs(1);

impl Client {
    /// # Errors
    ///
    /// `Unable`: the environment or the region can be no part of a host's name, or the origin is no `http` or `https`
    /// address.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self {
            hosts: Hosts::new(&config)?,
            transport: Transport::new(&config.limits)?,
            time: CloudTime::new(clock),
            limiter: Limiter::new(&config.limits, Instant::now()),
            breakers: Breakers::default(),
            budget: Budget::default(),
            counters: Counters::default(),
            config,
        })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn credentials(&self) -> &Credentials {
        &self.config.credentials
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.time.clock()
    }

    /// What was asked of the upstream since the start.
    pub fn statistics(&self) -> Statistics {
        self.counters.read()
    }

    /// Whether requests of some kind are held back since too many of them failed.
    pub fn is_held_back(&self) -> bool {
        let Breakers {
            reads,
            writes,
            manages,
            signs,
            files,
        } = &self.breakers;
        [reads, writes, manages, signs, files]
            .into_iter()
            .any(Breaker::is_open)
    }

    /// Sends a request and reads its answer, with as many attempts as are safe and fit in.
    ///
    /// `deadline`: when whoever asks stops waiting; `None`: the configured one from now.
    ///
    /// Dropping the future gives up the attempt that is under way; it may be carried out all the same.
    ///
    /// # Errors
    ///
    /// That of the last attempt that was sent; of a request that changes something, the first that leaves it open whether
    /// it was carried out.
    pub async fn call<T>(
        &self,
        request: &Request,
        deadline: Option<Instant>,
        read: impl Fn(&Answer) -> Result<T> + Send + Sync,
    ) -> Result<T> {
        let begun = Instant::now();
        let limits = &self.config.limits;
        let deadline = deadline.unwrap_or(begun + limits.deadline);
        let proof = Proof::of(request.authentication, &self.config.credentials)?;
        let mut attempts = Attempts::of(request);
        self.budget.begin(begun);
        loop {
            let retry = attempts.failed > 0;
            let outcome = self.attempt(request, proof, deadline, retry, &read).await;
            let failure = match outcome {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let Label { operation, subject } = &request.label;
            tracing::debug!(operation, %subject, attempt = attempts.failed, reason = kind(&failure), "a request to the cloud failed");
            let pause = attempts.after(failure, proof.is_signed(), limits.max_retries);
            let now = Instant::now();
            match pause {
                Some(pause) if now + pause < deadline && self.budget.spend(now) => {
                    sleep(pause).await;
                }
                _ => return Err(attempts.verdict()),
            }
        }
    }

    /// One attempt, once it is its turn.
    async fn attempt<T>(
        &self,
        request: &Request,
        proof: Proof<'_>,
        deadline: Instant,
        retry: bool,
        read: &(impl Fn(&Answer) -> Result<T> + Send + Sync),
    ) -> Result<T> {
        let breaker = self.breaker(request);
        // Who would not be let through must not wait in the queue either.
        self.counted(breaker.check(Instant::now()).map_err(held_back))?;
        let place = self.counted(self.limiter.enter(deadline).await)?;
        let pass = self.counted(breaker.admit(Instant::now()).map_err(held_back))?;
        let begun = Instant::now();
        let received = self.exchange(request, proof, deadline, retry).await;
        drop(place);
        let (status, date) = match &received {
            Ok(received) => (received.answer.status, received.date.clone()),
            Err(_) => (0, None),
        };
        let outcome = received.and_then(|received| understand(&received.answer, read));
        let now = Instant::now();
        let hasty = now >= deadline && deadline - begun < PATIENCE;
        let slow = now >= deadline.min(begun + self.config.limits.attempt_timeout)
            && breaker.has_answered_since(begun);
        if pass.report(Health::of(&outcome, status, hasty || slow), now) {
            let operation = request.label.operation;
            let reason = outcome.as_ref().err().map_or("", kind);
            tracing::warn!(
                operation,
                reason,
                "the cloud fails too often: such requests are held back for a while"
            );
        }
        self.learn(&outcome, date.as_deref(), now);
        outcome
    }

    /// Signs and sends a request, and waits for the answer.
    async fn exchange(
        &self,
        request: &Request,
        proof: Proof<'_>,
        deadline: Instant,
        retry: bool,
    ) -> Result<Received> {
        let url = self.hosts.url(request)?;
        let now = self.time.now();
        let headers = authenticate::headers(request, &url, USER_AGENT, &self.config, proof, now)?;
        let begun = Instant::now();
        self.counters.sent(retry);
        meter::sent();
        let received = self.transport.send(request, url, headers, deadline).await;
        self.counters.waited(begun.elapsed());
        received
    }

    /// What an outcome says to the requests that come after.
    fn learn<T>(&self, outcome: &Result<T>, date: Option<&str>, now: Instant) {
        match outcome.as_ref().map_err(Error::retry) {
            Ok(_) => self.limiter.grow(now),
            Err(Retry::Slower) if self.limiter.shrink(now) => {
                tracing::warn!(
                    "the cloud says that it is asked too much: half as many requests at once"
                );
            }
            Err(Retry::Credential) => {
                if let Some(date) = date {
                    self.time.correct(date);
                }
            }
            Err(_) => {}
        }
    }

    fn breaker(&self, request: &Request) -> &Breaker {
        match request.class() {
            Class::Reads => &self.breakers.reads,
            Class::Writes => &self.breakers.writes,
            Class::Manages => &self.breakers.manages,
            Class::Signs => &self.breakers.signs,
            Class::Files => &self.breakers.files,
        }
    }

    /// Counts it if it is a refusal of ours.
    fn counted<T>(&self, turn: Result<T>) -> Result<T> {
        if turn.is_err() {
            self.counters.refused();
        }
        turn
    }
}

fn held_back(retry_after: Duration) -> Error {
    Error::Busy {
        reason: "requests of this kind failed too often lately, so it is left alone for a while",
        retry_after,
    }
}

fn understand<T>(answer: &Answer, read: impl Fn(&Answer) -> Result<T>) -> Result<T> {
    match failure::foreign(answer) {
        Some(error) => Err(error),
        None => read(answer),
    }
}

/// What happened in a word, for logs: the cloud's own messages may quote values.
fn kind(error: &Error) -> &str {
    match error {
        Error::Refused(refusal) => &refusal.word,
        Error::Unreachable(text) | Error::Lost(text) => text,
        Error::Busy { reason, .. } => reason,
        Error::TooLate => "no time left",
        Error::Malformed(_) => "an answer that cannot be understood",
        Error::Unable(_) => "something is not configured",
    }
}
