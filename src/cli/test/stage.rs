//! One case: a fresh store with its documents, a gateway over it, the steps, and what stands afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use indexmap::IndexMap;

use super::load::Ready;
use crate::clock::Clock;
use crate::data::{Caller, CollectionName, DocId, Document, Filter, Object, Order, Value, ejson};
use crate::gateway::{self, Gateway};
use crate::graphql::{self, Executor, Request};
use crate::model::Model;
use crate::server::dev_user;
use crate::store::sqlite::SqliteStore;
use crate::store::{Find, Projection, Store};
use crate::testing::{
    Answer, Documents, Failure, Mismatch, Operation, Outcome, Seeded, Step, Who, judge,
};

/// 2026-01-01T00:00:00Z: what the clock shows where nobody says otherwise.
const USUAL_NOW: i64 = 1_767_225_600_000;

/// Where staff roles are.
const ROLES: &str = "roles";

/// More documents than a case has.
const ALL: u64 = 1_000_000;

/// Runs a case up to its first step that is not as expected.
///
/// # Errors
///
/// The store fails, or does not take the seed.
pub(super) async fn run(ready: Ready, model: Arc<Model>) -> Result<Outcome> {
    let began = Instant::now();
    let place = || format!("{}:{}: {}", ready.file, ready.case.line, ready.case.name);
    let stage = Stage::set(&ready, model).await.with_context(place)?;
    let mut failure = None;
    for (at, step) in ready.case.steps.iter().enumerate() {
        let mismatches = stage.play(step).await.with_context(place)?;
        if !mismatches.is_empty() {
            failure = Some(Failure {
                line: step.line,
                step: (ready.case.steps.len() > 1).then_some(at + 1),
                mismatches,
            });
            break;
        }
    }
    stage.executor.gateway().drain().await;
    Ok(Outcome {
        file: ready.file,
        line: ready.case.line,
        name: ready.case.name,
        took: began.elapsed(),
        failure,
    })
}

/// Shows what the case says.
#[derive(Debug)]
struct CaseClock(AtomicI64);

impl Clock for CaseClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

struct Stage {
    executor: Executor,
    store: Arc<SqliteStore>,
    clock: Arc<CaseClock>,
}

impl Stage {
    async fn set(ready: &Ready, model: Arc<Model>) -> Result<Self> {
        let store = SqliteStore::temporary()?;
        store.prepare(&Gateway::collection_specs(&model)).await?;
        let now = ready.setting.now.unwrap_or(USUAL_NOW);
        for (collection, documents) in documents(ready, now) {
            let documents = documents.into_values().collect();
            store
                .insert(&collection_name(&collection)?, documents)
                .await
                .with_context(|| format!("the seed of `{collection}` is not taken"))?;
        }
        let clock = Arc::new(CaseClock(AtomicI64::new(now)));
        let gateway = Gateway::new(
            model,
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            gateway::Config::default(),
        );
        Ok(Self {
            executor: Executor::new(Arc::new(gateway), graphql::Config::default())?,
            store,
            clock,
        })
    }

    /// Asks, and compares what comes back and what stands then with what is expected.
    async fn play(&self, step: &Step) -> Result<Vec<Mismatch>> {
        if let Some(now) = step.now {
            self.clock.0.store(now, Ordering::SeqCst);
        }
        if let Some(roles) = roles_document(&step.who, self.clock.now_ms()) {
            let (name, every) = (collection_name(ROLES)?, Filter::all());
            self.store.delete_one(&name, roles.id(), &every).await?;
            self.store.insert(&name, vec![roles]).await?;
        }
        let caller = match step.who.name.as_str() {
            "none" => Caller::none(),
            name => self.executor.gateway().caller(dev_user(name)?).await?,
        };
        let Operation::Text { text, .. } = &step.operation else {
            anyhow::bail!("the operation was not read");
        };
        let request = Request {
            query: text.clone(),
            operation_name: step.operation_name.clone(),
            variables: step.variables.clone(),
            ..Request::default()
        };
        let before = self.documents().await?;
        let response = self.executor.execute(request, Arc::new(caller)).await;
        let after = self.documents().await?;
        let answer = Answer::of(serde_json::from_slice(&response.body)?);
        Ok(judge(step, &answer, &before, &after))
    }

    /// Everything that is stored.
    async fn documents(&self) -> Result<Documents> {
        let everything = Find {
            filter: Filter::all(),
            order: Order::default(),
            after: None,
            skip: 0,
            limit: ALL,
            projection: Projection::All,
        };
        let mut all = Documents::new();
        for collection in self.store.collections().await? {
            let found = self.store.find(&collection, &everything).await?;
            let documents = found
                .iter()
                .map(|document| (key(document.id()), document.fields().clone()));
            all.insert(collection.as_str().to_owned(), documents.collect());
        }
        Ok(all)
    }
}

/// What is there from the beginning, by collection and id: later documents stand for earlier ones of their id.
fn documents(ready: &Ready, now: i64) -> IndexMap<String, IndexMap<String, Document>> {
    let mut all: IndexMap<String, IndexMap<String, Document>> = IndexMap::new();
    let mut put = |collection: &str, document: Document| {
        let documents = all.entry(collection.to_owned()).or_default();
        documents.insert(key(document.id()), document);
    };
    let callers = ready.setting.callers.iter();
    for roles in callers.filter_map(|named| roles_document(&named.who, now)) {
        put(ROLES, roles);
    }
    let seeded = ready.setting.seed.iter().chain(&ready.case.seed);
    for Seeded {
        collection, fields, ..
    } in seeded
    {
        if let Some(document) = Document::from_object(fields.clone()) {
            put(collection, document);
        }
    }
    all
}

/// The document that gives somebody their roles, if they are given any here.
fn roles_document(who: &Who, now: i64) -> Option<Document> {
    let roles = who.roles.as_ref()?;
    let mut fields = Object::new();
    let roles = roles.iter().map(Value::string).collect();
    fields.insert("roles", Value::Array(roles));
    fields.insert("status", Value::string("ACTIVE"));
    fields.insert("createdAt", Value::Date(now));
    fields.insert("updatedAt", Value::Date(now));
    Some(Document::new(DocId::string(&who.name), 0, fields))
}

/// How cases name a document; an id that is no text is written as extended JSON.
fn key(id: &DocId) -> String {
    match id {
        DocId::String(text) => text.to_string(),
        other => ejson::value_to_string(&other.to_value(), ejson::Mode::Canonical),
    }
}

fn collection_name(name: &str) -> Result<CollectionName> {
    CollectionName::parse(name).with_context(|| format!("`{name}` cannot name a collection"))
}
