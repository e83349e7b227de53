//! Who is an owner by their document, and whether anybody is: for as long as
//! nobody is, the configured owners are.

use std::sync::Arc;

use crate::data::{
    CollectionName, Comparison, DocId, Document, Filter, Order, Path, Principal, Strict, Test,
    Value,
};
use crate::store::{Find, Projection};

use super::stated::{self, EXPIRES, ROLES, STATUS};
use super::{Gateway, Result};

/// Owners that are looked at; more would be one more kind of trouble.
const LOOKED_AT: u64 = 1000;

/// Whether somebody is an owner by their document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    /// Milliseconds since 1970 from which on nobody is any more, `i64::MAX` if that never comes; `None`: nobody is.
    pub(super) until: Option<i64>,
    /// Another one each time it was found to be different, and after each commit to roles that was told.
    pub(super) reading: u64,
}

impl Gateway {
    /// Whether somebody is an owner; read at most once for all who ask at one time.
    pub(super) async fn owned(&self, now: i64) -> Result<Owned> {
        let Some(collection) = self.roles_collection() else {
            return Ok(Owned {
                until: None,
                reading: 0,
            });
        };
        if let Some(owned) = self.roles.known_owned(now) {
            return Ok(owned);
        }
        let _turn = self.roles.owners.lock().await;
        if let Some(owned) = self.roles.known_owned(now) {
            return Ok(owned);
        }
        let look = self.roles.begin();
        let owners = self.read_owners(collection, now).await?;
        let until = self.latest(owners.iter().map(|owner| &**owner), now);
        Ok(self.roles.remember_owned(&look, until))
    }

    /// The documents that may make somebody an owner at this moment.
    pub(super) async fn read_owners(
        &self,
        collection: &CollectionName,
        now: i64,
    ) -> Result<Vec<Arc<Document>>> {
        let names = self.owning_names();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let field = |name, test| Filter::field(&Path::field(name), test);
        let find = Find {
            filter: field(STATUS, Test::Eq(Value::string("ACTIVE")))
                .and(field(ROLES, Test::HasSome(names)))
                .and(unexpired(now)),
            order: Order::default(),
            after: None,
            skip: 0,
            limit: LOOKED_AT,
            projection: Projection::All,
        };
        Ok(self.store.find(collection, &find).await?)
    }

    /// Until when these documents make somebody an owner: the last of them, `i64::MAX` without an end.
    pub(super) fn latest<'d>(
        &self,
        documents: impl IntoIterator<Item = &'d Document>,
        now: i64,
    ) -> Option<i64> {
        let owning = documents.into_iter();
        owning
            .filter_map(|document| self.owner_until(document, now))
            .max()
    }

    /// Until when this document makes somebody an owner, if it does so now.
    fn owner_until(&self, document: &Document, now: i64) -> Option<i64> {
        let DocId::String(id) = document.id() else {
            return None;
        };
        Principal::parse(id).ok()?;
        let stated = stated::stated(document).ok()?;
        let owns = stated.roles(&self.model).contains(&self.config.owner_role);
        (owns && stated.is_in_force(now)).then(|| stated.until.unwrap_or(i64::MAX))
    }

    /// The roles that are the owner's, or include it.
    fn owning_names(&self) -> Vec<Value> {
        let names = self.model.roles.iter().map(|it| it.role.as_str());
        let owning = names.filter(|name| {
            let expanded = self.model.expand_roles([*name]);
            expanded.contains(&self.config.owner_role)
        });
        owning.map(Value::string).collect()
    }
}

/// Not over yet, in whichever way the time is stored. What is no time at all is looked at too, and gives nothing.
fn unexpired(now: i64) -> Filter {
    let path = Path::field(EXPIRES);
    let past = |time| Filter::Strict(Strict::Compare(path.clone(), Comparison::Lte, time));
    let expired = past(Value::Date(now)).or(past(Value::Int(now)));
    Filter::Not(Box::new(expired))
}
