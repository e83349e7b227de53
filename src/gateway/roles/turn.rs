//! Writes whose callers must hold their roles in the moment of the write, and
//! not only when the operation began; and of those the writes to `roles` itself,
//! which wait for each other, look at what they are about, and are judged.
//!
//! What it is not: a lock over a store that others write to. What they commit
//! between the look and the write is noticed only in the documents that are
//! written; two processes can still each remove one of the last two owners.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use crate::data::{DocId, Document, Filter, Order, Path, Test, Update};
use crate::model::CollectionIx;
use crate::store::{Find, Projection};

use super::super::error::{Error, InputProblem, Result};
use super::super::session::Session;
use super::super::{get, oracle};
use super::COLLECTION;
use super::judge::{Refusal, Step, judge};
use super::stated::{EXPIRES, ROLES, STATUS};
use crate::gateway::Operation;

/// The most `roles` documents of one bulk write: they are all looked at, and named in its condition.
const MAX_CHANGED: usize = 100;

/// A write may be made now. To be kept until it is committed.
#[derive(Debug)]
pub(in super::super) struct Turn {
    /// No other write to roles of this process comes in between.
    _gate: Option<OwnedMutexGuard<()>>,
    /// The documents must still be those that were looked at.
    pub(in super::super) pins: Filter,
}

/// What is done with stored documents.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Write<'a> {
    Update(&'a Update),
    Delete,
}

/// A document, and what becomes of it.
struct Changed {
    before: Arc<Document>,
    after: Option<Document>,
}

impl Session {
    /// Waits for the turn of a write that creates these documents. `places` say where each was given.
    ///
    /// # Errors
    /// `Conflict` if the caller's roles are no longer those of this operation, `Elevation` or `BadInput` for what nobody
    /// may do to roles.
    pub(in super::super) async fn turn_to_create<'d>(
        &self,
        collection: CollectionIx,
        documents: impl IntoIterator<Item = (&'d str, &'d Document)>,
    ) -> Result<Turn> {
        let turn = self.turn(collection).await?;
        if self.is_roles(collection) {
            for (place, document) in documents {
                let step = Step {
                    before: None,
                    after: Some(document),
                };
                self.judge(collection, Operation::Create, place, step)?;
            }
        }
        Ok(turn)
    }

    /// Waits for the turn of a write of those of these documents of which `condition` is true. Errors as above.
    pub(in super::super) async fn turn_to_write(
        &self,
        collection: CollectionIx,
        ids: &[DocId],
        condition: &Filter,
        write: Write<'_>,
    ) -> Result<Turn> {
        let turn = self.turn(collection).await?;
        if !self.is_roles(collection) {
            return Ok(turn);
        }
        if ids.len() > MAX_CHANGED {
            let message = format!("at most {MAX_CHANGED} documents of roles are written at once");
            return Err(Error::Limit { message });
        }
        let changed = self.changed(collection, ids, condition, write).await?;
        for it in &changed {
            let step = Step {
                before: Some(&it.before),
                after: it.after.as_ref(),
            };
            self.judge(collection, write.operation(), write.place(), step)?;
        }
        self.keep_owners(collection, write.operation(), &changed)
            .await?;
        let pins = changed.iter().map(|it| pinned(&it.before));
        Ok(Turn {
            pins: pins.fold(Filter::none(), Filter::or),
            ..turn
        })
    }

    /// Waits until no other write to roles is under way, and looks whether the caller still is who they were.
    async fn turn(&self, collection: CollectionIx) -> Result<Turn> {
        let gateway = self.gateway();
        let is_roles = self.is_roles(collection);
        let name = &self.collection(collection).name;
        if is_roles || gateway.config.sensitive.contains(name) {
            let gate = match is_roles {
                true => Some(Arc::clone(&gateway.roles.gate).lock_owned().await),
                false => None,
            };
            self.still_holds_roles().await?;
            return Ok(Turn {
                _gate: gate,
                pins: Filter::all(),
            });
        }
        Ok(Turn {
            _gate: None,
            pins: Filter::all(),
        })
    }

    async fn still_holds_roles(&self) -> Result<()> {
        let Some(user) = self.caller().signed_in() else {
            return Ok(());
        };
        let gateway = self.gateway();
        let roles = gateway.fresh_roles(user, gateway.clock.now_ms()).await?;
        if roles == self.caller().roles {
            return Ok(());
        }
        let message =
            "your roles changed since this operation began, nothing was written: ask again";
        Err(Error::conflict(message))
    }

    fn is_roles(&self, collection: CollectionIx) -> bool {
        self.collection(collection).name.as_str() == COLLECTION
    }

    /// What the write makes of the documents that it finds.
    async fn changed(
        &self,
        collection: CollectionIx,
        ids: &[DocId],
        condition: &Filter,
        write: Write<'_>,
    ) -> Result<Vec<Changed>> {
        let find = Find {
            filter: get::id_among(ids).and(condition.clone()),
            order: Order::default(),
            after: None,
            skip: 0,
            limit: ids.len() as u64,
            projection: Projection::All,
        };
        let name = &self.collection(collection).name;
        let found = self.gateway().store.find(name, &find).await?;
        let changed = found.into_iter().map(|before| {
            let after = match write {
                Write::Delete => None,
                Write::Update(update) => match update.apply(before.fields()) {
                    Ok(fields) => Some(before.with_fields(fields)),
                    Err(error) => {
                        return Err(self.misapplied(collection, Some(before.id()), error));
                    }
                },
            };
            Ok(Changed { before, after })
        });
        changed.collect()
    }

    fn judge(
        &self,
        collection: CollectionIx,
        operation: Operation,
        place: &str,
        step: Step<'_>,
    ) -> Result<()> {
        let model = self.gateway().model();
        judge(model, self.caller(), step).map_err(|refusal| match refusal {
            Refusal::Input(field, message) => Error::BadInput {
                problems: vec![InputProblem::new(
                    format!("{place}.{}", self.input_name(collection, field)),
                    message,
                )],
            },
            refusal => self.elevation(collection, operation, refusal.reason()),
        })
    }

    /// Whoever is an owner without end, or for the longest time, remains.
    async fn keep_owners(
        &self,
        collection: CollectionIx,
        operation: Operation,
        changed: &[Changed],
    ) -> Result<()> {
        let gateway = self.gateway();
        let now = gateway.clock.now_ms();
        let before = changed.iter().map(|it| &*it.before);
        if gateway.latest(before, now).is_none() {
            return Ok(());
        }
        let name = &self.collection(collection).name;
        let owners = gateway.read_owners(name, now).await?;
        let is_changed = |id: &DocId| changed.iter().any(|it| it.before.id() == id);
        let others = owners.iter().map(|owner| &**owner);
        let others = others.filter(|owner| !is_changed(owner.id()));
        let after = others.chain(changed.iter().filter_map(|it| it.after.as_ref()));
        let before = owners.iter().map(|owner| &**owner);
        if gateway.latest(after, now) < gateway.latest(before, now) {
            let reason = "the last owner stays: make somebody else an owner, for as long, first";
            return Err(self.elevation(collection, operation, reason));
        }
        Ok(())
    }

    fn elevation(
        &self,
        collection: CollectionIx,
        operation: Operation,
        reason: &'static str,
    ) -> Error {
        Error::Elevation {
            operation: oracle::name(operation),
            coordinate: self.coordinate(collection),
            reason,
        }
    }

    /// The name of a field in inputs.
    fn input_name(&self, collection: CollectionIx, stored: &str) -> String {
        match stored {
            "_id" => "id".to_owned(),
            stored => self.api_name(collection, stored),
        }
    }
}

impl Write<'_> {
    fn operation(self) -> Operation {
        match self {
            Write::Update(_) => Operation::Update,
            Write::Delete => Operation::Delete,
        }
    }

    /// Where what is wrong with the result was given: operators meet in it.
    fn place(self) -> &'static str {
        match self {
            Write::Update(_) => "set",
            Write::Delete => "id",
        }
    }
}

/// This document as long as it gives the same roles.
fn pinned(document: &Document) -> Filter {
    let this = Filter::id(document.id());
    let fields = [ROLES, STATUS, EXPIRES].into_iter().map(|name| {
        let test = match document.get(name) {
            Some(value) => Test::Eq(value.clone()),
            None => Test::Exists(false),
        };
        Filter::field(&Path::field(name), test)
    });
    fields.fold(this, Filter::and)
}
