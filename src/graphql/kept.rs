//! A cache bounded by what it holds, not only by how much: what documents
//! become is anything between a kilobyte and megabytes, as their senders like.

use std::num::NonZeroUsize;

use lru::LruCache;
use rustc_hash::FxBuildHasher;

/// How many entries are kept.
const ENTRIES: NonZeroUsize = NonZeroUsize::new(1_000).expect("not zero");

/// The newest entries, as many as weigh no more together than they may.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    entries: LruCache<u64, (T, usize), FxBuildHasher>,
    /// In bytes, roughly.
    weight: usize,
    most: usize,
}

impl<T> Kept<T> {
    /// Keeps entries of at most so many bytes together, roughly.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            entries: LruCache::with_hasher(ENTRIES, FxBuildHasher),
            weight: 0,
            most,
        }
    }

    pub(crate) fn get(&mut self, hash: u64) -> Option<&T> {
        self.entries.get(&hash).map(|(entry, _)| entry)
    }

    /// One that would put most of the others out is not kept at all.
    pub(crate) fn put(&mut self, hash: u64, entry: T, weight: usize) {
        if weight > self.most / 16 {
            return;
        }
        if let Some((_, (_, replaced))) = self.entries.push(hash, (entry, weight)) {
            self.weight -= replaced;
        }
        self.weight += weight;
        while self.weight > self.most
            && let Some((_, (_, oldest))) = self.entries.pop_lru()
        {
            self.weight -= oldest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_all_weigh_too_much() {
        let mut kept = Kept::new(1_600);
        for number in 0..20_u64 {
            kept.put(number, number, 100);
        }
        let found: Vec<u64> = (0..20).filter_map(|n| kept.get(n).copied()).collect();
        assert_eq!(found, (4..20).collect::<Vec<_>>());
        kept.put(4, 40, 50);
        kept.put(20, 20, 50);
        assert_eq!((kept.get(4).copied(), kept.weight), (Some(40), 1_600));
        kept.put(21, 21, 101);
        assert_eq!((kept.get(21).copied(), kept.weight), (None, 1_600));
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut kept = Kept::new(1_000_000);
        for number in 0..1_001_u64 {
            kept.put(number, (), 2);
        }
        assert_eq!((kept.get(0).copied(), kept.weight), (None, 2_000));
    }
}
