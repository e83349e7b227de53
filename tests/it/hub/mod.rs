//! Watches: shared, followed, and right again after every fault of the store.

mod differential;
mod faults;
pub(crate) mod faulty;
mod feed;
mod others;
pub(crate) mod shared;
mod sharing;
mod shelf;
mod words;
