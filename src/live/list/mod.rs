//! The documents of one watched list: a change goes in, the list moves on. Pure.
//!
//! Of a list that is longer than its limit a few more documents are known than
//! are shown: when some leave, the next ones move up without a read. Once too
//! few are left, the list must be read again.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Query, Window};
use crate::data::{Change, DocId, Document};
use crate::store::{Find, Projection, Snapshot};

/// What is known of a list after the read it began with and the changes since.
#[derive(Debug)]
pub(super) struct List {
    query: Query,
    /// The last commit that is in it.
    sequence: u64,
    /// In order: of the documents that match, all that do not come after the edge.
    documents: Vec<Arc<Document>>,
    /// Theirs. Where others write too, a change may be of a document that is known as it was before theirs.
    ids: HashSet<DocId>,
    /// The last document that was known when there were too many to know them all; it may have left since.
    edge: Option<Arc<Document>>,
    /// How many are shown, and how many are known at most.
    limit: usize,
    capacity: usize,
}

/// What a change does to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    /// The documents that are shown are not the same any more.
    Moved,
    /// The list must be read again: too few documents are left, or the change does not follow from what was known.
    Lost,
}

impl List {
    /// How the list is read.
    pub(super) fn find(query: &Query) -> Find {
        Find {
            filter: query.filter.clone(),
            order: query.order.clone(),
            after: None,
            skip: 0,
            limit: capacity(query) as u64,
            projection: Projection::All,
        }
    }

    /// The list as it was read by [`List::find`].
    pub(super) fn new(query: Query, read: Snapshot) -> Self {
        let mut list = Self {
            limit: limit(&query),
            capacity: capacity(&query),
            query,
            sequence: 0,
            documents: Vec::new(),
            ids: HashSet::new(),
            edge: None,
        };
        list.renew(read);
        list
    }

    /// Replaces what was known by what was read. Documents that are as they were stay the same `Arc`s.
    pub(super) fn renew(&mut self, read: Snapshot) {
        let known: HashMap<&DocId, &Arc<Document>> = self
            .documents
            .iter()
            .map(|known| (known.id(), known))
            .collect();
        let keep = |read: Arc<Document>| match known.get(read.id()) {
            Some(&known) if **known == *read => Arc::clone(known),
            _ => read,
        };
        let mut documents: Vec<_> = read.documents.into_iter().map(keep).collect();
        let order = &self.query.order;
        documents.sort_by(|a, b| order.compare(a.fields(), b.fields()));
        let full = documents.len() >= self.capacity;
        self.edge = documents.last().filter(|_| full).cloned();
        self.ids = documents.iter().map(|known| known.id().clone()).collect();
        self.documents = documents;
        self.sequence = read.sequence;
    }

    /// The last commit that is in it.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Moves on by one commit, of whatever collection.
    pub(super) fn apply(&mut self, change: &Change) -> Effect {
        if change.sequence <= self.sequence {
            return Effect::None;
        }
        if change.sequence > self.sequence + 1 {
            return Effect::Lost;
        }
        self.sequence = change.sequence;
        if change.collection != self.query.collection {
            return Effect::None;
        }
        if change.after.as_ref().is_some_and(|after| self.holds(after)) {
            return Effect::None;
        }
        let places = [
            self.remove(&change.id, change.before.as_deref()),
            self.insert(change.after.as_ref()),
        ];
        let contradiction = places.contains(&Place::Contradiction);
        let short = self.edge.is_some() && self.documents.len() < self.limit;
        let shown = |place: &Place| matches!(place, Place::At(at) if *at < self.limit);
        match places.iter().any(shown) {
            _ if contradiction || short => Effect::Lost,
            true => Effect::Moved,
            false => Effect::None,
        }
    }

    /// Whether it is known as it is: a write that changed nothing, or others' before it that was read already.
    fn holds(&self, document: &Document) -> bool {
        let at = self.search(document);
        at.is_ok_and(|at| *self.documents[at] == *document)
    }

    /// Takes out the document that was there before.
    fn remove(&mut self, id: &DocId, before: Option<&Document>) -> Place {
        let Some(before) = before.filter(|before| self.is_of_it(before)) else {
            return match self.ids.contains(id) {
                true => Place::Contradiction,
                false => Place::Elsewhere,
            };
        };
        let Ok(at) = self.search(before) else {
            return Place::Contradiction;
        };
        self.documents.remove(at);
        self.ids.remove(id);
        Place::At(at)
    }

    /// Puts in the document that is there now.
    fn insert(&mut self, after: Option<&Arc<Document>>) -> Place {
        let Some(after) = after.filter(|after| self.is_of_it(after)) else {
            return Place::Elsewhere;
        };
        let Err(at) = self.search(after) else {
            return Place::Contradiction;
        };
        self.documents.insert(at, Arc::clone(after));
        self.ids.insert(after.id().clone());
        if self.documents.len() > self.capacity {
            for beyond in self.documents.drain(self.capacity..) {
                self.ids.remove(beyond.id());
            }
            self.edge = self.documents.last().cloned();
        }
        Place::At(at)
    }

    /// Whether the document matches and stands where all are known.
    fn is_of_it(&self, document: &Document) -> bool {
        let order = &self.query.order;
        let after = |edge: &Arc<Document>| order.compare(document.fields(), edge.fields()).is_gt();
        self.query.filter.matches(document.fields()) && !self.edge.as_ref().is_some_and(after)
    }

    /// Where the document is, or else where it belongs.
    fn search(&self, document: &Document) -> Result<usize, usize> {
        let order = &self.query.order;
        self.documents
            .binary_search_by(|known| order.compare(known.fields(), document.fields()))
    }

    fn shown(&self) -> &[Arc<Document>] {
        &self.documents[..self.documents.len().min(self.limit)]
    }

    /// Whether the window shows what this does.
    pub(super) fn is_shown_by(&self, window: &Window) -> bool {
        let shown = self.shown();
        shown.len() == window.documents.len()
            && shown
                .iter()
                .zip(&window.documents)
                .all(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// What is shown now.
    pub(super) fn window(&self) -> Window {
        Window {
            sequence: self.sequence,
            documents: self.shown().to_vec(),
        }
    }
}

/// Where in a list something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    At(usize),
    /// Not in it, or beyond what is known of it.
    Elsewhere,
    /// Not where it must have been.
    Contradiction,
}

fn limit(query: &Query) -> usize {
    usize::try_from(query.limit).unwrap_or(usize::MAX)
}

/// Half as many again as are shown, but not too few to be of use and not too many to read.
fn capacity(query: &Query) -> usize {
    let limit = limit(query);
    limit.saturating_add((limit / 2).clamp(4, 64))
}
