//! The realtime socket against the emulator: after whatever happens, a list that changes is told of.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::realtime::{
    Config, Credential, Query, Realtime, Signal, Statistics, TicketKey, Timing,
};
use cloudbase_graphql::cloudbase::{self, Client, Credentials, KeyPair, Limits, Protocol, Secret};
use cloudbase_graphql::data::{CollectionName, Direction, Object, Value};
use cloudbase_graphql::emulator::{self, Permissions};
use rsa::RsaPrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};
use rsa::rand_core::OsRng;
use serde_json::{Value as Json, json};
use tokio::sync::watch::Receiver;
use tokio::time::timeout;

use crate::emulator::exchange::Served;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// As the cloud's, but for tests that do not want to wait.
fn hasty() -> Timing {
    let ms = Duration::from_millis;
    Timing {
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
    }
}

struct World {
    emulator: Served,
    realtime: Arc<Realtime>,
}

fn config() -> Config {
    Config {
        timing: hasty(),
        ..Config::default()
    }
}

fn credentials() -> Credentials {
    Credentials {
        api_key: Some(Secret::new("key")),
        key_pair: None,
    }
}

impl World {
    async fn new() -> Self {
        Self::with(config()).await
    }

    async fn with(config: Config) -> Self {
        Self::of(emulator::Config::default(), config, credentials()).await
    }

    async fn of(mut emulator: emulator::Config, config: Config, credentials: Credentials) -> Self {
        let permissions =
            json!({"todos": {"AclTag": "READONLY"}, "secret": {"AclTag": "ADMINONLY"}});
        emulator.permissions = Permissions::parse(&permissions.to_string()).unwrap();
        let emulator = Served::with(emulator).await;
        let client = Client::new(
            cloudbase::Config {
                env: "emu-env".to_owned(),
                protocol: Protocol::Admin,
                region: "ap-shanghai".to_owned(),
                wx_app_id: None,
                origin: Some(format!("http://{}", emulator.address())),
                credentials,
                limits: Limits::default(),
            },
            Arc::new(SystemClock),
        );
        let realtime = Realtime::new(Arc::new(client.unwrap()), config);
        Self { emulator, realtime }
    }

    async fn insert(&self, collection: &str, team: &str) {
        let document = json!({"team": team}).to_string();
        let body = json!({
            "action": "database.insertDocument", "envName": "emu-env",
            "collectionName": collection, "data": [document],
        });
        let headers = [("authorization", "Bearer key")];
        let answer = self
            .emulator
            .post("/admin?env=emu-env", &headers, body)
            .await;
        assert_eq!(answer.get("code"), None, "{answer}");
    }

    async fn fault(&self, fault: &Json) {
        self.emulator
            .post("/_emulator/faults", &[], fault.clone())
            .await;
    }

    async fn order(&self, order: Json) {
        self.emulator.post("/_emulator/sockets", &[], order).await;
    }

    fn watch(&self, collection: &str, team: &str) -> Watcher {
        let receiver = self.realtime.watch(query(collection, team));
        Watcher(receiver.expect("there is room"))
    }

    async fn until(&self, what: &str, holds: impl Fn(&Statistics) -> bool) {
        let looked = timeout(PATIENCE, async {
            while !holds(&self.realtime.statistics()) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let in_time = looked.await.is_ok();
        assert!(in_time, "{what}: {:?}", self.realtime.statistics());
    }
}

/// The youngest documents, so that each new one changes the list.
fn query(collection: &str, team: &str) -> Query {
    Query {
        collection: CollectionName::parse(collection).unwrap(),
        query: Object::from_iter([("team", Value::string(team))]),
        order: vec![("_id".to_owned(), Direction::Descending)],
        limit: 20,
    }
}

struct Watcher(Receiver<Signal>);

impl Watcher {
    async fn attentive(&mut self) -> Signal {
        self.until("attentive", |signal| signal.attentive).await
    }

    async fn more_than(&mut self, count: u64) -> Signal {
        self.until("told", |signal| signal.count > count).await
    }

    async fn until(&mut self, what: &str, holds: impl Fn(&Signal) -> bool) -> Signal {
        let told = timeout(PATIENCE, self.0.wait_for(holds)).await;
        let told = told.unwrap_or_else(|_| panic!("not {what} in time"));
        *told.expect("it is watched")
    }

    fn signal(&self) -> Signal {
        *self.0.borrow()
    }
}

#[tokio::test]
async fn commits_to_a_list_are_told_and_no_others() {
    let world = World::new().await;
    let (mut red, mut blue) = (world.watch("todos", "red"), world.watch("todos", "blue"));
    let begun = [red.attentive().await.count, blue.attentive().await.count];
    for count in begun[0]..begun[0] + 3 {
        world.insert("todos", "red").await;
        red.more_than(count).await;
    }
    // What was to be told of the other list would be told before this.
    world.insert("todos", "blue").await;
    assert_eq!(blue.more_than(begun[1]).await.count, begun[1] + 1);
    let statistics = world.realtime.statistics();
    assert_eq!(
        (statistics.watches, statistics.attentive, statistics.sockets),
        (2, 2, 1)
    );
    assert_eq!((statistics.interruptions, statistics.gaps), (0, 0));
}

#[tokio::test]
async fn whatever_goes_wrong_a_write_is_told_of() {
    let world = World::new().await;
    let mut watcher = world.watch("todos", "red");
    for (faults, order) in [
        (json!([{"socket": "swallow_push"}]), None),
        (json!([{"socket": "gap"}]), None),
        (json!([{"socket": "duplicate_push"}]), None),
        (json!([{"delay_push_ms": 200}]), None),
        (json!([{"code": "SYS_ERR", "on": "push"}]), None),
        (json!([{"socket": "expired_sign", "on": "push"}]), None),
        (
            json!([{"code": "QUERYID_INVALID_ERROR", "on": "check"}, {"socket": "swallow_push"}]),
            None,
        ),
        (
            json!([{"socket": "swallow_answer", "on": "check"}, {"socket": "swallow_push"}]),
            None,
        ),
        (json!([{"socket": "swallow_ping"}]), None),
        (json!([]), Some(json!({"drop": true}))),
        (json!([]), Some(json!({"close": 3050}))),
        (json!([]), Some(json!({"close": 1011}))),
        (
            json!([{"socket": "swallow_answer", "on": "rebuild"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"socket": "swallow_answer", "on": "login"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"socket": "trim_history"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"code": "QUERYID_INVALID_ERROR", "on": "rebuild"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"socket": "drop", "on": "rebuild"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"socket": "drop", "on": "login"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"socket": "expired_sign"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"code": "INVALIID_ENV", "on": "login"}]),
            Some(json!({"close": 1000})),
        ),
        (
            json!([{"code": "SYS_ERR", "action": "auth.wsWebSign"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"status": 503, "action": "auth.wsWebSign"}]),
            Some(json!({"drop": true})),
        ),
        (
            json!([{"reset": "midway", "action": "auth.wsWebSign"}]),
            Some(json!({"drop": true})),
        ),
    ] {
        let before = watcher.attentive().await;
        for fault in faults.as_array().unwrap() {
            let mut fault = fault.clone();
            fault["times"] = 1.into();
            world.fault(&fault).await;
        }
        if let Some(order) = order {
            world.order(order).await;
        }
        world.insert("todos", "red").await;
        let told = watcher.more_than(before.count).await;
        // What is still to come of the fault has come once a further write is told of.
        watcher.attentive().await;
        world.insert("todos", "red").await;
        watcher.more_than(told.count).await;
        let forgotten = world
            .emulator
            .status("DELETE", "/_emulator/faults", &[], &json!({}))
            .await;
        assert!(forgotten < 300, "{forgotten}");
    }
    let statistics = world.realtime.statistics();
    assert!(
        statistics.gaps >= 2 && statistics.rebuilds >= 5,
        "{statistics:?}"
    );
    assert!(
        statistics.interruptions >= 10 && statistics.refusals >= 3,
        "{statistics:?}"
    );
}

#[tokio::test]
async fn there_are_as_many_watches_as_may_be_and_none_stays() {
    let world = World::with(Config {
        max_watches_per_socket: 2,
        max_sockets: 2,
        max_limit: 20,
        ..config()
    })
    .await;
    let teams = ["a", "b", "c", "d"];
    let mut watchers = BTreeMap::new();
    for team in teams {
        watchers.insert(team, world.watch("todos", team));
    }
    assert!(world.realtime.watch(query("todos", "e")).is_none());
    let same = world.realtime.watch(query("todos", "a"));
    assert!(same.is_some(), "it is watched already");
    let long = Query {
        limit: 21,
        ..query("todos", "a")
    };
    assert!(world.realtime.watch(long).is_none());
    for watcher in watchers.values_mut() {
        watcher.attentive().await;
    }
    let statistics = world.realtime.statistics();
    assert_eq!((statistics.watches, statistics.sockets), (4, 2));

    watchers.remove("a");
    watchers.remove("b");
    world.until("one goes", |now| now.watches == 3).await;
    drop(same);
    world
        .until("a socket goes", |now| (now.watches, now.sockets) == (2, 1))
        .await;
    let again = async {
        loop {
            // The place is free a moment after nobody is there.
            match world.realtime.watch(query("todos", "e")) {
                Some(receiver) => break Watcher(receiver),
                None => tokio::task::yield_now().await,
            }
        }
    };
    let mut again = timeout(PATIENCE, again).await.unwrap();
    again.attentive().await;
    drop((watchers, again));
    world
        .until("all go", |now| (now.watches, now.sockets) == (0, 0))
        .await;
}

#[tokio::test]
async fn sockets_are_replaced_and_nobody_notices() {
    let world = World::with(Config {
        timing: Timing {
            rotate_after: Duration::from_millis(300),
            ..hasty()
        },
        ..config()
    })
    .await;
    let mut watcher = world.watch("todos", "red");
    watcher.attentive().await;
    while world.realtime.statistics().rotations < 4 {
        let before = watcher.signal().count;
        world.insert("todos", "red").await;
        assert!(watcher.more_than(before).await.attentive);
    }
    let statistics = world.realtime.statistics();
    assert!(
        statistics.sockets <= 2 && statistics.interruptions == 0,
        "{statistics:?}"
    );
}

#[tokio::test]
async fn a_list_that_may_not_be_watched_is_not_but_others_are() {
    let key = TicketKey::parse_file(&key_file()).unwrap();
    let uid = "gateway-01".to_owned();
    let world = World::with(Config {
        credential: Credential::Ticket { key, uid },
        timing: Timing {
            rest: Duration::from_secs(60),
            ..hasty()
        },
        ..config()
    })
    .await;
    let (mut open, secret) = (world.watch("todos", "red"), world.watch("secret", "red"));
    let before = open.attentive().await.count;
    world.until("it is refused", |now| now.refusals == 1).await;
    world.insert("todos", "red").await;
    open.more_than(before).await;
    assert_eq!(secret.signal(), Signal::default());
    let statistics = world.realtime.statistics();
    assert_eq!((statistics.refusals, statistics.interruptions), (1, 0));
}

/// The key file of the custom login, one for all tests: keys take long to make.
fn key_file() -> String {
    static PEM: LazyLock<String> = LazyLock::new(|| {
        let key = RsaPrivateKey::new(&mut OsRng, 2_048).unwrap();
        key.to_pkcs1_pem(LineEnding::LF).unwrap().to_string()
    });
    json!({"private_key_id": "key-1", "private_key": *PEM, "env_id": "emu-env"}).to_string()
}

#[tokio::test]
async fn each_credential_opens_the_socket_and_a_wrong_one_does_not() {
    let ticket = |uid: &str| Credential::Ticket {
        key: TicketKey::parse_file(&key_file()).unwrap(),
        uid: uid.to_owned(),
    };
    let right = Credentials {
        api_key: Some(Secret::new("key")),
        key_pair: None,
    };
    let pair = |key: &str| Credentials {
        api_key: None,
        key_pair: Some(KeyPair {
            id: "secret-id".to_owned(),
            key: Secret::new(key),
            session_token: None,
        }),
    };
    for (credential, credentials, opens) in [
        (Credential::ApiKey, right.clone(), true),
        (Credential::ApiKey, pair("secret-key"), false),
        (Credential::Admin, right.clone(), true),
        (Credential::Admin, pair("secret-key"), true),
        (Credential::Admin, pair("wrong"), false),
        (Credential::ClientCredential, pair("secret-key"), true),
        (Credential::ClientCredential, pair("wrong"), false),
        (ticket("gateway-01"), Credentials::default(), true),
        (ticket("no"), Credentials::default(), false),
    ] {
        let name = format!("{credential:?} {opens}");
        let mut strict = emulator::Config::default();
        strict.identity.api_keys = ["key".to_owned()].into();
        strict.identity.secrets = [("secret-id".to_owned(), "secret-key".to_owned())].into();
        strict.identity.custom_login = Some(emulator::TicketKey::parse_file(&key_file()).unwrap());
        let config = Config {
            credential,
            ..config()
        };
        let world = World::of(strict, config, credentials).await;
        let mut watcher = world.watch("todos", "red");
        if opens {
            let before = watcher.attentive().await.count;
            world.insert("todos", "red").await;
            watcher.more_than(before).await;
        } else {
            world.until(&name, |now| now.interruptions >= 2).await;
            assert_eq!(watcher.signal(), Signal::default(), "{name}");
        }
    }
}

#[tokio::test]
async fn what_is_closed_tells_nothing_any_more() {
    let world = World::new().await;
    let mut watcher = world.watch("todos", "red");
    watcher.attentive().await;
    timeout(PATIENCE, world.realtime.close()).await.unwrap();
    assert_eq!(world.realtime.statistics().sockets, 0);
    let ended = async { while watcher.0.changed().await.is_ok() {} };
    timeout(PATIENCE, ended).await.unwrap();
    assert!(world.realtime.watch(query("todos", "blue")).is_none());
}

#[tokio::test]
async fn what_is_dropped_ends() {
    let world = World::new().await;
    let mut watcher = world.watch("todos", "red");
    watcher.attentive().await;
    drop(world.realtime);
    let ended = async { while watcher.0.changed().await.is_ok() {} };
    timeout(PATIENCE, ended).await.expect("its tasks end");
}
