//! Live lists: what a caller sees of them is what a query would give at that moment, and nothing of what it would not.

mod differential;
mod others;
mod refusal;
mod restless;
mod shared;
mod sight;
mod touch;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use cloudbase_graphql::data::{DocId, Document, Filter, Order, Update, ejson, update::Op};
use cloudbase_graphql::gateway::{
    Clock, Config, Gateway, ListRequest, Lookup, PageRequest, Result, Total, View, Visible,
    WatchRequest,
};
use cloudbase_graphql::live;
use cloudbase_graphql::model::FieldIx;
use cloudbase_graphql::store::Store;

use super::world::{Actor, World, name, object, shown};
use crate::backend;

/// Longer than anything takes that is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A list of a collection, as its watch and as its query.
#[derive(Clone, Debug)]
struct Watched {
    collection: &'static str,
    filter: Filter,
    order: Order,
    first: Option<u64>,
}

impl Watched {
    fn new(collection: &'static str, filter: Filter) -> Self {
        Self {
            collection,
            filter,
            order: Order::default(),
            first: None,
        }
    }

    fn request(&self, actor: &Actor) -> WatchRequest {
        WatchRequest::List {
            collection: actor.collection(self.collection),
            filter: self.filter.clone(),
            order: self.order.clone(),
            first: self.first,
            select: actor.all(self.collection),
            also: Vec::new(),
        }
    }

    async fn watch(&self, actor: &Actor) -> Result<View> {
        actor.session.watch(&self.request(actor)).await
    }

    /// What the caller is given by a query of this moment, by a session of its own.
    async fn listed(&self, actor: &Actor) -> Result<String> {
        let request = ListRequest {
            collection: actor.collection(self.collection),
            filter: self.filter.clone(),
            order: self.order.clone(),
            page: PageRequest {
                first: Some(self.first.unwrap_or(500)),
                ..PageRequest::default()
            },
            select: actor.all(self.collection),
            total: Total::Omit,
        };
        let list = anew(actor).session.list(&request).await?;
        Ok(seen(actor, self.collection, &list.nodes))
    }
}

/// A watch of one document.
fn single(actor: &Actor, collection: &str, id: &str) -> WatchRequest {
    WatchRequest::Single {
        collection: actor.collection(collection),
        id: id.into(),
        select: actor.all(collection),
        also: Vec::new(),
    }
}

/// What the caller is given of one document by a query of this moment.
async fn got(actor: &Actor, collection: &str, id: &str) -> Result<String> {
    let lookup = Lookup::Id(id.into());
    let select = actor.all(collection);
    let session = anew(actor).session;
    let found = session.get(actor.collection(collection), &lookup, &select);
    let found: Vec<Visible> = found.await?.into_iter().collect();
    Ok(seen(actor, collection, &found))
}

/// The same caller at this moment.
fn anew(actor: &Actor) -> Actor {
    let caller = actor.session.caller().clone();
    Actor {
        session: actor.session.gateway().session(caller.into()),
    }
}

/// Each document with all that may be read of it.
fn seen(actor: &Actor, collection: &str, documents: &[Visible]) -> String {
    let ix = actor.collection(collection);
    let fields = &actor.session.gateway().model().collection(ix).shape.fields;
    let lines = documents.iter().map(|document| {
        let mut line = document.id().to_string();
        for (at, field) in fields.iter().enumerate().skip(1) {
            let value = shown(document, FieldIx(at));
            if value != "missing" {
                write!(line, " {}={value}", field.name).expect("a string takes any text");
            }
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn ids(documents: &[Visible]) -> String {
    let ids = documents.iter().map(|document| document.id().to_string());
    ids.collect::<Vec<_>>().join(" ")
}

/// The next state of a view: its ids, or the error.
async fn next(view: &mut View) -> String {
    let changed = tokio::time::timeout(PATIENCE, view.changed()).await;
    match changed.expect("nothing changed") {
        Ok(documents) => ids(documents),
        Err(error) => error.to_string(),
    }
}

/// Waits until the view shows these ids, or ends with this error.
async fn settles(view: &mut View, expected: &str) {
    while ids(view.documents()) != expected {
        match tokio::time::timeout(PATIENCE, view.changed()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return assert_eq!(error.to_string(), expected),
            Err(_) => panic!("{expected} expected, {} seen", ids(view.documents())),
        }
    }
}

impl World {
    /// The same documents behind another gateway.
    fn over(&self, store: Arc<dyn Store>, config: live::Config) -> Arc<Gateway> {
        let gateway = Gateway::new(
            Arc::clone(self.gateway.model()),
            store,
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Config::default(),
        );
        Arc::new(gateway.with_live(config))
    }

    fn live(self, config: live::Config) -> Self {
        let gateway = self.over(Arc::clone(&self.served), backend::live(config));
        Self { gateway, ..self }
    }
}

/// Writes past every permission.
impl World {
    async fn put(&self, collection: &str, text: &str) {
        put(self.served.as_ref(), collection, text).await;
    }

    async fn change(&self, collection: &str, id: &str, ops: Vec<Op>) {
        change(self.served.as_ref(), collection, id, ops).await;
    }

    async fn remove(&self, collection: &str, id: &str) {
        remove(self.served.as_ref(), collection, id).await;
    }
}

async fn put(store: &dyn Store, collection: &str, text: &str) {
    let document = Document::from_object(object(text)).expect("it has an _id");
    let inserted = store.insert(&name(collection), vec![document]).await;
    inserted.expect("an insert");
}

async fn change(store: &dyn Store, collection: &str, id: &str, ops: Vec<Op>) {
    let (collection, id) = (name(collection), DocId::string(id));
    let (any, update) = (Filter::all(), Update { ops });
    let updated = store.update_one(&collection, &id, &any, &update).await;
    updated.expect("an update").expect("a document");
}

async fn remove(store: &dyn Store, collection: &str, id: &str) {
    let (collection, id) = (name(collection), DocId::string(id));
    let deleted = store.delete_one(&collection, &id, &Filter::all()).await;
    deleted.expect("a delete").expect("a document");
}

/// An order by one field.
fn by(field: &str, descending: bool) -> Order {
    use cloudbase_graphql::data::{Direction, OrderKey};
    let direction = match descending {
        true => Direction::Descending,
        false => Direction::Ascending,
    };
    let path = super::world::path(field);
    Order {
        keys: vec![OrderKey { path, direction }],
    }
}

/// Documents `{"_id":"<prefix><number>"}`.
async fn fill(world: &World, collection: &str, prefix: &str, count: usize) {
    let document = |number| {
        let fields = ejson::parse_object(&format!(r#"{{"_id":"{prefix}{number}"}}"#));
        Document::from_object(fields.expect("EJSON")).expect("it has an _id")
    };
    let documents = (0..count).map(document).collect();
    let inserted = world.served.insert(&name(collection), documents).await;
    inserted.expect("an insert");
}
