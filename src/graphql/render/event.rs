//! Events of live lists and documents.

#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::LazyLock;

use indexmap::IndexMap;

use super::{Below, NullMovesUp, Renderer, Written, text};
use crate::gateway::Visible;
use crate::graphql::bind::{ChangeGet, DocumentGet, EventGet, Object, Plan, RootGet};
use crate::graphql::error::{Code, Error};
use crate::graphql::live::Difference;
use crate::graphql::load::Loads;
use crate::graphql::naming;

/// What an event tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EventKind {
    /// The first of a subscription: the whole list.
    Snapshot,
    /// What became different since the event before.
    Change,
    /// The whole list again, since events were left out.
    Resync,
}

/// One event, before it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happening<'a> {
    pub(crate) sequence: u64,
    pub(crate) kind: EventKind,
    /// The list as it is now.
    pub(crate) documents: &'a [Visible],
    /// What became different; for a whole list every document as ADDED.
    pub(crate) changes: &'a [Difference],
}

/// How documents are turned into numbers: keyed anew for each process, so that nobody can write two documents that look
/// different and are taken for equal.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl<'a> Renderer<'a> {
    /// Writes `data` of an event: `plan.root` holds one [`RootGet::Live`].
    pub(crate) fn event(&mut self, plan: &'a Plan<'a>, happening: Happening<'a>, loads: &'a Loads) {
        let below = Below(loads);
        self.whole(|renderer| {
            renderer.object(&plan.root, |renderer, (_, get)| match get {
                RootGet::Live { event, .. } => renderer.happening(event, happening, below),
                _ => Err(NullMovesUp),
            })
        });
    }

    fn happening(
        &mut self,
        event: &'a Object<'a, EventGet<'a>>,
        happening: Happening<'a>,
        below: Below<'a>,
    ) -> Written {
        let Happening {
            sequence,
            kind,
            documents,
            changes,
        } = happening;
        self.object(event, |renderer, (field, get)| match get {
            EventGet::Sequence => {
                text::integer(&mut renderer.out, sequence);
                Ok(())
            }
            EventGet::Kind => renderer.string(naming::event_kind(kind)),
            EventGet::Nodes(node) => renderer.list(field, documents, |renderer, document| {
                renderer.document(node, document, below)
            }),
            EventGet::Node(node) => renderer.document_if_any(node, documents.first(), below),
            EventGet::Changes(change) => renderer.list(field, changes, |renderer, difference| {
                renderer.change(change, difference, documents, below)
            }),
        })
    }

    fn change(
        &mut self,
        change: &'a Object<'a, ChangeGet<'a>>,
        difference: &'a Difference,
        documents: &'a [Visible],
        below: Below<'a>,
    ) -> Written {
        self.object(change, |renderer, (_, get)| match get {
            ChangeGet::Type => renderer.string(naming::change_type(difference.kind)),
            ChangeGet::Id => renderer.string(&difference.id.to_string()),
            ChangeGet::Index => match difference.index {
                Some(index) => {
                    text::integer(&mut renderer.out, index);
                    Ok(())
                }
                None => renderer.null(),
            },
            ChangeGet::Node(node) => {
                let document = difference.index.and_then(|index| documents.get(index));
                renderer.document_if_any(node, document, below)
            }
        })
    }

    fn document_if_any(
        &mut self,
        object: &'a Object<'a, DocumentGet<'a>>,
        document: Option<&'a Visible>,
        below: Below<'a>,
    ) -> Written {
        match document {
            Some(document) => self.document(object, document, below),
            None => self.null(),
        }
    }

    /// A number that stands for everything an event of this plan would show of a document: its text in every selection
    /// on documents (`nodes`, `node`, `changes { node }`), its errors, the fields denied of it. Equal for equal
    /// texts, and different otherwise but for chance. Of a file's address only the file counts. Comparable within this process only.
    ///
    /// What it takes counts as written and cut off again, so that a whole list takes no more than an answer may.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` once that is more than the largest answer: an event that tells of the list would be, too.
    pub(crate) fn fingerprint(
        &mut self,
        plan: &'a Plan<'a>,
        document: &'a Visible,
        loads: &'a Loads,
    ) -> Result<u64, Error> {
        let mut sketch = Renderer::new(self.caller, IndexMap::new(), self.room.max);
        sketch.room.cut = self.room.cut;
        sketch.is_sketch = true;
        for item in &plan.root.items {
            let Some(RootGet::Live { event, .. }) = &item.get else {
                continue;
            };
            for selection in event.on_documents() {
                let mark = sketch.out.len();
                let written = sketch.document(selection, document, Below(loads));
                if sketch.settle(written, mark, false).is_err() {
                    return Err(sketch.too_large_error());
                }
            }
        }
        self.room.cut = sketch.room.cut + sketch.out.len();
        Ok(sketch.digest())
    }

    /// Everything that was written and noted.
    fn digest(&self) -> u64 {
        let mut hasher = HASHER.build_hasher();
        self.out.hash(&mut hasher);
        for error in &self.errors {
            (error.code, &error.message, &error.path).hash(&mut hasher);
            // The id of a failure of ours is another each time, though it looks the same.
            if error.code != Code::Internal {
                error.details.hash(&mut hasher);
            }
        }
        self.errors_omitted.hash(&mut hasher);
        for denied in &self.denied {
            denied.hash(&mut hasher);
        }
        hasher.finish()
    }
}
