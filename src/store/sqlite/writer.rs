//! The thread that writes, and its group commit.
//!
//! Writes that wait are put into one transaction, each in a savepoint of its
//! own, and acknowledged when the transaction is on disk: under load one sync
//! serves many writes. Their changes are broadcast after the commit and before
//! the acknowledgements, in the order of their sequence numbers.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::error;
use super::functions::Functions;
use super::readers::guard;
use super::statistics::Statistics;
use super::table::Catalog;
use crate::data::Change;
use crate::store::{Error, Result};

/// Writes that may wait; those that come then wait for a place.
const MAX_WAITING: usize = 1024;

/// Writes of one transaction. Bounds how long the first waits for the last.
const MAX_GROUP: usize = 256;

/// Does its work in the batch and gives what is left to do once it is known
/// whether the batch was committed.
type Job = Box<dyn FnOnce(&mut Batch<'_>) -> Settle + Send>;
type Settle = Box<dyn FnOnce(Option<&Lost>)>;

/// Why a batch was not committed.
#[derive(Debug)]
struct Lost(String);

impl Lost {
    fn because(error: &Error) -> Self {
        tracing::error!(%error, "a commit failed");
        match error {
            Error::Unavailable { reason, .. } => Self(reason.clone()),
            other => Self(other.to_string()),
        }
    }

    fn to_error(&self) -> Error {
        Error::unavailable(format!("nothing was written: {}", self.0))
    }
}

/// The handle to the thread.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        functions: Functions,
        catalog: Arc<Catalog>,
        feed: broadcast::Sender<Arc<Change>>,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                WriterThread {
                    connection,
                    functions,
                    catalog,
                    feed,
                    statistics: Statistics::default(),
                }
                .run(waiting);
            })
            .expect("the system can start a thread");
        Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
        }
    }

    /// Runs a write and gives its outcome after the commit. Once it has a place
    /// among those that wait, it runs also if the future is dropped; a write
    /// whose future is dropped before that leaves no trace.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Batch<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let closed = || Error::unavailable("it is shutting down");
        let jobs = self
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |batch| {
            let outcome = batch.in_savepoint(work);
            Box::new(move |lost| {
                let answer = lost.map_or(outcome, |lost| Err(lost.to_error()));
                // A caller that has gone needs no answer.
                let _ = reply.send(answer);
            })
        });
        jobs.ok_or_else(closed)?
            .send(job)
            .await
            .map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Ends the thread after the writes that wait; no more are taken.
    pub(super) fn stop(&self) {
        drop(
            self.jobs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            // Jobs are guarded, so the thread does not panic; if it did, there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

struct WriterThread {
    connection: Connection,
    functions: Functions,
    catalog: Arc<Catalog>,
    feed: broadcast::Sender<Arc<Change>>,
    statistics: Statistics,
}

impl WriterThread {
    fn run(&mut self, mut waiting: mpsc::Receiver<Job>) {
        let mut group = Vec::new();
        while let Some(first) = waiting.blocking_recv() {
            group.push(first);
            while group.len() < MAX_GROUP
                && let Ok(next) = waiting.try_recv()
            {
                group.push(next);
            }
            self.commit(group.drain(..));
        }
    }

    /// One transaction of these jobs.
    fn commit(&mut self, group: impl Iterator<Item = Job>) {
        let mut batch = Batch {
            connection: &self.connection,
            functions: &self.functions,
            catalog: &self.catalog,
            sequence: 0,
            changes: Vec::new(),
            lost: None,
        };
        batch.begin();
        let settles: Vec<Settle> = group.map(|job| job(&mut batch)).collect();
        batch.end();
        let changes = if batch.lost.is_none() {
            batch.changes
        } else {
            Vec::new()
        };
        let changed = changes.len();
        for change in changes {
            // Fails only when nobody listens.
            let _ = self.feed.send(Arc::new(change));
        }
        for settle in settles {
            settle(batch.lost.as_ref());
        }
        self.statistics.changed(changed, &self.connection);
    }
}

/// A transaction under way.
pub(super) struct Batch<'a> {
    pub(super) connection: &'a Connection,
    pub(super) functions: &'a Functions,
    pub(super) catalog: &'a Catalog,
    sequence: u64,
    changes: Vec<Change>,
    /// Set when the transaction cannot be committed any more.
    lost: Option<Lost>,
}

impl Batch<'_> {
    fn begin(&mut self) {
        let begun = self
            .connection
            .execute_batch("BEGIN IMMEDIATE")
            .and_then(|()| {
                self.connection
                    .prepare_cached("SELECT sequence FROM meta")?
                    .query_row([], |row| row.get(0))
            });
        match begun {
            Ok(sequence) => self.sequence = sequence,
            Err(error) => self.lose(error),
        }
    }

    fn end(&mut self) {
        if self.lost.is_some() {
            return;
        }
        let ended = self
            .save_sequence()
            .and_then(|()| self.connection.execute_batch("COMMIT"));
        if let Err(error) = ended {
            self.lose(error);
        }
    }

    fn save_sequence(&self) -> rusqlite::Result<()> {
        if !self.changes.is_empty() {
            self.connection
                .prepare_cached("UPDATE meta SET sequence = ?1")?
                .execute([self.sequence])?;
        }
        Ok(())
    }

    /// Gives the transaction up.
    fn lose(&mut self, error: rusqlite::Error) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
        self.lost = Some(Lost::because(&error::of_store(error)));
    }

    /// All of the work or, on an error, none of it.
    fn in_savepoint<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if let Some(lost) = &self.lost {
            return Err(lost.to_error());
        }
        let (sequence, changes) = (self.sequence, self.changes.len());
        self.control("SAVEPOINT write")?;
        let outcome = guard(|| work(self));
        if let Err(error) = &outcome {
            // A full disk and its like end the whole transaction, not just one statement.
            if self.connection.is_autocommit() {
                self.lost = Some(Lost::because(error));
                return outcome;
            }
            self.sequence = sequence;
            self.changes.truncate(changes);
            self.control("ROLLBACK TO write")?;
        }
        self.control("RELEASE write")?;
        outcome
    }

    fn control(&mut self, sql: &str) -> Result<()> {
        let done = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.execute([]));
        done.map(|_| ()).map_err(|error| {
            self.lose(error);
            Error::unavailable("nothing was written")
        })
    }

    /// The number of the last change.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The number for the next change.
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Broadcasts a change, if it is committed.
    pub(super) fn changed(&mut self, change: Change) {
        self.changes.push(change);
    }
}
