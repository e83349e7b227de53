//! One operation's view of the gateway.

use std::sync::Arc;

use crate::data::{Caller, DocId, Filter, Update, Value};
use crate::model::{CollectionIx, FieldIx, RelationIx};

use super::error::Result;
use super::list::List;
use super::mask::{Mask, Verdict, Visible};
use super::request::{
    BulkRequest, BulkResult, CreateInput, ListRequest, Lookup, Select, UpdateRequest, Written,
};
use super::trace::{Recorder, Trace};
use super::{Gateway, Operation};

/// One operation's view of the gateway: a caller, one instant, loaders.
#[derive(Debug)]
pub struct Session {
    gateway: Arc<Gateway>,
    caller: Arc<Caller>,
    /// Milliseconds since 1970: one instant for the whole operation.
    now: i64,
    recorder: Arc<Recorder>,
}

impl Session {
    pub(super) fn new(gateway: Arc<Gateway>, caller: Arc<Caller>) -> Self {
        let now = gateway.clock.now_ms();
        Self {
            gateway,
            caller,
            now,
            recorder: Arc::default(),
        }
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Milliseconds since 1970: the one instant of this operation.
    pub fn now(&self) -> i64 {
        self.now
    }

    pub fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// What was done so far.
    pub fn trace(&self) -> Trace {
        self.recorder.trace()
    }

    /// One page of a collection. One read; one more with [`super::Total::Count`].
    pub async fn list(&self, _request: &ListRequest) -> Result<List> {
        unimplemented!("gateway")
    }

    /// `None`: not there, or not for this caller.
    pub async fn get(
        &self,
        _collection: CollectionIx,
        _lookup: &Lookup,
        _select: &Select,
    ) -> Result<Option<Visible>> {
        unimplemented!("gateway")
    }

    /// For each key (a value of the relation's `from`), the visible document whose `to` equals it: of several the one
    /// with the lowest id. Null finds nothing. One read, through a loader that remembers, for all keys together.
    pub async fn to_one(
        &self,
        _target: CollectionIx,
        _to: FieldIx,
        _keys: Vec<Value>,
        _select: &Select,
    ) -> Result<Vec<Option<Visible>>> {
        unimplemented!("gateway")
    }

    /// For each key, its page. One read (two with a total) for all keys together. `request.collection` is the target.
    pub async fn to_many(
        &self,
        _request: &ListRequest,
        _to: FieldIx,
        _keys: Vec<Value>,
    ) -> Result<Vec<List>> {
        unimplemented!("gateway")
    }

    /// All or nothing. Problems name `input[0].title`.
    pub async fn create(
        &self,
        _collection: CollectionIx,
        _inputs: Vec<CreateInput>,
        _select: &Select,
    ) -> Result<Vec<Written>> {
        unimplemented!("gateway")
    }

    /// As [`Session::create`] for one document; problems name `input.title`.
    pub async fn create_one(
        &self,
        _collection: CollectionIx,
        _input: CreateInput,
        _select: &Select,
    ) -> Result<Written> {
        unimplemented!("gateway")
    }

    pub async fn update(&self, _request: &UpdateRequest, _select: &Select) -> Result<Written> {
        unimplemented!("gateway")
    }

    pub async fn update_many(
        &self,
        _request: &BulkRequest,
        _update: &Update,
    ) -> Result<BulkResult> {
        unimplemented!("gateway")
    }

    pub async fn delete(
        &self,
        _collection: CollectionIx,
        _id: &str,
        _condition: Option<&Filter>,
    ) -> Result<DocId> {
        unimplemented!("gateway")
    }

    pub async fn delete_many(&self, _request: &BulkRequest) -> Result<BulkResult> {
        unimplemented!("gateway")
    }

    /// The verdict on reading this field of documents that are visible (for "may this ever be denied").
    pub async fn field_decision(
        &self,
        _collection: CollectionIx,
        _field: FieldIx,
    ) -> Result<Verdict> {
        let _ = Operation::Read;
        unimplemented!("gateway")
    }

    /// The read verdicts of all fields of a collection.
    pub async fn mask(&self, _collection: CollectionIx) -> Result<Arc<Mask>> {
        unimplemented!("gateway")
    }

    /// A relation of a collection may be followed only by who may read `from` and the target's `to`. True where either
    /// is readable for some documents only: then the parent's mask says of each whether its `from` is.
    pub async fn relation_allowed(
        &self,
        _collection: CollectionIx,
        _relation: RelationIx,
    ) -> Result<bool> {
        unimplemented!("gateway")
    }

    /// The half of [`Session::relation_allowed`] that relations of embedded types need too: whether the caller may look
    /// for documents of the target by this field.
    pub async fn target_allowed(&self, _target: CollectionIx, _to: FieldIx) -> Result<bool> {
        unimplemented!("gateway")
    }
}
