//! Collections, indexes and permissions, over the cloud API (`tcb`, version 2018-06-08). Needs a key pair.

use std::sync::Arc;

use super::client::Client;
use super::error::Result;
use crate::data::{CollectionName, Index};

/// A collection as the cloud has it.
#[derive(Clone, Debug)]
pub struct Table {
    pub indexes: Vec<TableIndex>,
}

#[derive(Clone, Debug)]
pub struct TableIndex {
    pub name: String,
    /// `None`: of a kind that we do not declare.
    pub index: Option<Index>,
}

/// A collection's permission as the cloud has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeRule {
    /// `READONLY`, `PRIVATE`, `ADMINWRITE`, `ADMINONLY` or `CUSTOM`.
    pub acl_tag: String,
    /// The JSON text of the rules of `CUSTOM`.
    pub rule: Option<String>,
}

#[derive(Debug)]
pub struct Manage {
    client: Arc<Client>,
}

impl Manage {
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// `None`: there is no such collection.
    pub async fn table(&self, _collection: &CollectionName) -> Result<Option<Table>> {
        let _ = &self.client;
        unimplemented!("doctor helper")
    }

    pub async fn create_table(&self, _collection: &CollectionName) -> Result<()> {
        unimplemented!("doctor helper")
    }

    pub async fn create_indexes(
        &self,
        _collection: &CollectionName,
        _indexes: &[TableIndex],
    ) -> Result<()> {
        unimplemented!("doctor helper")
    }

    pub async fn safe_rule(&self, _collection: &CollectionName) -> Result<SafeRule> {
        unimplemented!("doctor helper")
    }
}
