//! Which cohorts there are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::budget;
use super::cohort::{Cohort, Key, Stage};
use super::counters::{Counters, Counts, count, discount};
use super::follow::Following;
use super::operation::Operation;
use crate::data::Caller;
use crate::gateway::{Gateway, Missed, Quota, Rounds};
use crate::graphql::api::Api;
use crate::graphql::error::{Code, Error};

/// All live operations of an executor. Subscriptions and tasks hold it, it holds none of them: when the executor goes,
/// it ends the tasks.
#[derive(Debug)]
pub(crate) struct Live {
    pub(super) gateway: Arc<Gateway>,
    pub(super) api: Arc<Api>,
    pub(super) counters: Counters,
    /// Of documents that are watched, by who began the cohort.
    budget: Quota,
    /// One entry for each key under which somebody has joined; joining and leaving happen under the lock, which is
    /// never held across an await.
    cohorts: Mutex<HashMap<Arc<Key>, Joined>>,
    /// One task for each cohort that has begun.
    tasks: TaskTracker,
    /// Cancelled when the executor is closed or dropped; each cohort has a child of it.
    ended: CancellationToken,
}

#[derive(Debug)]
struct Joined {
    cohort: Arc<Cohort>,
    members: usize,
}

/// A place in a cohort, given back when it is dropped. The last one ends the cohort.
#[derive(Debug)]
pub(super) struct Member {
    live: Arc<Live>,
    cohort: Arc<Cohort>,
}

impl Live {
    pub(crate) fn new(gateway: Arc<Gateway>, api: Arc<Api>) -> Self {
        Self {
            gateway,
            api,
            counters: Counters::default(),
            budget: budget::documents(),
            cohorts: Mutex::default(),
            tasks: TaskTracker::new(),
            ended: CancellationToken::new(),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counters.counts()
    }

    /// Ends all cohorts; their subscribers are told that it failed.
    pub(crate) fn end(&self) {
        self.ended.cancel();
        self.tasks.close();
    }

    /// Waits for the tasks of all cohorts, after [`Live::end`].
    pub(crate) async fn ended(&self) {
        self.tasks.wait().await;
    }

    /// What this caller's subscription to the operation is shared under.
    ///
    /// # Errors
    /// The caller may not use the operation, or the store failed.
    pub(super) async fn key(
        &self,
        operation: &Operation,
        caller: &Arc<Caller>,
    ) -> Result<Key, Vec<Error>> {
        let session = self.gateway.session(Arc::clone(caller));
        let plan = operation.bind(self, caller)?;
        let sight = session.sight(&plan.collections()).await;
        Ok(Key {
            operation: Arc::clone(operation.identity()),
            sight: sight.map_err(|error| vec![error.into()])?,
        })
    }

    /// Joins the cohort of this key, or begins it: then the list is read. Whatever was committed before the call is on
    /// its stage. Dropping the future undoes it.
    ///
    /// # Errors
    /// Those of beginning to watch. `Unavailable` if what the cohort watches cannot be read at the moment.
    pub(super) async fn join(
        self: &Arc<Self>,
        key: Key,
        operation: &Arc<Operation>,
        caller: &Arc<Caller>,
    ) -> Result<Member, Vec<Error>> {
        let key = Arc::new(key);
        loop {
            let member = self.enter(&key, operation, caller);
            if self.begin(&member.cohort).await? {
                return Ok(member);
            }
            // It has been there before, and may not have looked since.
            match member.cohort.rounds.ask().await {
                Ok(()) => return Ok(member),
                Err(Missed::Failed) => return Err(vec![unreadable()]),
                // It was given up just now, and is no longer found under its key.
                Err(Missed::Over) => {}
            }
        }
    }

    /// Begins the cohort, unless it has begun; tells whether that was now.
    async fn begin(self: &Arc<Self>, cohort: &Arc<Cohort>) -> Result<bool, Vec<Error>> {
        let mut begun = None;
        cohort
            .stage
            .get_or_try_init(|| async {
                let following = begun.insert(Following::begin(self, cohort).await?);
                let scene = Arc::clone(following.scene());
                let who = cohort.caller.signed_in().map(|user| user.principal.clone());
                let share = self.budget.take(who, scene.documents.len());
                let share = share.ok_or_else(|| vec![too_many()])?;
                let queue = self.gateway.live().config().queue;
                Ok::<_, Vec<Error>>(Stage::new(scene, share, queue))
            })
            .await?;
        // Only whoever began has it, and only now is there a stage on which to tell of changes.
        let is_begun = begun.is_some();
        if let Some(following) = begun {
            self.tasks.spawn(following.run());
        }
        Ok(is_begun)
    }

    /// Whether nothing can be followed any more.
    pub(super) fn is_over(&self) -> bool {
        self.ended.is_cancelled() || self.gateway.live().is_closed()
    }

    fn enter(
        self: &Arc<Self>,
        key: &Arc<Key>,
        operation: &Arc<Operation>,
        caller: &Arc<Caller>,
    ) -> Member {
        let mut cohorts = self.cohorts();
        let joined = match cohorts.entry(Arc::clone(key)) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                count(&self.counters.cohorts);
                let cohort = Cohort {
                    key: Arc::clone(key),
                    operation: Arc::clone(operation),
                    caller: Arc::clone(caller),
                    stage: OnceCell::new(),
                    rounds: Rounds::default(),
                    left: self.ended.child_token(),
                };
                entry.insert(Joined {
                    cohort: Arc::new(cohort),
                    members: 0,
                })
            }
        };
        joined.members += 1;
        Member {
            live: Arc::clone(self),
            cohort: Arc::clone(&joined.cohort),
        }
    }

    fn leave(&self, cohort: &Arc<Cohort>) {
        let mut cohorts = self.cohorts();
        // Another one may stand there: this one was given up and somebody began anew.
        let Some(joined) = cohorts
            .get_mut(&cohort.key)
            .filter(|joined| Arc::ptr_eq(&joined.cohort, cohort))
        else {
            return;
        };
        joined.members -= 1;
        if joined.members == 0 {
            cohorts.remove(&cohort.key);
            discount(&self.counters.cohorts);
            cohort.left.cancel();
        }
    }

    /// Gives a cohort up whose list nobody looks at any more: who joins from now on begins anew.
    pub(super) fn give_up(&self, cohort: &Arc<Cohort>) {
        let mut cohorts = self.cohorts();
        let known = cohorts.get(&cohort.key);
        if known.is_some_and(|joined| Arc::ptr_eq(&joined.cohort, cohort)) {
            cohorts.remove(&cohort.key);
            discount(&self.counters.cohorts);
        }
        drop(cohorts);
        cohort.close();
    }

    fn cohorts(&self) -> MutexGuard<'_, HashMap<Arc<Key>, Joined>> {
        // Nothing that could panic stands between two changes that belong together.
        self.cohorts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many() -> Error {
    let message =
        "your live lists have too many documents together: end some, or narrow their conditions";
    Error::new(Code::LimitExceeded, message)
}

/// What is told to whoever must not be shown an old state.
fn unreadable() -> Error {
    let message = "the list cannot be read at the moment, try again";
    Error::new(Code::Unavailable, message)
}

impl Member {
    pub(super) fn live(&self) -> &Arc<Live> {
        &self.live
    }

    pub(super) fn cohort(&self) -> &Arc<Cohort> {
        &self.cohort
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.live.leave(&self.cohort);
    }
}
