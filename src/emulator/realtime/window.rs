//! A watched list: its documents in order, of which the first are shown. Writes
//! go in, and what is to be told of them comes out. Pure.
//!
//! All documents that match are known, also those beyond the limit: when some
//! leave, the next ones move up without a read. What a client is told it might
//! have read itself: of a document that leaves the list nothing new, unless
//! [`Step`] says that it may be seen.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::difference::Difference;
use super::ranking::Ranking;
use super::record::{DataType, QueueType, Record};
use crate::data::{DocId, Document};
use crate::emulator::database::Kind;

/// See the module.
#[derive(Debug)]
pub(super) struct Window {
    ranking: Ranking,
    /// How many are shown.
    limit: usize,
    /// All that match, in order.
    documents: Vec<Arc<Document>>,
    /// The same by id.
    by_id: HashMap<DocId, Arc<Document>>,
}

/// A write of one document.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) kind: Kind,
    pub(super) id: DocId,
    /// What it was, if the watcher may see that.
    pub(super) before: Option<Arc<Document>>,
    /// What it is, if the watcher may see that.
    pub(super) after: Option<Arc<Document>>,
    /// Whether what it is belongs to the list.
    pub(super) matches: bool,
}

impl Window {
    /// A list of these documents, of which so many are shown.
    pub(super) fn new(ranking: Ranking, limit: usize, documents: Vec<Arc<Document>>) -> Self {
        let mut window = Self {
            ranking,
            limit,
            documents: Vec::new(),
            by_id: HashMap::new(),
        };
        window.fill(documents);
        window
    }

    fn fill(&mut self, mut documents: Vec<Arc<Document>>) {
        documents.sort_by(|a, b| self.ranking.compare(a.fields(), b.fields()));
        let by_id = documents
            .iter()
            .map(|document| (document.id().clone(), Arc::clone(document)));
        self.by_id = by_id.collect();
        self.documents = documents;
    }

    /// The documents that the client has, in order.
    pub(super) fn shown(&self) -> &[Arc<Document>] {
        &self.documents[..self.limit.min(self.documents.len())]
    }

    /// How many match, shown or not.
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// The list as a client gets it first.
    pub(super) fn init(&self) -> Vec<Record> {
        let whole =
            |document: &Arc<Document>| Record::whole(DataType::Init, QueueType::Init, document);
        self.shown().iter().map(whole).collect()
    }

    /// Takes the writes of one commit, each of another document. What there is to tell of it: first what became of the
    /// documents that were written, then which others were pushed out or moved up.
    pub(super) fn apply(&mut self, steps: &[Step]) -> Vec<Record> {
        let concerns = |step: &Step| step.matches || self.by_id.contains_key(&step.id);
        if !steps.iter().any(concerns) {
            return Vec::new();
        }
        let shown_before = self.bounded().to_vec();
        let were: Vec<_> = steps.iter().map(|step| self.find(&step.id)).collect();
        for step in steps {
            self.put(step);
        }
        let own = steps.iter().zip(&were).filter_map(|(step, was)| {
            let is = self.find(&step.id);
            own_record(step, was.as_deref(), is.as_deref())
        });
        let mut records: Vec<Record> = own.collect();
        self.tell_of_others(&shown_before, steps, &mut records);
        records
    }

    /// Takes the list as it was read anew. What there is to tell of it; by what kind of write documents came to be what
    /// they are is not known.
    pub(super) fn replace(&mut self, documents: Vec<Arc<Document>>) -> Vec<Record> {
        let mut gone = self.by_id.clone();
        let mut steps = Vec::new();
        for document in documents {
            let before = gone.remove(document.id());
            if before
                .as_ref()
                .is_none_or(|before| before.fields() != document.fields())
            {
                steps.push(Step {
                    kind: if before.is_some() {
                        Kind::Update
                    } else {
                        Kind::Add
                    },
                    id: document.id().clone(),
                    before,
                    after: Some(document),
                    matches: true,
                });
            }
        }
        let gone = self
            .documents
            .iter()
            .filter(|document| gone.contains_key(document.id()));
        steps.extend(gone.map(|document| Step {
            kind: Kind::Remove,
            id: document.id().clone(),
            before: None,
            after: None,
            matches: false,
        }));
        self.apply(&steps)
    }

    /// The documents that are shown, if others could be in their place; without a limit there are none.
    fn bounded(&self) -> &[Arc<Document>] {
        if self.limit == usize::MAX {
            &[]
        } else {
            self.shown()
        }
    }

    /// The document of this id, if it is shown.
    fn find(&self, id: &DocId) -> Option<Arc<Document>> {
        let document = self.by_id.get(id)?;
        let rank = self.rank(document).ok()?;
        (rank < self.limit).then(|| Arc::clone(document))
    }

    /// Where a document stands, or would.
    fn rank(&self, document: &Document) -> Result<usize, usize> {
        self.documents
            .binary_search_by(|other| self.ranking.compare(other.fields(), document.fields()))
    }

    fn put(&mut self, step: &Step) {
        if let Some(former) = self.by_id.remove(&step.id)
            && let Ok(rank) = self.rank(&former)
        {
            self.documents.remove(rank);
        }
        if let Some(document) = step.after.as_ref().filter(|_| step.matches) {
            let (Ok(rank) | Err(rank)) = self.rank(document);
            self.documents.insert(rank, Arc::clone(document));
            self.by_id.insert(step.id.clone(), Arc::clone(document));
        }
    }

    fn tell_of_others(
        &self,
        shown_before: &[Arc<Document>],
        steps: &[Step],
        records: &mut Vec<Record>,
    ) {
        let mut known: HashSet<&DocId> = steps.iter().map(|step| &step.id).collect();
        for document in shown_before {
            if known.insert(document.id()) && self.find(document.id()).is_none() {
                let (data, queue) = (DataType::Limit, QueueType::Dequeue);
                records.push(Record::bare(data, queue, document.id()));
            }
        }
        for document in self.bounded() {
            if !known.contains(document.id()) {
                let (data, queue) = (DataType::Limit, QueueType::Enqueue);
                records.push(Record::whole(data, queue, document));
            }
        }
    }
}

/// What a write did to its document in the list, which showed `was` of it and shows `is`.
fn own_record(step: &Step, was: Option<&Document>, is: Option<&Document>) -> Option<Record> {
    match (was, is) {
        (None, None) => None,
        (None, Some(is)) => Some(entered(step, is)),
        (Some(was), Some(is)) if was.fields() == is.fields() => None,
        (Some(was), Some(is)) => Some(stayed(step.kind, was, is)),
        (Some(was), None) => Some(left(step, was)),
    }
}

fn entered(step: &Step, is: &Document) -> Record {
    let data = match step.kind {
        Kind::Add | Kind::Remove => DataType::Add,
        Kind::Update => DataType::Update,
        Kind::Replace => DataType::Replace,
    };
    let record = Record::whole(data, QueueType::Enqueue, is);
    match &step.before {
        Some(before) if step.kind == Kind::Update => record.with(Difference::between(before, is)),
        _ => record,
    }
}

/// The clients need no patch where they have the document; some want to know what changed.
fn stayed(kind: Kind, was: &Document, is: &Document) -> Record {
    match kind {
        Kind::Update => Record::whole(DataType::Update, QueueType::Update, is)
            .with(Difference::between(was, is)),
        Kind::Add | Kind::Replace | Kind::Remove => {
            Record::whole(DataType::Replace, QueueType::Update, is)
        }
    }
}

fn left(step: &Step, was: &Document) -> Record {
    let after = step.after.as_deref();
    match step.kind {
        Kind::Update => {
            let record = Record::bare(DataType::Update, QueueType::Dequeue, was.id());
            let difference = after.map(|after| Difference::between(was, after));
            record.with(difference.unwrap_or_default())
        }
        // It must be told whole: if not what it is, then what the client has.
        Kind::Replace => Record::whole(DataType::Replace, QueueType::Dequeue, after.unwrap_or(was)),
        Kind::Add | Kind::Remove => Record::bare(DataType::Remove, QueueType::Dequeue, was.id()),
    }
}
