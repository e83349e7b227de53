//! Indexes between the management API, the model and the store.

use super::{Index, IndexDirection};
use crate::data::{self, Direction, IndexKeys, Order, OrderKey, Path};
use crate::emulator::failure::{Failure, Result};

/// The index that every collection has.
const ID: &str = "_id_";

/// As many as the cloud allows.
const MAX_INDEXES: usize = 100;

impl Index {
    /// The index of `_id`.
    pub(super) fn of_id() -> Self {
        let ascending = IndexDirection::Ordered(Direction::Ascending);
        Self {
            name: ID.to_owned(),
            unique: true,
            keys: vec![("_id".to_owned(), ascending)],
        }
    }

    /// An index of the model, named after its keys as `MongoDB` does.
    pub(super) fn of_model(index: &data::Index) -> Self {
        let keys: Vec<(String, IndexDirection)> = match &index.keys {
            IndexKeys::Geo(path) => vec![(path.to_string(), IndexDirection::Sphere)],
            IndexKeys::Ordered(order) => {
                let key = |key: &OrderKey| {
                    let direction = IndexDirection::Ordered(key.direction);
                    (key.path.to_string(), direction)
                };
                order.keys.iter().map(key).collect()
            }
        };
        let names: Vec<String> = keys
            .iter()
            .map(|(path, direction)| format!("{path}_{}", direction.text()))
            .collect();
        Self {
            name: names.join("_"),
            unique: index.unique,
            keys,
        }
    }

    /// The index as the store makes it.
    ///
    /// # Errors
    /// It has no name, no key, or a key that is no path.
    pub(super) fn to_stored(&self) -> Result<data::Index> {
        if self.name.is_empty() || self.keys.is_empty() {
            return Err(Failure::invalid("an index needs a name and a key"));
        }
        let mut keys = Vec::new();
        for (path, direction) in &self.keys {
            let parsed = Path::parse(path).ok_or_else(|| {
                Failure::invalid(format!("index `{}`: `{path}` is no path", self.name))
            })?;
            match direction {
                IndexDirection::Ordered(direction) => keys.push(OrderKey {
                    path: parsed,
                    direction: *direction,
                }),
                // The store narrows nothing by it, whatever stands beside it.
                IndexDirection::Sphere => {
                    return Ok(data::Index {
                        keys: IndexKeys::Geo(parsed),
                        unique: false,
                    });
                }
            }
        }
        Ok(data::Index {
            keys: IndexKeys::Ordered(Order { keys }),
            unique: self.unique,
        })
    }
}

impl IndexDirection {
    fn text(self) -> &'static str {
        match self {
            IndexDirection::Ordered(Direction::Ascending) => "1",
            IndexDirection::Ordered(Direction::Descending) => "-1",
            IndexDirection::Sphere => "2dsphere",
        }
    }
}

/// The indexes of a collection that requests have changed: those of its table, under the names they were given, and
/// what is declared besides. One that has a name but is not in the table was dropped by the gateway.
///
/// # Errors
/// A key that is no path.
pub(super) fn found(
    named: Vec<Index>,
    stored: &[data::Index],
    declared: Vec<Index>,
) -> Result<Vec<Index>> {
    let mut indexes = Vec::new();
    for index in named {
        let known = index.to_stored()?;
        if matches!(known.keys, IndexKeys::Geo(_)) || stored.contains(&known) {
            indexes.push(index);
        }
    }
    for index in stored.iter().map(Index::of_model).chain(declared) {
        let there: Result<Vec<_>> = indexes.iter().map(Index::to_stored).collect();
        if !there?.contains(&index.to_stored()?) {
            indexes.push(index);
        }
    }
    Ok(indexes)
}

/// The indexes after some were dropped and others made.
///
/// # Errors
/// One to drop that is not there, one to make whose name is taken, any change of `_id_`, too many.
pub(super) fn changed(
    mut indexes: Vec<Index>,
    create: Vec<Index>,
    drop: &[String],
) -> Result<Vec<Index>> {
    for name in drop {
        let at = indexes.iter().position(|index| index.name == *name);
        let at = at.ok_or_else(|| {
            Failure::invalid(format!("there is no index `{name}` that can be dropped"))
        })?;
        indexes.remove(at);
    }
    for index in create {
        let taken = index.name == ID || indexes.iter().any(|other| other.name == index.name);
        if taken {
            let message = format!("there is an index `{}` already", index.name);
            return Err(Failure::invalid(message));
        }
        indexes.push(index);
    }
    if indexes.len() > MAX_INDEXES {
        let message = format!("a collection has at most {MAX_INDEXES} indexes");
        return Err(Failure::invalid(message));
    }
    Ok(indexes)
}
