//! Creating documents: completed by the gateway, decided as they will be
//! stored, written all or none.

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::access::{self, Clause, CreateDecision, RequestData};
use crate::data::update::ApplyError;
use crate::data::{DocId, Document, Filter, Object, Value, ejson};
use crate::model::{Collection, CollectionIx};

use super::Operation;
use super::changes::managed;
use super::constraint::Checker;
use super::decide::{self, Asked};
use super::error::{Error, Result};
use super::mask::Verdict;
use super::request::{CreateInput, Written};
use super::roles::Turn;
use super::session::Session;
use super::trace::Action;

/// The most documents of one create.
const MAX_INPUTS: usize = 100;
/// The longest id that a caller may choose, in bytes.
const MAX_ID: usize = 64;

/// A document that may be created.
#[derive(Debug)]
struct Draft {
    document: Document,
    clause: Clause,
}

impl Session {
    /// Creates one document; problems name `input.title`.
    ///
    /// # Errors
    /// `BadInput` with all problems of the input, `Forbidden`, `Conflict` if the id or a unique value is taken.
    pub async fn create_one(
        &self,
        collection: CollectionIx,
        input: CreateInput,
    ) -> Result<Written> {
        let places = vec!["input".to_owned()];
        let mut written = self.create_at(collection, vec![input], places).await?;
        // INVARIANT: the store gives back as many documents as it was given, and that is one.
        Ok(written.remove(0))
    }

    /// Creates all of the documents or none, at most 100; problems name `input[0].title`.
    pub async fn create(
        &self,
        collection: CollectionIx,
        inputs: Vec<CreateInput>,
    ) -> Result<Vec<Written>> {
        let places = (0..inputs.len()).map(|at| format!("input[{at}]")).collect();
        self.create_at(collection, inputs, places).await
    }

    async fn create_at(
        &self,
        collection: CollectionIx,
        inputs: Vec<CreateInput>,
        places: Vec<String>,
    ) -> Result<Vec<Written>> {
        self.admit_to(collection, Operation::Create)?;
        check_count(inputs.len())?;
        let mut checker = Checker::new(self.gateway().model());
        for (place, input) in places.iter().zip(&inputs) {
            check_input(self.collection(collection), place, input, &mut checker);
        }
        checker.finish()?;
        inputs.iter().try_for_each(check_depth)?;
        let mut drafts = Vec::with_capacity(inputs.len());
        for input in inputs {
            drafts.push(self.draft(collection, input).await?);
        }
        let documents = drafts.iter().map(|draft| &draft.document);
        let places = places.iter().map(String::as_str);
        let turn = self
            .turn_to_create(collection, places.zip(documents))
            .await?;
        self.insert(collection, drafts, turn).await
    }

    /// The document as it will be stored, if the caller may create it so.
    async fn draft(&self, collection: CollectionIx, input: CreateInput) -> Result<Draft> {
        let id = match input.id {
            Some(id) => DocId::String(id),
            None => generated_id()?,
        };
        let written: BTreeSet<SmolStr> =
            input.values.iter().map(|(name, _)| name.clone()).collect();
        let request = RequestData {
            values: input.values.clone(),
            opaque: Vec::new(),
        };
        let model = self.collection(collection);
        let plain = Document::new(id, 0, completed(model, input.values, self.now()));
        let owned = self.owned(&plain);
        let clause = self
            .create_clause(collection, &request, &plain, &owned)
            .await?
            .ok_or_else(|| self.forbidden(Operation::Create, collection))?;
        let document = match clause {
            Clause::Rule => owned,
            Clause::Grant(_) => plain,
        };
        self.check_written(collection, &document, &request, &written)
            .await?;
        self.check_mistakable(collection, document.id()).await?;
        Ok(Draft { document, clause })
    }

    /// Imported documents may have a number or an ObjectId as their id. A new one with the same text would be found in
    /// place of them by everyone who looks an id up.
    async fn check_mistakable(&self, collection: CollectionIx, id: &DocId) -> Result<()> {
        let forms = DocId::spelled_by(&id.to_string());
        let others: Vec<DocId> = forms.into_iter().filter(|form| form != id).collect();
        if others.is_empty() || self.locate(collection, &others).await?.is_none() {
            return Ok(());
        }
        Err(self.duplicate(collection, &["_id".to_owned()]).await?)
    }

    /// The document with the caller as its owner.
    fn owned(&self, document: &Document) -> Document {
        let mut fields = document.fields().clone();
        if let Some(owner) = self.caller().owner() {
            fields.insert("_openid", Value::String(owner.clone()));
        }
        document.with_fields(fields)
    }

    async fn create_clause(
        &self,
        collection: CollectionIx,
        request: &RequestData,
        plain: &Document,
        owned: &Document,
    ) -> Result<Option<Clause>> {
        let policy = &self.collection(collection).policy;
        let (plain, owned, settings) = (plain.fields(), owned.fields(), self.settings(collection));
        let asked = Asked {
            condition: &Filter::all(),
            request: Some(request),
        };
        let decision = self
            .answer(asked, |cx| {
                match access::create(policy, cx, plain, owned, settings) {
                    CreateDecision::Allow(clause) => Ok(Some(clause)),
                    CreateDecision::Deny => Ok(None),
                    CreateDecision::Need(references) => Err(references),
                }
            })
            .await?;
        Ok(decision.flatten())
    }

    /// Every field that the input names must be one the caller may write in this document.
    async fn check_written(
        &self,
        collection: CollectionIx,
        document: &Document,
        request: &RequestData,
        written: &BTreeSet<SmolStr>,
    ) -> Result<()> {
        let model = self.collection(collection);
        let known = decide::pinned(model, document);
        let asked = Asked {
            condition: &known,
            request: Some(request),
        };
        let fields = written
            .iter()
            .filter_map(|name| model.shape.field_stored(name));
        for field in fields {
            let verdict: Verdict = self
                .field(collection, field, Operation::Create, asked)
                .await?;
            if !verdict.holds(document) {
                return Err(Error::Forbidden {
                    operation: "create",
                    coordinate: self.field_coordinate(collection, field),
                    is_closed: false,
                });
            }
        }
        Ok(())
    }

    async fn insert(
        &self,
        collection: CollectionIx,
        drafts: Vec<Draft>,
        turn: Turn,
    ) -> Result<Vec<Written>> {
        let store = Arc::clone(&self.gateway().store);
        let auditor = self.auditor(collection, Operation::Create);
        let name = self.collection(collection).name.clone();
        let write = async move {
            let (documents, clauses): (Vec<_>, Vec<_>) = drafts
                .into_iter()
                .map(|draft| (draft.document, draft.clause))
                .unzip();
            let ids: Vec<DocId> = documents.iter().map(|it| it.id().clone()).collect();
            let inserted = auditor.heed(&ids, store.insert(&name, documents).await)?;
            for (document, clause) in inserted.iter().zip(clauses) {
                auditor.record(vec![clause], None, Some(Arc::clone(document)));
            }
            drop(turn);
            Ok(inserted)
        };
        let inserted = self
            .commit(Action::Insert, collection, None, write, Vec::len)
            .await?;
        let mut written = Vec::with_capacity(inserted.len());
        for document in inserted {
            written.push(self.written(collection, document).await);
        }
        Ok(written)
    }
}

fn check_count(count: usize) -> Result<()> {
    match count {
        0 => Err(Error::bad_input("input", "give at least one document")),
        1..=MAX_INPUTS => Ok(()),
        _ => Err(Error::Limit {
            message: format!("at most {MAX_INPUTS} documents are created at once"),
        }),
    }
}

/// A document that is nested deeper than a store reads would spoil every list it is in. What the gateway adds is flat.
fn check_depth(input: &CreateInput) -> Result<()> {
    if input.values.depth() > ejson::MAX_DEPTH {
        return Err(Error::Limit {
            message: ApplyError::TooDeep.to_string(),
        });
    }
    Ok(())
}

fn check_input(
    collection: &Collection,
    place: &str,
    input: &CreateInput,
    checker: &mut Checker<'_>,
) {
    if let Some(problem) = input.id.as_deref().and_then(id_problem) {
        checker.problem(&format!("{place}.id"), problem);
    }
    for (name, _) in input.values.iter() {
        if collection.shape.field_stored(name).is_none() {
            checker.problem(&format!("{place}.{name}"), "there is no such field");
        }
    }
    for field in &collection.shape.fields {
        let place = format!("{place}.{}", field.name);
        let given = input.values.get(&field.stored);
        match managed(field) {
            Some(reason) if given.is_some() => checker.problem(&place, reason),
            Some(_) => {}
            None => checker.field(&place, field, given.or(field.default.as_ref())),
        }
    }
}

fn id_problem(id: &str) -> Option<String> {
    let printable = id.chars().all(|c| !c.is_control());
    let blank = id.trim().is_empty();
    if blank {
        Some("must not be empty".to_owned())
    } else if id.len() > MAX_ID {
        Some(format!("must have at most {MAX_ID} bytes"))
    } else if !printable {
        Some("must not contain control characters".to_owned())
    } else {
        None
    }
}

/// The caller's values with defaults for what is missing, and the times.
fn completed(collection: &Collection, mut values: Object, now: i64) -> Object {
    for field in &collection.shape.fields {
        if let Some(value) = field.provided(now)
            && !values.contains(&field.stored)
        {
            values.insert(field.stored.clone(), value);
        }
    }
    values
}

/// 32 hexadecimal digits, as the database's own ids. Chosen before the first attempt, so that a retry cannot create a
/// second document.
fn generated_id() -> Result<DocId> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(DocId::string(format!(
        "{:032x}",
        u128::from_be_bytes(bytes)
    )))
}
