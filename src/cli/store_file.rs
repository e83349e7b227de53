//! Opening the store that a configuration names.

use std::sync::Arc;

use anyhow::{Context, Result};

use crate::config;
use crate::gateway::Gateway;
use crate::model::Model;
use crate::store::sqlite::SqliteStore;

/// The store, with a collection and its indexes for each of the model's. The file and its directory are made if they
/// are not there.
pub(super) async fn open(store: &config::Store, model: &Model) -> Result<Arc<SqliteStore>> {
    let config::Store::Sqlite { path, options } = store;
    let store = SqliteStore::open(path, options)?;
    store
        .prepare(&Gateway::collection_specs(model))
        .await
        .with_context(|| format!("the store `{}` does not fit the schema", path.display()))?;
    Ok(store)
}
