//! What is left of an operation once variables and caller are known: typed
//! requests for the gateway, and what to write of what they bring.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::extent::Reach;
use crate::data::{Filter, Update};
use crate::gateway::{
    BulkRequest, CreateInput, ListRequest, Lookup, Select, UpdateRequest, WatchRequest,
};
use crate::graphql::api::{Holder, Meaning};
use crate::graphql::coerce::{Arguments, Variables};
use crate::graphql::skeleton::Field;
use crate::model::{self, CollectionIx, EnumType, FieldIx, RelationIx, Scalar};

/// An operation ready to run. Borrows from the skeleton and the model.
#[derive(Debug)]
pub(crate) struct Plan<'s> {
    pub(crate) root: Object<'s, RootGet<'s>>,
    /// All loads of relations, by [`Slot`].
    pub(crate) loads: Vec<LoadPlan>,
    /// Whether the address of a file is selected somewhere.
    pub(crate) wants_addresses: bool,
    /// Of which introspection may need some.
    pub(crate) variables: Variables,
    pub(crate) reach: Reach,
}

impl Plan<'_> {
    /// All collections of which a live operation shows documents: those that are watched, and those that relations
    /// lead to, from embedded objects as well. In order, each once.
    pub(crate) fn collections(&self) -> Vec<CollectionIx> {
        let watched = self.root.items.iter().filter_map(|item| match &item.get {
            Some(RootGet::Live { request, .. }) => match request {
                WatchRequest::List { collection, .. } | WatchRequest::Single { collection, .. } => {
                    Some(*collection)
                }
            },
            _ => None,
        });
        let related = self.loads.iter().map(|load| load.target);
        let all: BTreeSet<CollectionIx> = watched.chain(related).collect();
        all.into_iter().collect()
    }
}

/// Index into [`Plan::loads`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) usize);

/// The members of an object to write, in order.
#[derive(Debug)]
pub(crate) struct Object<'s, G> {
    pub(crate) type_name: &'s str,
    pub(crate) items: Vec<Item<'s, G>>,
}

#[derive(Debug)]
pub(crate) struct Item<'s, G> {
    pub(crate) field: &'s Field,
    /// `None` for `__typename`.
    pub(crate) get: Option<G>,
}

#[derive(Debug)]
pub(crate) enum RootGet<'s> {
    /// Answered by the schema library.
    Introspection,
    Me(MePlan<'s>),
    Single {
        collection: CollectionIx,
        lookup: Lookup,
        select: Select,
        document: Object<'s, DocumentGet<'s>>,
    },
    List {
        request: ListRequest,
        connection: Object<'s, ConnectionGet<'s>>,
    },
    Live {
        request: WatchRequest,
        event: Object<'s, EventGet<'s>>,
    },
    Mutation {
        mutation: Mutation,
        payload: Object<'s, PayloadGet<'s>>,
    },
    Ticket(Object<'s, TicketGet>),
}

/// A member of a ticket.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TicketGet {
    Text,
    ExpiresAt,
}

/// A member of an event.
#[derive(Debug)]
pub(crate) enum EventGet<'s> {
    Sequence,
    Kind,
    /// All documents of the list.
    Nodes(Object<'s, DocumentGet<'s>>),
    /// The one document.
    Node(Object<'s, DocumentGet<'s>>),
    Changes(Object<'s, ChangeGet<'s>>),
}

impl<'s> Object<'s, EventGet<'s>> {
    /// The selections on documents of an event.
    pub(crate) fn on_documents(&self) -> impl Iterator<Item = &Object<'s, DocumentGet<'s>>> {
        self.items.iter().flat_map(|item| {
            let (node, changes) = match &item.get {
                Some(EventGet::Nodes(node) | EventGet::Node(node)) => (Some(node), &[][..]),
                Some(EventGet::Changes(change)) => (None, &change.items[..]),
                Some(EventGet::Sequence | EventGet::Kind) | None => (None, &[][..]),
            };
            let changed = changes.iter().filter_map(|item| match &item.get {
                Some(ChangeGet::Node(node)) => Some(node),
                _ => None,
            });
            node.into_iter().chain(changed)
        })
    }
}

#[derive(Debug)]
pub(crate) enum ChangeGet<'s> {
    Type,
    Id,
    Index,
    Node(Object<'s, DocumentGet<'s>>),
}

#[derive(Debug)]
pub(crate) struct MePlan<'s> {
    pub(crate) object: Object<'s, MeGet<'s>>,
    /// The collection of the caller's own document and what is selected of it.
    pub(crate) user: Option<(CollectionIx, Select)>,
}

#[derive(Debug)]
pub(crate) enum MeGet<'s> {
    Principal,
    Roles,
    LoginType,
    User(Object<'s, DocumentGet<'s>>),
}

#[derive(Debug)]
pub(crate) enum Mutation {
    CreateOne(CollectionIx, CreateInput),
    CreateMany(CollectionIx, Vec<CreateInput>),
    UpdateOne(UpdateRequest),
    UpdateMany(BulkRequest, Update),
    DeleteOne {
        collection: CollectionIx,
        id: SmolStr,
        condition: Option<Filter>,
    },
    DeleteMany(BulkRequest),
}

#[derive(Debug)]
pub(crate) enum PayloadGet<'s> {
    Id,
    Ids,
    Document(Object<'s, DocumentGet<'s>>),
    Documents(Object<'s, DocumentGet<'s>>),
    Matched,
    Modified,
}

/// A member of a document or of an embedded object.
#[derive(Debug)]
pub(crate) enum DocumentGet<'s> {
    Leaf(At<'s>, Leaf<'s>),
    /// Where the file is that the field names; an address that is good for so many seconds.
    Address(At<'s>, u32),
    Embedded(At<'s>, Object<'s, DocumentGet<'s>>),
    GeoPoint(At<'s>, Object<'s, Coordinate>),
    /// `At` is the relation's `from`.
    ToOne(At<'s>, Slot, Object<'s, DocumentGet<'s>>),
    ToMany(At<'s>, Slot, Object<'s, ConnectionGet<'s>>),
}

/// A stored field of the object that is being written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'s> {
    pub(crate) ix: FieldIx,
    pub(crate) field: &'s model::Field,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf<'s> {
    Scalar(Scalar),
    Enum(&'s EnumType),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Coordinate {
    Longitude,
    Latitude,
}

#[derive(Debug)]
pub(crate) enum ConnectionGet<'s> {
    Nodes(Object<'s, DocumentGet<'s>>),
    Edges(Object<'s, EdgeGet<'s>>),
    PageInfo(Object<'s, PageInfoGet>),
    TotalCount,
}

#[derive(Debug)]
pub(crate) enum EdgeGet<'s> {
    Node(Object<'s, DocumentGet<'s>>),
    Cursor,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum PageInfoGet {
    HasNextPage,
    HasPreviousPage,
    StartCursor,
    EndCursor,
}

/// One load of a relation, for all parents of a level together.
#[derive(Debug)]
pub(crate) struct LoadPlan {
    pub(crate) identity: LoadIdentity,
    pub(crate) target: CollectionIx,
    /// The field of the target that equals the key.
    pub(crate) to: FieldIx,
    pub(crate) select: Select,
    /// What is asked of a to-many relation; its own `select` is filled in when it runs.
    pub(crate) many: Option<ListRequest>,
}

/// Selections with equal identities share a load.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LoadIdentity {
    /// The root of a mutation; 0 for all roots of a query.
    pub(crate) root: usize,
    /// How many relations lie above.
    pub(crate) level: usize,
    pub(crate) holder: Holder,
    pub(crate) relation: RelationIx,
    pub(crate) arguments: Arguments,
}

impl PageInfoGet {
    pub(crate) fn of(meaning: Meaning) -> Option<Self> {
        match meaning {
            Meaning::HasNextPage => Some(Self::HasNextPage),
            Meaning::HasPreviousPage => Some(Self::HasPreviousPage),
            Meaning::StartCursor => Some(Self::StartCursor),
            Meaning::EndCursor => Some(Self::EndCursor),
            _ => None,
        }
    }
}
