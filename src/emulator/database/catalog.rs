//! Which collections there are, with their permissions and indexes.
//!
//! What the store does not know of them (permissions, the names of indexes)
//! is kept in its file as a note for each.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Serialize};

use super::{Access, Index, IndexDirection};
use crate::data::{CollectionName, Direction};
use crate::emulator::failure::{Failure, Result};

/// What is known of a collection.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) access: Arc<Access>,
    /// Without that of `_id`, which every collection has.
    pub(super) indexes: Vec<Index>,
}

impl Entry {
    pub(super) fn new(access: Access, indexes: Vec<Index>) -> Self {
        Self {
            access: Arc::new(access),
            indexes,
        }
    }
}

/// The collections by name.
#[derive(Debug, Default)]
pub(super) struct Catalog(RwLock<BTreeMap<CollectionName, Entry>>);

impl Catalog {
    /// # Errors
    /// There is no such collection.
    pub(super) fn entry(&self, name: &CollectionName) -> Result<Entry> {
        let entry = self.entries().get(name).cloned();
        entry.ok_or_else(|| Failure::no_collection(name.as_str()))
    }

    pub(super) fn has(&self, name: &CollectionName) -> bool {
        self.entries().contains_key(name)
    }

    /// By name.
    pub(super) fn names(&self) -> Vec<CollectionName> {
        self.entries().keys().cloned().collect()
    }

    pub(super) fn len(&self) -> usize {
        self.entries().len()
    }

    pub(super) fn set(&self, name: CollectionName, entry: Entry) {
        self.entries_mut().insert(name, entry);
    }

    pub(super) fn remove(&self, name: &CollectionName) {
        self.entries_mut().remove(name);
    }

    fn entries(&self) -> RwLockReadGuard<'_, BTreeMap<CollectionName, Entry>> {
        // Each change is one call of the map, so a panic elsewhere leaves it whole.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<CollectionName, Entry>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the note of a collection.
pub(super) fn note_name(collection: &CollectionName) -> String {
    format!("collection:{collection}")
}

/// An entry as it is kept in the store's file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Note {
    tag: String,
    rule: Option<String>,
    indexes: Vec<NotedIndex>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct NotedIndex {
    name: String,
    unique: bool,
    keys: Vec<(String, NotedDirection)>,
}

#[derive(Debug, Deserialize, Serialize)]
enum NotedDirection {
    Ascending,
    Descending,
    Sphere,
}

impl Entry {
    pub(super) fn to_note(&self) -> String {
        let note = Note {
            tag: self.access.tag_text().to_owned(),
            rule: self.access.rule.clone(),
            indexes: self.indexes.iter().map(NotedIndex::of).collect(),
        };
        serde_json::to_string(&note).expect("texts and lists are JSON")
    }

    /// # Errors
    /// The text is not one that [`Entry::to_note`] wrote.
    pub(super) fn from_note(text: &str) -> Result<Self> {
        let note: Note = serde_json::from_str(text)
            .map_err(|error| Failure::invalid(format!("it cannot be read: {error}")))?;
        let access = Access::parse(&note.tag, note.rule.as_deref())?;
        let indexes = note.indexes.into_iter().map(NotedIndex::read).collect();
        Ok(Self::new(access, indexes))
    }
}

impl NotedIndex {
    fn of(index: &Index) -> Self {
        let key = |(path, direction): &(String, IndexDirection)| {
            let direction = match direction {
                IndexDirection::Ordered(Direction::Ascending) => NotedDirection::Ascending,
                IndexDirection::Ordered(Direction::Descending) => NotedDirection::Descending,
                IndexDirection::Sphere => NotedDirection::Sphere,
            };
            (path.clone(), direction)
        };
        Self {
            name: index.name.clone(),
            unique: index.unique,
            keys: index.keys.iter().map(key).collect(),
        }
    }

    fn read(self) -> Index {
        let key = |(path, direction)| {
            let direction = match direction {
                NotedDirection::Ascending => IndexDirection::Ordered(Direction::Ascending),
                NotedDirection::Descending => IndexDirection::Ordered(Direction::Descending),
                NotedDirection::Sphere => IndexDirection::Sphere,
            };
            (path, direction)
        };
        Index {
            name: self.name,
            unique: self.unique,
            keys: self.keys.into_iter().map(key).collect(),
        }
    }
}
