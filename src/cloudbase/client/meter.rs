//! How many requests a piece of work sent: counted for the task, and for those that it hands the count to.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

tokio::task_local! {
    static METER: Arc<AtomicU64>;
}

/// Runs `work` and tells how many requests it sent to the cloud.
pub async fn metered<F: Future>(work: F) -> (F::Output, u64) {
    let meter = Arc::<AtomicU64>::default();
    let output = METER.scope(Arc::clone(&meter), work).await;
    (output, meter.load(Ordering::Relaxed))
}

/// The same work for a task of its own, whose requests are counted with this one's.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let meter = METER.try_with(Arc::clone).ok();
    async move {
        match meter {
            Some(meter) => METER.scope(meter, work).await,
            None => work.await,
        }
    }
}

/// Counts a request for whoever has it sent.
pub(super) fn sent() {
    // Outside of any piece of work that is metered nobody counts.
    let _ = METER.try_with(|meter| meter.fetch_add(1, Ordering::Relaxed));
}

#[cfg(test)]
mod tests {
    use tokio_util::task::TaskTracker;

    use super::*;

    #[tokio::test]
    async fn requests_are_counted_for_whoever_has_them_sent() {
        sent();
        let (inner, outer) = metered(async {
            sent();
            let ((), inner) = metered(async { sent() }).await;
            let tasks = TaskTracker::new();
            tasks.spawn(carried(async { sent() })).await.unwrap();
            tasks.spawn(async { sent() }).await.unwrap();
            inner
        })
        .await;
        assert_eq!((inner, outer), (1, 2));
    }
}
