//! Whether the database's own permissions are the model's, as far as somebody
//! has looked, and which collections are closed because that is not known.
//!
//! Other clients of a shared database meet its permissions; ours meet the model's. Where the two differ somebody is
//! wrong, and an operator may want end users to be refused until it is known who. Staff are not: what their grants
//! say stands in the model alone.
//!
//! What it is not: it looks at nothing. It is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::watch;

use crate::data::CollectionName;
use crate::model::{CollectionIx, Model};

use super::Gateway;

/// What follows where the database is not known to agree with the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mirror {
    /// Nothing, and nobody looks.
    #[default]
    Off,
    /// The operator is told.
    Warn,
    /// The operator is told, and collections whose permission is not known to be the model's are closed to end users.
    FailClosed,
}

/// Whether a side of the database is as the model says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Agreement {
    Ok,
    Different,
    /// Nobody could look, or has looked yet.
    Unknown,
}

/// What is known of one collection of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Agreements {
    pub collection: Agreement,
    pub indexes: Agreement,
    pub permission: Agreement,
}

/// The collections that are closed: their own permissions and rules count for nobody, the grants of staff do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Closed(Arc<BTreeSet<CollectionIx>>);

/// What a gateway was told last.
#[derive(Debug)]
pub(super) struct State {
    mirror: Mirror,
    agreements: watch::Sender<BTreeMap<CollectionName, Agreements>>,
    /// Decisions are made under what this says; whoever shows something for longer listens to it.
    closed: watch::Sender<Closed>,
}

impl Agreements {
    const UNKNOWN: Self = Self {
        collection: Agreement::Unknown,
        indexes: Agreement::Unknown,
        permission: Agreement::Unknown,
    };
}

impl Closed {
    pub(super) fn has(&self, collection: CollectionIx) -> bool {
        self.0.contains(&collection)
    }

    /// Those of them that are among these.
    pub(super) fn among(&self, collections: &BTreeSet<CollectionIx>) -> Self {
        Self(Arc::new(
            self.0.intersection(collections).copied().collect(),
        ))
    }

    /// Whether both were told at the same time: nothing was opened or closed in between.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl State {
    /// Before anybody has looked.
    pub(super) fn new(mirror: Mirror, model: &Model) -> Self {
        let collections = model.collections.iter().filter(|_| mirror != Mirror::Off);
        let unknown = collections.map(|it| (it.name.clone(), Agreements::UNKNOWN));
        let state = Self {
            mirror,
            agreements: watch::Sender::default(),
            closed: watch::Sender::default(),
        };
        state.tell(model, unknown.collect());
        state
    }

    fn tell(&self, model: &Model, agreements: BTreeMap<CollectionName, Agreements>) {
        let is_open = |name| {
            let known: Option<&Agreements> = agreements.get(name);
            known.is_some_and(|known| known.permission == Agreement::Ok)
        };
        let collections = model.collections.iter().enumerate();
        let closed = collections
            .filter(|(_, it)| self.mirror == Mirror::FailClosed && !is_open(&it.name))
            .map(|(at, _)| CollectionIx(at))
            .collect();
        self.closed.send_if_modified(|known| {
            let is_changed = *known.0 != closed;
            if is_changed {
                *known = Closed(Arc::new(closed));
            }
            is_changed
        });
        self.agreements.send_replace(agreements);
    }

    pub(super) fn closed(&self) -> Closed {
        self.closed.borrow().clone()
    }
}

impl Gateway {
    /// Lets this follow from what is told of the database; until something is, nothing is known of it.
    #[must_use]
    pub fn with_mirror(mut self, mirror: Mirror) -> Self {
        self.mirror = State::new(mirror, &self.model);
        self
    }

    /// Tells what is known of the database's collections now; of one that is left out, nothing is. Holds for everything
    /// that is decided from now on, and for whatever is shown of live lists.
    pub fn tell_agreements(&self, agreements: BTreeMap<CollectionName, Agreements>) {
        self.mirror.tell(&self.model, agreements);
    }

    /// What was told last of the database's collections; nothing if nobody looks.
    pub fn agreements(&self) -> BTreeMap<CollectionName, Agreements> {
        self.mirror.agreements.borrow().clone()
    }

    /// The collections that are closed, now and whenever that changes.
    pub fn closed(&self) -> watch::Receiver<Closed> {
        self.mirror.closed.subscribe()
    }
}
