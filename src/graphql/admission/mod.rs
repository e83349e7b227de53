//! Whether a caller may ask for what they ask for, before anything is read for it.
//!
//! In this order, each step cheaper than what it may spare: how often the caller comes and how much of theirs runs
//! already, before the document is looked at; what the document amounts to, once it is known
//! (`intake` has refused by then what nobody may ask for); what it reaches for, once variables are.
//!
//! - `limits.rs`: what operators set, and what follows for one caller (`level.rs`)
//! - `excess.rs`: what goes beyond it, told
//!
//! What it is not: it knows no documents of the store and no permissions.

mod excess;
mod level;
mod limits;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use self::excess::{Excess, Excesses};
use super::bind::Reach;
use super::error::{Code, Error};
use super::executor::{Executor, Outcome, Request, Response, refused};
use super::prepare::Prepared;
use super::trusted::DocumentId;
use crate::data::{Caller, Identity, Principal};
use crate::gateway::{BulkRequest, Held, PageRequest, Rate, Tally, Throttle, deadline};

pub use self::excess::Limit;
pub use self::level::Level;
pub use self::limits::{Allowance, Limits, Mode};

/// Keeps the limits, and count of what they are about.
#[derive(Debug)]
pub struct Admission {
    limits: Limits,
    excesses: Excesses,
    rates: Throttle<Whose>,
    running: Arc<Tally<Whose>>,
    address_rates: Throttle<IpAddr>,
    sockets: Arc<Tally<IpAddr>>,
}

/// Whose operations are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Caller(Principal),
    /// Of all there who are not signed in.
    Address(IpAddr),
}

/// An operation that was let in: what it may come to, and its place among those of its caller until it is dropped.
#[derive(Debug)]
pub(crate) struct Entry {
    level: Level,
    allowance: Allowance,
    _place: Option<Held<Whose>>,
}

/// A socket's place among those of its address that have not said who they speak for.
pub type Lobby = Held<IpAddr>;

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            excesses: Excesses::default(),
            rates: Throttle::default(),
            running: Arc::default(),
            address_rates: Throttle::default(),
            sockets: Arc::default(),
        }
    }

    /// How often each limit was exceeded, by level.
    pub fn exceeded(&self) -> BTreeMap<(Limit, Level), u64> {
        self.excesses.counts()
    }

    /// Counts one more request from an address; `None` is counted by nobody.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`: too many came from there, with the time until the next may.
    pub fn knock(&self, address: Option<IpAddr>) -> Result<(), Error> {
        match (address, self.limits.address_rate) {
            (Some(address), Some(rate)) => {
                let passed = self.address_rates.pass(address, rate);
                self.pace(Limit::AddressRate, &Level::Address, rate, passed)
            }
            _ => Ok(()),
        }
    }

    /// A place for one more socket of an address that does not say yet who it speaks for.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`: there are too many already.
    pub fn lobby(&self, address: Option<IpAddr>) -> Result<Option<Lobby>, Error> {
        match (address, self.limits.address_sockets) {
            (Some(address), Some(most)) => {
                let (limit, level) = (Limit::AddressSockets, &Level::Address);
                self.place(limit, level, &self.sockets, address, most)
            }
            _ => Ok(None),
        }
    }

    /// # Errors
    /// `LIMIT_EXCEEDED`, with the time after which to come back.
    fn enter(&self, request: &Request, caller: &Caller) -> Result<Entry, Error> {
        let (level, allowance) = self.limits.of(caller);
        let whose = match &caller.identity {
            Identity::User(user) => Some(Whose::Caller(user.principal.clone())),
            Identity::None => request.address.map(Whose::Address),
        };
        let mut place = None;
        if let Some(whose) = whose {
            if let Some(rate) = allowance.rate {
                let passed = self.rates.pass(whose.clone(), rate);
                self.pace(Limit::Rate, &level, rate, passed)?;
            }
            if let Some(most) = allowance.concurrent {
                place = self.place(Limit::Concurrent, &level, &self.running, whose, most)?;
            }
        }
        Ok(Entry {
            level,
            allowance,
            _place: place,
        })
    }

    fn pace(
        &self,
        limit: Limit,
        level: &Level,
        rate: Rate,
        passed: Result<(), Duration>,
    ) -> Result<(), Error> {
        let Err(wait) = passed else {
            return Ok(());
        };
        let per_second = u64::from(rate.per_second.get());
        let excess = Excess {
            limit,
            level,
            measured: per_second + 1,
            allowed: per_second,
            document: None,
        };
        let refused = self.beyond(&excess);
        refused.map_err(|error| error.with_retry_after(wait))
    }

    fn place<K: std::hash::Hash + Eq + Clone>(
        &self,
        limit: Limit,
        level: &Level,
        tally: &Arc<Tally<K>>,
        who: K,
        most: usize,
    ) -> Result<Option<Held<K>>, Error> {
        match tally.take(who, 1, most) {
            Ok(held) => Ok(Some(held)),
            Err(measured) => {
                let excess = Excess {
                    limit,
                    level,
                    measured: number(measured),
                    allowed: number(most),
                    document: None,
                };
                let refused = self.beyond(&excess).map(|()| None);
                refused.map_err(|error| error.with_retry_after(Duration::from_secs(1)))
            }
        }
    }

    fn within(
        &self,
        entry: &Entry,
        document: &str,
        measured: impl IntoIterator<Item = (Limit, u64, u64)>,
    ) -> Result<(), Error> {
        for (limit, measured, allowed) in measured {
            if measured > allowed {
                self.beyond(&Excess {
                    limit,
                    level: &entry.level,
                    measured,
                    allowed,
                    document: Some(document),
                })?;
            }
        }
        Ok(())
    }

    /// Tells of an excess that has had its consequence.
    fn tell(&self, entry: &Entry, document: &str, (limit, measured, allowed): (Limit, u64, u64)) {
        let excess = Excess {
            limit,
            level: &entry.level,
            measured,
            allowed,
            document: Some(document),
        };
        self.excesses.tell(&excess, self.limits.mode);
    }

    /// What follows from an excess.
    fn beyond(&self, excess: &Excess<'_>) -> Result<(), Error> {
        self.excesses.tell(excess, self.limits.mode);
        match self.limits.mode {
            // What comes from an address is let in or not before anybody knows whose limits there would be to try.
            Mode::Measure if *excess.level != Level::Address => Ok(()),
            Mode::Enforce | Mode::Measure => Err(excess.refusal()),
        }
    }
}

impl Entry {
    /// What the caller may be told of the errors of a document: all of it, or no more than the code and the place.
    pub(super) fn tellable(&self, mut errors: Vec<Error>) -> Vec<Error> {
        if !self.allowance.suggestions {
            errors.iter_mut().for_each(Error::forget_names);
        }
        errors
    }
}

impl Executor {
    /// Lets an operation of this caller in, before it is looked at.
    ///
    /// # Errors
    /// The answer: too often, or too many at one time.
    pub(super) fn enter(&self, request: &Request, caller: &Caller) -> Result<Entry, Response> {
        let entry = self.admission.enter(request, caller);
        entry.map_err(|error| Response {
            outcome: Outcome::Throttled {
                retry_after: error.retry_after().unwrap_or(1),
            },
            ..refused(&[error])
        })
    }

    /// The document that is meant, in the place of its id, if the caller of an entry may ask for it. Gives the id under
    /// which a text may be remembered.
    ///
    /// # Errors
    /// Those of [`Documents::resolve`](super::trusted), and `LIMIT_EXCEEDED` for a text that is too long.
    pub(super) fn resolve(
        &self,
        entry: &Entry,
        request: &mut Request,
    ) -> Result<Option<DocumentId>, Error> {
        let fresh = self.documents.resolve(request, entry.allowance.documents)?;
        let bytes = number(request.query.len());
        let allowed = number(entry.allowance.bytes);
        let bytes = [(Limit::Bytes, bytes, allowed)];
        self.admission.within(entry, &request.query, bytes)?;
        Ok(fresh)
    }

    /// Whether the caller of an entry may run this operation, as far as its document tells.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` for one that amounts to too much, `FORBIDDEN` for introspection that is switched off.
    pub(super) fn admit(
        &self,
        entry: &Entry,
        request: &Request,
        prepared: &Prepared,
    ) -> Result<(), Vec<Error>> {
        let (is, may) = (prepared.measure, &entry.allowance);
        let measured = [
            (Limit::Tokens, is.tokens, may.tokens),
            (Limit::Depth, is.depth, may.depth),
            (Limit::Aliases, is.aliases, may.aliases),
            (Limit::RootFields, is.root_fields, may.root_fields),
            (Limit::Directives, is.directives, may.directives),
            (Limit::Selections, is.selections, may.selections),
        ];
        let measured = measured.map(|(limit, is, may)| (limit, number(is), number(may)));
        self.admission
            .within(entry, &request.query, measured)
            .map_err(|error| vec![error])?;
        if prepared.skeleton.introspects && !may.introspection {
            let message = "the schema does not describe itself here: `__schema` and `__type` are switched off";
            return Err(vec![Error::new(Code::Forbidden, message)]);
        }
        Ok(())
    }

    /// The same, as far as its variables tell.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED`.
    pub(super) fn admit_reach(
        &self,
        entry: &Entry,
        document: &str,
        reach: Reach,
    ) -> Result<(), Vec<Error>> {
        let may = &entry.allowance;
        let measured = [
            (Limit::Complexity, reach.fields, may.complexity),
            // What nobody may ask for is told by the gateway, for one field and not for all.
            (Limit::Page, reach.page.min(PageRequest::MAX), may.page),
            (Limit::Batch, reach.batch.min(BulkRequest::MAX), may.batch),
        ];
        self.admission
            .within(entry, document, measured)
            .map_err(|error| vec![error])
    }

    /// The largest answer to an operation, in bytes. What the transport cannot carry, it cannot in any mode.
    pub(super) fn room(&self, entry: &Entry, request: &Request) -> usize {
        let most = match self.admission.limits.mode {
            Mode::Enforce => entry.allowance.answer,
            Mode::Measure => self.max_answer,
        };
        most.min(request.max_answer.unwrap_or(usize::MAX))
    }

    /// Tells of an answer that was too large, or would have been; `written`: its size, were it written.
    pub(super) fn answered(&self, entry: &Entry, document: &str, written: usize) {
        let allowed = entry.allowance.answer;
        if written > allowed {
            let excess = (Limit::Answer, number(written), number(allowed));
            self.admission.tell(entry, document, excess);
        }
    }

    /// Runs an operation for as long as its caller's may take. Whoever is asked on the way is told when that is over, a
    /// little before it is.
    ///
    /// # Errors
    /// The answer: it took too long, and was given up.
    pub(super) async fn in_time<T>(
        &self,
        entry: &Entry,
        document: &str,
        work: impl Future<Output = T>,
    ) -> Result<T, Response> {
        let Some(limit) = entry.allowance.timeout else {
            return Ok(work.await);
        };
        let begun = Instant::now();
        let done = match self.admission.limits.mode {
            Mode::Measure => Some(work.await),
            Mode::Enforce => {
                let end = begun + limit;
                let told = end - limit / 20;
                let told = deadline::current().map_or(told, |earlier| earlier.min(told));
                timeout_at(end, deadline::within(told, work)).await.ok()
            }
        };
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let took = milliseconds(begun.elapsed());
        if done.is_none() || begun.elapsed() > limit {
            let excess = (Limit::Timeout, took, milliseconds(limit));
            self.admission.tell(entry, document, excess);
        }
        done.ok_or_else(|| Response {
            outcome: Outcome::TimedOut,
            ..refused(&[Error::new(
                Code::Timeout,
                "the operation took too long and was given up; a mutation may have been carried out",
            )])
        })
    }
}

fn number(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}
