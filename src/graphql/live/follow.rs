//! The task of a cohort: looks at the list whenever it may look different.

use std::future::pending;
use std::iter;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep_until};

use super::Live;
use super::cohort::Cohort;
use super::operation::root;
use super::outage::is_away;
use super::shown::Scene;
use crate::gateway::{self, Backoff, Touches, View, Visible};
use crate::graphql::error::Error;
use crate::graphql::load::{self, Loads, RootData};

/// A list that is followed for a cohort.
#[derive(Debug)]
pub(super) struct Following {
    live: Arc<Live>,
    cohort: Arc<Cohort>,
    view: View,
    /// Word of commits to related documents; `None` if the operation selects no relations.
    touches: Option<Touches>,
    /// Whether there was such a commit since the last look.
    is_touched: bool,
    /// What was seen last, told or not.
    scene: Arc<Scene>,
    /// When it may be looked at again without being asked to: constant writes must not make it read all the time.
    rested: Instant,
    /// How long to rest after the next look in vain.
    backoff: Backoff,
}

/// Gives the cohort up when the task ends, by a panic as well: nobody waits for events that nobody makes.
struct Followed(Arc<Live>, Arc<Cohort>);

impl Drop for Followed {
    fn drop(&mut self) {
        self.0.give_up(&self.1);
    }
}

impl Following {
    /// Begins to watch, and looks for the first time.
    ///
    /// # Errors
    /// The caller may not see the list, it is too long, or the store failed.
    pub(super) async fn begin(live: &Arc<Live>, cohort: &Arc<Cohort>) -> Result<Self, Vec<Error>> {
        let plan = cohort.operation.bind(live, &cohort.caller)?;
        let session = cohort.session(live);
        // Before anything is read: no commit after it is missed.
        let mut touches = (!plan.loads.is_empty()).then(|| live.gateway.touches());
        let (_, request) = root(&plan)?;
        let view = session.watch(request).await;
        let view = view.map_err(|error| vec![error.into()])?;
        let documents = view.documents().to_vec();
        let scene = look(live, cohort, documents, touches.as_mut(), None).await?;
        Ok(Self {
            live: Arc::clone(live),
            cohort: Arc::clone(cohort),
            view,
            touches,
            is_touched: false,
            scene: Arc::new(scene),
            rested: Instant::now(),
            backoff: Backoff::new(),
        })
    }

    /// What was seen last.
    pub(super) fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// Tells the cohort of every change until all have left, or the list cannot be seen any more.
    pub(super) async fn run(self) {
        let followed = Followed(Arc::clone(&self.live), Arc::clone(&self.cohort));
        let left = self.cohort.left.clone();
        left.run_until_cancelled(self.follow()).await;
        drop(followed);
    }

    /// Why it ended is told to whoever joins again.
    async fn follow(mut self) -> Result<(), Vec<Error>> {
        let cohort = Arc::clone(&self.cohort);
        loop {
            tokio::select! {
                changed = self.changed() => {
                    changed.map_err(|error| vec![error.into()])?;
                    self.look().await?;
                }
                () = cohort.rounds.asked() => {
                    let round = cohort.rounds.begin();
                    match self.catch_up().await {
                        Ok(false) => cohort.rounds.finish(round),
                        Ok(true) => match self.look().await? {
                            true => cohort.rounds.finish(round),
                            false => cohort.rounds.fail(round),
                        },
                        Err(gateway::Error::Unavailable(_)) => cohort.rounds.fail(round),
                        Err(error) => return Err(vec![error.into()]),
                    }
                }
            }
        }
    }

    /// Looks at the list, and tells what became different. If the store cannot say what its relations lead to, nothing
    /// is told, rather than that they lead nowhere, and it is tried again; tells whether it was not so.
    async fn look(&mut self) -> Result<bool, Vec<Error>> {
        if self.touches.is_some() || self.view.is_asked_for() {
            self.rested = Instant::now() + self.live.gateway.live().config().pace;
        }
        let documents = self.view.documents().to_vec();
        let (live, cohort, before) = (&self.live, &self.cohort, Some(&*self.scene));
        let scene = match look(live, cohort, documents, self.touches.as_mut(), before).await {
            Ok(scene) => scene,
            Err(errors) if is_away(&errors) => {
                self.is_touched = true;
                self.rested = Instant::now() + self.backoff.pause();
                return Ok(false);
            }
            Err(errors) => return Err(errors),
        };
        self.is_touched = false;
        self.backoff = Backoff::new();
        self.scene = Arc::new(scene);
        self.cohort.tell(&self.live, &self.scene);
        Ok(true)
    }

    /// Sees whatever was committed before the call; tells whether anything may look different.
    async fn catch_up(&mut self) -> gateway::Result<bool> {
        let is_moved = self.view.catch_up().await?;
        // Looked at in any case: what was told of before the look that follows need not be looked at again.
        self.is_touched |= self.touches.as_mut().is_some_and(Touches::are_due);
        Ok(is_moved || self.is_touched)
    }

    /// Waits until something may look different; where several things do already, they are seen as one. Dropping the
    /// future loses nothing.
    async fn changed(&mut self) -> gateway::Result<()> {
        sleep_until(self.rested).await;
        if !self.is_touched {
            tokio::select! {
                changed = self.view.changed() => { changed?; }
                () = touched(&mut self.touches) => self.is_touched = true,
            }
        }
        if self.is_touched {
            // The commit may be one to the list as well, of which the view was not told yet: both are seen as one. A
            // list that cannot be read now is seen later.
            let _ = self.view.catch_up().await;
        }
        // Where a look is a read, it would only be begun here and given up.
        while !self.view.is_asked_for()
            && let Some(changed) = self.view.changed().now_or_never()
        {
            changed?;
        }
        let _ = touched(&mut self.touches).now_or_never();
        Ok(())
    }
}

async fn touched(touches: &mut Option<Touches>) {
    match touches {
        Some(touches) => touches.touched().await,
        None => pending().await,
    }
}

/// Loads what is related to these documents and looks at them.
///
/// # Errors
/// `Unavailable`: what relations lead to cannot be read at the moment.
async fn look(
    live: &Live,
    cohort: &Cohort,
    documents: Vec<Visible>,
    touches: Option<&mut Touches>,
    before: Option<&Scene>,
) -> Result<Scene, Vec<Error>> {
    let caller = &cohort.caller;
    let plan = cohort.operation.bind(live, caller)?;
    let loads = Loads::new(plan.loads.len());
    if touches.is_some() || plan.wants_addresses {
        // A session of its own: time has passed, and what others remember may be stale.
        let session = cohort.session(live);
        let (get, _) = root(&plan)?;
        let data = RootData::Live(documents.clone());
        load::relations(&session, &plan.loads, iter::once((get, &data)), &loads).await;
        if let Some(error) = loads.unavailable() {
            return Err(vec![Error::clone(error)]);
        }
        // Only now are all keys known. Commits since the last wait are judged by them too, so none is missed.
        if let Some(touches) = touches {
            touches.attend_to(loads.interests(&plan.loads));
        }
    }
    let scene = Scene::new(
        cohort.operation.room(),
        &plan,
        caller,
        documents,
        loads,
        before,
    );
    scene.map_err(|error| vec![error])
}
