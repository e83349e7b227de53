//! What callers with some set of staff roles may *ever* do, whatever the
//! documents: the ground on which the API a role sees is built.
//!
//! Not a decision: an ability says that some caller may be allowed some
//! document, never that this caller may have that one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::access::{self, Operation};
use crate::data::Role;
use crate::model::{CollectionIx, Field, FieldIx, Model};

/// What a set of staff roles may ever do.
#[derive(Clone, Debug)]
pub struct Abilities {
    model: Arc<Model>,
    roles: BTreeSet<Role>,
    tickets: bool,
}

impl Abilities {
    /// Of callers who hold exactly these roles, includes already followed; none = an end user.
    pub fn of_roles(model: Arc<Model>, roles: BTreeSet<Role>) -> Self {
        Self {
            model,
            roles,
            tickets: false,
        }
    }

    /// The same where tickets are given.
    #[must_use]
    pub fn with_tickets(mut self) -> Self {
        self.tickets = true;
        self
    }

    /// Of anyone at all: a caller who holds every role may do what any caller may, since grants only add.
    pub fn of_anyone(model: Arc<Model>) -> Self {
        let roles = model.roles.iter().map(|role| role.role.clone()).collect();
        Self::of_roles(model, roles)
    }

    /// The roles that some grant names: all others make no difference to abilities.
    pub fn granted_roles(model: &Model) -> BTreeSet<Role> {
        let mut roles = BTreeSet::new();
        for collection in &model.collections {
            let fields = collection.shape.fields.iter();
            let on_fields = fields.flat_map(|field| &field.policy.grants);
            let grants = collection.policy.grants.iter().chain(on_fields);
            roles.extend(grants.map(|grant| grant.role.clone()));
        }
        roles
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Whether tickets are given.
    pub fn may_have_tickets(&self) -> bool {
        self.tickets
    }

    /// Whether callers with these abilities hold a staff role.
    pub fn of_staff(&self) -> bool {
        !self.roles.is_empty()
    }

    /// Whether these roles may ever perform the operation on a document of the collection.
    pub fn may(&self, collection: CollectionIx, operation: Operation) -> bool {
        let policy = &self.model.collection(collection).policy;
        access::ever_for(policy, operation, &self.roles)
    }

    /// Whether these roles may ever perform the operation on the field: on some document *and* on the field of it.
    pub fn may_field(
        &self,
        collection: CollectionIx,
        field: FieldIx,
        operation: Operation,
    ) -> bool {
        let policy = &self.field(collection, field).policy;
        self.may(collection, operation) && access::field_ever_for(policy, operation, &self.roles)
    }

    /// Whether whoever sees a document always sees this field of it: nothing narrows reading it.
    pub fn always_readable(&self, collection: CollectionIx, field: FieldIx) -> bool {
        let policy = &self.field(collection, field).policy;
        let named_by_grant = policy.grants.iter().any(|grant| grant.rules.read.is_some());
        policy.rules.read.is_none() && !named_by_grant
    }

    fn field(&self, collection: CollectionIx, field: FieldIx) -> &Field {
        self.model.collection(collection).shape.field(field)
    }
}
