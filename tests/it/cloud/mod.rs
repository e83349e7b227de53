//! A whole gateway over the cloud's protocols, while things go wrong in the cloud and on the way to it.

/// Ten minutes in which nothing is answered.
mod outage;
/// Reads, while requests fail.
mod queries;
/// Live lists, while sockets and requests fail.
mod subscriptions;
/// Changes, while requests fail and answers are lost.
mod writes;

use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::realtime::{self, Realtime, Timing};
use cloudbase_graphql::cloudbase::{Client, Credentials, KeyPair, Limits, Protocol, Secret};
use cloudbase_graphql::data::{CollectionName, Document, ejson};
use cloudbase_graphql::gateway::{self, Gateway};
use cloudbase_graphql::model::Model;
use cloudbase_graphql::store::Store;
use cloudbase_graphql::store::cloud::{CloudStore, Options, Writes};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::{emulator, live};
use serde_json::{Value as Json, json};

use crate::emulator::exchange::Served;
use crate::harness::{self, SEED, SHOP, TestApp};
use crate::store::cloud::config;

const PROTOCOLS: [Protocol; 2] = [Protocol::Rest, Protocol::Admin];

/// The shop, in the cloud.
struct Shop {
    /// Its `store`, and `writer`, is where the emulator keeps the documents: what is written there is written behind the
    /// gateway's back.
    app: TestApp,
    store: Arc<CloudStore>,
    client: Arc<Client>,
    realtime: Option<Arc<Realtime>>,
    emulator: Served,
}

/// What differs between shops.
#[derive(Clone, Copy)]
struct Plan {
    protocol: Protocol,
    limits: Limits,
    writes: Writes,
    /// Requests are signed, where the protocol takes signatures.
    is_signed: bool,
    /// There is a realtime socket.
    is_told: bool,
}

impl Plan {
    fn of(protocol: Protocol) -> Self {
        Self {
            protocol,
            limits: Limits {
                // Tests ask more in a second than a plan of the cloud allows.
                per_second: 100_000,
                ..Limits::default()
            },
            writes: Writes::default(),
            is_signed: false,
            is_told: false,
        }
    }
}

/// As in the cloud, but for tests that do not want to wait.
fn hasty() -> live::Config {
    let ms = Duration::from_millis;
    live::Config {
        linger: ms(50),
        poll_interval: ms(100),
        notice_pace: ms(20),
        reconcile_interval: ms(1_000),
        pace: Duration::ZERO,
        ..live::Config::default()
    }
}

fn socket() -> realtime::Config {
    let ms = Duration::from_millis;
    realtime::Config {
        timing: Timing {
            ping_after: ms(1_000),
            dead_after: ms(3_000),
            check_after: ms(300),
            login_within: ms(1_000),
            answer_within: ms(1_000),
            shortest_pause: ms(20),
            longest_pause: ms(200),
            rest: ms(500),
            max_troubles: 10,
            ..Timing::default()
        },
        ..realtime::Config::default()
    }
}

impl Shop {
    async fn open(plan: Plan) -> Self {
        Self::watching(plan, hasty(), socket()).await
    }

    async fn watching(plan: Plan, live: live::Config, socket: realtime::Config) -> Self {
        let model = Model::parse(SHOP).unwrap().model;
        let specs = Gateway::collection_specs(&model);
        let stored = SqliteStore::temporary().unwrap();
        stored.prepare(&specs).await.unwrap();
        for (collection, document) in SEED {
            put(&stored, collection, document).await;
        }
        let clock = Arc::new(SystemClock);
        let settings = emulator::Config::default();
        let emulator = Served::over(Arc::clone(&stored), settings, clock.clone()).await;
        let mut config = config(plan.protocol, &emulator);
        config.limits = plan.limits;
        if plan.is_signed {
            config.credentials = signing();
        }
        let client = Arc::new(Client::new(config, clock).unwrap());
        let realtime = plan
            .is_told
            .then(|| Realtime::new(Arc::clone(&client), socket));
        let options = Options {
            writes: plan.writes,
            ..Options::default()
        };
        let store = CloudStore::new(Arc::clone(&client), realtime.clone(), specs, options);
        let gateway = gateway::Config {
            roles_max_age: Duration::from_millis(100),
            ..gateway::Config::default()
        };
        let over = |_| Arc::clone(&store);
        let mut app = TestApp::over(SHOP, &[], gateway, live, over).await;
        app.writer = Arc::clone(&stored) as Arc<dyn Store>;
        app.store = stored;
        Self {
            app,
            store,
            client,
            realtime,
            emulator,
        }
    }

    fn admin(&self) -> harness::Client {
        self.app.staff(&["admin"])
    }

    /// Something goes wrong from now on.
    async fn fault(&self, fault: &Json) {
        let set = self.emulator.post("/_emulator/faults", &[], fault.clone());
        let set = set.await;
        assert!(set["id"].is_u64(), "{fault}: {set}");
    }

    async fn order(&self, order: &Json) {
        let path = "/_emulator/sockets";
        self.emulator.post(path, &[], order.clone()).await;
    }

    /// Nothing goes wrong any more. How many requests and events were struck.
    async fn heal(&self) -> u64 {
        let struck = self.struck().await;
        let none = json!({});
        let path = "/_emulator/faults";
        self.emulator.status("DELETE", path, &[], &none).await;
        struck
    }

    async fn struck(&self) -> u64 {
        let (_, told) = self
            .emulator
            .send("GET", "/_emulator/faults", &[], None)
            .await;
        let faults = told["faults"].as_array().unwrap();
        faults
            .iter()
            .map(|fault| fault["struck"].as_u64().unwrap())
            .sum()
    }

    /// Whatever was begun comes to its end, and nothing is left of it.
    async fn leaves_nothing(self) {
        let gateway = Arc::clone(self.app.executor.gateway());
        self.until("nobody watches", || gateway.live().watches() == 0)
            .await;
        if let Some(realtime) = &self.realtime {
            let left = || {
                let now = realtime.statistics();
                now.watches + now.sockets
            };
            self.until("no socket is open", || left() == 0).await;
        }
        self.app.executor.close().await;
        let counts = self.app.executor.live_counts();
        assert_eq!((counts.subscribers, counts.cohorts), (0, 0));
        gateway.drain().await;
        let closed = tokio::time::timeout(PATIENCE, self.store.close()).await;
        closed.expect("no write goes on for ever");
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let looked = tokio::time::timeout(PATIENCE, async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        assert!(looked.await.is_ok(), "never: {what}");
    }
}

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn signing() -> Credentials {
    Credentials {
        api_key: None,
        key_pair: Some(KeyPair {
            id: "any".to_owned(),
            key: Secret::new("any"),
            session_token: None,
        }),
    }
}

async fn put(stored: &SqliteStore, collection: &str, document: &str) {
    let document = Document::from_object(ejson::parse_object(document).unwrap()).unwrap();
    let collection = CollectionName::parse(collection).unwrap();
    stored.insert(&collection, vec![document]).await.unwrap();
}
