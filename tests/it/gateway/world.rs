//! A gateway over an embedded store, with a clock and an audit the test holds in its hands.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use cloudbase_graphql::data::{
    Caller, CollectionName, DocId, Document, Filter, Object, Order, Path, Principal, Test, Update,
    Value, ejson, update::Op,
};
use cloudbase_graphql::gateway::{
    BulkRequest, Clock, Config, CreateInput, Error, Gateway, List, ListRequest, Lookup,
    PageRequest, Readable, Result, Select, Session, Total, UpdateRequest, Visible, Written, audit,
};
use cloudbase_graphql::live;
use cloudbase_graphql::model::{CollectionIx, FieldIx, Model};
use cloudbase_graphql::store::Store;
use cloudbase_graphql::store::sqlite::SqliteStore;

use crate::backend;

/// 2026-01-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_767_225_600_000;

pub(crate) struct World {
    pub(crate) gateway: Arc<Gateway>,
    /// Where documents are, for tests to put them in and look at them.
    pub(crate) store: Arc<SqliteStore>,
    /// What the gateway has them from: it is told at once of what is written here, as of its own writes.
    pub(crate) served: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) audit: Arc<Collected>,
}

#[derive(Debug)]
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Collected(Mutex<Vec<audit::Entry>>);

impl Collected {
    pub(crate) fn entries(&self) -> Vec<audit::Entry> {
        self.0.lock().expect("no panic while it was held").clone()
    }
}

impl audit::Sink for Collected {
    fn record(&self, entry: &audit::Entry) {
        self.0
            .lock()
            .expect("no panic while it was held")
            .push(entry.clone());
    }
}

impl World {
    /// A gateway over this model and these documents: `(collection, EJSON)`.
    pub(crate) async fn new(schema: &str, seed: &[(&str, &str)]) -> Self {
        Self::configured(schema, seed, Config::default()).await
    }

    pub(crate) async fn configured(schema: &str, seed: &[(&str, &str)], config: Config) -> Self {
        Self::built(schema, seed, config, |gateway| gateway).await
    }

    /// The same with a gateway that something more is asked of.
    pub(crate) async fn built(
        schema: &str,
        seed: &[(&str, &str)],
        config: Config,
        finish: impl FnOnce(Gateway) -> Gateway,
    ) -> Self {
        let model = match Model::parse(schema) {
            Ok(checked) => Arc::new(checked.model),
            Err(problems) => panic!("the model has problems: {problems:#?}"),
        };
        let store = SqliteStore::temporary().expect("a temporary store");
        let specs = Gateway::collection_specs(&model);
        store.prepare(&specs).await.expect("collections");
        for (collection, text) in seed {
            let fields = ejson::parse_object(text).expect("valid EJSON");
            let document = Document::from_object(fields).expect("it has an _id");
            store
                .insert(&name(collection), vec![document])
                .await
                .expect("seed");
        }
        let clock = Arc::new(ManualClock(AtomicI64::new(NOW)));
        let audit = Arc::new(Collected::default());
        let served = backend::over(&store, &specs).await;
        let gateway = Gateway::new(
            model,
            Arc::clone(&served),
            Arc::clone(&clock) as Arc<dyn Clock>,
            config,
        )
        .with_audit(Arc::clone(&audit) as Arc<dyn audit::Sink>)
        .with_live(backend::live(live::Config::default()));
        Self {
            gateway: Arc::new(finish(gateway)),
            store,
            served,
            clock,
            audit,
        }
    }

    /// One operation of a principal (`openid:alice`, `uid:u1`), or of nobody (`-`).
    pub(crate) async fn as_(&self, principal: &str) -> Actor {
        let caller = match principal {
            "-" => Caller::none(),
            principal => {
                let principal = Principal::parse(principal).expect("a principal");
                self.gateway
                    .caller(principal.to_user())
                    .await
                    .expect("roles")
            }
        };
        Actor {
            session: self.gateway.session(Arc::new(caller)),
        }
    }

    /// A stored document as relaxed EJSON, past every permission.
    pub(crate) async fn stored(&self, collection: &str, id: &str) -> Option<Arc<Document>> {
        let find = cloudbase_graphql::store::Find {
            filter: Filter::id(&DocId::string(id)),
            order: Order::default(),
            after: None,
            skip: 0,
            limit: 1,
            projection: cloudbase_graphql::store::Projection::All,
        };
        let found = self
            .store
            .find(&name(collection), &find)
            .await
            .expect("a read");
        found.into_iter().next()
    }
}

/// A session, spoken to by names.
pub(crate) struct Actor {
    pub(crate) session: Session,
}

impl Actor {
    pub(crate) fn collection(&self, name: &str) -> CollectionIx {
        let model = self.session.gateway().model();
        model.collection_named(name).expect("a collection")
    }

    pub(crate) fn field(&self, collection: &str, field: &str) -> FieldIx {
        let ix = self.collection(collection);
        let shape = &self.session.gateway().model().collection(ix).shape;
        shape.field_named(field).expect("a field")
    }

    /// Every field.
    pub(crate) fn all(&self, collection: &str) -> Select {
        let ix = self.collection(collection);
        let fields = &self.session.gateway().model().collection(ix).shape.fields;
        Select {
            fields: (0..fields.len()).map(FieldIx).collect(),
        }
    }

    pub(crate) fn request(&self, collection: &str, filter: Filter) -> ListRequest {
        ListRequest {
            collection: self.collection(collection),
            filter,
            order: Order::default(),
            page: PageRequest::default(),
            select: self.all(collection),
            total: Total::Omit,
        }
    }

    pub(crate) async fn list(&self, collection: &str, filter: Filter) -> Result<List> {
        let mut request = self.request(collection, filter);
        request.page.first = Some(100);
        request.total = Total::Count;
        self.session.list(&request).await
    }

    /// Ids of the documents that match, or the error.
    pub(crate) async fn find(&self, collection: &str, filter: Filter) -> String {
        match self.list(collection, filter).await {
            Ok(list) => {
                let ids = ids(&list);
                assert_eq!(
                    list.total,
                    Some(list.nodes.len() as u64),
                    "the total counts what is seen"
                );
                ids
            }
            Err(error) => error.to_string(),
        }
    }

    pub(crate) async fn get(&self, collection: &str, id: &str) -> Result<Option<Visible>> {
        let lookup = Lookup::Id(id.into());
        let select = self.all(collection);
        self.session
            .get(self.collection(collection), &lookup, &select)
            .await
    }

    pub(crate) async fn look_up(
        &self,
        collection: &str,
        field: &str,
        value: Value,
    ) -> Result<Option<Visible>> {
        let lookup = Lookup::Unique(vec![(self.field(collection, field), value)]);
        let select = self.all(collection);
        self.session
            .get(self.collection(collection), &lookup, &select)
            .await
    }

    /// A field of a document: its value as relaxed EJSON, `missing`, `denied`, or `no document`.
    pub(crate) async fn read(&self, collection: &str, id: &str, field: &str) -> String {
        match self.get(collection, id).await {
            Ok(Some(document)) => shown(&document, self.field(collection, field)),
            Ok(None) => "no document".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    pub(crate) async fn create(&self, collection: &str, values: &str) -> Result<Written> {
        self.create_with_id(collection, None, values).await
    }

    pub(crate) async fn create_with_id(
        &self,
        collection: &str,
        id: Option<&str>,
        values: &str,
    ) -> Result<Written> {
        let input = input(id, values);
        self.session
            .create_one(self.collection(collection), input)
            .await
    }

    pub(crate) async fn update(&self, collection: &str, id: &str, ops: Vec<Op>) -> Result<Written> {
        self.update_if(collection, id, ops, None).await
    }

    pub(crate) async fn update_if(
        &self,
        collection: &str,
        id: &str,
        ops: Vec<Op>,
        condition: Option<Filter>,
    ) -> Result<Written> {
        let request = UpdateRequest {
            collection: self.collection(collection),
            id: id.into(),
            condition,
            update: Update { ops },
        };
        self.session.update(&request).await
    }

    pub(crate) async fn delete(
        &self,
        collection: &str,
        id: &str,
        condition: Option<Filter>,
    ) -> Result<DocId> {
        let collection = self.collection(collection);
        self.session
            .delete(collection, id, condition.as_ref())
            .await
    }

    pub(crate) fn bulk(&self, collection: &str, filter: Filter, at_most: u64) -> BulkRequest {
        BulkRequest {
            collection: self.collection(collection),
            filter,
            all: false,
            at_most,
        }
    }
}

pub(crate) fn input(id: Option<&str>, values: &str) -> CreateInput {
    CreateInput {
        id: id.map(Into::into),
        values: object(values),
    }
}

pub(crate) fn ids(list: &List) -> String {
    let ids: Vec<String> = list
        .nodes
        .iter()
        .map(|node| node.id().to_string())
        .collect();
    ids.join(" ")
}

pub(crate) fn shown(document: &Visible, field: FieldIx) -> String {
    match document.read(field) {
        Readable::Value(value) => ejson::value_to_string(value, ejson::Mode::Relaxed),
        Readable::Missing => "missing".to_owned(),
        Readable::Denied => "denied".to_owned(),
    }
}

/// What a write said: `ok` or the error.
pub(crate) fn said<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}

pub(crate) fn kind(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated => "unauthenticated",
        Error::Forbidden { .. } => "forbidden",
        Error::Elevation { .. } => "elevation",
        Error::NotFound { .. } => "not found",
        Error::Conflict { .. } => "conflict",
        Error::BadInput { .. } => "bad input",
        Error::Limit { .. } => "limit",
        Error::InvalidDocument { .. } => "invalid document",
        Error::Unavailable(_) => "unavailable",
        Error::Unvouched { .. } => "unvouched",
        Error::OutcomeUnknown(_) => "outcome unknown",
        Error::Internal(_) => "internal",
    }
}

pub(crate) fn name(collection: &str) -> CollectionName {
    CollectionName::parse(collection).expect("a collection name")
}

pub(crate) fn object(text: &str) -> Object {
    ejson::parse_object(text).expect("valid EJSON")
}

/// A value from relaxed EJSON.
pub(crate) fn value(text: &str) -> Value {
    ejson::parse_value(text).expect("valid EJSON")
}

pub(crate) fn path(text: &str) -> Path {
    Path::parse(text).expect("a path")
}

pub(crate) fn test(field: &str, test: Test) -> Filter {
    Filter::field(&path(field), test)
}

/// `field == value`, the value as relaxed EJSON.
pub(crate) fn is(field: &str, text: &str) -> Filter {
    test(field, Test::Eq(value(text)))
}

pub(crate) fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

pub(crate) fn all() -> Filter {
    Filter::all()
}

pub(crate) fn set(field: &str, text: &str) -> Op {
    Op::Set(path(field), value(text))
}

pub(crate) fn inc(field: &str, text: &str) -> Op {
    Op::Inc(path(field), value(text))
}
