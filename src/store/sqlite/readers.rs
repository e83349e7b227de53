//! The threads that read: each owns a connection, all take jobs from one queue.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::cache::Cache;
use super::functions::Functions;
use super::table::Table;
use super::{Extent, error, schema};
use crate::data::{CollectionName, Index};
use crate::store::{Error, Result};

/// Reads that may wait for a thread. More than this is an overload that
/// waiting would only make worse.
const MAX_WAITING: usize = 4096;

/// Steps of SQLite's machine between two looks at whether anybody still waits.
/// A row takes about ten.
const STEPS_BETWEEN_LOOKS: i32 = 100;

/// A connection that reads, the state of its SQL functions, and what all readers share.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) connection: Connection,
    pub(super) functions: Functions,
    pub(super) cache: Arc<Cache>,
}

impl Reader {
    /// Everything read while the transaction lives is of one moment.
    pub(super) fn snapshot(&self) -> Result<rusqlite::Transaction<'_>> {
        self.connection
            .unchecked_transaction()
            .map_err(error::of_store)
    }

    /// Looks through the whole file for damage.
    pub(super) fn verify(&self) -> Result<()> {
        let found: String = self
            .connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .map_err(error::of_store)?;
        if found == "ok" {
            return Ok(());
        }
        Err(Error::Failed(
            format!("its file is damaged: {found}; restore it from a backup").into(),
        ))
    }

    /// From now on, statements are broken off once nobody waits for what they read.
    fn break_off_when(&self, abandoned: Abandoned) {
        self.connection
            .progress_handler(STEPS_BETWEEN_LOOKS, Some(move || abandoned.is_true()));
    }

    /// The collections of the file, prepared or not.
    pub(super) fn collections(&self) -> Result<Vec<CollectionName>> {
        schema::collections(&self.connection).map_err(error::of_store)
    }

    /// The indexes of a collection, prepared or not.
    pub(super) fn indexes(&self, collection: &CollectionName) -> Result<Vec<Index>> {
        schema::indexes(&self.connection, collection).map_err(error::of_store)
    }

    /// How much a collection holds.
    pub(super) fn extent(&self, table: &Table) -> Result<Extent> {
        let sql = format!(
            "SELECT count(*), coalesce(sum(octet_length(doc)), 0) FROM {}",
            table.quoted
        );
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement.query_row([], |row| {
                    Ok(Extent {
                        documents: row.get(0)?,
                        bytes: row.get(1)?,
                    })
                })
            })
            .map_err(error::of_store)
    }

    /// The number of the last change that was committed.
    pub(super) fn sequence(&self) -> Result<u64> {
        self.connection
            .prepare_cached("SELECT sequence FROM meta")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(error::of_store)
    }
}

/// Whether nobody waits for a read any more: known to the future that waits and the thread that reads.
#[derive(Clone, Debug, Default)]
struct Abandoned(Arc<AtomicBool>);

impl Abandoned {
    fn is_true(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Held by the future for as long as it waits.
#[derive(Debug)]
struct Wait(Abandoned);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

type Job = Box<dyn FnOnce(&Reader) + Send>;

/// The pool. Dropping it stops the threads, once they have done what waits.
#[derive(Debug)]
pub(super) struct Readers {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    pub(super) fn start(connections: Vec<(Connection, Functions)>, cache: &Arc<Cache>) -> Self {
        let queue = Arc::new(Queue::default());
        let threads = connections
            .into_iter()
            .map(|(connection, functions)| {
                let (queue, cache) = (Arc::clone(&queue), Arc::clone(cache));
                thread::Builder::new()
                    .name("store-reader".to_owned())
                    .spawn(move || {
                        let reader = Reader {
                            connection,
                            functions,
                            cache,
                        };
                        while let Some(job) = queue.take() {
                            job(&reader);
                        }
                    })
                    .expect("the system can start a thread")
            })
            .collect();
        Self {
            queue,
            threads: Mutex::new(threads),
        }
    }

    /// Runs a job on one of the threads. If its future is dropped, the job is
    /// broken off, or never begun: a read that nobody waits for any more must
    /// not keep a thread from others.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let abandoned = Abandoned::default();
        let _wait = Wait(abandoned.clone());
        let job: Job = Box::new(move |reader| {
            if abandoned.is_true() {
                return;
            }
            reader.break_off_when(abandoned);
            // A caller that has gone needs no answer.
            let _ = reply.send(guard(|| work(reader)));
        });
        self.queue.put(job)?;
        answer
            .await
            .unwrap_or_else(|_| Err(Error::unavailable("it is shutting down")))
    }

    /// Ends the threads after the jobs that wait.
    pub(super) fn stop(&self) {
        self.queue.close();
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            // Jobs are guarded, so a thread does not panic; if one did, there is nothing left to stop.
            let _ = thread.join();
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Makes of a panic an error of its job, so that the thread goes on.
pub(super) fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Error::Failed(panic_text(panic.as_ref()).into())))
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("internal error: {}", text.unwrap_or("a panic"))
}

/// Jobs that wait for a thread: a condition variable wakes exactly one.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        // No job runs under the lock, so it cannot be poisoned.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, job: Job) -> Result<()> {
        let mut state = self.state();
        if state.closed {
            return Err(Error::unavailable("it is shutting down"));
        }
        if state.jobs.len() >= MAX_WAITING {
            return Err(Error::unavailable(
                "too many reads are waiting; try again later".to_owned(),
            ));
        }
        state.jobs.push_back(job);
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// The next job; waits for one. `None` when the queue is closed and empty.
    fn take(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self
                .ready
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close(&self) {
        self.state().closed = true;
        self.ready.notify_all();
    }
}
