//! One document by its id or by a unique index.

use std::sync::Arc;

use crate::data::{DocId, Document, Filter, Order, Path, Test};
use crate::model::CollectionIx;
use crate::store::{Find, Projection};

use super::Operation;
use super::decide::{self, Asked};
use super::error::Result;
use super::mask::{Verdict, Visible};
use super::request::{Lookup, Select};
use super::session::Session;
use super::trace::Action;

impl Session {
    /// `None`: not there, or not for this caller. One read.
    ///
    /// # Errors
    /// `Forbidden` if the caller may read no document at all, or looks it up by a field they may not read.
    pub async fn get(
        &self,
        collection: CollectionIx,
        lookup: &Lookup,
        select: &Select,
    ) -> Result<Option<Visible>> {
        self.admit_to(collection, Operation::Read)?;
        match lookup {
            Lookup::Id(text) if decide::uses_get(self.collection(collection), Operation::Read) => {
                let found = self.locate(collection, &DocId::spelled_by(text)).await?;
                match found {
                    Some(document) => self.seen(collection, document).await,
                    None => Ok(None),
                }
            }
            Lookup::Id(text) => {
                let ids = DocId::spelled_by(text);
                let found = self
                    .first(collection, &id_among(&ids), ids.len(), select)
                    .await?;
                Ok(preferred(found, &ids, Visible::id))
            }
            Lookup::Unique(values) => {
                let shape = &self.collection(collection).shape;
                let tests = values.iter().map(|(field, value)| {
                    Filter::field(&shape.field(*field).path(), Test::Eq(value.clone()))
                });
                let filter = tests.fold(Filter::all(), Filter::and);
                let found = self.first(collection, &filter, 1, select).await?;
                Ok(found.into_iter().next())
            }
        }
    }

    async fn first(
        &self,
        collection: CollectionIx,
        condition: &Filter,
        limit: usize,
        select: &Select,
    ) -> Result<Vec<Visible>> {
        let order = Order::default();
        let scope = self.scope(collection, condition, &order).await?;
        let projection = self.projection(collection, select, &scope.mask, &order);
        let find = find_first(scope.filter, limit, projection);
        let name = &self.collection(collection).name;
        let found = self.reader().find(Action::Find, name, &find).await?;
        let see = |document| Visible::new(document, Arc::clone(&scope.mask));
        Ok(found.into_iter().map(see).collect())
    }

    /// The stored document of the first of these ids that exists, **whoever asks**: what is done with it must not tell
    /// more than the caller may know.
    pub(super) async fn locate(
        &self,
        collection: CollectionIx,
        ids: &[DocId],
    ) -> Result<Option<Arc<Document>>> {
        let name = &self.collection(collection).name;
        let find = find_first(id_among(ids), ids.len(), Projection::All);
        let found = self.reader().find(Action::Locate, name, &find).await?;
        Ok(preferred(found, ids, |document| document.id()))
    }

    /// A whole document as the caller may see it, if they may.
    pub(super) async fn seen(
        &self,
        collection: CollectionIx,
        document: Arc<Document>,
    ) -> Result<Option<Visible>> {
        let model = self.collection(collection);
        let known = if decide::uses_get(model, Operation::Read) {
            decide::pinned(model, &document)
        } else {
            Filter::all()
        };
        let asked = Asked::under(&known);
        let rows = self.rows(collection, Operation::Read, asked).await?;
        if !rows.holds(&document) {
            return Ok(None);
        }
        let mask = self.mask_under(collection, asked).await?;
        Ok(Some(Visible::new(document, mask)))
    }

    /// The whole document of this id as the caller may see it; `None` also if they may see none at all.
    pub(super) async fn visible(
        &self,
        collection: CollectionIx,
        id: &DocId,
    ) -> Result<Option<Visible>> {
        if decide::uses_get(self.collection(collection), Operation::Read) {
            let ids = std::slice::from_ref(id);
            return match self.locate(collection, ids).await? {
                Some(document) => self.seen(collection, document).await,
                None => Ok(None),
            };
        }
        let this = Filter::id(id);
        let rows = self
            .rows(collection, Operation::Read, Asked::under(&this))
            .await?;
        if rows == Verdict::Deny {
            return Ok(None);
        }
        let find = find_first(this.and(rows.to_filter()), 1, Projection::All);
        let name = &self.collection(collection).name;
        let found = self.reader().find(Action::Find, name, &find).await?;
        match found.into_iter().next() {
            Some(document) => self.seen(collection, document).await,
            None => Ok(None),
        }
    }
}

pub(super) fn id_among(ids: &[DocId]) -> Filter {
    let values = ids.iter().map(DocId::to_value).collect();
    Filter::field(&Path::field("_id"), Test::In(values))
}

fn find_first(filter: Filter, limit: usize, projection: Projection) -> Find {
    Find {
        filter,
        order: Order::default(),
        after: None,
        skip: 0,
        limit: limit as u64,
        projection,
    }
}

/// Of several documents the one whose id comes first among the forms a text spells.
pub(super) fn preferred<T>(found: Vec<T>, ids: &[DocId], id: impl Fn(&T) -> &DocId) -> Option<T> {
    let rank = |item: &T| ids.iter().position(|form| form == id(item));
    found.into_iter().min_by_key(|item| rank(item))
}
