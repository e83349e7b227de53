//! Which lists the realtime socket can watch.

use super::translate;
use crate::cloudbase::realtime::Query;
use crate::data::CollectionName;
use crate::store::Find;

/// The most keys that a watched list is ordered by (a documented limit of its watches).
const MAX_KEYS: usize = 5;

/// The watch of a list; `None` for a list that cannot be watched: the cloud watches no pages, and a condition that says less than the filter would tell of what is not in the list.
pub(super) fn watch(collection: &CollectionName, find: &Find) -> Option<Query> {
    let said = translate::translate(&find.filter);
    let order = translate::order(&find.order);
    let is_page = find.skip > 0 || find.after.is_some();
    let suits = said.exact && !is_page && order.len() <= MAX_KEYS;
    suits.then(|| Query {
        collection: collection.clone(),
        query: said.query,
        order,
        limit: find.limit,
    })
}
