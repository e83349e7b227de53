//! The one door: every path to a document leads through a [`Session`], which
//! joins the caller's decision to every read and every write.

mod abilities;

use std::sync::Arc;

use smol_str::SmolStr;

pub use self::abilities::Abilities;
use crate::access::Decision;
pub use crate::access::Operation;
use crate::data::{Caller, DocId, Document, Filter, Order, Update, User, Value};
use crate::model::{CollectionIx, FieldIx, Model, RelationIx};
use crate::store;

/// Model, store and clock joined; shared by all requests.
#[derive(Debug)]
pub struct Gateway {
    // model, store, clock, config, role cache, audit sink
}

/// Milliseconds since 1970; tests hand in their own.
pub trait Clock: Send + Sync + std::fmt::Debug {
    fn now_ms(&self) -> i64;
}

/// One operation's view of the gateway: a caller, one instant, loaders.
#[derive(Debug)]
pub struct Session {
    // gateway, caller, now, facts, loaders, access cache, recorder
}

/// A list of documents to read.
#[derive(Clone, Debug)]
pub struct ListRequest {
    pub collection: CollectionIx,
    /// The caller's condition, on document field names.
    pub filter: Filter,
    pub order: Order,
    pub page: PageRequest,
    /// Fields the answer selects; the session adds those that decisions look at.
    pub select: Select,
    /// Whether the total is asked for (one more read).
    pub total: Total,
}

/// Paging as the caller wrote it; the session checks it.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    pub first: Option<u64>,
    pub last: Option<u64>,
    pub after: Option<String>,
    pub before: Option<String>,
    pub offset: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    Omit,
    Count,
}

/// The stored fields an answer selects of a collection's documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Select {
    pub fields: std::collections::BTreeSet<FieldIx>,
}

/// Documents of one page with what `PageInfo` tells.
#[derive(Clone, Debug)]
pub struct List {
    pub nodes: Vec<Visible>,
    pub has_next_page: bool,
    pub has_previous_page: bool,
    pub total: Option<u64>,
    // order + hash, for cursors
}

/// A document the caller may see, with the mask that says which fields.
#[derive(Clone, Debug)]
pub struct Visible {
    // document: Arc<Document>, mask: Arc<Mask>
}

/// What the caller may know of a field of a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Readable<'a> {
    Value(&'a Value),
    /// Nothing is stored there.
    Missing,
    /// Not for this caller.
    Denied,
}

/// Which one document is meant.
#[derive(Clone, Debug)]
pub enum Lookup {
    Id(SmolStr),
    /// Field values of a unique index.
    Unique(Vec<(FieldIx, Value)>),
}

/// What a caller gives for a new document.
#[derive(Clone, Debug)]
pub struct CreateInput {
    pub id: Option<SmolStr>,
    /// By document field name; only what the caller gave.
    pub values: crate::data::Object,
}

#[derive(Clone, Debug)]
pub struct UpdateRequest {
    pub collection: CollectionIx,
    pub id: SmolStr,
    /// The caller's `if`.
    pub condition: Option<Filter>,
    pub update: Update,
}

/// The documents a bulk mutation is about.
#[derive(Clone, Debug)]
pub struct BulkRequest {
    pub collection: CollectionIx,
    pub filter: Filter,
    /// `all: true`: a filter that constrains nothing is meant.
    pub all: bool,
    pub at_most: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkResult {
    pub matched: u64,
    pub modified: u64,
}

/// A document that was written: `document` is `None` if the caller may not read it back.
#[derive(Clone, Debug)]
pub struct Written {
    pub id: DocId,
    pub document: Option<Visible>,
}

/// Why a request was not carried out. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("sign in first")]
    Unauthenticated,
    /// `coordinate`: `Order` or `Order.cost`.
    #[error("{operation} of {coordinate} is not allowed")]
    Forbidden {
        operation: &'static str,
        coordinate: String,
    },
    #[error("no such {type_name}")]
    NotFound { type_name: String },
    #[error("{message}")]
    Conflict {
        message: String,
        fields: Vec<String>,
    },
    /// One or more things are wrong with the input; each names its field or argument.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    BadInput { problems: Vec<InputProblem> },
    #[error("{message}")]
    Limit { message: String },
    #[error("a stored document does not fit the model: {reason}")]
    InvalidDocument {
        id: String,
        field: String,
        reason: String,
    },
    #[error(transparent)]
    Store(#[from] store::Error),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// Where: `input.title`, `set.stock`, `first`.
    pub place: String,
    pub message: String,
}

impl std::fmt::Display for InputProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Gateway {
    /// The caller a signed-in user is, with the staff roles of their `roles` document (status, expiry, includes).
    pub async fn caller(&self, _user: User) -> Result<Caller> {
        unimplemented!("gateway")
    }
    pub fn session(self: &Arc<Self>, _caller: Arc<Caller>) -> Session {
        unimplemented!("gateway")
    }
    pub fn model(&self) -> &Arc<Model> {
        unimplemented!("gateway")
    }
}

impl Session {
    pub fn caller(&self) -> &Caller {
        unimplemented!("gateway")
    }
    /// One page of a collection. One read; one more with [`Total::Count`].
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
    /// For each key (a value of the relation's `from`), the visible document whose `to` equals it. One read through a
    /// loader that remembers, for all keys together.
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
    /// All or nothing.
    pub async fn create(
        &self,
        _collection: CollectionIx,
        _inputs: Vec<CreateInput>,
        _select: &Select,
    ) -> Result<Vec<Written>> {
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
    /// The decision on reading this field of documents that are visible (for masks and for "is this field ever null because denied").
    pub async fn field_decision(
        &self,
        _collection: CollectionIx,
        _field: FieldIx,
    ) -> Result<Decision> {
        unimplemented!("gateway")
    }
    /// The relation may be followed only by who may read `from` and the target's `to`.
    pub async fn relation_allowed(
        &self,
        _collection: CollectionIx,
        _relation: RelationIx,
    ) -> Result<bool> {
        unimplemented!("gateway")
    }
}

impl List {
    /// The cursor of a node of this list.
    pub fn cursor(&self, _node: usize) -> String {
        unimplemented!("gateway")
    }
}

impl Visible {
    pub fn read(&self, _field: FieldIx) -> Readable<'_> {
        unimplemented!("gateway")
    }
    pub fn id(&self) -> &DocId {
        unimplemented!("gateway")
    }
    pub fn document(&self) -> &Arc<Document> {
        unimplemented!("gateway")
    }
}
