//! Work on somebody's behalf: what it takes along into tasks of its own.

use std::future::Future;

use super::deadline;
use crate::cloudbase::client;

/// Runs `work` and tells how many requests it sent to the cloud.
pub use crate::cloudbase::client::metered;

/// The same work for a task of its own: it ends as late as this one's, and its requests are counted with this one's.
/// Both are read now.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let deadline = deadline::current();
    let work = client::carried(work);
    async move {
        match deadline {
            Some(deadline) => deadline::within(deadline, work).await,
            None => work.await,
        }
    }
}
