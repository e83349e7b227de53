//! Lists whose condition names more values than one request should: asked for in parts, at the same time.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::documents::{Documents, PARALLEL};
use super::list::List;
use crate::cloudbase::database::Context;
use crate::data::{CollectionName, Document, Filter, Strict, Test};
use crate::store::{Find, Result};

impl Documents {
    /// As [`crate::store::Store::find`].
    pub(super) async fn find(
        &self,
        context: &Context,
        collection: &CollectionName,
        find: &Find,
    ) -> Result<Vec<Arc<Document>>> {
        if find.limit == 0 || find.filter.is_none() {
            return Ok(Vec::new());
        }
        let parts = parts(&find.filter, self.in_list);
        let list = |filter| List {
            collection,
            filter,
            order: &find.order,
            projection: &find.projection,
        };
        let pages = |filter| list(filter).pages(self, context).after(find.after.clone());
        if let [whole] = parts.as_slice() {
            return pages(whole).read(find.skip, find.limit).await;
        }
        let enough = find.skip.saturating_add(find.limit);
        let reads = parts.iter().map(|part| pages(part).read(0, enough));
        Ok(merged(find, all(reads.collect()).await?))
    }
}

/// The results of reads in the order of the reads, of which some are under way at the same time. The first that fails
/// ends all.
pub(super) async fn all<T>(reads: Vec<impl Future<Output = Result<T>>>) -> Result<Vec<T>> {
    stream::iter(reads).buffered(PARALLEL).try_collect().await
}

/// One list of the lists of all parts. A document may be in several: an array may hold values of each.
fn merged(find: &Find, lists: Vec<Vec<Arc<Document>>>) -> Vec<Arc<Document>> {
    let mut seen = HashSet::new();
    let mut merged: Vec<Arc<Document>> = lists.into_iter().flatten().collect();
    merged.retain(|document| seen.insert(document.id().clone()));
    merged.sort_by(|a, b| find.order.compare(a.fields(), b.fields()));
    let skip = usize::try_from(find.skip).unwrap_or(usize::MAX);
    let limit = usize::try_from(find.limit).unwrap_or(usize::MAX);
    merged.into_iter().skip(skip).take(limit).collect()
}

/// Filters of which at least one matches whatever the filter matches, and none anything else, each with at most `most`
/// values in its longest list; the filter itself where it has no list as long, or not where parts can be made of it.
pub(super) fn parts(filter: &Filter, most: usize) -> Vec<Filter> {
    match filter {
        Filter::Field(path, Test::In(values)) if values.len() > most => values
            .chunks(most)
            .map(|values| Filter::field(path, Test::In(values.to_vec())))
            .collect(),
        Filter::Strict(Strict::In(path, values)) if values.len() > most => values
            .chunks(most)
            .map(|values| Filter::Strict(Strict::In(path.clone(), values.to_vec())))
            .collect(),
        Filter::And(conditions) => {
            let split = |condition| parts(condition, most);
            let divided = conditions.iter().map(split).enumerate();
            match divided.max_by_key(|(_, parts)| parts.len()) {
                Some((at, parts)) if parts.len() > 1 => {
                    let with = |part| {
                        let mut conditions = conditions.clone();
                        conditions[at] = part;
                        Filter::And(conditions)
                    };
                    parts.into_iter().map(with).collect()
                }
                _ => vec![filter.clone()],
            }
        }
        _ => vec![filter.clone()],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::arbitrary::{any_object, filter};

    proptest! {
        #[test]
        fn parts_match_what_the_whole_does(filter in filter(), fields in any_object(), most in 1_usize..3) {
            let parts = parts(&filter, most);
            let by_parts = parts.iter().any(|part| part.matches(&fields));
            prop_assert_eq!(by_parts, filter.matches(&fields));
        }
    }

    #[test]
    fn the_longest_list_is_divided() {
        let path = crate::data::Path::field("a");
        let among = |count: i64| {
            let values = (0..count).map(crate::data::Value::Int).collect();
            Filter::field(&path, Test::In(values))
        };
        let cases = [
            (among(4), 1),
            (among(5), 2),
            (among(3).and(among(9)), 3),
            (
                Filter::And(vec![among(2), Filter::And(vec![among(8), among(1)])]),
                2,
            ),
            (Filter::Not(Box::new(among(9))), 1),
            (among(9).or(among(9)), 1),
            (Filter::all(), 1),
        ];
        for (filter, expected) in cases {
            assert_eq!(parts(&filter, 4).len(), expected, "{filter:?}");
        }
    }
}
