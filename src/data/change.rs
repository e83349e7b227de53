//! One committed write.

use std::sync::Arc;

use super::{CollectionName, DocId, Document};

/// One document's committed change. A transaction of several writes gives
/// several changes with increasing sequence numbers.
#[derive(Clone, Debug)]
pub struct Change {
    /// Grows by one with every change of the store; never reused.
    pub sequence: u64,
    pub collection: CollectionName,
    pub id: DocId,
    /// `None` for a create.
    pub before: Option<Arc<Document>>,
    /// `None` for a delete.
    pub after: Option<Arc<Document>>,
}
