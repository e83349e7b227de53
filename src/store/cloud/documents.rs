//! The documents of an environment as the store reads them: each checked by the matcher, failures in the store's words.

use std::sync::Arc;

use tokio::time::Instant;

use super::error;
use super::{Options, translate};
use crate::cloudbase::database::{Context, Find, MAX_ROWS};
use crate::cloudbase::{self, Database};
use crate::data::{CollectionName, DocId, Document, Filter, Object, Path, Test, Value};
use crate::store::{CollectionSpec, Error, Result};

/// Requests of one read that are under way at the same time. All reads together are held back by the client.
pub(super) const PARALLEL: usize = 8;

/// A database with what is known of its collections.
#[derive(Debug)]
pub(super) struct Documents {
    pub(super) database: Arc<dyn Database>,
    specs: Vec<CollectionSpec>,
    /// Rows of one request.
    pub(super) page: u64,
    /// Values of a list in one condition.
    pub(super) in_list: usize,
}

impl Documents {
    pub(super) fn new(
        database: Arc<dyn Database>,
        specs: Vec<CollectionSpec>,
        options: &Options,
    ) -> Self {
        Self {
            database,
            specs,
            page: options.page.clamp(1, MAX_ROWS),
            in_list: options.in_list.max(1),
        }
    }

    pub(super) fn collections(&self) -> impl Iterator<Item = &CollectionName> {
        self.specs.iter().map(|spec| &spec.name)
    }

    /// What a failed request means.
    pub(super) fn error(&self, collection: &CollectionName, error: cloudbase::Error) -> Error {
        let spec = self.specs.iter().find(|spec| spec.name == *collection);
        error::meaning(collection, spec, error)
    }

    /// The rows of these ids, all fields, in no order. Also within a transaction: one request after the other.
    pub(super) async fn by_ids(
        &self,
        context: &Context,
        collection: &CollectionName,
        ids: &[DocId],
    ) -> cloudbase::Result<Vec<Object>> {
        let page = usize::try_from(self.page).unwrap_or(usize::MAX);
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(self.in_list.min(page)) {
            let find = Find {
                collection: collection.clone(),
                query: translate::query(&among(ids)),
                order: Vec::new(),
                skip: 0,
                limit: ids.len() as u64,
                projection: None,
            };
            found.extend(self.database.find(context, &find).await?);
        }
        Ok(found)
    }
}

/// Documents of these ids.
fn among(ids: &[DocId]) -> Filter {
    match ids {
        [id] => Filter::id(id),
        ids => {
            let ids = ids.iter().map(DocId::to_value).collect();
            Filter::field(&Path::field("_id"), Test::In(ids))
        }
    }
}

/// A request on nobody's behalf but of whoever waits until then.
pub(super) fn until(deadline: Option<Instant>) -> Context {
    Context {
        transaction: None,
        deadline,
    }
}

/// The document of a row.
///
/// # Errors
/// Its `_id` is not one that a document of ours can have.
pub(super) fn document(collection: &CollectionName, row: Object) -> Result<Document> {
    let id = row.get("_id").map_or_else(String::new, Value::to_string);
    Document::from_object(row).ok_or_else(|| Error::Damaged {
        collection: collection.clone(),
        id,
        reason: "its `_id` is neither a string nor a whole number nor an ObjectId".to_owned(),
    })
}

/// The documents of rows.
pub(super) fn documents(
    collection: &CollectionName,
    rows: Vec<Object>,
) -> Result<Vec<Arc<Document>>> {
    let document = |row| document(collection, row).map(Arc::new);
    rows.into_iter().map(document).collect()
}
