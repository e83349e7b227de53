//! What the gateway itself costs: everything but the store's read, for the nested query of the README,
//! against the time `serde_json` needs to write the same answer.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cloudbase_graphql::data::{
    Caller, Change, CollectionName, DocId, Document, Filter, Path, Principal, Role, Update, Value,
    ejson,
};
use cloudbase_graphql::gateway::{self, Gateway, SystemClock};
use cloudbase_graphql::graphql::{Config, Executor, Request};
use cloudbase_graphql::model::Model;
use cloudbase_graphql::store::{Find, Result, Snapshot, Store, Updated};
use criterion::{Criterion, criterion_group, criterion_main};
use rustc_hash::FxHashMap;
use tokio::sync::broadcast;

const QUERY: &str = "{ orders(first: 50, where: {status: {eq: PAID}}, orderBy: [{createdAt: DESC}]) {
    nodes { id status total createdAt user { id nickname } lines { quantity item { id title price } } } } }";

const ORDERS: usize = 50;
const USERS: usize = 20;
const ITEMS: usize = 60;

/// A store that has every answer in its hand: what is measured is not the store.
#[derive(Debug)]
struct Ready {
    orders: Vec<Arc<Document>>,
    users: FxHashMap<String, Arc<Document>>,
    items: FxHashMap<String, Arc<Document>>,
    changes: broadcast::Sender<Arc<Change>>,
}

fn document(text: &str) -> Arc<Document> {
    let fields = ejson::parse_object(text).expect("valid EJSON");
    Arc::new(Document::from_object(fields).expect("it has an _id"))
}

impl Ready {
    fn new() -> Self {
        let order = |n: usize| {
            let line = |k: usize| {
                let item = (n * 3 + k) % ITEMS;
                format!(
                    r#"{{"itemId":"item-{item:06}","title":"手冲咖啡壶 {item}","price":12900,"quantity":{}}}"#,
                    k + 1
                )
            };
            let lines = [line(0), line(1), line(2)].join(",");
            document(&format!(
                r#"{{"_id":"order-{n:022}","_openid":"oAbCdEfGhIjKlMnOpQrStUvW{:04}","status":"PAID","lines":[{lines}],"total":41000,"createdAt":{{"$date":{}}}}}"#,
                n % USERS,
                1_767_225_600_000 + n,
            ))
        };
        let user = |n: usize| {
            let openid = format!("oAbCdEfGhIjKlMnOpQrStUvW{n:04}");
            let text =
                format!(r#"{{"_id":"user-{n:024}","_openid":"{openid}","nickname":"王小明 {n}"}}"#);
            (openid, document(&text))
        };
        let item = |n: usize| {
            let id = format!("item-{n:06}");
            let text = format!(
                r#"{{"_id":"{id}","title":"埃塞俄比亚 耶加雪菲 咖啡豆 250g","price":8800,"status":"ON_SALE"}}"#
            );
            (id, document(&text))
        };
        Self {
            orders: (0..ORDERS).map(order).collect(),
            users: (0..USERS).map(user).collect(),
            items: (0..ITEMS).map(item).collect(),
            changes: broadcast::channel(1).0,
        }
    }
}

#[async_trait]
impl Store for Ready {
    async fn find(&self, collection: &CollectionName, find: &Find) -> Result<Vec<Arc<Document>>> {
        let limit = usize::try_from(find.limit).unwrap_or(usize::MAX);
        Ok(match collection.as_str() {
            "orders" => self.orders.iter().take(limit).cloned().collect(),
            _ => Vec::new(),
        })
    }

    async fn snapshot(&self, collection: &CollectionName, find: &Find) -> Result<Snapshot> {
        Ok(Snapshot {
            sequence: 0,
            documents: self.find(collection, find).await?,
        })
    }

    async fn find_per_key(
        &self,
        collection: &CollectionName,
        _path: &Path,
        keys: &[Value],
        _find: &Find,
    ) -> Result<Vec<Vec<Arc<Document>>>> {
        let documents = match collection.as_str() {
            "users" => &self.users,
            _ => &self.items,
        };
        let of = |key: &Value| key.as_str().and_then(|key| documents.get(key)).cloned();
        Ok(keys
            .iter()
            .map(|key| of(key).into_iter().collect())
            .collect())
    }

    async fn count(&self, _collection: &CollectionName, _filter: &Filter) -> Result<u64> {
        Ok(0)
    }

    async fn count_per_key(
        &self,
        _collection: &CollectionName,
        _path: &Path,
        keys: &[Value],
        _filter: &Filter,
    ) -> Result<Vec<u64>> {
        Ok(vec![0; keys.len()])
    }

    async fn insert(
        &self,
        _collection: &CollectionName,
        _documents: Vec<Document>,
    ) -> Result<Vec<Arc<Document>>> {
        Ok(Vec::new())
    }

    async fn update_one(
        &self,
        _collection: &CollectionName,
        _id: &DocId,
        _condition: &Filter,
        _update: &Update,
    ) -> Result<Option<Updated>> {
        Ok(None)
    }

    async fn update_many_by_id(
        &self,
        _collection: &CollectionName,
        _ids: &[DocId],
        _condition: &Filter,
        _update: &Update,
    ) -> Result<Vec<Updated>> {
        Ok(Vec::new())
    }

    async fn delete_one(
        &self,
        _collection: &CollectionName,
        _id: &DocId,
        _condition: &Filter,
    ) -> Result<Option<Arc<Document>>> {
        Ok(None)
    }

    async fn delete_many_by_id(
        &self,
        _collection: &CollectionName,
        _ids: &[DocId],
        _condition: &Filter,
    ) -> Result<Vec<Arc<Document>>> {
        Ok(Vec::new())
    }

    fn changes(&self) -> Option<broadcast::Receiver<Arc<Change>>> {
        Some(self.changes.subscribe())
    }

    fn reads(&self) -> u64 {
        0
    }

    async fn ready(&self) -> Result<()> {
        Ok(())
    }
}

fn executor() -> Executor {
    let checked = Model::parse(include_str!("../schema.graphql")).expect("the shop");
    let gateway = Gateway::new(
        Arc::new(checked.model),
        Arc::new(Ready::new()),
        Arc::new(SystemClock),
        gateway::Config::default(),
    );
    Executor::new(Arc::new(gateway), Config::default()).expect("a model that can be served")
}

fn caller(role: Option<&str>) -> Arc<Caller> {
    let user = Caller::user(Principal::openid("demo-somebody").to_user());
    Arc::new(Caller {
        roles: role.into_iter().map(Role::new).collect(),
        ..user
    })
}

fn request(query: &str) -> Request {
    Request {
        query: query.to_owned(),
        ..Request::default()
    }
}

fn nested(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let executor = executor();
    let admin = caller(Some("admin"));
    let run = |query: &str, caller: &Arc<Caller>| {
        let answer = executor.execute(request(query), Arc::clone(caller));
        runtime.block_on(answer).body
    };

    let body = run(QUERY, &admin);
    let answer: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    let nodes = answer["data"]["orders"]["nodes"].as_array().expect("data");
    assert_eq!(nodes.len(), ORDERS);
    assert!(
        nodes
            .iter()
            .all(|node| node["lines"][2]["item"]["id"].is_string())
    );

    let mut group = c.benchmark_group("nested");
    group.measurement_time(Duration::from_secs(4));
    group.bench_function("gateway", |b| b.iter(|| run(black_box(QUERY), &admin)));
    group.bench_function("gateway, as a customer", |b| {
        let customer = caller(None);
        b.iter(|| run(black_box(QUERY), &customer));
    });
    group.bench_function("serde_json", |b| {
        b.iter(|| serde_json::to_vec(black_box(&answer)).expect("JSON"));
    });
    group.finish();
}

fn taking_in(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let executor = executor();
    let admin = caller(Some("admin"));
    let mut unseen = 0_u64;
    c.bench_function("nested, a document never seen before", |b| {
        b.iter(|| {
            unseen += 1;
            let query = format!("#{unseen}\n{QUERY}");
            runtime.block_on(executor.execute(request(&query), Arc::clone(&admin)))
        });
    });
}

criterion_group!(benches, nested, taking_in);
criterion_main!(benches);
