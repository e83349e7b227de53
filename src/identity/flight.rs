//! One question for all who want to know the same at the same time.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio_util::task::TaskTracker;

/// A question that is under way. Whoever stops waiting for the answer takes it from nobody: a task of its own asks.
pub(super) type Flight<T> = Shared<BoxFuture<'static, Option<T>>>;

/// Begins to ask. The task ends soon: whatever it waits for has a time limit. The answer is `None` if it panics.
pub(super) fn launch<T: Clone + Send + Sync + 'static>(
    tasks: &TaskTracker,
    asking: impl Future<Output = T> + Send + 'static,
) -> Flight<T> {
    let task = tasks.spawn(asking);
    async move { task.await.ok() }.boxed().shared()
}
