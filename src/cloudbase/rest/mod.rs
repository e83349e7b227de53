//! The documented REST gateway, `/v1/database`: EJSON in place, HTTP status codes, native commands.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::client::Client;
use super::database::{Alteration, Altered, Context, Database, Find, TransactionId};
use super::error::Result;
use crate::data::{CollectionName, DocId, Object};

#[derive(Debug)]
pub struct Rest {
    client: Arc<Client>,
}

impl Rest {
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Database for Rest {
    async fn find(&self, _context: &Context, _find: &Find) -> Result<Vec<Object>> {
        unimplemented!("protocols helper")
    }

    async fn count(
        &self,
        _context: &Context,
        _collection: &CollectionName,
        _query: &Object,
    ) -> Result<u64> {
        unimplemented!("protocols helper")
    }

    async fn aggregate(
        &self,
        _context: &Context,
        _collection: &CollectionName,
        _pipeline: &[Object],
    ) -> Result<Vec<Object>> {
        unimplemented!("protocols helper")
    }

    async fn insert(
        &self,
        _context: &Context,
        _collection: &CollectionName,
        _documents: &[Object],
    ) -> Result<()> {
        unimplemented!("protocols helper")
    }

    async fn alter(
        &self,
        _context: &Context,
        _collection: &CollectionName,
        _query: &Object,
        _alteration: &Alteration,
    ) -> Result<Option<Altered>> {
        unimplemented!("protocols helper")
    }

    fn alters(&self, _alteration: &Alteration) -> bool {
        unimplemented!("protocols helper")
    }

    async fn update(
        &self,
        _context: &Context,
        _collection: &CollectionName,
        _id: &DocId,
        _update: &Object,
    ) -> Result<bool> {
        unimplemented!("protocols helper")
    }

    async fn remove(
        &self,
        _context: &Context,
        _collection: &CollectionName,
        _id: &DocId,
    ) -> Result<bool> {
        unimplemented!("protocols helper")
    }

    async fn begin(&self, _deadline: Option<Instant>) -> Result<TransactionId> {
        unimplemented!("protocols helper")
    }

    async fn commit(&self, _transaction: &TransactionId, _deadline: Option<Instant>) -> Result<()> {
        unimplemented!("protocols helper")
    }

    async fn abort(&self, _transaction: &TransactionId, _deadline: Option<Instant>) -> Result<()> {
        unimplemented!("protocols helper")
    }

    async fn create_collection(&self, _collection: &CollectionName) -> Result<()> {
        unimplemented!("protocols helper")
    }

    fn client(&self) -> &Arc<Client> {
        &self.client
    }
}
