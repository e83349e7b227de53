//! A list of documents, read page by page.
//!
//! Pages begin after the last row of the one before, so that the database seeks and does not count. Whatever the
//! cloud answers is looked at again: *the cloud narrows, the matcher decides*.

use std::collections::HashSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::documents::{Documents, document};
use super::translate;
use crate::cloudbase::database::{Context, Find};
use crate::data::{
    CollectionName, Direction, DocId, Document, Filter, Object, Order, Position, Value,
};
use crate::store::{Error, Projection, Result};

/// The fewest rows that are asked for where not each of them is a document of the list.
const LEAST_OF_MANY: u64 = 100;

/// Which documents, in which order, and what must come of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    pub(super) collection: &'a CollectionName,
    pub(super) filter: &'a Filter,
    pub(super) order: &'a Order,
    pub(super) projection: &'a Projection,
}

impl<'a> List<'a> {
    /// The list from its beginning.
    pub(super) fn pages(self, documents: &'a Documents, context: &'a Context) -> Pages<'a> {
        let said = translate::translate(self.filter);
        Pages {
            documents,
            context,
            list: self,
            query: said.query,
            exact: said.exact,
            order: translate::order(self.order),
            after: None,
            past: 0,
            more: true,
            seen: HashSet::new(),
        }
    }

    /// The names of the fields that are read: besides those asked for, what the matcher looks at and positions are made
    /// of. `None`: all.
    fn fields(&self) -> Option<Vec<String>> {
        let Projection::Fields(names) = self.projection else {
            return None;
        };
        let ordered_by = self.order.keys.iter().map(|key| key.path.root());
        let looked_at = names.iter().chain(self.filter.roots()).chain(ordered_by);
        let mut wanted: Vec<&str> = looked_at.map(SmolStr::as_str).collect();
        wanted.retain(|name| *name != "_id");
        wanted.sort_unstable();
        wanted.dedup();
        // Such a name would be taken for a path or an operator.
        let is_plain =
            |name: &&str| !name.is_empty() && !name.contains('.') && !name.starts_with('$');
        let plain = wanted.iter().all(is_plain);
        plain.then(|| wanted.into_iter().map(str::to_owned).collect())
    }
}

/// A list that was read up to some place.
#[derive(Debug)]
pub(super) struct Pages<'a> {
    documents: &'a Documents,
    context: &'a Context,
    list: List<'a>,
    query: Object,
    /// Whether the query matches nothing but what the filter does.
    exact: bool,
    order: Vec<(String, Direction)>,
    after: Option<Position>,
    /// Rows behind that place that were passed: skipped, or no documents that could be a place.
    past: u64,
    /// Whether there may be rows behind those read.
    more: bool,
    /// What came already: a document that is written meanwhile may move behind the place that was reached.
    seen: HashSet<DocId>,
}

impl<'a> Pages<'a> {
    /// Goes on after this position.
    pub(super) fn after(self, position: Option<Position>) -> Self {
        Self {
            after: position.or(self.after),
            ..self
        }
    }

    /// Where the last page ended.
    pub(super) fn position(&self) -> Option<&Position> {
        self.after.as_ref()
    }

    pub(super) fn has_more(&self) -> bool {
        self.more
    }

    /// The next documents: `limit` of them after `skip`, fewer at the end of the list.
    pub(super) async fn read(mut self, skip: u64, limit: u64) -> Result<Vec<Arc<Document>>> {
        let mut skip = skip;
        let mut offset = 0;
        if self.exact && skip <= self.documents.page {
            // Rows are documents, and so few of them are soon counted.
            offset = std::mem::take(&mut skip);
        }
        self.pass(skip).await?;
        let mut found = Vec::new();
        while self.more && (found.len() as u64) < limit {
            let missing = limit - found.len() as u64;
            found.extend(self.page(offset, missing).await?);
            offset = 0;
        }
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Goes past so many documents, reading no more of them than where they stand.
    async fn pass(&mut self, skip: u64) -> Result<()> {
        if skip == 0 {
            return Ok(());
        }
        let none = Projection::Fields(Arc::new([]));
        let mut lean = Pages {
            documents: self.documents,
            context: self.context,
            list: List {
                projection: &none,
                ..self.list
            },
            query: self.query.clone(),
            exact: self.exact,
            order: self.order.clone(),
            after: self.after.take(),
            past: 0,
            more: true,
            seen: HashSet::new(),
        };
        let mut left = skip;
        let mut last = None;
        while left > 0 && lean.more {
            let page = lean.page(0, left).await?;
            let passed = page.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            left -= passed as u64;
            last = passed
                .checked_sub(1)
                .map(|at| Arc::clone(&page[at]))
                .or(last);
        }
        self.more = left == 0;
        (self.after, self.past) = match last {
            Some(last) => (Some(self.list.order.position(&last)), 0),
            None => (lean.after, lean.past),
        };
        Ok(())
    }

    /// The documents among the next rows: as many rows as make so many documents, or a page of them.
    pub(super) async fn page(&mut self, offset: u64, documents: u64) -> Result<Vec<Arc<Document>>> {
        let rows = match self.exact {
            true => documents,
            false => documents.saturating_mul(2).max(LEAST_OF_MANY),
        };
        self.past += offset;
        let find = Find {
            collection: self.list.collection.clone(),
            query: self.query_from_here(),
            order: self.order.clone(),
            skip: self.past,
            limit: rows.min(self.documents.page),
            projection: self.list.fields(),
        };
        let found = self.documents.database.find(self.context, &find).await;
        let rows = found.map_err(|error| self.documents.error(self.list.collection, error))?;
        self.more = rows.len() as u64 >= find.limit;
        self.take(rows)
    }

    fn query_from_here(&self) -> Object {
        match &self.after {
            Some(position) => {
                let after = translate::after(self.list.order, position);
                all_of([self.query.clone(), after])
            }
            None => self.query.clone(),
        }
    }

    /// The documents of rows; the list goes on after the last of them.
    fn take(&mut self, rows: Vec<Object>) -> Result<Vec<Arc<Document>>> {
        let mut found = Vec::with_capacity(rows.len());
        let before = self.after.clone();
        let came = self.seen.len();
        let mut is_unreadable = false;
        for row in rows {
            let document = match document(self.list.collection, row) {
                Ok(document) => document,
                // Others write to the collection too, and one document of theirs must not cost everybody the list.
                Err(error) => {
                    tracing::error!(%error, "a document of the cloud is left out");
                    self.past += 1;
                    is_unreadable = true;
                    continue;
                }
            };
            if !self.seen.insert(document.id().clone()) {
                continue;
            }
            self.after = Some(self.list.order.position(&document));
            self.past = 0;
            if self.belongs(before.as_ref(), &document) {
                found.push(Arc::new(document));
            }
        }
        if self.more && self.seen.len() == came && !is_unreadable {
            // Without this, a cloud that orders otherwise would be asked the same for ever.
            return Err(Error::Failed(
                format!(
                    "the cloud gives the same page of `{}` again and again; order by a field without arrays",
                    self.list.collection
                )
                .into(),
            ));
        }
        Ok(found)
    }

    /// Whether a row is of the list. It may not be where the query says less than the filter; elsewhere that is a fault
    /// of the translation, or of the cloud.
    fn belongs(&self, after: Option<&Position>, document: &Document) -> bool {
        let matches = self.list.filter.matches(document.fields());
        let is_after = after.is_none_or(|after| self.list.order.is_after(after, document));
        if (self.exact && !matches) || !is_after {
            tracing::error!(
                collection = %self.list.collection,
                id = %document.id(),
                "the cloud gave a document that was not asked for; it is left out"
            );
        }
        matches && is_after
    }
}

/// The condition that documents match which match all of these.
pub(super) fn all_of(conditions: impl IntoIterator<Item = Object>) -> Object {
    let mut conditions: Vec<Object> = conditions.into_iter().collect();
    conditions.retain(|condition| !condition.is_empty());
    match conditions.len() {
        0 | 1 => conditions.pop().unwrap_or_default(),
        _ => {
            let all = conditions.into_iter().map(Value::Object).collect();
            [("$and", Value::Array(all))].into_iter().collect()
        }
    }
}
