//! Inserting, changing and removing documents: what a request comes to, tried
//! until no transaction stands in the way.

use std::collections::HashSet;
use std::sync::Arc;

use super::gate::{Attempt, Patience, Turn};
use super::identify::{check, check_depth, identified};
use super::read::sort;
use super::{Database, Kind, Modified, Modify, Remove, Selection, TransactionId, Write, Written};
use crate::data::{CollectionName, DocId, Document, Filter, Object, Order, Path, Test, Value};
use crate::emulator::failure::{Failure, Result};
use crate::mongo::Query;

impl Database {
    /// All or nothing; documents without `_id` get one (32 hexadecimal digits that grow with time). The ids in order.
    pub(crate) async fn insert(
        &self,
        collection: &CollectionName,
        documents: Vec<Object>,
        within: Option<&TransactionId>,
    ) -> Result<Vec<DocId>> {
        self.catalog.entry(collection)?;
        let now = self.clock.now_ms();
        let identify = |fields| identified(fields, &self.ids, now).map(Arc::new);
        let documents: Result<Vec<Arc<Document>>> = documents.into_iter().map(identify).collect();
        let documents = documents?;
        let ids = distinct(collection, &documents)?;
        let patience = Patience::new(self.limits.busy_wait);
        loop {
            let turn = self.turn(within).await?;
            self.catalog.entry(collection)?;
            if turn.is_within_transaction() {
                check_new(&turn, collection, &ids).await?;
            }
            let added = documents.iter().map(|document| Written {
                collection: collection.clone(),
                kind: Kind::Add,
                before: None,
                after: Some(Arc::clone(document)),
            });
            match turn.write(added.collect()).await? {
                Attempt::Done => return Ok(ids),
                Attempt::Blocked(ended) => patience.wait(ended).await?,
            }
        }
    }

    pub(crate) async fn modify(
        &self,
        modify: &Modify,
        within: Option<&TransactionId>,
    ) -> Result<Modified> {
        match &modify.write {
            Write::Replace(fields) => check(fields)?,
            Write::Update(update) => check(&update.assigned())?,
        }
        let patience = Patience::new(self.limits.busy_wait);
        loop {
            let turn = self.turn(within).await?;
            let found = first_or_all(&turn, &modify.selection, modify.many).await?;
            let (written, modified) = match found.is_empty() && modify.upsert {
                true => self.upsert(modify)?,
                false => self.changes(modify, &found)?,
            };
            match turn.write(written).await? {
                Attempt::Done => return Ok(modified),
                Attempt::Blocked(ended) => patience.wait(ended).await?,
            }
        }
    }

    /// How many were removed.
    pub(crate) async fn remove(
        &self,
        remove: &Remove,
        within: Option<&TransactionId>,
    ) -> Result<u64> {
        let patience = Patience::new(self.limits.busy_wait);
        loop {
            let turn = self.turn(within).await?;
            let found = first_or_all(&turn, &remove.selection, remove.many).await?;
            let removed = found.iter().map(|document| Written {
                collection: remove.selection.collection.clone(),
                kind: Kind::Remove,
                before: Some(Arc::clone(document)),
                after: None,
            });
            match turn.write(removed.collect()).await? {
                Attempt::Done => return Ok(found.len() as u64),
                Attempt::Blocked(ended) => patience.wait(ended).await?,
            }
        }
    }

    /// What the documents become; those that stay as they are need not be written.
    fn changes(
        &self,
        modify: &Modify,
        found: &[Arc<Document>],
    ) -> Result<(Vec<Written>, Modified)> {
        let now = self.clock.now_ms();
        let mut modified = Modified::default();
        let mut written = Vec::new();
        for before in found {
            let fields = match &modify.write {
                Write::Update(update) => {
                    update.apply(before.fields(), &modify.selection.query, now)?
                }
                Write::Replace(fields) => kept(fields.clone(), &modify.selection.also),
            };
            let after = Arc::new(before.with_fields(fields));
            check_depth(after.fields())?;
            modified.matched += 1;
            modified.after = (!modify.many).then(|| Arc::clone(&after));
            let same = after.fields() == before.fields();
            // The cloud counts a document that is put in place of its equal.
            if !same || matches!(modify.write, Write::Replace(_)) {
                modified.updated += 1;
            }
            if !same {
                written.push(Written {
                    collection: modify.selection.collection.clone(),
                    kind: kind(&modify.write),
                    before: Some(Arc::clone(before)),
                    after: Some(after),
                });
            }
        }
        Ok((written, modified))
    }

    /// The document that is inserted where none matched.
    fn upsert(&self, modify: &Modify) -> Result<(Vec<Written>, Modified)> {
        let Selection {
            collection,
            query,
            also,
        } = &modify.selection;
        let now = self.clock.now_ms();
        let said = query.equalities();
        let mut fields = match &modify.write {
            Write::Update(update) => update.insert(&said, now)?,
            Write::Replace(fields) => fields.clone(),
        };
        if let Some(id) = said.get("_id") {
            fields.insert("_id", id.clone());
        }
        let document = Arc::new(identified(kept(fields, also), &self.ids, now)?);
        let modified = Modified {
            upserted: Some(document.id().clone()),
            after: (!modify.many).then(|| Arc::clone(&document)),
            ..Modified::default()
        };
        let written = Written {
            collection: collection.clone(),
            kind: Kind::Add,
            before: None,
            after: Some(document),
        };
        Ok((vec![written], modified))
    }
}

fn kind(write: &Write) -> Kind {
    match write {
        Write::Update(_) => Kind::Update,
        Write::Replace(_) => Kind::Replace,
    }
}

/// The ids of documents to insert.
///
/// # Errors
/// Two are equal.
fn distinct(collection: &CollectionName, documents: &[Arc<Document>]) -> Result<Vec<DocId>> {
    let mut seen = HashSet::new();
    for document in documents {
        if !seen.insert(document.id()) {
            return Err(Failure::duplicate_id(collection, document.id()));
        }
    }
    let ids = documents.iter().map(|document| document.id().clone());
    Ok(ids.collect())
}

/// Whether a transaction sees none of these ids. (What the store has besides came later, and is a conflict.)
async fn check_new(turn: &Turn<'_>, collection: &CollectionName, ids: &[DocId]) -> Result<()> {
    let ids = ids.iter().map(DocId::to_value).collect();
    let selection = Selection {
        collection: collection.clone(),
        query: Query::all(),
        also: Filter::field(&Path::field("_id"), Test::In(ids)),
    };
    match turn.matching(&selection, false).await?.first() {
        Some(there) => Err(Failure::duplicate_id(collection, there.id())),
        None => Ok(()),
    }
}

/// The documents to write: all of a selection, or the one that a list would begin with.
async fn first_or_all(
    turn: &Turn<'_>,
    selection: &Selection,
    all: bool,
) -> Result<Vec<Arc<Document>>> {
    let mut found = turn.matching(selection, !all).await?;
    sort(&mut found, selection, &Order::default());
    if !all {
        found.truncate(1);
    }
    Ok(found)
}

/// The fields of a whole new document, with what every document of the writer's has: a permission that adds
/// `_openid == me` to the condition also makes it so.
fn kept(mut fields: Object, also: &Filter) -> Object {
    for (path, value) in equalities(also) {
        if let [field] = path.segments() {
            fields.insert(field.clone(), value.clone());
        }
    }
    fields
}

fn equalities(filter: &Filter) -> Vec<(&Path, &Value)> {
    match filter {
        Filter::Field(path, Test::Eq(value)) => vec![(path, value)],
        Filter::And(parts) => parts.iter().flat_map(equalities).collect(),
        _ => Vec::new(),
    }
}
