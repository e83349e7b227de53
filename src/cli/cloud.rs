//! Documents in the cloud: the store over them, and a first look at whether it can answer.
//!
//! A server that the cloud will never answer does not start: the key or the environment is wrong, and somebody must
//! change that. One that the cloud cannot answer now starts, says so on `/readyz`, and heals by itself.

use std::sync::Arc;

use anyhow::{Result, bail};

use crate::clock::SystemClock;
use crate::cloudbase::database::{Context, Find};
use crate::cloudbase::realtime::Realtime;
use crate::cloudbase::{self, Client, Code, Database, Error};
use crate::config::Cloudbase;
use crate::data::{CollectionName, Object};
use crate::store::CollectionSpec;
use crate::store::cloud::CloudStore;

#[derive(Debug)]
pub(super) struct Cloud {
    pub(super) store: Arc<CloudStore>,
    /// Whether it is an emulator on this machine.
    pub(super) is_local: bool,
    realtime: Option<Arc<Realtime>>,
    database: Arc<dyn Database>,
    collections: Vec<CollectionName>,
}

impl Cloud {
    /// Asks nothing yet.
    pub(super) fn open(settings: &Cloudbase, specs: Vec<CollectionSpec>) -> Result<Self> {
        let client = Client::new(settings.client.clone(), Arc::new(SystemClock))?;
        let client = Arc::new(client);
        let realtime = settings.realtime.clone();
        let realtime = realtime.map(|config| Realtime::new(Arc::clone(&client), config));
        Ok(Self {
            is_local: settings.is_local,
            database: cloudbase::database::open(Arc::clone(&client)),
            collections: specs.iter().map(|spec| spec.name.clone()).collect(),
            store: CloudStore::new(client, realtime.clone(), specs, settings.store),
            realtime,
        })
    }

    /// Looks for one document of each collection.
    ///
    /// # Errors
    ///
    /// If the cloud refuses for a reason that stays until somebody changes something.
    pub(super) async fn look(&self) -> Result<()> {
        for collection in &self.collections {
            let Err(error) = self.first(collection).await else {
                continue;
            };
            match Trouble::of(&error) {
                Trouble::NoCollection => tracing::warn!(
                    "the cloud has no collection `{collection}`: create it, in the console or by `doctor --apply`; \
                     until then whatever asks for it fails"
                ),
                Trouble::Passing => {
                    tracing::warn!(
                        %error,
                        "the cloud cannot answer now; the server starts and is not ready until it can"
                    );
                    break;
                }
                Trouble::Environment => bail!(
                    "{error}: is `{}` the id of an environment in `{}`? It is set by `cloudbase.env`, `CLOUDBASE_ENV_ID` or `CBR_ENV_ID`",
                    self.config().env,
                    self.config().region,
                ),
                Trouble::Credential => bail!("{error}: {}", self.advice()),
                Trouble::Lasting => bail!(error),
            }
        }
        Ok(())
    }

    /// Waits for what is being written, and closes the sockets.
    pub(super) async fn close(&self) {
        self.store.close().await;
        if let Some(realtime) = &self.realtime {
            realtime.close().await;
        }
    }

    /// Makes the model's collections that are not there.
    pub(super) async fn create_collections(&self) -> Result<()> {
        for collection in &self.collections {
            let made = self.database.create_collection(collection).await;
            match made {
                Err(error) if error.code() != Some(Code::DatabaseCollectionAlreadyExist) => {
                    bail!("the collection `{collection}` cannot be made: {error}")
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn first(&self, collection: &CollectionName) -> cloudbase::Result<()> {
        let find = Find {
            collection: collection.clone(),
            query: Object::new(),
            order: Vec::new(),
            skip: 0,
            limit: 1,
            projection: Some(Vec::new()),
        };
        self.database.find(&Context::default(), &find).await?;
        Ok(())
    }

    fn config(&self) -> &cloudbase::Config {
        self.database.client().config()
    }

    /// What to look at where the credential is refused.
    fn advice(&self) -> &'static str {
        if self.config().credentials.api_key.is_some() {
            "is `CLOUDBASE_APIKEY` a server API key of this environment, whole and not revoked?"
        } else {
            "do `TENCENTCLOUD_SECRETID` and `TENCENTCLOUD_SECRETKEY` belong together, may they use this environment, and is the \
             clock of this machine right? Signatures tell the time"
        }
    }
}

/// What a failure of the first look means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// It may be over without anybody doing anything about us.
    Passing,
    NoCollection,
    Environment,
    Credential,
    /// Something else that stays.
    Lasting,
}

impl Trouble {
    fn of(error: &Error) -> Self {
        match error {
            Error::Unable(_) => Trouble::Lasting,
            Error::Refused(refusal) => match refusal.code {
                Some(Code::DatabaseCollectionNotExist) => Trouble::NoCollection,
                Some(Code::InvalidEnv) => Trouble::Environment,
                Some(
                    Code::SignParamInvalid
                    | Code::MissingCredentials
                    | Code::InvalidCredentials
                    | Code::AccessTokenExpired
                    | Code::CheckLoginFailed
                    | Code::PermissionDenied
                    | Code::DatabasePermissionDenied,
                ) => Trouble::Credential,
                _ => Trouble::Passing,
            },
            Error::Unreachable(_)
            | Error::Lost(_)
            | Error::Busy { .. }
            | Error::TooLate
            | Error::Malformed(_) => Trouble::Passing,
        }
    }
}
