//! How much is kept of what nobody watches.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Window;

/// Documents of watches that linger, of all of them together: ten of the longest lists. Without a bound, whoever
/// subscribes and leaves again, each time to another list, would fill the memory with what nobody wants.
const DOCUMENTS_MAX: usize = 50_000;

/// Counts what watches hold that linger.
#[derive(Debug, Default)]
pub(super) struct Idle(AtomicUsize);

/// The share of one watch, until it is dropped.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    idle: &'a Idle,
    documents: usize,
}

impl Idle {
    /// Room for what the watch shows, if there is as much.
    pub(super) fn keep(&self, window: &Window) -> Option<Kept<'_>> {
        let documents = window.documents.len();
        let before = self.0.fetch_add(documents, Ordering::Relaxed);
        // Gives it back if there is no room.
        let kept = Kept {
            idle: self,
            documents,
        };
        (before.saturating_add(documents) <= DOCUMENTS_MAX).then_some(kept)
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        self.idle.0.fetch_sub(self.documents, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::{Document, ejson};

    #[test]
    fn what_lingers_is_bounded_and_given_back() {
        let idle = Idle::default();
        let object = ejson::parse_object(r#"{"_id":"a"}"#).expect("valid EJSON");
        let document = Arc::new(Document::from_object(object).expect("it has an _id"));
        let window = |documents| Window {
            sequence: 1,
            documents: vec![Arc::clone(&document); documents],
        };
        let (most, one) = (window(DOCUMENTS_MAX), window(1));
        let kept = idle.keep(&most).expect("there is room");
        assert!(idle.keep(&one).is_none());
        assert!(idle.keep(&window(0)).is_some());
        drop(kept);
        assert!(idle.keep(&one).is_some());
        assert!(idle.keep(&most).is_some(), "nothing is held any more");
    }
}
