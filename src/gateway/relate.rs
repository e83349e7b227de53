//! Relations: documents of another collection by the values of a field.

use std::collections::HashMap;

use crate::data::{Filter, Order, Path, Test, Value};
use crate::model::{CollectionIx, FieldIx, RelationIx};
use crate::store::Find;

use super::error::{Error, Result};
use super::list::List;
use super::loader::{Batch, Key, LoaderKey, ToOne};
use super::mask::{Verdict, Visible};
use super::oracle::Scope;
use super::page::Page;
use super::request::{ListRequest, Select, Total};
use super::session::Session;

/// The most documents that one relation may bring for all its parents together.
const MAX_RELATED: u64 = 10_000;

impl Session {
    /// A relation of a collection may be followed only by who may read `from` and the target's `to`. True where either
    /// is readable for some documents only: then the parent's mask says of each whether its `from` is.
    pub async fn relation_allowed(
        &self,
        collection: CollectionIx,
        relation: RelationIx,
    ) -> Result<bool> {
        let relation = self.collection(collection).shape.relation(relation);
        let (from, target, to) = (relation.from, relation.target, relation.to);
        let from = self.field_decision(collection, from).await?;
        Ok(from != Verdict::Deny && self.target_allowed(target, to).await?)
    }

    /// The half of [`Session::relation_allowed`] that relations of embedded types need too: whether the caller may look
    /// for documents of the target by this field.
    pub async fn target_allowed(&self, target: CollectionIx, to: FieldIx) -> Result<bool> {
        Ok(self.field_decision(target, to).await? != Verdict::Deny)
    }

    /// For each key (a value of the relation's `from`), the visible document whose `to` equals it: of several the one
    /// with the lowest id. Null finds nothing. One read, through a loader that remembers, for all keys together.
    ///
    /// A target that the caller may not see is `None`, as one that is not there.
    pub async fn to_one(
        &self,
        target: CollectionIx,
        to: FieldIx,
        keys: Vec<Value>,
        select: &Select,
    ) -> Result<Vec<Option<Visible>>> {
        self.admit()?;
        let keys: Vec<Option<Key>> = keys.into_iter().map(Key::new).collect();
        let Some(loader) = self.loader(target, to, select).await? else {
            return Ok(vec![None; keys.len()]);
        };
        let wanted: Vec<Key> = distinct(keys.iter().flatten());
        let loaded = loader
            .try_load_many(wanted)
            .await
            .map_err(Error::internal)?;
        let found = |key: &Option<Key>| match key.as_ref().and_then(|key| loaded.get(key)) {
            Some(result) => result.clone(),
            None => Ok(None),
        };
        keys.iter().map(found).collect()
    }

    /// The loader of this relation and selection; `None` if the caller may not see any target, or not look by `to`.
    async fn loader(
        &self,
        target: CollectionIx,
        to: FieldIx,
        select: &Select,
    ) -> Result<Option<ToOne>> {
        let key = LoaderKey {
            target,
            to,
            select: select.clone(),
        };
        if let Some(loader) = self.memory().loaders.get(&key) {
            return Ok(Some(loader.clone()));
        }
        let order = Order::default();
        let scope = match self.related(target, to, &Filter::all(), &order).await {
            Ok(scope) => scope,
            Err(Error::Forbidden { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let collection = self.collection(target);
        let batch = Batch {
            reader: self.reader().clone(),
            collection: collection.name.clone(),
            path: collection.shape.field(to).path(),
            find: Find {
                projection: self.projection(target, select, &scope.mask, &order),
                filter: scope.filter,
                order,
                after: None,
                skip: 0,
                limit: 1,
            },
            mask: scope.mask,
        };
        let mut memory = self.memory();
        let loader = memory
            .loaders
            .entry(key)
            .or_insert_with(|| batch.into_loader());
        Ok(Some(loader.clone()))
    }

    /// For each key, its page. One read (two with a total) for all keys together. `request.collection` is the target.
    ///
    /// # Errors
    /// `Forbidden` if the caller may see no target at all, or not look by `to`.
    pub async fn to_many(
        &self,
        request: &ListRequest,
        to: FieldIx,
        keys: Vec<Value>,
    ) -> Result<Vec<List>> {
        self.admit()?;
        let page = Page::check(&request.page, &request.order)?;
        check_parents(&page, keys.len())?;
        let target = request.collection;
        let scope = self
            .related(target, to, &request.filter, &request.order)
            .await?;
        let keys: Vec<Option<Key>> = keys.into_iter().map(Key::new).collect();
        let wanted = distinct(keys.iter().flatten());
        let lists = self.read_lists(request, to, &page, &scope, &wanted).await?;
        let list = |key: &Option<Key>| match key.as_ref().and_then(|key| lists.get(key)) {
            Some(list) => list.clone(),
            None => List::empty(&request.order, request.total),
        };
        Ok(keys.iter().map(list).collect())
    }

    async fn read_lists(
        &self,
        request: &ListRequest,
        to: FieldIx,
        page: &Page,
        scope: &Scope,
        keys: &[Key],
    ) -> Result<HashMap<Key, List>> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let collection = self.collection(request.collection);
        let path = collection.shape.field(to).path();
        let values: Vec<Value> = keys.iter().map(|key| key.value().clone()).collect();
        let (select, order) = (&request.select, &request.order);
        let find = Find {
            filter: scope.filter.clone(),
            order: page.order.clone(),
            after: page.after.clone(),
            skip: page.skip,
            limit: page.limit(),
            projection: self.projection(request.collection, select, &scope.mask, order),
        };
        let (reader, name) = (self.reader(), &collection.name);
        let groups = reader.find_per_key(name, &path, &values, &find).await?;
        let totals = match request.total {
            Total::Omit => vec![None; keys.len()],
            Total::Count => {
                let counts = reader
                    .count_per_key(name, &path, &values, &find.filter)
                    .await?;
                counts.into_iter().map(Some).collect()
            }
        };
        let list = |(found, total)| List::new(found, &scope.mask, page, order, total);
        let lists = groups.into_iter().zip(totals).map(list);
        Ok(keys.iter().cloned().zip(lists).collect())
    }

    /// What the caller may reach of a target by the values of `to`: to look by a field is to read it.
    async fn related(
        &self,
        target: CollectionIx,
        to: FieldIx,
        condition: &Filter,
        order: &Order,
    ) -> Result<Scope> {
        let path: Path = self.collection(target).shape.field(to).path();
        let scope = self.scope(target, condition, order).await?;
        let looked_at = Filter::field(&path, Test::Exists(true));
        let readers = self.readers(target, &scope.mask, &looked_at)?;
        Ok(Scope {
            filter: scope.filter.and(readers),
            mask: scope.mask,
        })
    }
}

fn check_parents(page: &Page, parents: usize) -> Result<()> {
    if page.has_cursor() && parents > 1 {
        let message = "a cursor belongs to one list, and there are several parents here";
        return Err(Error::bad_input("after", message));
    }
    let most = page.size.saturating_mul(parents as u64);
    if most > MAX_RELATED {
        let message = format!(
            "{parents} parents with up to {} documents each are more than {MAX_RELATED}; ask for smaller pages",
            page.size
        );
        return Err(Error::Limit { message });
    }
    Ok(())
}

/// Each key once, in the order of its first appearance.
fn distinct<'a>(keys: impl Iterator<Item = &'a Key>) -> Vec<Key> {
    let mut seen = std::collections::HashSet::new();
    keys.filter(|key| seen.insert(*key)).cloned().collect()
}
