//! Carrying out writes: to their end, audited, with failures told in the
//! caller's terms.

use std::future::Future;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::access::Clause;
use crate::data::update::ApplyError;
use crate::data::{DocId, Document, Filter, Principal};
use crate::model::{CollectionIx, FieldIx};
use crate::store::{self, errand};

use super::Operation;
use super::audit::{Entry, Outcome, Sink};
use super::decide::Asked;
use super::error::{Error, Result};
use super::mask::Verdict;
use super::oracle;
use super::request::Written;
use super::session::Session;
use super::trace::{Action, Step};

/// Tells the sink of the writes of one operation.
#[derive(Clone, Debug)]
pub(super) struct Auditor {
    sink: Arc<dyn Sink>,
    at: i64,
    principal: Option<Principal>,
    operation: Operation,
    collection: SmolStr,
}

impl Auditor {
    pub(super) fn record(
        &self,
        clauses: Vec<Clause>,
        before: Option<Arc<Document>>,
        after: Option<Arc<Document>>,
    ) {
        let Some(document) = after.as_ref().or(before.as_ref()) else {
            return;
        };
        self.sink.record(&Entry {
            at: self.at,
            principal: self.principal.clone(),
            operation: oracle::name(self.operation),
            collection: self.collection.clone(),
            id: document.id().clone(),
            outcome: Outcome::Committed,
            clauses,
            before,
            after,
        });
    }

    /// What the store said of a write of these documents. If it could not say whether they were written, they are told
    /// as that: whoever looks for a cause later must not find nothing.
    pub(super) fn heed<T>(&self, ids: &[DocId], said: store::Result<T>) -> store::Result<T> {
        if let Err(store::Error::OutcomeUnknown(_)) = said {
            for id in ids {
                self.sink.record(&Entry {
                    at: self.at,
                    principal: self.principal.clone(),
                    operation: oracle::name(self.operation),
                    collection: self.collection.clone(),
                    id: id.clone(),
                    outcome: Outcome::Unknown,
                    clauses: Vec::new(),
                    before: None,
                    after: None,
                });
            }
        }
        said
    }
}

/// Those clauses that allowed the write of this document.
pub(super) fn allowing(clauses: &[(Clause, Verdict)], before: &Document) -> Vec<Clause> {
    let holding = clauses
        .iter()
        .filter(|(_, verdict)| verdict.holds(before))
        .map(|(clause, _)| clause.clone());
    holding.collect()
}

impl Session {
    pub(super) fn auditor(&self, collection: CollectionIx, operation: Operation) -> Auditor {
        Auditor {
            sink: Arc::clone(&self.gateway().audit),
            at: self.now(),
            principal: self.caller().signed_in().map(|user| user.principal.clone()),
            operation,
            collection: self.collection(collection).name.as_str().into(),
        }
    }

    /// Runs a write to its end even if nobody waits for it any more, then forgets what was known before it.
    ///
    /// `id` is the one document it is about, `count` tells how many documents it wrote.
    pub(super) async fn commit<T: Send + 'static>(
        &self,
        action: Action,
        collection: CollectionIx,
        id: Option<&DocId>,
        write: impl Future<Output = store::Result<T>> + Send + 'static,
        count: impl Fn(&T) -> usize,
    ) -> Result<T> {
        let writes = &self.gateway().writes;
        let write = async { writes.spawn(errand::carried(write)).await };
        let outcome = self.recorder().wait(action, write).await;
        self.forget();
        let written = match outcome.map_err(Error::internal)? {
            Ok(written) => written,
            Err(error) => return Err(self.explain(collection, id, error).await),
        };
        self.recorder().step(Step {
            action,
            collection: self.collection(collection).name.as_str().into(),
            keys: None,
            documents: count(&written) as u64,
        });
        Ok(written)
    }

    /// A failed write in terms of the API.
    async fn explain(
        &self,
        collection: CollectionIx,
        id: Option<&DocId>,
        error: store::Error,
    ) -> Error {
        match error {
            store::Error::Duplicate { fields, .. } => self
                .duplicate(collection, &fields)
                .await
                .unwrap_or_else(|error| error),
            store::Error::Apply(error) => self.misapplied(collection, id, error),
            error => error.into(),
        }
    }

    /// An update that the stored document does not bear.
    pub(super) fn misapplied(
        &self,
        collection: CollectionIx,
        id: Option<&DocId>,
        error: ApplyError,
    ) -> Error {
        match error {
            ApplyError::Overflow { path } => {
                let place = format!("inc.{}", self.api_name(collection, path.root()));
                Error::bad_input(place, "would leave the range of its type of number")
            }
            // Only operators that need read on the field get here, after the decisions held.
            ApplyError::WrongType {
                path,
                op,
                needed,
                found,
            } => Error::InvalidDocument {
                id: id.map(DocId::to_string).unwrap_or_default(),
                field: format!(
                    "{}.{}",
                    self.coordinate(collection),
                    self.api_name(collection, path.root())
                ),
                reason: format!("`{op}` needs {needed}, but {found} is stored"),
            },
            error => store::Error::Apply(error).into(),
        }
    }

    /// A unique value that another document holds; names the fields only if the caller may read them in any document.
    pub(super) async fn duplicate(
        &self,
        collection: CollectionIx,
        stored: &[String],
    ) -> Result<Error> {
        let all = Filter::all();
        let rows = self
            .rows(collection, Operation::Read, Asked::under(&all))
            .await?;
        let mask = self.mask(collection).await?;
        let shape = &self.collection(collection).shape;
        let readable = |name: &String| {
            let verdict = shape.field_stored(name).map(|ix| mask.verdict(ix));
            // An id that was given is the writer's own word.
            name == "_id" || (rows != Verdict::Deny && verdict == Some(&Verdict::Allow))
        };
        let type_name = self.coordinate(collection);
        if !stored.iter().all(readable) {
            let message = format!("another {type_name} has the same value in a unique index");
            return Ok(Error::conflict(message));
        }
        let fields: Vec<String> = stored
            .iter()
            .map(|name| match name.as_str() {
                "_id" => "id".to_owned(),
                name => self.api_name(collection, name),
            })
            .collect();
        Ok(Error::Conflict {
            message: format!("another {type_name} has the same {}", fields.join(", ")),
            fields,
        })
    }

    /// The API name of a stored field.
    pub(super) fn api_name(&self, collection: CollectionIx, stored: &str) -> String {
        let shape = &self.collection(collection).shape;
        let field = shape.field_stored(stored).map(|ix| &shape.field(ix).name);
        field.map_or(stored, SmolStr::as_str).to_owned()
    }

    pub(super) fn field_coordinate(&self, collection: CollectionIx, field: FieldIx) -> String {
        let collection = self.collection(collection);
        let name = &collection.shape.field(field).name;
        format!("{}.{name}", collection.type_name)
    }

    /// A document that was just written, as its writer may see it.
    pub(super) async fn written(
        &self,
        collection: CollectionIx,
        document: Arc<Document>,
    ) -> Written {
        let id = document.id().clone();
        let document = match self.seen(collection, document).await {
            Ok(seen) => seen,
            Err(error) => {
                // The write is done: not being able to show it does not undo it.
                tracing::warn!(%error, "a written document cannot be shown to its writer");
                None
            }
        };
        Written { id, document }
    }
}
