//! To-one relations: all keys that a level of an answer needs become one read,
//! and a key that was read before is not read again.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dataloader::BatchFn;
use dataloader::cached::Loader;

use crate::data::{CollectionName, Document, Path, Value, collation};
use crate::model::{CollectionIx, FieldIx};
use crate::store::Find;

use super::error::Result;
use super::mask::{Mask, Visible};
use super::reader::Reader;
use super::request::Select;

/// The most keys of one read: as many as one level of an answer may have documents, so that a level is one read.
const BATCH: usize = 10_000;

/// Yields once before reading, so that loads which are polled together become one read.
const YIELDS: usize = 1;

/// Which loader a load goes through: documents of a collection by the value of a field, with these fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct LoaderKey {
    pub(super) target: CollectionIx,
    pub(super) to: FieldIx,
    pub(super) select: Select,
}

/// Loads documents by key; a failure is what every key of its read gets.
pub(super) type ToOne = Loader<Key, Result<Option<Visible>>, Batch>;

/// A key, equal to another as the database has it (`1 == 1.0`).
#[derive(Clone)]
pub(super) struct Key {
    order: Vec<u8>,
    value: Value,
}

/// One read for many keys.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) reader: Reader,
    pub(super) collection: CollectionName,
    pub(super) path: Path,
    /// One document for each key, the one with the lowest id.
    pub(super) find: Find,
    pub(super) mask: Arc<Mask>,
}

impl Key {
    /// `None` for null: it finds nothing, although null and missing are equal in the database.
    pub(super) fn new(value: Value) -> Option<Self> {
        let order = collation::key(Some(&value));
        (!matches!(value, Value::Null)).then_some(Self { order, value })
    }

    pub(super) fn value(&self) -> &Value {
        &self.value
    }
}

/// Says nothing of the value. The loader library spells every key out for a message that is hardly ever needed, which
/// took a sixth of the time of a whole operation; and values are none of a log's business.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.order.hash(state);
    }
}

impl Batch {
    pub(super) fn into_loader(self) -> ToOne {
        Loader::new(self)
            .with_max_batch_size(BATCH)
            .with_yield_count(YIELDS)
    }

    async fn read(&self, keys: &[Key]) -> Result<Vec<Vec<Arc<Document>>>> {
        let values: Vec<Value> = keys.iter().map(|key| key.value.clone()).collect();
        self.reader
            .find_per_key(&self.collection, &self.path, &values, &self.find)
            .await
    }
}

impl BatchFn<Key, Result<Option<Visible>>> for Batch {
    async fn load(&mut self, keys: &[Key]) -> HashMap<Key, Result<Option<Visible>>> {
        let see = |document| Visible::new(document, Arc::clone(&self.mask));
        let loaded = match self.read(keys).await {
            Ok(groups) => groups
                .into_iter()
                .map(|group| Ok(group.into_iter().next().map(see)))
                .collect(),
            Err(error) => vec![Err(error); keys.len()],
        };
        keys.iter().cloned().zip(loaded).collect()
    }
}
