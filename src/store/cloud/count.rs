//! How many documents match, where possible without reading them.

use super::chunks::{all, parts};
use super::documents::Documents;
use super::translate;
use crate::cloudbase::Protocol;
use crate::cloudbase::database::Context;
use crate::data::{CollectionName, Filter, Object, ObjectId, Order, Path, Test, Value};
use crate::store::dealer::Dealer;
use crate::store::{Find, Projection, Result};

impl Documents {
    /// As [`crate::store::Store::count`].
    pub(super) async fn count(
        &self,
        context: &Context,
        collection: &CollectionName,
        filter: &Filter,
    ) -> Result<u64> {
        if filter.is_none() {
            return Ok(0);
        }
        let query = translate::translate(filter);
        if !query.exact || parts(filter, self.in_list).len() > 1 {
            return self.count_by_reading(context, collection, filter).await;
        }
        let count = self.database.count(context, collection, &query.query).await;
        count.map_err(|error| self.error(collection, error))
    }

    /// Reads no more of the documents than the matcher must see.
    async fn count_by_reading(
        &self,
        context: &Context,
        collection: &CollectionName,
        filter: &Filter,
    ) -> Result<u64> {
        let find = Find {
            filter: filter.clone(),
            order: Order::default(),
            after: None,
            skip: 0,
            limit: u64::MAX,
            projection: Projection::Fields([].into()),
        };
        Ok(self.find(context, collection, &find).await?.len() as u64)
    }

    /// As [`crate::store::Store::count_per_key`].
    pub(super) async fn count_per_key(
        &self,
        context: &Context,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        filter: &Filter,
    ) -> Result<Vec<u64>> {
        let chunks = keys.chunks(self.in_list);
        let reads =
            chunks.map(|keys| self.count_some_keys(context, collection, path, keys, filter));
        let counts = all(reads.collect()).await?;
        Ok(counts.into_iter().flatten().collect())
    }

    async fn count_some_keys(
        &self,
        context: &Context,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        filter: &Filter,
    ) -> Result<Vec<u64>> {
        if filter.is_none() {
            return Ok(vec![0; keys.len()]);
        }
        let grouped = self.count_in_groups(context, collection, path, keys, filter);
        if let Some(counts) = grouped.await? {
            return Ok(counts);
        }
        let one_by_one = keys.iter().map(|key| async move {
            let is_key = Filter::field(path, Test::Eq(key.clone()));
            let filter = filter.clone().and(is_key);
            self.count(context, collection, &filter).await
        });
        all(one_by_one.collect()).await
    }

    /// One aggregation by the value at the path; `None` where that does not tell: an array has several keys.
    async fn count_in_groups(
        &self,
        context: &Context,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        filter: &Filter,
    ) -> Result<Option<Vec<u64>>> {
        let dealer = Dealer::new(path, keys);
        let query = translate::translate(&dealer.narrow(filter));
        let (true, Some(by)) = (query.exact, expression(path)) else {
            return Ok(None);
        };
        if keys.iter().any(|key| self.is_ambiguous(key)) {
            return Ok(None);
        }
        let pipeline = grouping(query.query, &by, self.page);
        let rows = self
            .database
            .aggregate(context, collection, &pipeline)
            .await;
        let rows = rows.map_err(|error| self.error(collection, error))?;
        Ok(((rows.len() as u64) < self.page)
            .then(|| dealt(&dealer, keys.len(), &rows))
            .flatten())
    }
}

impl Documents {
    /// Whether a row of an aggregation does not tell this value from another: `/admin` writes an `ObjectId` as a text.
    fn is_ambiguous(&self, key: &Value) -> bool {
        let may_be_an_id = match key {
            Value::ObjectId(_) => true,
            Value::String(text) => ObjectId::parse(text).is_some(),
            _ => false,
        };
        may_be_an_id && self.database.client().config().protocol == Protocol::Admin
    }
}

/// The value at a path in the language of aggregations, where it means what ours does.
fn expression(path: &Path) -> Option<String> {
    let is_plain = |segment: &&str| {
        let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
        !digits && !segment.contains('.') && !segment.starts_with('$')
    };
    let mut segments = path.segments().iter().map(AsRef::as_ref);
    segments
        .all(|segment: &str| is_plain(&segment))
        .then(|| format!("${path}"))
}

/// Groups of documents by a value, with their number; at most so many groups.
fn grouping(query: Object, by: &str, limit: u64) -> [Object; 3] {
    let stage = |name: &str, value: Value| [(name, value)].into_iter().collect::<Object>();
    let one = stage("$sum", Value::Int(1));
    let group = [("_id", Value::string(by)), ("n", Value::Object(one))];
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    [
        stage("$match", Value::Object(query)),
        stage("$group", Value::Object(group.into_iter().collect())),
        // Said, because what is meant without it is not documented.
        stage("$limit", Value::Int(limit)),
    ]
}

/// The numbers of groups for each of so many keys; `None` for groups that do not tell.
fn dealt(dealer: &Dealer<'_>, keys: usize, groups: &[Object]) -> Option<Vec<u64>> {
    let mut counts = vec![0; keys];
    for group in groups {
        let key = group.get("_id");
        if matches!(key, Some(Value::Array(_))) {
            return None;
        }
        let count = group.get("n")?.as_count()?;
        for place in dealer.places_of_key(key) {
            counts[*place] += count;
        }
    }
    Some(counts)
}
