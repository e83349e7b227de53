//! Watches: shared, followed, and right again after every fault of the store.

mod sharing;
mod words;
