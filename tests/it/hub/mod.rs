//! Watches: shared, followed, and right again after every fault of the store.

mod differential;
mod faults;
mod faulty;
mod feed;
mod sharing;
mod shelf;
mod words;
