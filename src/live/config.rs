//! What an operator may decide about watches.

use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long a watch that nobody watches any more is kept: who reloads a page comes back.
    pub linger: Duration,
    /// How often a store is asked that tells of no changes, or not of others' and nobody else does; each time a little
    /// earlier or later, so that many do not ask at once.
    pub poll_interval: Duration,
    /// How soon a list of a store that others write to is read again when there is word of their commits. Words in
    /// between are one.
    pub notice_pace: Duration,
    /// How often such a list is read although there is no word: a commit may have been missed.
    pub reconcile_interval: Duration,
    /// How often a decision is made again that depends on other documents (`get()`), should word of them have been
    /// lost; those that depend on the time are made again every second.
    pub recheck_interval: Duration,
    /// How soon a list is looked at again that takes reads to look at: because decisions about it depend on the time or
    /// on other documents, or because it shows what it leads to. Commits in between are seen as one.
    pub pace: Duration,
    /// The most documents of a live list without `first`.
    pub max_documents: usize,
    /// Events that wait for a subscriber; one who lags behind further gets the whole list anew.
    pub queue: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            linger: Duration::from_secs(10),
            poll_interval: Duration::from_secs(2),
            notice_pace: Duration::from_millis(250),
            reconcile_interval: Duration::from_secs(60),
            recheck_interval: Duration::from_secs(30),
            pace: Duration::from_millis(100),
            // As many as the cloud database's own watch takes.
            max_documents: 5_000,
            queue: 32,
        }
    }
}
