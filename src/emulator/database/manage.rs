//! Making, changing and dropping collections.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use super::catalog::{Catalog, Entry, note_name};
use super::identify::Ids;
use super::ledger::Ledger;
use super::{
    Access, Commit, Database, Index, Kind, TableStatistics, TransactionLimits, Written, index,
};
use crate::clock::Clock;
use crate::cloudbase::Code;
use crate::data::CollectionName;
use crate::emulator::failure::{Failure, Result};
use crate::model::{Collection, Model};
use crate::store::CollectionSpec;
use crate::store::sqlite::SqliteStore;

/// As many as the cloud allows.
const MAX_COLLECTIONS: usize = 300;

impl Database {
    /// The database in a store, with all collections that are in its file. `model`: collections that are made if they
    /// are not there, with indexes and permissions.
    pub(crate) async fn open(
        store: Arc<SqliteStore>,
        clock: Arc<dyn Clock>,
        model: Option<&Model>,
        limits: TransactionLimits,
    ) -> Result<Arc<Self>> {
        let catalog = Catalog::default();
        for name in store.collections().await? {
            let entry = found(&store, &name, model).await?;
            make(&store, &catalog, name, entry).await?;
        }
        let missing = |collection: &&Collection| !catalog.has(&collection.name);
        let declared = model.map_or(&[][..], |model| &model.collections);
        for collection in declared.iter().filter(missing) {
            let entry = declared_as(collection);
            make(&store, &catalog, collection.name.clone(), entry).await?;
        }
        Ok(Arc::new(Self {
            store,
            clock,
            limits,
            catalog: Arc::new(catalog),
            ids: Ids::default(),
            gate: Arc::new(Mutex::new(())),
            ledger: Arc::new(Ledger::new(0)),
            tasks: TaskTracker::new(),
        }))
    }

    pub(crate) async fn create_collection(&self, name: &CollectionName) -> Result<()> {
        let (store, catalog, name) = (self.store.clone(), self.catalog.clone(), name.clone());
        self.at_gate(async move {
            if catalog.has(&name) {
                let message = format!("[FailedOperation] the collection `{name}` exists already");
                return Err(Failure::new(Code::DatabaseCollectionAlreadyExist, message));
            }
            if catalog.len() >= MAX_COLLECTIONS {
                let message = format!("there are at most {MAX_COLLECTIONS} collections");
                return Err(Failure::new(Code::DatabaseCollectionExceedLimit, message));
            }
            make(
                &store,
                &catalog,
                name,
                Entry::new(Access::private(), Vec::new()),
            )
            .await
        })
        .await
    }

    /// With its documents, indexes and permission.
    pub(crate) async fn drop_collection(&self, name: &CollectionName) -> Result<()> {
        let (store, catalog, name) = (self.store.clone(), self.catalog.clone(), name.clone());
        let ledger = Arc::clone(&self.ledger);
        self.at_gate(async move {
            catalog.entry(&name)?;
            // Before it is dropped: a later collection of this name must not have the permission of this one.
            store.forget_note(&note_name(&name)).await?;
            let dropped = store.drop_collection(&name).await?;
            catalog.remove(&name);
            let removed = dropped.documents.into_iter().map(|document| Written {
                collection: name.clone(),
                kind: Kind::Remove,
                before: Some(document),
                after: None,
            });
            let written: Vec<Written> = removed.collect();
            if !written.is_empty() {
                ledger.record(Commit {
                    sequence: dropped.sequence,
                    written,
                });
            }
            Ok(())
        })
        .await
    }

    /// By name.
    pub(crate) fn collections(&self) -> Vec<CollectionName> {
        self.catalog.names()
    }

    pub(crate) async fn statistics(&self, name: &CollectionName) -> Result<TableStatistics> {
        self.catalog.entry(name)?;
        let extent = self.store.extent(name).await?;
        Ok(TableStatistics {
            documents: extent.documents,
            size: extent.bytes,
        })
    }

    /// The indexes of a collection, `_id_` first.
    pub(crate) fn indexes(&self, name: &CollectionName) -> Result<Vec<Index>> {
        let entry = self.catalog.entry(name)?;
        Ok(std::iter::once(Index::of_id())
            .chain(entry.indexes)
            .collect())
    }

    /// Makes and drops indexes, all or nothing.
    pub(crate) async fn change_indexes(
        &self,
        name: &CollectionName,
        create: Vec<Index>,
        drop: &[String],
    ) -> Result<()> {
        let (store, catalog, name) = (self.store.clone(), self.catalog.clone(), name.clone());
        let drop = drop.to_vec();
        self.at_gate(async move {
            let mut entry = catalog.entry(&name)?;
            entry.indexes = index::changed(entry.indexes, create, &drop)?;
            store.prepare(&[spec(&name, &entry)?]).await?;
            keep(&store, &catalog, name, entry).await
        })
        .await
    }

    /// The permission of a collection; new collections are `PRIVATE`. Kept in the store's file.
    pub(crate) fn access(&self, name: &CollectionName) -> Result<Arc<Access>> {
        Ok(self.catalog.entry(name)?.access)
    }

    pub(crate) async fn set_access(&self, name: &CollectionName, access: Access) -> Result<()> {
        let (store, catalog, name) = (self.store.clone(), self.catalog.clone(), name.clone());
        self.at_gate(async move {
            let mut entry = catalog.entry(&name)?;
            entry.access = Arc::new(access);
            keep(&store, &catalog, name, entry).await
        })
        .await
    }
}

/// Makes a collection, or what it lacks of what it is to be.
async fn make(
    store: &SqliteStore,
    catalog: &Catalog,
    name: CollectionName,
    entry: Entry,
) -> Result<()> {
    store.prepare(&[spec(&name, &entry)?]).await?;
    catalog.set(name, entry);
    Ok(())
}

/// Remembers what a request has changed of a collection.
async fn keep(
    store: &SqliteStore,
    catalog: &Catalog,
    name: CollectionName,
    entry: Entry,
) -> Result<()> {
    store.set_note(&note_name(&name), &entry.to_note()).await?;
    catalog.set(name, entry);
    Ok(())
}

fn spec(name: &CollectionName, entry: &Entry) -> Result<CollectionSpec> {
    let indexes: Result<Vec<_>> = entry.indexes.iter().map(Index::to_stored).collect();
    Ok(CollectionSpec {
        name: name.clone(),
        indexes: indexes?,
    })
}

/// What is to be of a collection that is in the file: what requests made of it, else what is declared of it. Indexes
/// that its table has without either are the gateway's, whose documents rely on them.
async fn found(store: &SqliteStore, name: &CollectionName, model: Option<&Model>) -> Result<Entry> {
    let declared = model.and_then(|model| {
        let named = model.collection_named(name.as_str());
        named.map(|ix| declared_as(model.collection(ix)))
    });
    let note = store.note(&note_name(name)).await?;
    if let (Some(declared), None) = (&declared, &note) {
        return Ok(declared.clone());
    }
    let stored = store.indexes(name).await?;
    let Some(note) = note else {
        let indexes = stored.iter().map(Index::of_model).collect();
        return Ok(Entry::new(Access::private(), indexes));
    };
    let mut entry = Entry::from_note(&note).map_err(|failure| {
        let message = format!("the note of collection `{name}`: {}", failure.message);
        Failure::new(Code::SysErr, message)
    })?;
    let declared = declared.map_or_else(Vec::new, |declared| declared.indexes);
    entry.indexes = index::found(entry.indexes, &stored, declared)?;
    Ok(entry)
}

fn declared_as(collection: &Collection) -> Entry {
    let indexes = collection.indexes.iter().map(Index::of_model).collect();
    Entry::new(Access::of_policy(&collection.policy), indexes)
}
