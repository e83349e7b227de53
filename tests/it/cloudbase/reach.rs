//! An emulator, and the database of its environment over one of the protocols.

use std::sync::{Arc, LazyLock};

use cloudbase_graphql::clock::SystemClock;
use cloudbase_graphql::cloudbase::database::{self, Context, Find, TransactionId};
use cloudbase_graphql::cloudbase::{
    Client, Config, Credentials, Database, KeyPair, Limits, Protocol, Secret,
};
use cloudbase_graphql::data::ejson::{self, Mode};
use cloudbase_graphql::data::{CollectionName, Object};
use cloudbase_graphql::emulator;

use crate::emulator::exchange::Served;

/// What documents are read and written over.
pub(super) const PROTOCOLS: [Protocol; 2] = [Protocol::Rest, Protocol::Admin];

/// An emulator, reached over one of the protocols, with the collection `todos`.
pub(super) struct Reached {
    pub(super) served: Served,
    pub(super) database: Arc<dyn Database>,
}

impl Reached {
    pub(super) async fn over(protocol: Protocol) -> Self {
        let key = Secret::new("any");
        let credentials = Credentials {
            api_key: Some(key),
            key_pair: None,
        };
        Self::with(protocol, credentials, emulator::Config::default()).await
    }

    pub(super) async fn with(
        protocol: Protocol,
        credentials: Credentials,
        config: emulator::Config,
    ) -> Self {
        let served = Served::with(config).await;
        let database = Self::reach(&served, protocol, credentials);
        database.create_collection(todos()).await.unwrap();
        Self { served, database }
    }

    /// The database of an emulator.
    pub(super) fn reach(
        served: &Served,
        protocol: Protocol,
        credentials: Credentials,
    ) -> Arc<dyn Database> {
        let config = Config {
            env: "demo-env-1a2b3c".to_owned(),
            protocol,
            region: "ap-shanghai".to_owned(),
            wx_app_id: None,
            origin: Some(format!("http://{}", served.address())),
            credentials,
            limits: Limits::default(),
        };
        let client = Client::new(config, Arc::new(SystemClock)).unwrap();
        database::open(Arc::new(client))
    }

    /// Lets something go wrong from now on.
    pub(super) async fn fault(&self, fault: &str) {
        let fault = serde_json::from_str(fault).unwrap();
        let set = self.served.post("/_emulator/faults", &[], fault).await;
        assert!(set["id"].is_u64(), "{set}");
    }

    pub(super) async fn insert(&self, documents: &[&str]) {
        let documents: Vec<Object> = documents.iter().map(|text| object(text)).collect();
        let inserted = self.database.insert(outside(), todos(), &documents);
        inserted.await.unwrap();
    }

    /// What a condition finds, by `_id`, in relaxed EJSON.
    pub(super) async fn found(&self, context: &Context, query: &str) -> Vec<String> {
        let find = by_id(object(query));
        texts(&self.database.find(context, &find).await.unwrap())
    }

    /// All documents as they are for everybody.
    pub(super) async fn all(&self) -> Vec<String> {
        self.found(outside(), "{}").await
    }
}

/// A signature's credentials.
pub(super) fn key_pair(session_token: Option<&str>) -> Credentials {
    Credentials {
        api_key: None,
        key_pair: Some(KeyPair {
            id: "AKIDEXAMPLE".to_owned(),
            key: Secret::new("the-key"),
            session_token: session_token.map(Secret::new),
        }),
    }
}

pub(super) fn todos() -> &'static CollectionName {
    static TODOS: LazyLock<CollectionName> =
        LazyLock::new(|| CollectionName::parse("todos").unwrap());
    &TODOS
}

pub(super) fn object(text: &str) -> Object {
    ejson::parse_object(text).unwrap()
}

pub(super) fn texts(rows: &[Object]) -> Vec<String> {
    let text = |row| ejson::object_to_string(row, Mode::Relaxed);
    rows.iter().map(text).collect()
}

pub(super) fn by_id(query: Object) -> Find {
    let ascending = cloudbase_graphql::data::Direction::Ascending;
    Find {
        collection: todos().clone(),
        query,
        order: vec![("_id".to_owned(), ascending)],
        skip: 0,
        limit: database::MAX_ROWS,
        projection: None,
    }
}

pub(super) fn outside() -> &'static Context {
    static OUTSIDE: LazyLock<Context> = LazyLock::new(Context::default);
    &OUTSIDE
}

pub(super) fn within(transaction: &TransactionId) -> Context {
    Context {
        transaction: Some(transaction.clone()),
        deadline: None,
    }
}
