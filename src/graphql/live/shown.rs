//! What a cohort showed at one moment.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;

use super::operation::{Operation, Payload};
use super::{Live, Look, difference};
use crate::data::{Caller, DocId};
use crate::gateway::Visible;
use crate::graphql::bind::Plan;
use crate::graphql::error::Error;
use crate::graphql::load::Loads;
use crate::graphql::render::Renderer;
use crate::graphql::render::event::{EventKind, Happening};

/// A list with all that is shown of it, at one moment.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) documents: Vec<Visible>,
    /// How each document looks, in the same order. Kept by whoever was told, so that documents need not be.
    pub(super) looks: Arc<[Look]>,
    pub(super) loads: Loads,
}

/// A scene as it was told, with the payloads that tell all of it; each rendered when it is first asked for.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) sequence: u64,
    pub(super) scene: Arc<Scene>,
    snapshot: OnceLock<Payload>,
    resync: OnceLock<Payload>,
}

impl Scene {
    /// Looks at documents. Those that are as in the scene before keep their look, where it depends on nothing else.
    ///
    /// # Errors
    /// What is selected of them comes to more than `room`, the largest payload. A list may have ten times the documents of a
    /// page, and looking at all of them must not be more work than any answer is.
    pub(super) fn new(
        room: usize,
        plan: &Plan<'_>,
        caller: &Caller,
        documents: Vec<Visible>,
        loads: Loads,
        before: Option<&Scene>,
    ) -> Result<Self, Error> {
        let before = before.filter(|_| plan.loads.is_empty());
        let known = before.map(Scene::by_id).unwrap_or_default();
        let mut renderer = Renderer::new(caller, IndexMap::new(), room);
        let mut looks = Vec::with_capacity(documents.len());
        for document in &documents {
            let known = known.get(document.id());
            let look = match known.filter(|(old, _)| old.is_same(document)) {
                Some((_, look)) => *look,
                None => renderer.fingerprint(plan, document, &loads)?,
            };
            looks.push((document.id().clone(), look));
        }
        Ok(Self {
            looks: looks.into(),
            documents,
            loads,
        })
    }

    fn by_id(&self) -> HashMap<&DocId, (&Visible, u64)> {
        let documents = self.documents.iter().zip(self.looks.iter());
        documents
            .map(|(document, (id, look))| (id, (document, *look)))
            .collect()
    }
}

impl Shown {
    pub(super) fn new(sequence: u64, scene: Arc<Scene>) -> Self {
        Self {
            sequence,
            scene,
            snapshot: OnceLock::new(),
            resync: OnceLock::new(),
        }
    }

    /// The whole list as one event, the same bytes for all who ask.
    pub(super) fn whole(
        &self,
        live: &Live,
        operation: &Operation,
        caller: &Caller,
        kind: EventKind,
    ) -> Payload {
        let payload = match kind {
            EventKind::Snapshot => &self.snapshot,
            EventKind::Resync | EventKind::Change => &self.resync,
        };
        let render = || {
            let happening = Happening {
                sequence: self.sequence,
                kind,
                documents: &self.scene.documents,
                changes: &difference(&[], &self.scene.looks),
            };
            operation.render(live, caller, happening, &self.scene.loads)
        };
        payload.get_or_init(render).clone()
    }
}
