//! `extensions.permissions`: what decides about an operation, for those who may
//! know. Which parts it has is read from its plan; nothing of it is run for this.

use serde_json::{Map, Value as Json, json};

use super::bind::{DocumentGet, Mutation, Object, PayloadGet, Plan, RootGet};
use crate::data::ejson::{Mode, value_to_string};
use crate::data::{Filter, Order, Role};
use crate::gateway::{Lookup, Operation, Part, Permission, Ruling, Select, Session, WatchRequest};
use crate::model::{CollectionIx, FieldIx, Model};

/// How many parts are told of.
const PARTS_MAX: usize = 100;
/// How much of one text is, in characters.
const TEXT_MAX: usize = 500;

/// What is decided about the parts of an operation, at most [`PARTS_MAX`] of them.
pub(crate) fn permissions(session: &Session, plan: &Plan<'_>) -> Vec<Permission> {
    let mut parts = Parts {
        model: session.gateway().model(),
        found: Vec::new(),
    };
    parts.plan(plan);
    session.permissions(parts.found).take(PARTS_MAX).collect()
}

pub(crate) fn to_json(permissions: &[Permission]) -> Json {
    permissions.iter().map(entry).collect()
}

fn entry(permission: &Permission) -> Json {
    let explanation = &permission.explanation;
    let clauses = explanation.clauses.iter().map(|clause| {
        let saw: Map<String, Json> = clause
            .observed
            .iter()
            .map(|(name, value)| {
                let value = value
                    .as_ref()
                    .map(|value| value_to_string(value, Mode::Relaxed));
                (cut(name.clone()), value.map(cut).into())
            })
            .collect();
        json!({
            "clause": clause.clause.to_string(),
            "rule": clause.rule.clone().map(cut),
            "applies": clause.applies,
            "says": clause.residual.as_ref().map(|residual| cut(residual.to_string())),
            "saw": saw,
        })
    });
    json!({
        "on": permission.coordinate,
        "operation": permission.operation,
        "decision": word(permission.ruling),
        "by": permission.by().map(ToString::to_string).collect::<Vec<_>>(),
        "clauses": clauses.collect::<Vec<_>>(),
        "enough": permission.enough.iter().map(Role::as_str).collect::<Vec<_>>(),
    })
}

fn word(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Allowed => "ALLOW",
        Ruling::Denied => "DENY",
        Ruling::Narrowed => "WHERE",
        Ruling::Depends => "DEPENDS",
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// The parts of an operation, each once, in the order in which they are met.
struct Parts<'m> {
    model: &'m Model,
    found: Vec<Part>,
}

impl Parts<'_> {
    fn plan(&mut self, plan: &Plan<'_>) {
        for item in &plan.root.items {
            if let Some(get) = &item.get {
                self.root(get);
            }
        }
        for load in &plan.loads {
            self.read(load.target, &load.select);
            self.field(load.target, load.to, Operation::Read);
            if let Some(request) = &load.many {
                self.condition(load.target, &request.filter);
                self.order(load.target, &request.order);
            }
        }
    }

    fn root(&mut self, get: &RootGet<'_>) {
        match get {
            RootGet::Introspection | RootGet::Ticket(_) => {}
            RootGet::Me(me) => {
                if let Some((collection, select)) = &me.user {
                    self.read(*collection, select);
                }
            }
            RootGet::Single {
                collection,
                lookup,
                select,
                ..
            } => {
                self.read(*collection, select);
                if let Lookup::Unique(values) = lookup {
                    for (field, _) in values {
                        self.field(*collection, *field, Operation::Read);
                    }
                }
            }
            RootGet::List { request, .. } => {
                self.read(request.collection, &request.select);
                self.condition(request.collection, &request.filter);
                self.order(request.collection, &request.order);
            }
            RootGet::Live { request, event } => {
                let (WatchRequest::List { collection, .. }
                | WatchRequest::Single { collection, .. }) = request;
                self.add(*collection, None, Operation::Read);
                for document in event.on_documents() {
                    self.shown(*collection, document);
                }
            }
            RootGet::Mutation { mutation, payload } => {
                let collection = self.mutation(mutation);
                for item in &payload.items {
                    if let Some(PayloadGet::Document(shown) | PayloadGet::Documents(shown)) =
                        &item.get
                    {
                        self.add(collection, None, Operation::Read);
                        self.shown(collection, shown);
                    }
                }
            }
        }
    }

    /// What a mutation writes and looks at; gives the collection.
    fn mutation(&mut self, mutation: &Mutation) -> CollectionIx {
        match mutation {
            Mutation::CreateOne(collection, input) => {
                self.create(*collection, std::slice::from_ref(input));
                *collection
            }
            Mutation::CreateMany(collection, inputs) => {
                self.create(*collection, inputs);
                *collection
            }
            Mutation::UpdateOne(request) => {
                self.update(request.collection, &request.update);
                if let Some(condition) = &request.condition {
                    self.condition(request.collection, condition);
                }
                request.collection
            }
            Mutation::UpdateMany(bulk, update) => {
                self.update(bulk.collection, update);
                self.condition(bulk.collection, &bulk.filter);
                bulk.collection
            }
            Mutation::DeleteOne {
                collection,
                condition,
                ..
            } => {
                self.add(*collection, None, Operation::Delete);
                if let Some(condition) = condition {
                    self.condition(*collection, condition);
                }
                *collection
            }
            Mutation::DeleteMany(bulk) => {
                self.add(bulk.collection, None, Operation::Delete);
                self.condition(bulk.collection, &bulk.filter);
                bulk.collection
            }
        }
    }

    fn create(&mut self, collection: CollectionIx, inputs: &[crate::gateway::CreateInput]) {
        self.add(collection, None, Operation::Create);
        for (stored, _) in inputs.iter().flat_map(|input| input.values.iter()) {
            self.stored(collection, stored, Operation::Create);
        }
    }

    fn update(&mut self, collection: CollectionIx, update: &crate::data::Update) {
        self.add(collection, None, Operation::Update);
        for path in update.paths() {
            self.stored(collection, path.root(), Operation::Update);
        }
    }

    fn read(&mut self, collection: CollectionIx, select: &Select) {
        self.add(collection, None, Operation::Read);
        for field in &select.fields {
            self.field(collection, *field, Operation::Read);
        }
    }

    /// The members of a document; what relations lead to is among the loads.
    fn shown(&mut self, collection: CollectionIx, document: &Object<'_, DocumentGet<'_>>) {
        for item in &document.items {
            let at = match &item.get {
                Some(
                    DocumentGet::Leaf(at, _)
                    | DocumentGet::Address(at, _)
                    | DocumentGet::Embedded(at, _)
                    | DocumentGet::GeoPoint(at, _)
                    | DocumentGet::ToOne(at, ..)
                    | DocumentGet::ToMany(at, ..),
                ) => at,
                None => continue,
            };
            self.field(collection, at.ix, Operation::Read);
        }
    }

    /// A condition looks at documents and at what it names.
    fn condition(&mut self, collection: CollectionIx, condition: &Filter) {
        self.add(collection, None, Operation::Read);
        for stored in condition.roots() {
            self.stored(collection, stored, Operation::Read);
        }
    }

    fn order(&mut self, collection: CollectionIx, order: &Order) {
        for key in &order.keys {
            self.stored(collection, key.path.root(), Operation::Read);
        }
    }

    fn stored(&mut self, collection: CollectionIx, stored: &str, operation: Operation) {
        let shape = &self.model.collection(collection).shape;
        if let Some(field) = shape.field_stored(stored) {
            self.field(collection, field, operation);
        }
    }

    fn field(&mut self, collection: CollectionIx, field: FieldIx, operation: Operation) {
        // The id of a visible document is what makes it visible.
        let stored = &self.model.collection(collection).shape.field(field).stored;
        if stored != "_id" {
            self.add(collection, Some(field), operation);
        }
    }

    fn add(&mut self, collection: CollectionIx, field: Option<FieldIx>, operation: Operation) {
        let part = Part {
            collection,
            field,
            operation,
        };
        if !self.found.contains(&part) {
            self.found.push(part);
        }
    }
}
