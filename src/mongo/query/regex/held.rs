//! How many compiled regular expressions there are at a time, in all of the process.
//!
//! A pattern of ten characters may take megabytes once it is compiled, and a request has room for a million patterns:
//! each by itself is bounded, all of them together would take any memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// With what each may take, these take half a gigabyte at the worst.
pub(super) static PLACES: Places = Places::new(512);

/// Places for things that must not become too many.
#[derive(Debug)]
pub(super) struct Places {
    free: AtomicUsize,
}

/// One of the places, free again when its last copy is dropped.
#[derive(Clone, Debug)]
pub(super) struct Held {
    _place: Arc<Place>,
}

#[derive(Debug)]
struct Place(&'static Places);

impl Places {
    const fn new(count: usize) -> Self {
        Self {
            free: AtomicUsize::new(count),
        }
    }

    /// `None`: all are taken.
    pub(super) fn take(&'static self) -> Option<Held> {
        let one_less = |free: usize| free.checked_sub(1);
        self.free
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .ok()?;
        Some(Held {
            _place: Arc::new(Place(self)),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_and_no_more() {
        static TWO: Places = Places::new(2);
        let (first, second) = (TWO.take(), TWO.take());
        assert!(first.is_some() && second.is_some());
        assert!(TWO.take().is_none());
        let copy = second.clone();
        drop(second);
        assert!(TWO.take().is_none());
        drop(copy);
        assert!(TWO.take().is_some());
    }
}
