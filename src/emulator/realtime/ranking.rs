//! What a watched list is ordered by.

use std::cmp::Ordering;

use crate::data::{Object, Order, OrderKey, Path};
use crate::mongo::Query;
use crate::mongo::query::Near;

/// Of two documents one comes first, always the same.
#[derive(Clone, Debug)]
pub(super) enum Ranking {
    ByFields(Order),
    /// The nearest first; of those equally near, the lower `_id`.
    ByDistance(Near),
}

impl Ranking {
    /// As the watcher asked for it. Who asked for none gets the nearest first, if the condition names a place, or
    /// `_id` descending, which the cloud documents for watches.
    pub(super) fn of(order: &Order, condition: &Query) -> Self {
        match condition.near() {
            _ if !order.keys.is_empty() => Self::ByFields(order.clone()),
            Some(near) => Self::ByDistance(near.clone()),
            None => Self::ByFields(Order {
                keys: vec![OrderKey::descending(Path::field("_id"))],
            }),
        }
    }

    /// Which of two documents, given by all their fields, comes first.
    pub(super) fn compare(&self, a: &Object, b: &Object) -> Ordering {
        match self {
            Self::ByFields(order) => order.compare(a, b),
            Self::ByDistance(near) => {
                let distances = near.nearest(a).total_cmp(&near.nearest(b));
                distances.then_with(|| Order::default().compare(a, b))
            }
        }
    }
}
