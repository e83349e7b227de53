//! The managed database of an environment of the cloud.
//!
//! Others write to it too: functions, mini programs, the console, other instances of this program. So its feed tells of
//! this process's own commits, in order, and everything else is found by looking again ([`Store::is_shared`]).

pub mod translate;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::{CollectionSpec, Find, Notices, Result, Snapshot, Store, Updated, Upstream};
use crate::cloudbase::realtime::Realtime;
use crate::cloudbase::{Client, Database};
use crate::data::{Change, CollectionName, DocId, Document, Filter, Path, Update, Value};

/// What of it can be set.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub writes: Writes,
    /// Rows of one request.
    pub page: u64,
    /// Values of a list in one condition.
    pub in_list: usize,
    /// How long a successful look at whether the store can answer is good for.
    pub ready_for: Duration,
}

/// How a conditional write is made one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writes {
    /// By the native command that finds and modifies, where the protocol has one.
    #[default]
    Native,
    /// By a transaction that reads, decides here, and writes: only documented calls, more requests.
    Transaction,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            writes: Writes::default(),
            page: 1_000,
            in_list: 500,
            ready_for: Duration::from_secs(5),
        }
    }
}

#[derive(Debug)]
pub struct CloudStore {
    database: Arc<dyn Database>,
    realtime: Option<Arc<Realtime>>,
    specs: Vec<CollectionSpec>,
    options: Options,
}

impl CloudStore {
    /// The collections of `specs`, over the client's protocol; with a realtime socket if there is one.
    pub fn new(
        client: Arc<Client>,
        realtime: Option<Arc<Realtime>>,
        specs: Vec<CollectionSpec>,
        options: Options,
    ) -> Arc<Self> {
        Arc::new(Self {
            database: crate::cloudbase::database::open(client),
            realtime,
            specs,
            options,
        })
    }

    /// Waits for writes that are under way.
    pub async fn close(&self) {
        let _ = (&self.database, &self.realtime, &self.specs, &self.options);
        unimplemented!("store helper")
    }
}

#[async_trait]
impl Store for CloudStore {
    async fn find(&self, _collection: &CollectionName, _find: &Find) -> Result<Vec<Arc<Document>>> {
        unimplemented!("store helper")
    }

    async fn snapshot(&self, _collection: &CollectionName, _find: &Find) -> Result<Snapshot> {
        unimplemented!("store helper")
    }

    async fn find_per_key(
        &self,
        _collection: &CollectionName,
        _path: &Path,
        _keys: &[Value],
        _find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>> {
        unimplemented!("store helper")
    }

    async fn count(&self, _collection: &CollectionName, _filter: &Filter) -> Result<u64> {
        unimplemented!("store helper")
    }

    async fn count_per_key(
        &self,
        _collection: &CollectionName,
        _path: &Path,
        _keys: &[Value],
        _filter: &Filter,
    ) -> Result<Vec<u64>> {
        unimplemented!("store helper")
    }

    async fn insert(
        &self,
        _collection: &CollectionName,
        _documents: Vec<Document>,
    ) -> Result<Vec<Arc<Document>>> {
        unimplemented!("store helper")
    }

    async fn update_one(
        &self,
        _collection: &CollectionName,
        _id: &DocId,
        _condition: &Filter,
        _update: &Update,
    ) -> Result<Option<Updated>> {
        unimplemented!("store helper")
    }

    async fn update_many_by_id(
        &self,
        _collection: &CollectionName,
        _ids: &[DocId],
        _condition: &Filter,
        _update: &Update,
    ) -> Result<Vec<Updated>> {
        unimplemented!("store helper")
    }

    async fn delete_one(
        &self,
        _collection: &CollectionName,
        _id: &DocId,
        _condition: &Filter,
    ) -> Result<Option<Arc<Document>>> {
        unimplemented!("store helper")
    }

    async fn delete_many_by_id(
        &self,
        _collection: &CollectionName,
        _ids: &[DocId],
        _condition: &Filter,
    ) -> Result<Vec<Arc<Document>>> {
        unimplemented!("store helper")
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        unimplemented!("store helper")
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn notices(&self, _collection: &CollectionName, _find: &Find) -> Option<Notices> {
        unimplemented!("store helper")
    }

    fn reads(&self) -> u64 {
        unimplemented!("store helper")
    }

    fn upstream(&self) -> Option<Upstream> {
        unimplemented!("store helper")
    }

    async fn ready(&self) -> Result<()> {
        unimplemented!("store helper")
    }
}
