//! Documents that need not be decoded again, shared by the threads that read.
//!
//! Every change that is committed takes a number of its own, and a row's `rev`
//! is the number of the change that wrote it. So a number names one state of one
//! document for ever: what is kept under it cannot grow old, and writes have
//! nothing to tell. *Whether* that state is the document's present one is what
//! the row says, which is read each time.

use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use rustc_hash::FxHasher;

use crate::data::Document;

/// Parts, each with a lock of its own, so that threads seldom wait for each other.
const PARTS: usize = 16;

/// A document that takes up more than this share of a part is not worth the others.
const MAX_SHARE: usize = 8;

/// The least recently used go first when it is full.
#[derive(Debug)]
pub(super) struct Cache {
    parts: [Mutex<Part>; PARTS],
    /// Bytes that each part may hold, counted in stored text.
    room: usize,
}

#[derive(Debug)]
struct Part {
    documents: LruCache<u64, Kept, BuildHasherDefault<FxHasher>>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    document: Arc<Document>,
    bytes: usize,
}

impl Cache {
    /// A cache for documents that are this many bytes of stored text together.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            parts: std::array::from_fn(|_| Mutex::default()),
            room: bytes / PARTS,
        }
    }

    /// Whether it keeps a document of so many bytes of stored text.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        bytes <= self.room / MAX_SHARE
    }

    /// The whole document that the change of this number wrote.
    pub(super) fn get(&self, rev: u64) -> Option<Arc<Document>> {
        let mut part = self.part(rev);
        let kept = part.documents.get(&rev)?;
        Some(Arc::clone(&kept.document))
    }

    /// Keeps a whole document as it was committed, of so many bytes of stored text.
    pub(super) fn put(&self, document: Arc<Document>, bytes: usize) {
        let rev = document.rev;
        let mut dropped = Vec::new();
        let mut part = self.part(rev);
        part.bytes += bytes;
        if let Some(same) = part.documents.put(rev, Kept { document, bytes }) {
            part.bytes -= same.bytes;
        }
        while part.bytes > self.room
            && let Some((_, oldest)) = part.documents.pop_lru()
        {
            part.bytes -= oldest.bytes;
            dropped.push(oldest);
        }
        // Freeing them takes longer than all else here: not under the lock.
        drop(part);
        drop(dropped);
    }

    fn part(&self, rev: u64) -> MutexGuard<'_, Part> {
        let at = usize::try_from(rev % PARTS as u64).expect("less than the number of parts");
        // Nothing panics under the lock between two changes that belong together.
        self.parts[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Part {
    fn default() -> Self {
        Self {
            documents: LruCache::unbounded_with_hasher(BuildHasherDefault::default()),
            bytes: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{DocId, Object};

    fn document(rev: u64) -> Arc<Document> {
        Arc::new(Document::new(DocId::Int(1), rev, Object::new()))
    }

    /// Revisions that share a part.
    fn of_one_part(count: u64) -> impl Iterator<Item = u64> {
        (1..=count).map(|number| number * PARTS as u64)
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let cache = Cache::new(100 * PARTS);
        let revs: Vec<u64> = of_one_part(11).collect();
        for &rev in &revs[..10] {
            cache.put(document(rev), 10);
        }
        assert!(cache.get(revs[0]).is_some());
        cache.put(document(revs[10]), 10);
        let kept: Vec<bool> = revs.iter().map(|&rev| cache.get(rev).is_some()).collect();
        let all_but_the_second: Vec<bool> = (0..11).map(|at| at != 1).collect();
        assert_eq!(kept, all_but_the_second);
    }

    #[test]
    fn it_holds_no_more_than_it_may() {
        let cache = Cache::new(100 * PARTS);
        for rev in of_one_part(1000) {
            cache.put(document(rev), 12);
            cache.put(document(rev), 12);
        }
        let part = cache.part(0);
        assert_eq!((part.documents.len(), part.bytes), (8, 96));
    }

    #[test]
    fn large_documents_are_not_taken() {
        let cache = Cache::new(100 * PARTS);
        assert!(cache.takes(12) && !cache.takes(13));
        let none = Cache::new(0);
        assert!(!none.takes(1));
    }
}
