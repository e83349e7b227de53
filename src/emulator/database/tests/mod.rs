//! The database below the protocols: words for all of its tests.

mod collections;
mod documents;
mod random;
mod transactions;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Commit, Database, Find, Modified, Modify, Remove, Selection, TransactionId, TransactionLimits,
    Write,
};
use crate::cloudbase::Code;
use crate::data::ejson::{self, Mode};
use crate::data::{CollectionName, DocId, Document, Filter, Object};
use crate::emulator::clock::SetClock;
use crate::emulator::failure::{Failure, Result};
use crate::emulator::identity::Identity;
use crate::mongo::{Query, Update};
use crate::store::sqlite::SqliteStore;

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(60);

pub(crate) const LIMITS: TransactionLimits = TransactionLimits {
    life: LONG,
    busy_wait: LONG,
};

/// Stands still at 1000.
pub(crate) fn clock() -> Arc<SetClock> {
    let clock = SetClock::new(Arc::new(crate::clock::SystemClock));
    clock.set(Some(1000));
    Arc::new(clock)
}

/// A database with the empty collections `things` and `others`.
pub(crate) async fn database_with(limits: TransactionLimits) -> Arc<Database> {
    let store = SqliteStore::temporary().unwrap();
    let database = Database::open(store, clock(), None, limits).await.unwrap();
    for collection in ["things", "others"] {
        database.create_collection(&name(collection)).await.unwrap();
    }
    database
}

async fn database() -> Arc<Database> {
    database_with(LIMITS).await
}

pub(crate) fn name(text: &str) -> CollectionName {
    CollectionName::parse(text).unwrap()
}

pub(crate) fn object(json: &str) -> Object {
    ejson::parse_object(json).unwrap()
}

pub(crate) fn text(object: &Object) -> String {
    ejson::object_to_string(object, Mode::Relaxed)
}

pub(crate) fn select(collection: &str, condition: &str) -> Selection {
    Selection {
        collection: name(collection),
        query: Query::parse(&object(condition)).unwrap(),
        also: Filter::all(),
    }
}

pub(crate) fn list(selection: Selection) -> Find {
    Find {
        selection,
        order: crate::data::Order::default(),
        skip: 0,
        limit: 1000,
        projection: None,
    }
}

pub(crate) fn update(condition: &str, operators: &str) -> Modify {
    Modify {
        selection: select("things", condition),
        many: true,
        write: Write::Update(Update::parse(&object(operators)).unwrap()),
        upsert: false,
    }
}

pub(crate) fn replace(condition: &str, fields: &str) -> Modify {
    Modify {
        selection: select("things", condition),
        many: false,
        write: Write::Replace(object(fields)),
        upsert: true,
    }
}

pub(crate) fn remove(condition: &str) -> Remove {
    Remove {
        selection: select("things", condition),
        many: true,
    }
}

/// A request to `things`, plain or within a transaction.
#[derive(Clone, Copy)]
struct Things<'a> {
    database: &'a Database,
    within: Option<&'a TransactionId>,
}

fn things(database: &Database) -> Things<'_> {
    Things {
        database,
        within: None,
    }
}

impl<'a> Things<'a> {
    fn within(self, transaction: &'a TransactionId) -> Self {
        Self {
            within: Some(transaction),
            ..self
        }
    }

    async fn add(self, documents: &[&str]) -> Result<Vec<DocId>> {
        let documents = documents.iter().map(|json| object(json)).collect();
        self.database
            .insert(&name("things"), documents, self.within)
            .await
    }

    async fn update(self, condition: &str, operators: &str) -> Result<Modified> {
        let modify = update(condition, operators);
        self.database.modify(&modify, self.within).await
    }

    async fn replace(self, condition: &str, fields: &str) -> Result<Modified> {
        let modify = replace(condition, fields);
        self.database.modify(&modify, self.within).await
    }

    async fn remove(self, condition: &str) -> Result<u64> {
        self.database.remove(&remove(condition), self.within).await
    }

    /// The documents that match, as EJSON in a row.
    async fn show(self, condition: &str) -> String {
        let find = list(select("things", condition));
        let found = self.database.find(&find, self.within).await.unwrap();
        found.iter().map(text).collect::<Vec<_>>().join(" ")
    }
}

fn begin(database: &Database) -> TransactionId {
    database.begin(Identity::Admin).unwrap()
}

fn code<T: std::fmt::Debug>(outcome: Result<T>) -> Code {
    let Failure { code, .. } = outcome.unwrap_err();
    code
}

/// What commits leave of the documents of `things`.
fn replay(documents: &mut BTreeMap<DocId, Arc<Document>>, commit: &Commit) {
    for written in &commit.written {
        assert_eq!(written.collection, name("things"));
        let id = written.id();
        let before = documents.get(id).map(|document| document.fields());
        let told = written.before.as_ref().map(|document| document.fields());
        assert_eq!(before, told, "a commit begins where the last one ended");
        match &written.after {
            Some(after) => documents.insert(id.clone(), Arc::clone(after)),
            None => documents.remove(id),
        };
    }
}
