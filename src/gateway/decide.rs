//! The decisions of a session: asks `access`, fetches the documents it needs
//! to know, asks again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::access::{self, Clause, Context, Decision, Facts, Reference, RequestData};
use crate::data::{CollectionName, Comparison, Document, Filter, Order, Path, Strict, Test, Value};
use crate::model::{Collection, CollectionIx, FieldIx};
use crate::store::{Find, Projection};

use super::Operation;
use super::error::Result;
use super::mask::{Mask, Verdict};
use super::session::Session;
use super::trace::Action;

/// How often a decision may ask for documents before it counts as a denial: `get(get(path))` needs two.
const ROUNDS: usize = 2;

/// What a decision is about, besides caller, time and policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// What the document is known to be like: it pins `doc.x` inside `get()`.
    pub(super) condition: &'a Filter,
    /// The payload of a create or update.
    pub(super) request: Option<&'a RequestData>,
}

/// An answer, or the documents to load before asking again.
pub(super) type Answer<T> = std::result::Result<T, Vec<Reference>>;

impl<'a> Asked<'a> {
    pub(super) fn under(condition: &'a Filter) -> Self {
        Self {
            condition,
            request: None,
        }
    }
}

impl Session {
    /// Which documents the caller may read, update or delete.
    pub(super) async fn rows(
        &self,
        collection: CollectionIx,
        operation: Operation,
        asked: Asked<'_>,
    ) -> Result<Verdict> {
        let policy = &self.collection(collection).policy;
        // Whatever does not look at the request is the same for the whole session.
        let lasting = asked.request.is_none() && !policy.uses_get(operation);
        if lasting && let Some(known) = self.memory().rows.get(&(collection, operation)) {
            return Ok(known.clone());
        }
        let settings = self.settings(collection);
        let verdict = self
            .verdict(asked, |cx| access::rows(policy, operation, cx, settings))
            .await?;
        if lasting {
            let key = (collection, operation);
            self.memory().rows.insert(key, verdict.clone());
        }
        Ok(verdict)
    }

    /// Which documents the caller may read or write this field of, given that they may read or write the document.
    pub(super) async fn field(
        &self,
        collection: CollectionIx,
        field: FieldIx,
        operation: Operation,
        asked: Asked<'_>,
    ) -> Result<Verdict> {
        let field = self.collection(collection).shape.field(field);
        // The id of a visible document is what makes it visible.
        if field.stored == "_id" && operation == Operation::Read {
            return Ok(Verdict::Allow);
        }
        self.verdict(asked, |cx| access::field(&field.policy, operation, cx))
            .await
    }

    /// Who may read the fields of a collection.
    pub(super) async fn mask_under(
        &self,
        collection: CollectionIx,
        asked: Asked<'_>,
    ) -> Result<Arc<Mask>> {
        let fields = &self.collection(collection).shape.fields;
        let lasting = !fields
            .iter()
            .any(|field| field.policy.uses_get(Operation::Read));
        if lasting && let Some(known) = self.memory().masks.get(&collection) {
            return Ok(Arc::clone(known));
        }
        let mut verdicts = Vec::with_capacity(fields.len());
        for (at, field) in fields.iter().enumerate() {
            let verdict = self
                .field(collection, FieldIx(at), Operation::Read, asked)
                .await?;
            verdicts.push((field.stored.clone(), verdict));
        }
        let mask = Arc::new(Mask::new(verdicts));
        if lasting {
            self.memory().masks.insert(collection, Arc::clone(&mask));
        }
        Ok(mask)
    }

    /// Each clause that may allow the operation, with the documents it allows: for the audit.
    pub(super) async fn clauses(
        &self,
        collection: CollectionIx,
        operation: Operation,
        asked: Asked<'_>,
    ) -> Result<Vec<(Clause, Verdict)>> {
        let policy = &self.collection(collection).policy;
        let settings = self.settings(collection);
        let clauses = self
            .answer(asked, |cx| {
                let clauses = access::clauses(policy, operation, cx, settings).into_iter();
                let verdict = |(clause, decision)| Ok((clause, final_verdict(decision)?));
                clauses.map(verdict).collect::<Answer<Vec<_>>>()
            })
            .await?;
        Ok(clauses.unwrap_or_default())
    }

    async fn verdict(
        &self,
        asked: Asked<'_>,
        decide: impl Fn(&Context<'_>) -> Decision + Send + Sync,
    ) -> Result<Verdict> {
        let answer = self.answer(asked, |cx| final_verdict(decide(cx))).await?;
        Ok(answer.unwrap_or(Verdict::Deny))
    }

    /// Asks until there is an answer; `None` if it still needs documents after [`ROUNDS`] loads, which is a denial.
    pub(super) async fn answer<T>(
        &self,
        asked: Asked<'_>,
        ask: impl Fn(&Context<'_>) -> Answer<T> + Send + Sync,
    ) -> Result<Option<T>> {
        for round in 0..=ROUNDS {
            let facts = Arc::clone(&self.memory().facts);
            let context = Context {
                caller: self.caller(),
                now: self.now(),
                facts: &facts,
                request: asked.request,
                condition: asked.condition,
            };
            match ask(&context) {
                Ok(answer) => return Ok(Some(answer)),
                Err(needed) if round < ROUNDS => self.learn(&needed).await?,
                Err(_) => {}
            }
        }
        tracing::warn!("a rule asks for documents more than twice; it counts as a denial");
        Ok(None)
    }

    /// Loads the documents that a rule asks for: one read for each collection.
    async fn learn(&self, needed: &[Reference]) -> Result<()> {
        let mut by_collection: BTreeMap<_, Vec<&Reference>> = BTreeMap::new();
        for reference in needed {
            let group = by_collection.entry(&reference.collection).or_default();
            group.push(reference);
        }
        let mut learned = Vec::with_capacity(needed.len());
        for (collection, references) in by_collection {
            let ids = references.iter().map(|it| it.id.to_value()).collect();
            let find = Find {
                filter: Filter::field(&Path::field("_id"), Test::In(ids)),
                order: Order::default(),
                after: None,
                skip: 0,
                limit: references.len() as u64,
                projection: Projection::All,
            };
            let found = self.reader().find(Action::Get, collection, &find).await?;
            for reference in references {
                let document = found.iter().find(|it| *it.id() == reference.id).cloned();
                learned.push((reference.clone(), document));
            }
        }
        let mut memory = self.memory();
        let mut facts = Facts::clone(&memory.facts);
        facts.documents.extend(learned);
        memory.facts = Arc::new(facts);
        Ok(())
    }
}

fn final_verdict(decision: Decision) -> Answer<Verdict> {
    match decision {
        Decision::Allow => Ok(Verdict::Allow),
        Decision::Deny => Ok(Verdict::Deny),
        Decision::Where(filter) => Ok(Verdict::Where(filter)),
        Decision::Need(references) => Err(references),
    }
}

/// Whether what the caller may do with a document, or with a field of it, depends on other documents.
pub(super) fn uses_get(collection: &Collection, operation: Operation) -> bool {
    let mut fields = collection.shape.fields.iter();
    collection.policy.uses_get(operation) || fields.any(|field| field.policy.uses_get(operation))
}

/// Whether what a caller may read of a collection changes though the caller does not: with the time, or with other
/// documents.
pub(super) fn is_restless(collection: &Collection) -> bool {
    uses_get(collection, Operation::Read) || uses_now(collection, Operation::Read)
}

/// Whether what the caller may do with a document, or with a field of it, changes as time passes.
pub(super) fn uses_now(collection: &Collection, operation: Operation) -> bool {
    let mut fields = collection.shape.fields.iter();
    collection.policy.uses_now(operation) || fields.any(|field| field.policy.uses_now(operation))
}

/// The collections whose documents decide what the caller may do with a document, or with a field of it.
pub(super) fn gets(collection: &Collection, operation: Operation) -> BTreeSet<&CollectionName> {
    let fields = collection.shape.fields.iter();
    let of_fields = fields.flat_map(|field| field.policy.gets(operation));
    let of_rows = collection.policy.gets(operation);
    of_rows.into_iter().chain(of_fields).collect()
}

/// What is known of a document that was read, as a condition that pins every path the collection's rules look at. It
/// is true of the document, and of no other one that differs there.
pub(super) fn pinned(collection: &Collection, document: &Document) -> Filter {
    let operations = [
        Operation::Read,
        Operation::Create,
        Operation::Update,
        Operation::Delete,
    ];
    let fields = &collection.shape.fields;
    let rules = operations.into_iter().flat_map(|operation| {
        let of_fields = fields
            .iter()
            .flat_map(move |field| field.policy.rules(operation));
        collection.policy.rules(operation).chain(of_fields)
    });
    let paths: BTreeSet<Path> = rules.flat_map(|rule| rule.paths()).collect();
    let pins = paths.iter().filter_map(|path| pin(path, document));
    pins.fold(Filter::all(), Filter::and)
}

fn pin(path: &Path, document: &Document) -> Option<Filter> {
    let value = document.lookup(path)?;
    // Only what can be part of an id is of use inside `get()`.
    let spells_id = matches!(value, Value::String(_) | Value::Int(_));
    // Said twice: as a caller would say it, which is what rules look for, and strictly, which is what is meant.
    spells_id.then(|| {
        let equal = Strict::Compare(path.clone(), Comparison::Eq, value.clone());
        Filter::field(path, Test::Eq(value.clone())).and(Filter::Strict(equal))
    })
}
