//! Running aggregations over what the store narrowed.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Aggregate, Database, Selection};
use crate::cloudbase::Code;
use crate::data::{CollectionName, Document, Filter, Object};
use crate::emulator::failure::{Failure, Result};
use crate::mongo::Query;
use crate::mongo::pipeline::Foreign;

/// The collections that lookups name.
#[derive(Debug)]
struct Loaded(HashMap<CollectionName, Vec<Arc<Document>>>);

impl Foreign for Loaded {
    fn documents(&self, collection: &CollectionName) -> &[Arc<Document>] {
        self.0.get(collection).map_or(&[], Vec::as_slice)
    }
}

impl Database {
    pub(crate) async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<Object>> {
        let selection = Selection {
            collection: aggregate.collection.clone(),
            query: aggregate
                .pipeline
                .first_match()
                .cloned()
                .unwrap_or_else(Query::all),
            also: aggregate.also.clone(),
        };
        let (_, documents) = self.matching(&selection, u64::MAX).await?;
        let foreign = self.foreign(aggregate).await?;
        let (pipeline, now) = (aggregate.pipeline.clone(), self.clock.now_ms());
        let limit = match pipeline.has_limit() {
            true => u64::MAX,
            false => aggregate.limit,
        };
        let seed = getrandom::u64().unwrap_or_default();
        // Computing takes as long as it takes, so it is not done where others are served.
        let run = self
            .tasks
            .spawn_blocking(move || pipeline.run(documents, &foreign, now, seed));
        let rows = run
            .await
            .map_err(|error| Failure::new(Code::SysErr, error.to_string()))?;
        let mut rows = rows?;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// Whole collections; one that is not there is empty.
    async fn foreign(&self, aggregate: &Aggregate) -> Result<Loaded> {
        let mut loaded = HashMap::new();
        for name in aggregate.pipeline.foreign() {
            if self.catalog.has(&name) {
                let found = self.snapshot_of(&name, Filter::all(), u64::MAX).await?;
                loaded.insert(name, found.documents);
            }
        }
        Ok(Loaded(loaded))
    }
}
