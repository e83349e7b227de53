//! One line of what is told about a list: what happened to one document.

use serde::Serialize;

use super::difference::Difference;
use super::text;
use crate::data::{DocId, Document};

/// By what the document was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DataType {
    Init,
    Add,
    Update,
    Replace,
    Remove,
    /// By no write of its own: others made room, or took it.
    Limit,
}

/// What it does to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum QueueType {
    Init,
    Enqueue,
    Dequeue,
    Update,
}

/// See the module. Texts are `""` where there is nothing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) data: DataType,
    pub(super) queue: QueueType,
    pub(super) id: String,
    /// The document as JSON.
    pub(super) document: String,
    pub(super) updated: String,
    pub(super) removed: String,
}

impl Record {
    /// A document that is told whole.
    pub(super) fn whole(data: DataType, queue: QueueType, document: &Document) -> Self {
        Self {
            document: text::document(document),
            ..Self::bare(data, queue, document.id())
        }
    }

    /// A document that the client knows, or is not to know.
    pub(super) fn bare(data: DataType, queue: QueueType, id: &DocId) -> Self {
        Self {
            data,
            queue,
            id: id.to_string(),
            document: String::new(),
            updated: String::new(),
            removed: String::new(),
        }
    }

    /// With what an update changed.
    #[must_use]
    pub(super) fn with(self, difference: Difference) -> Self {
        Self {
            updated: difference.updated,
            removed: difference.removed,
            ..self
        }
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + self.id.len()
            + self.document.len()
            + self.updated.len()
            + self.removed.len()
    }
}
