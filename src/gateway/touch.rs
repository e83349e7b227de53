//! Word of commits that may change what a relation leads to.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::data::{Change, CollectionName, Document, Path, Value, collation, for_each_candidate};
use crate::live::{Feed, Tidings};
use crate::model::{CollectionIx, FieldIx, Model};

use super::Gateway;

/// Documents of a collection that were looked for by the values of a field: there, or not there yet.
#[derive(Clone, Debug)]
pub struct Interest {
    pub target: CollectionIx,
    pub to: FieldIx,
    pub keys: Vec<Value>,
}

/// Tells when a commit touches what somebody is interested in. Says nothing of what the commit did.
#[derive(Debug)]
pub struct Touches {
    model: Arc<Model>,
    feed: Feed,
    sought: HashMap<CollectionName, Vec<Sought>>,
}

/// The keys that documents were looked for by at one path, in the form in which the database finds them equal.
#[derive(Debug)]
struct Sought {
    path: Path,
    keys: HashSet<Vec<u8>>,
}

impl Gateway {
    /// Word of commits from now on.
    pub fn touches(&self) -> Touches {
        Touches {
            model: Arc::clone(&self.model),
            feed: self.hub.feed(),
            sought: HashMap::new(),
        }
    }
}

impl Touches {
    /// Replaces what is of interest; nothing at first. Commits that were not waited for yet are judged by this too: what
    /// is looked for before it is named here is not missed.
    pub fn attend_to(&mut self, interests: Vec<Interest>) {
        self.sought.clear();
        for interest in interests {
            let collection = self.model.collection(interest.target);
            // A null leads nowhere, as in the relations themselves.
            let keys = interest.keys.iter().filter(|key| **key != Value::Null);
            let sought = Sought {
                path: collection.shape.field(interest.to).path(),
                keys: keys.map(|key| collation::key(Some(key))).collect(),
            };
            let of_collection = self.sought.entry(collection.name.clone()).or_default();
            of_collection.push(sought);
        }
    }

    /// Waits for a commit of which the document, before or after it, holds one of the keys; or for changes to have
    /// been lost. Dropping the future loses nothing.
    pub async fn touched(&mut self) {
        loop {
            let tidings = self.feed.next().await;
            if self.concerns(&tidings) {
                break;
            }
        }
        // Whoever is told looks at the documents as they are from now on: all that was committed before is in that.
        while self.feed.next().now_or_never().is_some() {}
    }

    /// Whether a commit up to now was one to wait for, or may have been.
    pub fn are_due(&mut self) -> bool {
        let mut due = !self.feed.is_prompt();
        while let Some(tidings) = self.feed.ready() {
            due |= self.concerns(&tidings);
        }
        due
    }

    fn concerns(&self, tidings: &Tidings) -> bool {
        match tidings {
            Tidings::Change(change) => self.touches(change),
            Tidings::Unknown => true,
        }
    }

    fn touches(&self, change: &Change) -> bool {
        let sought = self.sought.get(&change.collection);
        let versions = || change.before.iter().chain(&change.after);
        sought
            .into_iter()
            .flatten()
            .any(|sought| versions().any(|document| sought.finds(document)))
    }
}

impl Sought {
    /// Whether a relation that looks for one of the keys leads to this document: by its value at the path, or by an
    /// element of a list there.
    fn finds(&self, document: &Document) -> bool {
        let found = Cell::new(false);
        for_each_candidate(&self.path, document.fields(), &|value| {
            if self.keys.contains(&collation::key(value)) {
                found.set(true);
            }
        });
        found.get()
    }
}
