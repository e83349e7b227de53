//! A whole gateway in this process: a model, an embedded store with documents,
//! a clock that stands still, callers that send operations.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cloudbase_graphql::data::{Caller, CollectionName, Document, Principal, Role, ejson};
use cloudbase_graphql::gateway::{self, Clock, Gateway};
use cloudbase_graphql::graphql::{Config, Executor, Outcome, Request, Response};
use cloudbase_graphql::live;
use cloudbase_graphql::model::Model;
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{CollectionSpec, Store};
use serde_json::{Map, Value as Json};

use crate::backend;

/// The model the gateway ships with.
pub(crate) const SHOP: &str = include_str!("../../schema.graphql");

/// 2026-01-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_767_225_600_000;

/// Stands at [`NOW`] until it is moved.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) struct TestApp {
    pub(crate) executor: Arc<Executor>,
    /// Where documents are, for tests to put them in and look at them.
    pub(crate) store: Arc<SqliteStore>,
    /// The same for writes that the gateway hears of at once, as of its own.
    pub(crate) writer: Arc<dyn Store>,
    pub(crate) clock: Arc<TestClock>,
}

impl TestApp {
    /// The shop with [`SEED`].
    pub(crate) async fn shop() -> Self {
        Self::new(SHOP, SEED).await
    }

    /// A gateway over this model and these documents: `(collection, EJSON)`.
    pub(crate) async fn new(model: &str, seed: &[(&str, &str)]) -> Self {
        Self::configured(model, seed, gateway::Config::default()).await
    }

    pub(crate) async fn configured(
        model: &str,
        seed: &[(&str, &str)],
        config: gateway::Config,
    ) -> Self {
        // Tests write and look, again and again.
        let live = live::Config {
            pace: Duration::ZERO,
            ..live::Config::default()
        };
        Self::watching(model, seed, config, live).await
    }

    /// The same with its live lists kept as `live` says.
    pub(crate) async fn watching(
        model: &str,
        seed: &[(&str, &str)],
        config: gateway::Config,
        live: live::Config,
    ) -> Self {
        let live = backend::live(live);
        let build = |model, store, clock| Gateway::new(model, store, clock, config).with_live(live);
        Self::built(model, seed, build).await
    }

    /// The same with a store in between that is not what it should be.
    pub(crate) async fn over<S: Store + 'static>(
        model: &str,
        seed: &[(&str, &str)],
        config: gateway::Config,
        live: live::Config,
        between: impl FnOnce(Arc<SqliteStore>) -> Arc<S>,
    ) -> Self {
        let over = async |stored, _| {
            let between = between(Arc::clone(&stored)) as Arc<dyn Store>;
            (between, stored as Arc<dyn Store>)
        };
        let build = |model, store, clock| Gateway::new(model, store, clock, config).with_live(live);
        Self::stacked(model, seed, over, build).await
    }

    /// The same with each collection closed until its permission in the database is known to be the model's.
    pub(crate) async fn guarded(model: &str, seed: &[(&str, &str)]) -> Self {
        let build = |model, store, clock| {
            let config = gateway::Config::default();
            let gateway = Gateway::new(model, store, clock, config);
            gateway.with_mirror(gateway::Mirror::FailClosed)
        };
        Self::built(model, seed, build).await
    }

    /// Over a gateway of the test's making.
    pub(crate) async fn built(
        model: &str,
        seed: &[(&str, &str)],
        build: impl FnOnce(Arc<Model>, Arc<dyn Store>, Arc<dyn Clock>) -> Gateway,
    ) -> Self {
        let over = async |stored, specs: Vec<_>| {
            let served = backend::over(&stored, &specs).await;
            (Arc::clone(&served), served)
        };
        Self::stacked(model, seed, over, build).await
    }

    /// The same with what `over` puts over the documents: what the gateway has, and what tests write to.
    async fn stacked(
        model: &str,
        seed: &[(&str, &str)],
        over: impl AsyncFnOnce(
            Arc<SqliteStore>,
            Vec<CollectionSpec>,
        ) -> (Arc<dyn Store>, Arc<dyn Store>),
        build: impl FnOnce(Arc<Model>, Arc<dyn Store>, Arc<dyn Clock>) -> Gateway,
    ) -> Self {
        let model = match Model::parse(model) {
            Ok(checked) => Arc::new(checked.model),
            Err(problems) => panic!("the model has problems: {problems:#?}"),
        };
        let store = SqliteStore::temporary().expect("a temporary store");
        let specs = Gateway::collection_specs(&model);
        store.prepare(&specs).await.expect("collections");
        let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        let (served, writer) = over(Arc::clone(&store), specs).await;
        let gateway = build(model, served, shared);
        let executor = Executor::new(Arc::new(gateway), Config::default())
            .expect("a model that can be served");
        let app = Self {
            executor: Arc::new(executor),
            writer,
            store,
            clock,
        };
        for (collection, document) in seed {
            app.insert(collection, [*document]).await;
        }
        app
    }

    /// Stores documents past every permission.
    pub(crate) async fn insert<'d>(
        &self,
        collection: &str,
        documents: impl IntoIterator<Item = &'d str>,
    ) {
        let name = CollectionName::parse(collection).expect("a collection's name");
        let read = |text: &str| {
            let fields = ejson::parse_object(text).expect("valid EJSON");
            Document::from_object(fields).expect("it has an _id")
        };
        let documents = documents.into_iter().map(read).collect();
        self.writer.insert(&name, documents).await.expect("seed");
    }

    /// Somebody with these roles, whatever the documents say.
    pub(crate) fn staff(&self, roles: &[&str]) -> Client {
        self.holder("openid:staff", roles)
    }

    /// This principal with these roles, whatever the documents say.
    pub(crate) fn holder(&self, principal: &str, roles: &[&str]) -> Client {
        let user = Principal::parse(principal).expect("a principal").to_user();
        let caller = Caller {
            roles: roles.iter().map(|role| Role::new(*role)).collect(),
            ..Caller::user(user)
        };
        self.client(caller)
    }

    /// A principal (`openid:demo-alice`), or `-` for nobody.
    pub(crate) async fn caller(&self, principal: &str) -> Client {
        let caller = match principal {
            "-" => Caller::none(),
            principal => {
                let user = Principal::parse(principal).expect("a principal").to_user();
                self.executor.gateway().caller(user).await.expect("roles")
            }
        };
        self.client(caller)
    }

    pub(crate) fn client(&self, caller: Caller) -> Client {
        Client {
            executor: Arc::clone(&self.executor),
            caller: Arc::new(caller),
        }
    }
}

pub(crate) struct Client {
    executor: Arc<Executor>,
    caller: Arc<Caller>,
}

/// What came back for one operation.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    pub(crate) text: String,
    pub(crate) json: Json,
}

impl Client {
    pub(crate) async fn query(&self, query: &str) -> Answer {
        self.send(Request {
            query: query.to_owned(),
            ..Request::default()
        })
        .await
    }

    pub(crate) async fn query_with(&self, query: &str, variables: Json) -> Answer {
        self.send(Request {
            query: query.to_owned(),
            variables: object(variables),
            ..Request::default()
        })
        .await
    }

    /// The answer with `extensions.plan`.
    pub(crate) async fn explained(&self, query: &str) -> Answer {
        self.send(Request {
            query: query.to_owned(),
            explain: true,
            ..Request::default()
        })
        .await
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        let Response { body, outcome } = self
            .executor
            .execute(request, Arc::clone(&self.caller))
            .await;
        let text = String::from_utf8(body.to_vec()).expect("answers are UTF-8");
        let json = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"));
        Answer {
            outcome,
            text,
            json,
        }
    }
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(members) => members,
        other => panic!("variables are an object, not {other}"),
    }
}

impl Answer {
    /// `data`; fails the test if anything went wrong.
    pub(crate) fn data(&self) -> &Json {
        assert!(self.json.get("errors").is_none(), "{}", self.text);
        &self.json["data"]
    }

    /// The text of `data` as it was sent: order of members included.
    pub(crate) fn data_text(&self) -> &str {
        let rest = self.text.strip_prefix("{\"data\":").expect("there is data");
        let end = [",\"errors\":[", ",\"extensions\":{"]
            .iter()
            .filter_map(|next| rest.find(next))
            .min()
            .unwrap_or(rest.len() - 1);
        &rest[..end]
    }

    /// Each error as `CODE path`.
    pub(crate) fn errors(&self) -> Vec<String> {
        let errors = self.json["errors"].as_array().cloned().unwrap_or_default();
        let line = |error: &Json| {
            let code = error["extensions"]["code"].as_str().expect("a code");
            let path = error["path"].as_array().cloned().unwrap_or_default();
            let path = path.iter().map(|step| match step {
                Json::String(key) => key.clone(),
                index => index.to_string(),
            });
            format!("{code} {}", path.collect::<Vec<_>>().join("."))
                .trim_end()
                .to_owned()
        };
        errors.iter().map(line).collect()
    }

    /// The first error's message.
    pub(crate) fn message(&self) -> &str {
        self.json["errors"][0]["message"].as_str().unwrap_or("")
    }

    /// `extensions.denied` as `Order.phone 2`.
    pub(crate) fn denied(&self) -> Vec<String> {
        let denied = self.json["extensions"]["denied"].as_array().cloned();
        let line = |entry: Json| format!("{} {}", entry["field"].as_str().unwrap(), entry["count"]);
        denied.unwrap_or_default().into_iter().map(line).collect()
    }

    pub(crate) fn reads(&self) -> u64 {
        self.json["extensions"]["plan"]["reads"]
            .as_u64()
            .expect("a plan")
    }
}

/// A small shop: staff as in the demo, two customers with three orders and one, items of every status.
pub(crate) const SEED: &[(&str, &str)] = &[
    (
        "roles",
        r#"{"_id":"openid:demo-owner","roles":["owner"],"status":"ACTIVE","createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:demo-admin","roles":["admin"],"status":"ACTIVE","createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:demo-operator","roles":["operator"],"status":"ACTIVE","createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}}"#,
    ),
    (
        "roles",
        r#"{"_id":"openid:demo-support","roles":["support"],"status":"ACTIVE","createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}}"#,
    ),
    (
        "users",
        r#"{"_id":"u1","_openid":"demo-alice","nickname":"Alice \"A\"","phone":"13800000001","status":"ACTIVE","points":5,"createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}}"#,
    ),
    (
        "users",
        r#"{"_id":"u2","_openid":"demo-bob","nickname":"鲍勃","phone":"13800000002","status":"ACTIVE","points":0,"createdAt":{"$date":1735689601000},"updatedAt":{"$date":1735689601000}}"#,
    ),
    (
        "items",
        r#"{"_id":"i1","title":"Tea","price":1200,"cost":700,"stock":10,"category":"drinks","tags":["hot","green"],"images":[],"status":"ON_SALE","location":{"type":"Point","coordinates":[121.5,31.25]},"createdAt":{"$date":1735689600000},"updatedAt":{"$date":1735689600000}}"#,
    ),
    (
        "items",
        r#"{"_id":"i2","title":"Cup","price":3500,"cost":2000,"stock":3,"category":"ware","tags":["china"],"images":["cloud://shop.bucket/cup.png"],"status":"ON_SALE","createdAt":{"$date":1735689601000},"updatedAt":{"$date":1735689601000}}"#,
    ),
    (
        "items",
        r#"{"_id":"i3","title":"Secret","price":9900,"stock":0,"category":"ware","tags":[],"images":[],"status":"DRAFT","createdAt":{"$date":1735689602000},"updatedAt":{"$date":1735689602000}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o1","_openid":"demo-alice","orderNo":"N1","status":"PAID","lines":[{"itemId":"i1","title":"Tea","price":1200,"quantity":2},{"itemId":"i3","title":"Secret","price":9900,"quantity":1}],"total":12300,"address":{"name":"Alice","phone":"1","province":"SH","city":"Shanghai","detail":"1 Road"},"paidAt":{"$date":1735689700123},"createdAt":{"$date":1735689650000},"updatedAt":{"$date":1735689650000}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o2","_openid":"demo-alice","orderNo":"N2","status":"CLOSED","lines":[{"itemId":"i2","title":"Cup","price":3500,"quantity":1}],"total":3500,"createdAt":{"$date":1735689651000},"updatedAt":{"$date":1735689651000}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o3","_openid":"demo-alice","orderNo":"N3","status":"SHIPPED","lines":[{"itemId":"i1","title":"Tea","price":1200,"quantity":1}],"total":1200,"createdAt":{"$date":1735689652000},"updatedAt":{"$date":1735689652000}}"#,
    ),
    (
        "orders",
        r#"{"_id":"o4","_openid":"demo-bob","orderNo":"N4","status":"PAID","lines":[{"itemId":"i1","title":"Tea","price":1200,"quantity":3},{"itemId":"i2","title":"Cup","price":3500,"quantity":1}],"total":7100,"address":{"name":"Bob","phone":"2","province":"BJ","city":"Beijing","detail":"2 Road"},"createdAt":{"$date":1735689653000},"updatedAt":{"$date":1735689653000}}"#,
    ),
];
