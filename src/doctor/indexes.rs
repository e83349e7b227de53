//! Whether the indexes of the model are there.

use super::Remedy;
use super::report::{Examination, Finding, Subject};
use crate::cloudbase::manage::TableIndex;
use crate::data::{Direction, Index, IndexKeys, Order, OrderKey};
use crate::model::Collection;

/// The index that every collection has.
const ID: &str = "_id_";

/// A finding for each index of the model, and for each that only the cloud has.
pub(super) fn compare(
    collection: &Collection,
    there: &[TableIndex],
    examination: &mut Examination,
) {
    for index in &collection.indexes {
        let declared = TableIndex::of(index);
        let look = look(index, there);
        let is_missing = look == Look::Missing;
        let finding = match look {
            Look::Served => Finding::ok(Subject::Index),
            Look::Otherwise(message) => Finding::different(Subject::Index, message),
            Look::Missing => Finding::different(Subject::Index, MISSING),
        };
        examination.add(Finding {
            name: Some(title(&declared)),
            ..finding
        });
        if is_missing {
            examination.propose(Remedy::Index {
                collection: collection.name.clone(),
                index: declared,
            });
        }
    }
    for other in there.iter().filter(|other| is_further(other, collection)) {
        examination.add(Finding {
            name: Some(title(other)),
            message: match other.index.as_ref().is_some_and(|index| index.unique) {
                true => UNIQUE.to_owned(),
                false => FURTHER.to_owned(),
            },
            ..Finding::ok(Subject::Index)
        });
    }
}

const MISSING: &str = "missing: create it in the console, or by `doctor --apply`";

const FURTHER: &str = "only in the cloud, which is fine";

const UNIQUE: &str = "only in the cloud, which is fine as long as no write breaks it";

/// What became of an index of the model.
#[derive(Debug, PartialEq, Eq)]
enum Look {
    Served,
    Missing,
    /// There is one on the same keys that does something else; the text says what to do.
    Otherwise(String),
}

/// `createdAt_-1`, `orderNo_1 (unique)`.
fn title(index: &TableIndex) -> String {
    match index.index.as_ref().is_some_and(|index| index.unique) {
        true => format!("{} (unique)", index.name),
        false => index.name.clone(),
    }
}

fn look(declared: &Index, there: &[TableIndex]) -> Look {
    let on_the_same = || {
        let known = there.iter().filter_map(|it| Some((it, it.index.as_ref()?)));
        known.filter(|(_, index)| serves(&index.keys, &declared.keys))
    };
    if on_the_same().any(|(_, index)| index.unique == declared.unique) {
        return Look::Served;
    }
    let Some((other, _)) = on_the_same().next() else {
        return Look::Missing;
    };
    let name = &other.name;
    let message = if declared.unique {
        format!(
            "`{name}` is not unique in the cloud, so equal values get in: drop it in the console, then create it by \
             `doctor --apply`"
        )
    } else {
        format!(
            "`{name}` is unique in the cloud, so writes are refused that the schema allows: drop it in the console, or \
             declare it `unique: true`"
        )
    };
    Look::Otherwise(message)
}

/// Whether an index on these keys is as good as one on those: it is read backwards as easily.
fn serves(there: &IndexKeys, declared: &IndexKeys) -> bool {
    match (there, declared) {
        (IndexKeys::Ordered(there), IndexKeys::Ordered(declared)) => {
            there == declared || reversed(there) == *declared
        }
        (there, declared) => there == declared,
    }
}

fn reversed(order: &Order) -> Order {
    let key = |key: &OrderKey| OrderKey {
        path: key.path.clone(),
        direction: match key.direction {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        },
    };
    Order {
        keys: order.keys.iter().map(key).collect(),
    }
}

/// Whether the model says nothing of an index.
fn is_further(other: &TableIndex, collection: &Collection) -> bool {
    let is_declared = |index: &Index| {
        let mut declared = collection.indexes.iter();
        declared.any(|declared| serves(&index.keys, &declared.keys))
    };
    other.name != ID && !other.index.as_ref().is_some_and(is_declared)
}
