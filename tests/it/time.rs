//! Time that passes only as a test says, although stores work on threads of their own.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tokio::task;

/// Longer than anything takes that is waited for, by the clock on the wall.
const PATIENCE: Duration = Duration::from_secs(60);

/// Time stands still until this is dropped.
pub(crate) struct Stopped {
    /// A thread of the runtime waits for its end: while one is busy, time does not advance by itself.
    _busy: mpsc::Sender<()>,
    /// How many reads are under way of stores that the test minds.
    under_way: RefCell<Vec<Arc<AtomicU64>>>,
}

impl Stopped {
    pub(crate) fn new() -> Self {
        tokio::time::pause();
        let (busy, end) = mpsc::channel::<()>();
        task::spawn_blocking(move || end.recv());
        Self {
            _busy: busy,
            under_way: RefCell::default(),
        }
    }

    /// No time passes while one of these reads is under way.
    pub(crate) fn mind(&self, under_way: &Arc<AtomicU64>) {
        self.under_way.borrow_mut().push(Arc::clone(under_way));
    }

    fn is_idle(&self) -> bool {
        let under_way = self.under_way.borrow();
        under_way
            .iter()
            .all(|count| count.load(Ordering::SeqCst) == 0)
    }

    /// Lets so much time pass, in steps, after each of which tasks and the store's threads have time to do their work.
    pub(crate) async fn pass(&self, time: Duration, step: Duration) {
        let end = tokio::time::Instant::now() + time;
        while tokio::time::Instant::now() < end {
            tokio::time::advance(step).await;
            self.settle().await;
        }
    }

    /// Lets tasks and the store's threads do their work while no time passes.
    pub(crate) async fn settle(&self) {
        let mut calm = 0;
        while calm < 3 {
            for _ in 0..20 {
                task::yield_now().await;
            }
            thread::sleep(Duration::from_micros(100));
            calm = if self.is_idle() { calm + 1 } else { 0 };
        }
    }

    /// What comes though no time passes.
    pub(crate) async fn wait<T>(&self, what: &str, future: impl Future<Output = T>) -> T {
        let wall = Instant::now();
        let patience = async {
            while wall.elapsed() < PATIENCE {
                self.settle().await;
            }
        };
        tokio::select! {
            biased;
            came = future => came,
            () = patience => panic!("never: {what}"),
        }
    }

    /// Lets time pass, in steps, until it is so; tells how much did.
    pub(crate) async fn until(
        &self,
        what: &str,
        step: Duration,
        so: impl Fn() -> bool,
    ) -> Duration {
        let (begun, wall) = (tokio::time::Instant::now(), Instant::now());
        self.settle().await;
        while !so() {
            assert!(wall.elapsed() < PATIENCE, "never: {what}");
            self.pass(step, step).await;
        }
        begun.elapsed()
    }
}
