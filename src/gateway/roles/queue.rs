//! Those who wait for what one read can tell all of them. One read is under way
//! at a time; whoever comes meanwhile is in the next one. So who comes alone is
//! not kept waiting, and a thousand who come together are three reads.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Turn, oneshot};

use crate::data::Principal;

use super::super::error::Result;

/// The most principals of one read: as many as the cloud database takes in an `in` without trouble.
const BATCH: usize = 500;

/// Where answers of one principal go.
type Waiting<T> = Vec<oneshot::Sender<Result<T>>>;

#[derive(Debug)]
pub(super) struct Queue<T> {
    /// As many as there are requests and subscriptions at most. Never held across an await.
    waiting: Mutex<BTreeMap<Principal, Waiting<T>>>,
    /// Held by the one who reads, for all in the batch.
    turn: Turn<()>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            turn: Turn::default(),
        }
    }
}

impl<T: Clone> Queue<T> {
    /// What a read tells of this principal that begins from now on. Whoever has the turn reads for all who wait; should
    /// they give up, another does.
    pub(super) async fn ask<F>(
        &self,
        principal: &Principal,
        read: impl Fn(Vec<Principal>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<HashMap<Principal, T>>>,
    {
        let mut answer = self.wait(principal);
        loop {
            tokio::select! {
                biased;
                answered = &mut answer => match answered {
                    Ok(answered) => return answered,
                    // Whoever read gave up.
                    Err(_) => answer = self.wait(principal),
                },
                _turn = self.turn.lock() => self.serve(&read).await,
            }
        }
    }

    fn wait(&self, principal: &Principal) -> oneshot::Receiver<Result<T>> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting();
        waiting.entry(principal.clone()).or_default().push(sender);
        receiver
    }

    /// Reads for as many as one read takes.
    async fn serve<F>(&self, read: impl Fn(Vec<Principal>) -> F)
    where
        F: Future<Output = Result<HashMap<Principal, T>>>,
    {
        let batch = self.take();
        if batch.is_empty() {
            return;
        }
        let answer = read(batch.keys().cloned().collect()).await;
        for (principal, waiting) in batch {
            let answer = match &answer {
                // One that is not answered asks again.
                Ok(found) => found.get(&principal).cloned().map(Ok),
                Err(error) => Some(Err(error.clone())),
            };
            let Some(answer) = answer else { continue };
            for sender in waiting {
                // Who gave up meanwhile needs no answer.
                let _ = sender.send(answer.clone());
            }
        }
    }

    /// The next batch, without those who gave up.
    fn take(&self) -> BTreeMap<Principal, Waiting<T>> {
        let mut waiting = self.waiting();
        waiting.retain(|_, senders| {
            senders.retain(|sender| !sender.is_closed());
            !senders.is_empty()
        });
        let rest = waiting.keys().nth(BATCH).cloned();
        let rest = rest.map(|first| waiting.split_off(&first));
        std::mem::replace(&mut *waiting, rest.unwrap_or_default())
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<Principal, Waiting<T>>> {
        // Nothing panics under the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::FutureExt as _;
    use futures_util::future::join_all;

    use super::*;
    use crate::gateway::Error;

    fn principal(number: usize) -> Principal {
        Principal::openid(&format!("p{number:04}"))
    }

    /// Tells of each principal how many were read with it.
    async fn read(
        reads: &RefCell<Vec<usize>>,
        batch: Vec<Principal>,
    ) -> Result<HashMap<Principal, usize>> {
        reads.borrow_mut().push(batch.len());
        tokio::task::yield_now().await;
        let size = batch.len();
        Ok(batch
            .into_iter()
            .map(|principal| (principal, size))
            .collect())
    }

    #[tokio::test]
    async fn who_comes_together_is_read_together() {
        let (queue, reads) = (Queue::<usize>::default(), RefCell::default());
        let look = |batch| read(&reads, batch);
        // Each principal twice.
        let principals: Vec<Principal> = (0..1000).map(principal).collect();
        let twice = principals.iter().cycle().take(2000);
        let asks = twice.map(|principal| queue.ask(principal, look).boxed_local());
        assert!(join_all(asks).await.iter().all(Result::is_ok));
        assert!(reads.borrow().len() <= 3, "{:?}", reads.borrow());
        assert!(reads.borrow().iter().all(|read| *read <= BATCH));
        assert!(queue.waiting().is_empty());
    }

    #[tokio::test]
    async fn when_the_reader_gives_up_another_reads() {
        let queue = Queue::default();
        let reads = RefCell::default();
        let look = |batch| read(&reads, batch);
        let principals = [principal(1), principal(2)];
        let mut first = queue.ask(&principals[0], look).boxed_local();
        assert!((&mut first).now_or_never().is_none(), "it reads");
        let mut second = queue.ask(&principals[1], look).boxed_local();
        let mut third = queue.ask(&principals[0], look).boxed_local();
        assert!((&mut second).now_or_never().is_none(), "it waits");
        assert!((&mut third).now_or_never().is_none(), "it waits");
        drop(first);
        assert_eq!(
            second.await.unwrap(),
            2,
            "who gave up is not read for, but who waits is"
        );
        assert_eq!(third.await.unwrap(), 2);
        assert_eq!(*reads.borrow(), [1, 2]);
    }

    #[tokio::test]
    async fn a_failure_is_told_to_all_who_waited() {
        let queue = Queue::<usize>::default();
        let fails = |_| async { Err(Error::conflict("no")) };
        let principals: Vec<Principal> = (0..3).map(principal).collect();
        let asks = principals
            .iter()
            .map(|principal| queue.ask(principal, fails).boxed_local());
        assert!(join_all(asks).await.iter().all(Result::is_err));
        assert!(queue.waiting().is_empty());
    }
}
