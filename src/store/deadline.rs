//! Until when whoever asks waits: handed down through the task, so that a store far away knows how much time is left.

use std::future::Future;

use tokio::time::Instant;

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Runs `work` for somebody who waits until then. It is not cut off: stores may look.
pub async fn within<F: Future>(deadline: Instant, work: F) -> F::Output {
    DEADLINE.scope(deadline, work).await
}

/// When whoever asks stops waiting; `None` if nobody said.
pub fn current() -> Option<Instant> {
    DEADLINE.try_with(|deadline| *deadline).ok()
}
