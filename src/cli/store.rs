//! Opening the store that a configuration names, and letting it go.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::cloud::Cloud;
use crate::config::{self, Config};
use crate::gateway::{self, Gateway, Mirror};
use crate::model::Model;
use crate::store::Store;
use crate::store::sqlite::SqliteStore;

/// A store that is open.
#[derive(Debug)]
pub(super) enum Opened {
    Sqlite(Arc<SqliteStore>),
    Cloud(Cloud),
}

/// The store, with a collection and its indexes for each of the model's if it is a file: the file and its directory are
/// made if they are not there. The cloud is left as it is, and not asked yet.
pub(super) async fn open(config: &Config, model: &Model) -> Result<Opened> {
    let specs = Gateway::collection_specs(model);
    match &config.store {
        config::Store::Sqlite(path) => {
            let store = SqliteStore::open(path, &config.sqlite)?;
            store.prepare(&specs).await.with_context(|| {
                format!("the store `{}` does not fit the schema", path.display())
            })?;
            Ok(Opened::Sqlite(store))
        }
        config::Store::Cloudbase(settings) => Ok(Opened::Cloud(Cloud::open(settings, specs)?)),
    }
}

impl Opened {
    pub(super) fn store(&self) -> Arc<dyn Store> {
        match self {
            Opened::Sqlite(store) => Arc::clone(store) as Arc<dyn Store>,
            Opened::Cloud(cloud) => Arc::clone(&cloud.store) as Arc<dyn Store>,
        }
    }

    /// Where the files are that its documents name; a file of documents has none beside it.
    pub(super) fn files(&self) -> Option<Arc<dyn gateway::Files>> {
        match self {
            Opened::Sqlite(_) => None,
            Opened::Cloud(cloud) => Some(Arc::clone(&cloud.files) as Arc<dyn gateway::Files>),
        }
    }

    /// Looks whether it can answer.
    ///
    /// # Errors
    ///
    /// If it cannot, and waiting does not help.
    pub(super) async fn look(&self) -> Result<()> {
        match self {
            Opened::Sqlite(_) => Ok(()),
            Opened::Cloud(cloud) => cloud.look().await,
        }
    }

    /// What follows where it is not known to be what the schema says.
    pub(super) fn mirror(&self) -> Mirror {
        match self {
            Opened::Sqlite(_) => Mirror::Off,
            Opened::Cloud(cloud) => cloud.mirror,
        }
    }

    /// Tells the gateway whether it is, again and again. A file always is.
    pub(super) async fn follow(&self, gateway: &Gateway) -> Infallible {
        match self {
            Opened::Sqlite(_) => pending().await,
            Opened::Cloud(cloud) => cloud.follow(gateway).await,
        }
    }

    /// Makes it ready for the demo's documents.
    ///
    /// # Errors
    ///
    /// If it may hold documents that matter to somebody.
    pub(super) async fn prepare_demo(&self) -> Result<()> {
        match self {
            Opened::Sqlite(_) => Ok(()),
            Opened::Cloud(cloud) if cloud.is_local => cloud.create_collections().await,
            Opened::Cloud(_) => bail!(
                "the demo is not written to the cloud: leave out --demo (--dev-auth alone takes development tokens), \
                 or set `cloudbase.url` to an emulator on this machine, such as `http://127.0.0.1:9000`"
            ),
        }
    }

    /// Lets it go, once what it is writing is written.
    pub(super) async fn close(self) {
        match self {
            Opened::Sqlite(store) => store.close(),
            Opened::Cloud(cloud) => cloud.close().await,
        }
    }
}
