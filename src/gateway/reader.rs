//! The store's reads, each written down in the session's trace.

use std::sync::Arc;

use crate::data::{CollectionName, Document, Filter, Path, Value};
use crate::store::{Find, Store};

use super::error::Result;
use super::trace::{Action, Recorder, Step};

/// Shared by a session and its loaders.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    store: Arc<dyn Store>,
    recorder: Arc<Recorder>,
}

impl Reader {
    pub(super) fn new(store: Arc<dyn Store>, recorder: Arc<Recorder>) -> Self {
        Self { store, recorder }
    }

    pub(super) async fn find(
        &self,
        action: Action,
        collection: &CollectionName,
        find: &Find,
    ) -> Result<Vec<Arc<Document>>> {
        let call = self.store.find(collection, find);
        let found = self.recorder.wait(action, call).await?;
        let told = match action {
            Action::Get | Action::Locate => 0,
            _ => found.len() as u64,
        };
        self.note(action, collection, None, told);
        Ok(found)
    }

    pub(super) async fn find_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>> {
        let call = self.store.find_per_key(collection, path, keys, find);
        let found = self.recorder.wait(Action::FindPerKey, call).await?;
        let documents = found.iter().map(|group| group.len() as u64).sum();
        self.note(Action::FindPerKey, collection, Some(keys.len()), documents);
        Ok(found)
    }

    pub(super) async fn count(&self, collection: &CollectionName, filter: &Filter) -> Result<u64> {
        let call = self.store.count(collection, filter);
        let count = self.recorder.wait(Action::Count, call).await?;
        self.note(Action::Count, collection, None, 0);
        Ok(count)
    }

    pub(super) async fn count_per_key(
        &self,
        collection: &CollectionName,
        path: &Path,
        keys: &[Value],
        filter: &Filter,
    ) -> Result<Vec<u64>> {
        let call = self.store.count_per_key(collection, path, keys, filter);
        let counts = self.recorder.wait(Action::CountPerKey, call).await?;
        self.note(Action::CountPerKey, collection, Some(keys.len()), 0);
        Ok(counts)
    }

    fn note(
        &self,
        action: Action,
        collection: &CollectionName,
        keys: Option<usize>,
        documents: u64,
    ) {
        self.recorder.step(Step {
            action,
            collection: collection.as_str().into(),
            keys,
            documents,
        });
    }
}
