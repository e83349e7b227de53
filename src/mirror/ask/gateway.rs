//! The gateway, as one of its callers.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Error, Reply};
use crate::data::update::Op;
use crate::data::{Caller, Filter, Object, Update, Value};
use crate::gateway::{
    self, CreateInput, Gateway, ListRequest, Lookup, PageRequest, Readable, Select, Session, Total,
    UpdateRequest, Visible,
};
use crate::mirror::trial::{Change, List};
use crate::model::{CollectionIx, FieldIx};

/// A caller without roles, and a collection.
pub(super) struct Asker<'a> {
    pub(super) gateway: &'a Arc<Gateway>,
    pub(super) caller: &'a Arc<Caller>,
    pub(super) collection: CollectionIx,
}

/// A document as a caller sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) id: String,
    /// What it shows.
    pub(crate) fields: Vec<(SmolStr, Value)>,
    /// Whether it hides a field.
    pub(crate) hides: bool,
}

impl Asker<'_> {
    pub(super) async fn get(&self, id: &str) -> Result<Reply<Option<Shown>>, Error> {
        let lookup = Lookup::Id(id.into());
        let select = self.everything();
        let found = self.session().get(self.collection, &lookup, &select).await;
        reply(found.map(|found| found.map(|it| self.shown(&it))))
    }

    pub(super) async fn list(&self, list: &List) -> Result<Reply<Vec<Shown>>, Error> {
        let request = self.request(list, Total::Omit);
        let found = self.session().list(&request).await;
        reply(found.map(|found| found.nodes.iter().map(|it| self.shown(it)).collect()))
    }

    pub(super) async fn count(&self, filter: &Filter) -> Result<Reply<u64>, Error> {
        let list = List {
            filter: filter.clone(),
            order: crate::data::Order::default(),
            limit: 1,
        };
        let request = self.request(&list, Total::Count);
        let found = self.session().list(&request).await;
        reply(found.map(|found| found.total.unwrap_or(0)))
    }

    pub(super) async fn create(&self, id: &str, values: Object) -> Result<Reply<()>, Error> {
        let input = CreateInput {
            id: Some(id.into()),
            values,
        };
        let written = self.session().create_one(self.collection, input).await;
        reply(written.map(drop))
    }

    pub(super) async fn update(&self, id: &str, changes: &[Change]) -> Result<Reply<()>, Error> {
        let op = |change: &Change| match change {
            Change::Set(path, value) => Op::Set(path.clone(), value.clone()),
            Change::Unset(path) => Op::Unset(path.clone()),
        };
        let request = UpdateRequest {
            collection: self.collection,
            id: id.into(),
            condition: None,
            update: Update {
                ops: changes.iter().map(op).collect(),
            },
        };
        reply(self.session().update(&request).await.map(drop))
    }

    pub(super) async fn delete(&self, id: &str) -> Result<Reply<()>, Error> {
        let deleted = self.session().delete(self.collection, id, None).await;
        reply(deleted.map(drop))
    }

    fn session(&self) -> Session {
        self.gateway.session(Arc::clone(self.caller))
    }

    fn request(&self, list: &List, total: Total) -> ListRequest {
        ListRequest {
            collection: self.collection,
            filter: list.filter.clone(),
            order: list.order.clone(),
            page: PageRequest {
                first: Some(list.limit),
                ..PageRequest::default()
            },
            select: self.everything(),
            total,
        }
    }

    fn fields(&self) -> impl Iterator<Item = FieldIx> {
        let shape = &self.gateway.model().collection(self.collection).shape;
        (0..shape.fields.len()).map(FieldIx)
    }

    fn everything(&self) -> Select {
        Select {
            fields: self.fields().collect(),
        }
    }

    fn shown(&self, visible: &Visible) -> Shown {
        let shape = &self.gateway.model().collection(self.collection).shape;
        let mut shown = Shown {
            id: visible.id().to_string(),
            fields: Vec::new(),
            hides: false,
        };
        for field in self.fields() {
            match visible.read(field) {
                Readable::Value(value) => {
                    let name = shape.field(field).stored.clone();
                    shown.fields.push((name, value.clone()));
                }
                Readable::Missing => {}
                Readable::Denied => shown.hides = true,
            }
        }
        shown
    }
}

fn reply<T>(outcome: gateway::Result<T>) -> Result<Reply<T>, Error> {
    let error = match outcome {
        Ok(given) => return Ok(Reply::Given(given)),
        Err(error) => error,
    };
    let told = error.to_string();
    Ok(match error {
        gateway::Error::Forbidden { coordinate, .. } if coordinate.contains('.') => {
            Reply::Further(told)
        }
        gateway::Error::Unauthenticated
        | gateway::Error::Forbidden { .. }
        | gateway::Error::NotFound { .. } => Reply::Refused(told),
        gateway::Error::BadInput { .. }
        | gateway::Error::Conflict { .. }
        | gateway::Error::Limit { .. }
        | gateway::Error::InvalidDocument { .. }
        // An operator that the stored value does not bear.
        | gateway::Error::Internal(_) => Reply::Senseless(told),
        error => return Err(Error::Gateway(Box::new(error))),
    })
}
