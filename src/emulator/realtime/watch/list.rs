//! The list of a watch: who may see what of it, and how it follows the database.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::data::{CollectionName, Document};
use crate::emulator::app::App;
use crate::emulator::database::{Access, AclTag, Commit, Selection, Written};
use crate::emulator::identity::Identity;
use crate::emulator::realtime::ranking::Ranking;
use crate::emulator::realtime::record::Record;
use crate::emulator::realtime::refusal::Refusal;
use crate::emulator::realtime::request::List;
use crate::emulator::realtime::window::{Step, Window};
use crate::emulator::session::{Session, Watched};
use crate::emulator::wire;

/// For each document that is shown so many may wait behind the limit: they are kept, so that they can move up.
const HIDDEN_PER_SHOWN: usize = 10;

/// See the module.
#[derive(Debug)]
pub(super) struct WatchedList {
    app: Arc<App>,
    session: Session,
    /// What the client asked for; the permission has added nothing yet.
    asked: Selection,
    pub(super) window: Window,
    /// What the list is read from.
    read: Watched,
    /// The permission that it was judged by.
    access: Arc<Access>,
}

impl WatchedList {
    /// Reads a list for the first time.
    pub(super) async fn read(
        app: &Arc<App>,
        session: Session,
        list: &List,
    ) -> Result<Self, Refusal> {
        let now = crate::clock::Clock::now_ms(&*app.clock);
        let asked = session.select(&list.collection, &wire::read(&list.query, now)?)?;
        let (access, mut read) = judged(app, &session, &asked).await?;
        let ranking = Ranking::of(&list.order, &asked.query);
        let window = Window::new(ranking, list.limit, std::mem::take(&mut read.documents));
        let list = Self {
            app: Arc::clone(app),
            session,
            asked,
            window,
            read,
            access,
        };
        list.check_size()?;
        Ok(list)
    }

    /// Reads it again, judged anew. What is different.
    pub(super) async fn read_again(&mut self) -> Result<Vec<Record>, Refusal> {
        let (access, mut read) = judged(&self.app, &self.session, &self.asked).await?;
        let records = self.window.replace(std::mem::take(&mut read.documents));
        (self.access, self.read) = (access, read);
        self.check_size()?;
        Ok(records)
    }

    pub(super) fn collection(&self) -> &CollectionName {
        &self.asked.collection
    }

    /// The next commit. Dropping the future loses none.
    pub(super) async fn commit(&mut self) -> Result<Arc<Commit>, broadcast::error::RecvError> {
        self.read.commits.recv().await
    }

    /// Whether the list does not show the commit yet, and it is about the collection.
    pub(super) fn is_news(&self, commit: &Commit) -> bool {
        commit.sequence > self.read.sequence && self.written(commit).next().is_some()
    }

    /// Whether the collection's permission is not what it was when the list was judged.
    pub(super) fn is_judged_otherwise(&self) -> bool {
        let now = self.app.database.access(self.collection());
        now.is_ok_and(|now| now.tag != self.access.tag || now.rule != self.access.rule)
    }

    /// Takes a commit that is news. What there is to tell of it.
    pub(super) fn apply(&mut self, commit: &Commit) -> Result<Vec<Record>, Refusal> {
        self.read.sequence = commit.sequence;
        let steps: Vec<Step> = self
            .written(commit)
            .filter_map(|it| self.step(it))
            .collect();
        let records = self.window.apply(&steps);
        self.check_size()?;
        Ok(records)
    }

    fn written<'a>(&'a self, commit: &'a Commit) -> impl Iterator<Item = &'a Written> {
        let own = |written: &&Written| written.collection == *self.collection();
        commit.written.iter().filter(own)
    }

    fn step(&self, written: &Written) -> Option<Step> {
        let after = written.after.as_ref();
        let matches = after.is_some_and(|document| self.belongs(document));
        let seen = |document: &&Arc<Document>| self.may_be_seen(document);
        Some(Step {
            kind: written.kind,
            id: after.or(written.before.as_ref())?.id().clone(),
            before: written.before.as_ref().filter(seen).cloned(),
            after: after.filter(|it| matches || seen(it)).cloned(),
            matches,
        })
    }

    fn belongs(&self, document: &Document) -> bool {
        let selection = &self.read.selection;
        selection.also.matches(document.fields()) && selection.query.matches(document.fields())
    }

    /// Whether the watcher might read a document, belonging to the list or not. A rule was proved of what the condition
    /// is true of, and of nothing else.
    fn may_be_seen(&self, document: &Document) -> bool {
        match self.session.identity() {
            Identity::Admin => true,
            Identity::Client(_) => {
                let is_simple = self.access.tag != AclTag::Custom;
                let also = &self.read.selection.also;
                (is_simple && also.matches(document.fields())) || self.belongs(document)
            }
        }
    }

    fn check_size(&self) -> Result<(), Refusal> {
        let max = self.app.realtime.limits.max_documents;
        let fits = self.window.shown().len() <= max
            && self.window.len() <= max.saturating_mul(1 + HIDDEN_PER_SHOWN);
        fits.then_some(())
            .ok_or_else(|| Refusal::too_many_documents(max))
    }
}

/// Reads a list, with the permission that it is judged by. One that changes in between is noticed later.
async fn judged(
    app: &App,
    session: &Session,
    asked: &Selection,
) -> Result<(Arc<Access>, Watched), Refusal> {
    let access = app.database.access(&asked.collection)?;
    let watched = session.watch(asked.clone()).await?;
    Ok((access, watched))
}
