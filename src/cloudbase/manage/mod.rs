//! Collections, indexes and permissions, over the cloud API (`tcb`, version 2018-06-08). Needs a key pair.
//!
//! - `envelope.rs`: one action, and what every answer is wrapped in
//! - `table.rs`: collections ("tables") and their indexes; `permission.rs`: who may do what with them
//!
//! What it is not: a judge. It tells what the cloud has; [`crate::doctor`] compares.

mod envelope;
mod permission;
mod table;

use std::sync::Arc;

use tokio::sync::OnceCell;

use self::table::Connector;
use super::client::Client;
use super::error::Result;
use crate::data::CollectionName;

pub use self::permission::SafeRule;
pub use self::table::{Table, TableIndex};

/// The cloud API for one environment.
#[derive(Debug)]
pub struct Manage {
    client: Arc<Client>,
    /// Of the environment's database: found out once, by the first who needs it. It does not change.
    connector: OnceCell<Connector>,
}

impl Manage {
    pub fn new(client: Arc<Client>) -> Self {
        Self {
            client,
            connector: OnceCell::new(),
        }
    }

    /// The collection with its indexes; `None`: there is no such collection.
    ///
    /// # Errors
    ///
    /// `Unable` without a key pair; those of calls.
    pub async fn table(&self, collection: &CollectionName) -> Result<Option<Table>> {
        table::describe(&self.client, self.connector().await?, collection).await
    }

    /// Makes the collection, with this permission from the beginning where the cloud knows how to.
    ///
    /// # Errors
    ///
    /// As [`Manage::table`]; refused if it is there. Never repeated after an ambiguous failure.
    pub async fn create_table(
        &self,
        collection: &CollectionName,
        permission: &SafeRule,
    ) -> Result<()> {
        table::create(
            &self.client,
            self.connector().await?,
            collection,
            permission,
        )
        .await
    }

    /// # Errors
    ///
    /// As [`Manage::table`]; refused if there is a name of an index already. Never repeated after an ambiguous failure.
    pub async fn create_indexes(
        &self,
        collection: &CollectionName,
        indexes: &[TableIndex],
    ) -> Result<()> {
        table::create_indexes(&self.client, self.connector().await?, collection, indexes).await
    }

    /// # Errors
    ///
    /// As [`Manage::table`]; refused if there is no such collection.
    pub async fn safe_rule(&self, collection: &CollectionName) -> Result<SafeRule> {
        permission::describe(&self.client, collection).await
    }

    async fn connector(&self) -> Result<&Connector> {
        let find = || Connector::of(&self.client);
        self.connector.get_or_try_init(find).await
    }
}
