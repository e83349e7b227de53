//! The store over the cloud's protocols, through real bytes to an emulator in this process.

/// What the store makes of answers that an honest database seldom gives.
mod dishonest;
/// A database that answers what a test says.
mod fake;
/// Values, refusals and lists that somebody chose to do harm.
mod hostile;
/// Reads of more than one request can give.
mod large;
/// Answers that are lost, and conflicts.
mod lost;
/// Filters, updates and orders mean the same in both languages.
mod translate;

use std::sync::Arc;

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::realtime::Realtime;
use cloudbase_graphql::cloudbase::{Client, Config, Credentials, Limits, Protocol, Secret};
use cloudbase_graphql::data::Filter;
use cloudbase_graphql::emulator;
use cloudbase_graphql::store::cloud::{CloudStore, Options, Writes};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{CollectionSpec, Store};
use serde_json::Value as Json;

use super::contract::contract;
use super::words::{specs, things};
use crate::emulator::exchange::Served;

/// A store in the cloud: what it speaks to is an emulator, whose documents can be looked at and changed behind its back.
pub(crate) struct Cloud {
    pub(crate) store: Arc<CloudStore>,
    pub(crate) client: Arc<Client>,
    /// Serves until this is dropped; takes faults at `/_emulator/faults`.
    pub(crate) emulator: Served,
    /// Where the emulator keeps its documents.
    pub(crate) stored: Arc<SqliteStore>,
}

/// The contract asks for it.
impl AsRef<CloudStore> for Cloud {
    fn as_ref(&self) -> &CloudStore {
        &self.store
    }
}

impl Cloud {
    /// With the collections of the contract.
    pub(crate) async fn over(protocol: Protocol) -> Self {
        Self::with(protocol, &specs(), Options::default()).await
    }

    /// With the collections of the contract, and writes by transactions alone.
    pub(crate) async fn in_transactions(protocol: Protocol) -> Self {
        let options = Options {
            writes: Writes::Transaction,
            ..Options::default()
        };
        Self::with(protocol, &specs(), options).await
    }

    /// Something that goes wrong from now on, as JSON.
    pub(crate) async fn fault(&self, fault: Json) {
        let set = self.emulator.post("/_emulator/faults", &[], fault).await;
        assert!(set["id"].is_u64(), "{set}");
    }

    /// With these collections, which are there, and without a realtime socket.
    pub(crate) async fn with(
        protocol: Protocol,
        specs: &[CollectionSpec],
        options: Options,
    ) -> Self {
        Self::watching(protocol, specs, options, |_| None).await
    }

    /// With the realtime socket that `realtime` makes of the client.
    pub(crate) async fn watching(
        protocol: Protocol,
        specs: &[CollectionSpec],
        options: Options,
        realtime: impl FnOnce(&Arc<Client>) -> Option<Arc<Realtime>>,
    ) -> Self {
        let stored = SqliteStore::temporary().unwrap();
        stored.prepare(specs).await.unwrap();
        let emulator = Served::over(
            Arc::clone(&stored),
            emulator::Config::default(),
            Arc::new(SystemClock),
        )
        .await;
        let config = config(protocol, &emulator);
        let client = Arc::new(Client::new(config, Arc::new(SystemClock)).unwrap());
        let realtime = realtime(&client);
        let store = CloudStore::new(Arc::clone(&client), realtime, specs.to_vec(), options);
        Self {
            store,
            client,
            emulator,
            stored,
        }
    }
}

/// How the emulator is reached.
pub(crate) fn config(protocol: Protocol, emulator: &Served) -> Config {
    Config {
        env: "test".to_owned(),
        protocol,
        region: "ap-shanghai".to_owned(),
        wx_app_id: None,
        origin: Some(format!("http://{}", emulator.address())),
        credentials: Credentials {
            api_key: Some(Secret::new("any")),
            key_pair: None,
        },
        // Tests ask more in a second than a plan of the cloud allows.
        limits: Limits {
            per_second: 100_000,
            ..Limits::default()
        },
    }
}

#[tokio::test]
async fn an_emulator_is_the_cloud() {
    for protocol in [Protocol::Rest, Protocol::Admin] {
        let cloud = Cloud::over(protocol).await;
        assert!(cloud.store.is_shared());
        assert_eq!(cloud.client.config().protocol, protocol);
        let headers = cloud.emulator.headers("GET", "/healthz", &[]).await;
        assert!(headers.contains_key("date"), "{headers:?}");
        let held = cloud.stored.count(&things(), &Filter::all()).await.unwrap();
        assert_eq!(held, 0);
    }
}

/// The contract over REST.
mod rest {
    use super::{Cloud, Protocol, contract};

    async fn open() -> Cloud {
        Cloud::over(Protocol::Rest).await
    }

    contract!(super::open);
    // The database refuses names of operators.
    contract!(super::open, exotic: [object_ids_survive]);
}

/// The contract over `/admin`, which tells `ObjectId`s as texts.
mod admin {
    use super::{Cloud, Protocol, contract};

    async fn open() -> Cloud {
        Cloud::over(Protocol::Admin).await
    }

    contract!(super::open);
}

/// The contract with documented calls only.
mod rest_in_transactions {
    use super::{Cloud, Protocol, contract};

    async fn open() -> Cloud {
        Cloud::in_transactions(Protocol::Rest).await
    }

    contract!(super::open);
}

/// The same over `/admin`, which otherwise differs in updates by id.
mod admin_in_transactions {
    use super::{Cloud, Protocol, contract};

    async fn open() -> Cloud {
        Cloud::in_transactions(Protocol::Admin).await
    }

    contract!(super::open, writes: [
        update_only_if_true, update_gives_before_and_after, update_that_changes_nothing,
        update_that_does_not_fit, update_into_a_duplicate, concurrent_increments, too_large,
    ]);
}
