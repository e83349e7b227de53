//! Documents in the cloud: the store over them, and a first look at whether it can answer.
//!
//! A server that the cloud will never answer does not start: the key or the environment is wrong, and somebody must
//! change that. One that the cloud cannot answer now starts, says so on `/readyz`, and heals by itself.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};

use super::files::CloudFiles;
use super::follow;
use crate::clock::SystemClock;
use crate::cloudbase::database::{Context, Find};
use crate::cloudbase::realtime::Realtime;
use crate::cloudbase::{self, Client, Code, Database, Error, Retry};
use crate::config::Cloudbase;
use crate::data::{CollectionName, Object};
use crate::gateway::{Gateway, Mirror};
use crate::store::CollectionSpec;
use crate::store::cloud::CloudStore;

#[derive(Debug)]
pub(super) struct Cloud {
    pub(super) store: Arc<CloudStore>,
    pub(super) files: Arc<CloudFiles>,
    /// Whether it is an emulator on this machine.
    pub(super) is_local: bool,
    /// What follows where it is not known to be what the schema says.
    pub(super) mirror: Mirror,
    /// How often that is looked at.
    mirror_interval: Duration,
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
            mirror: settings.mirror,
            mirror_interval: settings.mirror_interval,
            files: Arc::new(CloudFiles::new(Arc::clone(&client))),
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
                Trouble::Lasting => bail!(error),
            }
        }
        Ok(())
    }

    /// Tells the gateway again and again whether the cloud is what the schema says, if anybody wants to know.
    pub(super) async fn follow(&self, gateway: &Gateway) -> Infallible {
        match self.mirror {
            Mirror::Off => pending().await,
            Mirror::Warn | Mirror::FailClosed => {
                let client = self.database.client();
                follow::follow(client, gateway, self.mirror_interval).await
            }
        }
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
        let find = Find::any(collection, Object::new());
        self.database.find(&Context::default(), &find).await?;
        Ok(())
    }
}

/// What a failure of the first look means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// It may be over without anybody changing anything here.
    Passing,
    NoCollection,
    /// The credential, or the environment, is wrong.
    Lasting,
}

impl Trouble {
    fn of(error: &Error) -> Self {
        let refusal = match error {
            Error::Refused(refusal) => refusal,
            Error::Unable(_) => return Trouble::Lasting,
            _ => return Trouble::Passing,
        };
        match refusal.code {
            Some(Code::DatabaseCollectionNotExist) => Trouble::NoCollection,
            Some(
                Code::InvalidEnv
                | Code::InvalidEnvSource
                | Code::InvalidCommonParam
                | Code::MissingCredentials
                | Code::InvalidCredentials
                | Code::UnsupportedAuthType
                | Code::AuthenticationFailed
                | Code::PermissionDenied
                | Code::DatabasePermissionDenied,
            ) => Trouble::Lasting,
            // The client has tried again with a fresh signature already.
            _ if error.retry() == Retry::Credential => Trouble::Lasting,
            None if matches!(refusal.word.as_str(), "401" | "403") => Trouble::Lasting,
            _ => Trouble::Passing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudbase::Refusal;

    #[test]
    fn what_stays_ends_the_server_and_what_passes_does_not() {
        for (word, trouble) in [
            ("DATABASE_COLLECTION_NOT_EXIST", Trouble::NoCollection),
            ("INVALID_ENV", Trouble::Lasting),
            ("INVALID_CREDENTIALS", Trouble::Lasting),
            ("SIGN_PARAM_INVALID", Trouble::Lasting),
            ("401", Trouble::Lasting),
            ("EXCEED_REQUEST_LIMIT", Trouble::Passing),
            ("SYS_ERR", Trouble::Passing),
            ("502", Trouble::Passing),
            ("SOMETHING_NEW", Trouble::Passing),
        ] {
            let refused = Error::Refused(Refusal {
                code: Code::parse(word),
                word: word.to_owned(),
                message: String::new(),
                request_id: None,
            });
            assert_eq!(Trouble::of(&refused), trouble, "{word}");
        }
        let unable = Error::Unable("set it".to_owned());
        assert_eq!(Trouble::of(&unable), Trouble::Lasting);
        let unreachable = Error::Unreachable("no such name".to_owned());
        assert_eq!(Trouble::of(&unreachable), Trouble::Passing);
    }
}
