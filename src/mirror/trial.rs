//! What is tried: documents that are put there, and what callers do with them.

use std::sync::Arc;

use crate::access::{Operation, RequestData};
use crate::data::{Caller, CollectionName, Filter, Object, Order, Path, Value};
use crate::model::CollectionIx;

/// Somebody who asks, with no staff role.
#[derive(Clone, Debug)]
pub struct Member {
    /// `openid:…`, `uid:…`, `nobody`; for people.
    pub name: String,
    pub caller: Arc<Caller>,
}

/// Documents of one collection, and what is done with them. Its cases have successive numbers.
#[derive(Clone, Debug)]
pub(super) struct Round {
    /// The number of its first case.
    pub(super) first: u64,
    pub(super) collection: CollectionIx,
    /// What the ids of its documents begin with, and those of no other round's.
    pub(super) prefix: String,
    /// With their `_id`s.
    pub(super) documents: Vec<Object>,
    /// Documents that rules ask for.
    pub(super) references: Vec<(CollectionName, Object)>,
    pub(super) probes: Vec<Probe>,
}

/// Something that a member of the cast does.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    /// Its first case counts from the round's first.
    pub(super) offset: u64,
    /// Which member of the cast.
    pub(super) caller: usize,
    pub(super) act: Act,
}

/// What is done. Documents are meant by their places in [`Round::documents`].
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Each document is asked for by itself, in the way that gives it to whoever may have it: the database by a
    /// condition that says all that its rule looks at, the gateway by its id. A case for each document.
    Read,
    /// By id alone.
    Get(usize),
    /// A case for each document.
    List(List),
    Count(Filter),
    /// With the content of an input; the id is chosen by whoever asks.
    Create(Object),
    /// On fresh copies.
    Update(usize, Vec<Change>),
    /// On fresh copies.
    Delete(usize),
}

#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) filter: Filter,
    pub(super) order: Order,
    /// Not more than this many.
    pub(super) limit: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Set(Path, Value),
    Unset(Path),
}

impl Round {
    /// How many cases it has.
    pub(super) fn cases(&self) -> u64 {
        self.probes.iter().map(|probe| self.cases_of(probe)).sum()
    }

    pub(super) fn cases_of(&self, probe: &Probe) -> u64 {
        match probe.act {
            Act::Read | Act::List(_) => self.documents.len() as u64,
            _ => 1,
        }
    }

    /// The number of a probe's case about a document.
    pub(super) fn case(&self, probe: &Probe, document: usize) -> u64 {
        let within = match probe.act {
            Act::Read | Act::List(_) => document as u64,
            _ => 0,
        };
        self.first + probe.offset + within
    }

    /// The same round with nothing but what one case, or some from it on, are about.
    #[must_use]
    pub(super) fn within(mut self, first: u64, end: u64) -> Self {
        let round = self.clone();
        self.probes.retain(|probe| {
            let begin = round.first + probe.offset;
            begin < end && first < begin + round.cases_of(probe)
        });
        self
    }
}

impl Act {
    /// What rules must allow for it.
    pub(super) fn operation(&self) -> Operation {
        match self {
            Act::Read | Act::Get(_) | Act::List(_) | Act::Count(_) => Operation::Read,
            Act::Create(_) => Operation::Create,
            Act::Update(..) => Operation::Update,
            Act::Delete(_) => Operation::Delete,
        }
    }
}

impl Change {
    /// What rules see of changes.
    pub(super) fn sent(changes: &[Self]) -> RequestData {
        let mut data = RequestData::default();
        for change in changes {
            match change {
                Change::Set(path, value) => data.values.insert(path.to_string(), value.clone()),
                Change::Unset(path) => data.opaque.push(path.clone()),
            }
        }
        data
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Change::Set(path, _) | Change::Unset(path) => path,
        }
    }
}
