//! Reading documents: the store narrows, the language decides.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Database, Find, Selection, TransactionId};
use crate::cloudbase::Code;
use crate::data::{CollectionName, DocId, Document, Filter, Object, Order};
use crate::emulator::failure::{Failure, Result};
use crate::store::{self, Projection, Snapshot, Store};

/// Documents that one request may have in memory.
const MAX_DOCUMENTS: u64 = 1_000_000;

impl Database {
    pub(crate) async fn find(
        &self,
        find: &Find,
        within: Option<&TransactionId>,
    ) -> Result<Vec<Object>> {
        let documents = match within {
            Some(_) => {
                let turn = self.turn(within).await?;
                let found = turn.matching(&find.selection, false).await?;
                page(found, find)
            }
            None => self.find_now(find).await?,
        };
        let query = &find.selection.query;
        let shown = |document: &Arc<Document>| match &find.projection {
            Some(projection) => projection.apply(document.fields(), query),
            None => document.fields().clone(),
        };
        Ok(documents.iter().map(shown).collect())
    }

    /// The store does all of it, if it can.
    async fn find_now(&self, find: &Find) -> Result<Vec<Arc<Document>>> {
        let selection = &find.selection;
        let narrowing = selection.query.narrowing();
        if !narrowing.exact {
            let (_, found) = self.matching(selection, u64::MAX).await?;
            return Ok(page(found, find));
        }
        let fields = find.projection.as_ref().and_then(|shown| shown.fields());
        let projection = fields.map_or(Projection::All, |names| Projection::Fields(names.into()));
        let request = store::Find {
            filter: narrowing.filter.and(selection.also.clone()),
            order: find.order.clone(),
            after: None,
            skip: find.skip,
            limit: find.limit.min(MAX_DOCUMENTS),
            projection,
        };
        self.catalog.entry(&selection.collection)?;
        let found = self.store.find(&selection.collection, &request).await;
        found.map_err(|error| self.failure(&selection.collection, error))
    }

    /// Documents of a selection as they are in the store, whole and in no order, with the number of the last commit
    /// that they show: not more than `limit` if the store decides alone.
    pub(super) async fn matching(
        &self,
        selection: &Selection,
        limit: u64,
    ) -> Result<(u64, Vec<Arc<Document>>)> {
        let narrowing = selection.query.narrowing();
        let filter = narrowing.filter.and(selection.also.clone());
        let limit = if narrowing.exact { limit } else { u64::MAX };
        let mut snapshot = self
            .snapshot_of(&selection.collection, filter, limit)
            .await?;
        if !narrowing.exact {
            let now = self.clock.now_ms();
            snapshot.documents = selection.chosen(snapshot.documents, now)?;
        }
        Ok((snapshot.sequence, snapshot.documents))
    }

    /// # Errors
    /// More documents than one request may have.
    pub(super) async fn snapshot_of(
        &self,
        collection: &CollectionName,
        filter: Filter,
        limit: u64,
    ) -> Result<Snapshot> {
        self.catalog.entry(collection)?;
        let request = store::Find {
            filter,
            order: Order::default(),
            after: None,
            skip: 0,
            limit: limit.min(MAX_DOCUMENTS + 1),
            projection: Projection::All,
        };
        let found = self.store.snapshot(collection, &request).await;
        let found = found.map_err(|error| self.failure(collection, error))?;
        if found.documents.len() as u64 > MAX_DOCUMENTS {
            let message = format!(
                "[FailedOperation] the request needs more than {MAX_DOCUMENTS} documents of `{collection}`; \
                 give it a condition by plain comparisons"
            );
            return Err(Failure::new(Code::DatabaseRequestFailed, message));
        }
        Ok(found)
    }

    /// A store's error on a collection that may be gone by now.
    fn failure(&self, collection: &CollectionName, error: store::Error) -> Failure {
        match self.catalog.entry(collection) {
            Ok(_) => error.into(),
            Err(gone) => gone,
        }
    }

    /// Whole documents by id, for rules' `get()`.
    pub(crate) async fn get(
        &self,
        collection: &CollectionName,
        id: &DocId,
    ) -> Result<Option<Arc<Document>>> {
        let mut found = self.snapshot_of(collection, Filter::id(id), 1).await?;
        Ok(found.documents.pop())
    }

    pub(crate) async fn count(&self, selection: &Selection) -> Result<u64> {
        let narrowing = selection.query.narrowing();
        if !narrowing.exact {
            let (_, found) = self.matching(selection, u64::MAX).await?;
            return Ok(found.len() as u64);
        }
        let collection = &selection.collection;
        self.catalog.entry(collection)?;
        let filter = narrowing.filter.and(selection.also.clone());
        let count = self.store.count(collection, &filter).await;
        count.map_err(|error| self.failure(collection, error))
    }

    /// All documents that match, unordered and whole, with the number of the last commit that they show: every commit
    /// with a greater [`super::Commit::sequence`] is not in them, every other is.
    pub(crate) async fn snapshot(
        &self,
        selection: &Selection,
    ) -> Result<(u64, Vec<Arc<Document>>)> {
        self.matching(selection, u64::MAX).await
    }
}

/// The part of the matching documents that a list asks for, in its order.
fn page(mut found: Vec<Arc<Document>>, find: &Find) -> Vec<Arc<Document>> {
    sort(&mut found, &find.selection, &find.order);
    let skip = usize::try_from(find.skip).unwrap_or(usize::MAX);
    let limit = usize::try_from(find.limit).unwrap_or(usize::MAX);
    found.into_iter().skip(skip).take(limit).collect()
}

/// By the order; without one by distance, if the condition asks for it, or by `_id`.
pub(super) fn sort(found: &mut [Arc<Document>], selection: &Selection, order: &Order) {
    let by_id = |a: &Arc<Document>, b: &Arc<Document>| order.compare(a.fields(), b.fields());
    match selection.query.near() {
        Some(near) if order.keys.is_empty() => {
            found.sort_by(by_id);
            found.sort_by_cached_key(|document| Distance(near.nearest(document.fields())));
        }
        _ => found.sort_by(by_id),
    }
}

/// A distance as a key to sort by.
#[derive(Clone, Copy, Debug)]
struct Distance(f64);

impl Ord for Distance {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Distance {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Distance {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Distance {}
