//! Updates and deletes by id, on condition.
//!
//! One document is altered in one step where the protocol has a command for it ([`Writes::Native`]); everything else is
//! a transaction (`transaction.rs`). Whether something was written is never guessed from a number of documents: either the
//! cloud gives the document that it altered, or it was read and judged here before.

use std::sync::Arc;

use tokio::time::Instant;

use super::documents::{Documents, document, documents, until};
use super::error;
use super::feed::{Feed, Pair, Turn};
use super::list::all_of;
use super::transaction::Work;
use super::{Writes, size, translate};
use crate::cloudbase::database::{Alteration, Altered};
use crate::cloudbase::{self, Code, Protocol};
use crate::data::update::ApplyError;
use crate::data::{CollectionName, DocId, Document, Filter, Object, Update, Value};
use crate::store::{Error, Result};

/// How often a write is begun anew when others were in the way.
pub(super) const RETRIES: u32 = 3;

/// Who writes documents, and tells of it.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) documents: Arc<Documents>,
    pub(super) feed: Arc<Feed>,
    writes: Writes,
    /// Whether an altered document comes back as it was before, and not as it is now.
    tells_before: bool,
}

/// What is to be done to those of some documents that exist and of which a condition is true.
#[derive(Clone, Debug)]
pub(super) struct Alter {
    pub(super) collection: CollectionName,
    /// Each once.
    pub(super) ids: Vec<DocId>,
    pub(super) condition: Filter,
    pub(super) act: Act,
    pub(super) deadline: Option<Instant>,
}

#[derive(Clone, Debug)]
pub(super) enum Act {
    Update(Update),
    Delete,
}

/// Why a write brought nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nothing was written.
    Refused(Error),
    /// Nothing was written, because others were in the way.
    Conflict(Error),
    /// It may have been written.
    Unknown(cloudbase::Error),
}

/// A single document's alteration as one command.
struct Command {
    query: Object,
    alteration: Alteration,
}

impl Act {
    /// The document afterwards; `None`: it is gone.
    pub(super) fn apply(&self, before: &Document) -> Result<Option<Document>, ApplyError> {
        match self {
            Act::Delete => Ok(None),
            Act::Update(update) => {
                let fields = update.apply(before.fields())?;
                Ok(Some(before.with_fields(fields)))
            }
        }
    }

    /// As [`Act::apply`], before anything is written.
    ///
    /// # Errors
    /// The update does not fit, or the document would become too large.
    pub(super) fn plan(&self, before: &Arc<Document>) -> Result<Pair> {
        let after = self.apply(before)?;
        if let Some(after) = &after {
            size::check(after.fields())?;
        }
        Ok(Pair {
            before: Some(Arc::clone(before)),
            after: after.map(Arc::new),
        })
    }

    /// The names of the fields that an update touches, each once.
    fn touched(&self) -> Vec<&str> {
        let Act::Update(update) = self else {
            return Vec::new();
        };
        let mut names: Vec<&str> = update.paths().map(|path| path.root().as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Writer {
    pub(super) fn new(documents: Arc<Documents>, feed: Arc<Feed>, writes: Writes) -> Self {
        let protocol = documents.database.client().config().protocol;
        Self {
            documents,
            feed,
            writes,
            tells_before: protocol == Protocol::Rest,
        }
    }

    /// Does it, and tells of it. What became of the documents that were altered, in the order of the ids.
    pub(super) async fn alter(&self, alter: &Alter) -> Result<Vec<Pair>> {
        if let Act::Update(update) = &alter.act {
            size::check_update(update)?;
        }
        if alter.ids.is_empty() || alter.condition.is_none() {
            return Ok(Vec::new());
        }
        let turn = self.feed.turn(&alter.collection, alter.ids.iter()).await;
        let outcome = match self.command(alter) {
            Some(command) if self.tells_before => self.in_one_step(alter, &command).await,
            Some(command) => self.in_two_steps(alter, &command).await,
            None => {
                self.in_transaction(Work::Alter(alter), alter.deadline)
                    .await
            }
        };
        settled(&turn, outcome)
    }

    /// The command that does it, if there is one that does exactly this.
    fn command(&self, alter: &Alter) -> Option<Command> {
        let ([id], Writes::Native) = (alter.ids.as_slice(), self.writes) else {
            return None;
        };
        let alteration = match &alter.act {
            Act::Delete => Alteration::Remove,
            Act::Update(update) => {
                let operators = translate::update(update).ok()?;
                // The database would take no operators for an empty document.
                (!operators.is_empty()).then_some(Alteration::Update(operators))?
            }
        };
        let condition = translate::translate(&alter.condition);
        if !condition.exact || !self.documents.database.alters(&alteration) {
            return None;
        }
        let id = translate::query(&Filter::id(id));
        Some(Command {
            query: all_of([id, condition.query]),
            alteration,
        })
    }

    /// The command gives the document as it was, from which follows what it is.
    async fn in_one_step(&self, alter: &Alter, command: &Command) -> Result<Vec<Pair>, Trouble> {
        let mut attempt = 0;
        loop {
            let error = match self.send(alter, &command.query, &command.alteration).await {
                Ok(None) => return Ok(Vec::new()),
                Ok(Some(Altered::Before(before))) => return done(alter, before).map(|it| vec![it]),
                Ok(Some(Altered::After(_))) => {
                    return Err(unknown("it tells how the document is, not how it was"));
                }
                Err(error) => error,
            };
            if !error::is_conflict(&error) || attempt == RETRIES {
                return Err(self.explained(alter, error).await);
            }
            pause(attempt).await;
            attempt += 1;
        }
    }

    /// The command gives the document as it is now. So it is read before, and altered only if what the update touches is
    /// still as it was read: then the rest is as it was in any case.
    async fn in_two_steps(&self, alter: &Alter, command: &Command) -> Result<Vec<Pair>, Trouble> {
        let touched = alter.act.touched();
        for attempt in 0..RETRIES {
            let Some(before) = self.read(alter).await? else {
                return Ok(Vec::new());
            };
            let pair = alter.act.plan(&before).map_err(Trouble::Refused)?;
            if !pair.is_change() {
                return Ok(vec![pair]);
            }
            let as_read = touched.iter().map(|name| is_as_in(before.fields(), name));
            let query = all_of([command.query.clone()].into_iter().chain(as_read));
            match self.send(alter, &query, &command.alteration).await {
                Ok(Some(Altered::After(after))) => {
                    let after = document(&alter.collection, after).map_err(unreadable)?;
                    return Ok(vec![with_before(pair, after, &touched)]);
                }
                Ok(Some(Altered::Before(before))) => return done(alter, before).map(|it| vec![it]),
                // Somebody wrote in between, or the values do not come back as they are stored.
                Ok(None) => {}
                Err(error) if error::is_conflict(&error) => pause(attempt).await,
                Err(error) => return Err(self.trouble(&alter.collection, error)),
            }
        }
        self.in_transaction(Work::Alter(alter), alter.deadline)
            .await
    }

    async fn send(
        &self,
        alter: &Alter,
        query: &Object,
        alteration: &Alteration,
    ) -> cloudbase::Result<Option<Altered>> {
        let context = until(alter.deadline);
        let database = &self.documents.database;
        database
            .alter(&context, &alter.collection, query, alteration)
            .await
    }

    /// The one document, if it exists and the condition is true of it.
    async fn read(&self, alter: &Alter) -> Result<Option<Arc<Document>>, Trouble> {
        let context = until(alter.deadline);
        let read = self
            .documents
            .by_ids(&context, &alter.collection, &alter.ids);
        let refused = |error| Trouble::Refused(self.documents.error(&alter.collection, error));
        let rows = read.await.map_err(refused)?;
        let found = documents(&alter.collection, rows)
            .map_err(Trouble::Refused)?
            .pop();
        Ok(found.filter(|document| alter.condition.matches(document.fields())))
    }

    /// The database refuses what does not fit in words of its own, with a code that says nothing; here there are better
    /// ones, if the document is still one that it does not fit.
    async fn explained(&self, alter: &Alter, error: cloudbase::Error) -> Trouble {
        if error.code() == Some(Code::DatabaseRequestFailed)
            && let Ok(Some(document)) = self.read(alter).await
            && let Err(reason) = alter.act.plan(&document)
        {
            return Trouble::Refused(reason);
        }
        self.trouble(&alter.collection, error)
    }

    /// What a failed request means for the write.
    pub(super) fn trouble(&self, collection: &CollectionName, error: cloudbase::Error) -> Trouble {
        if error::is_conflict(&error) {
            Trouble::Conflict(error::conflict())
        } else if error::is_ambiguous(&error) {
            Trouble::Unknown(error)
        } else {
            Trouble::Refused(self.documents.error(collection, error))
        }
    }
}

/// What the caller of a write is told, after everybody else was told what there is to tell.
pub(super) fn settled(turn: &Turn<'_>, outcome: Result<Vec<Pair>, Trouble>) -> Result<Vec<Pair>> {
    match outcome {
        Ok(pairs) => {
            turn.tell(&pairs);
            Ok(pairs)
        }
        Err(Trouble::Refused(error) | Trouble::Conflict(error)) => Err(error),
        Err(Trouble::Unknown(error)) => {
            turn.lose();
            Err(error::unknown(&error))
        }
    }
}

/// Waits longer each time, so that those who are in each other's way do not meet again.
pub(super) async fn pause(attempt: u32) {
    let most = 20_u64 << attempt.min(6);
    let random = getrandom::u64().unwrap_or_default() % most;
    tokio::time::sleep(std::time::Duration::from_millis(most / 2 + random)).await;
}

/// What was done to a document that was like this.
fn done(alter: &Alter, before: Object) -> Result<Pair, Trouble> {
    let before = document(&alter.collection, before).map_err(unreadable)?;
    if !alter.condition.matches(before.fields()) {
        tracing::error!(
            collection = %alter.collection,
            id = %before.id(),
            "the cloud altered a document that the condition is not true of"
        );
    }
    // It was carried out, so the database found that it fits.
    let after = alter
        .act
        .apply(&before)
        .map_err(|error| unknown(&error.to_string()))?;
    Ok(Pair {
        before: Some(Arc::new(before)),
        after: after.map(Arc::new),
    })
}

fn unknown(what: &str) -> Trouble {
    Trouble::Unknown(cloudbase::Error::Malformed(what.to_owned()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn unreadable(error: Error) -> Trouble {
    unknown(&error.to_string())
}

/// The condition that a document's own field is exactly what it is here.
fn is_as_in(fields: &Object, name: &str) -> Object {
    let operator = |name: &str, value: Value| (name.to_owned(), value);
    let test: Object = match fields.get(name) {
        None => [operator("$exists", Value::Bool(false))]
            .into_iter()
            .collect(),
        // Null alone would be true of documents without the field, too.
        Some(Value::Null) => [
            operator("$eq", Value::Null),
            operator("$exists", Value::Bool(true)),
        ]
        .into_iter()
        .collect(),
        Some(value) => [operator("$eq", value.clone())].into_iter().collect(),
    };
    [(name, Value::Object(test))].into_iter().collect()
}

/// What became of a document, as the cloud tells it: if others wrote what this update does not touch after it was read,
/// that was so before, too.
fn with_before(planned: Pair, after: Document, touched: &[&str]) -> Pair {
    let is_as_planned =
        matches!(&planned.after, Some(planned) if planned.fields() == after.fields());
    let Some(read) = planned.before.as_ref().filter(|_| !is_as_planned) else {
        return planned;
    };
    let mut before = after.fields().clone();
    for name in touched {
        match read.get(name) {
            Some(value) => before.insert(*name, value.clone()),
            None => drop(before.remove(name)),
        }
    }
    Pair {
        before: Some(Arc::new(after.with_fields(before))),
        after: Some(Arc::new(after)),
    }
}
