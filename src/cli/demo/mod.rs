//! The demo shop: documents for an empty store, and tokens to look at them with.
//!
//! The one place besides the gateway that writes documents. It does so before a
//! gateway exists, as nobody: a store that holds anything else is left as it is.

mod random;
mod shop;
mod words;

use anyhow::{Context, Result, bail};

use self::shop::{ALICE, BOB, STAFF, Shop};
use crate::data::{CollectionName, Document, Filter, Path, Test};
use crate::model::Model;
use crate::store::Store;

/// Documents written in one commit: enough to be fast, few enough to stay small in memory.
const BATCH: usize = 500;

/// How large a shop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    users: usize,
    items: usize,
    orders: usize,
}

impl Size {
    pub(super) const USUAL_ORDERS: usize = 2000;

    /// A shop of this many orders. Users and items grow along once there are more than usual.
    pub(super) fn of(orders: usize) -> Self {
        Self {
            users: (orders / 10).max(500),
            items: (orders / 50).max(200),
            orders,
        }
    }
}

/// Fills a store that has no documents in the shop's collections, or goes on where an earlier run was broken off; says
/// what was done.
///
/// # Errors
///
/// If the model is not the shop's, or the store fails.
pub(super) async fn fill(store: &dyn Store, model: &Model, size: Size) -> Result<()> {
    let [users, items, orders, roles] = collections(model)?;
    // Staff comes last: a shop that has some is whole.
    if store.count(&roles, &Filter::all()).await? > 0 {
        tell_left(&roles);
        return Ok(());
    }
    let shop = Shop::generate(size);
    let mut parts = [
        (users, shop.users),
        (items, shop.items),
        (orders, shop.orders),
        (roles, shop.roles),
    ];
    for (collection, documents) in &mut parts {
        match begun(store, collection, documents).await? {
            Some(stored) => drop(documents.drain(..stored)),
            None => {
                tell_left(collection);
                return Ok(());
            }
        }
    }
    let [users, items, orders, _] = &parts;
    eprintln!(
        "demo: filling the store with {} users, {} items and {} orders",
        users.1.len(),
        items.1.len(),
        orders.1.len()
    );
    for (collection, documents) in parts {
        insert(store, &collection, documents)
            .await
            .with_context(|| format!("the demo's `{collection}` cannot be written"))?;
    }
    Ok(())
}

/// How many documents the store has, if these are the first of the demo's.
async fn begun(
    store: &dyn Store,
    collection: &CollectionName,
    documents: &[Document],
) -> Result<Option<usize>> {
    let stored = usize::try_from(store.count(collection, &Filter::all()).await?)?;
    let Some(first) = documents.get(..stored) else {
        return Ok(None);
    };
    let ids = first.iter().map(|document| document.id().to_value());
    let ours = Filter::field(&Path::field("_id"), Test::In(ids.collect()));
    let known = usize::try_from(store.count(collection, &ours).await?)?;
    Ok((known == stored).then_some(stored))
}

fn tell_left(collection: &CollectionName) {
    eprintln!(
        "demo: the store has documents in `{collection}` already, so it is left as it is; give another --store for a new shop"
    );
}

fn collections(model: &Model) -> Result<[CollectionName; 4]> {
    let find = |name: &str| {
        let Some(ix) = model.collection_named(name) else {
            bail!(
                "the demo fills the collections of the shop, but the schema has no collection `{name}`; serve the shop's schema.graphql, or leave out --demo (--dev-auth alone takes development tokens)"
            );
        };
        Ok(model.collection(ix).name.clone())
    };
    Ok([
        find("users")?,
        find("items")?,
        find("orders")?,
        find("roles")?,
    ])
}

async fn insert(
    store: &dyn Store,
    collection: &CollectionName,
    mut documents: Vec<Document>,
) -> crate::store::Result<()> {
    while !documents.is_empty() {
        let rest = documents.split_off(BATCH.min(documents.len()));
        store.insert(collection, documents).await?;
        documents = rest;
    }
    Ok(())
}

/// Prints a header to paste for everybody of the demo who can sign in.
pub(super) fn print_tokens() {
    eprintln!("\nTokens to paste (development only: whoever sends one is believed):\n");
    let staff = STAFF.iter().map(|(openid, role, status, _)| {
        let disabled = if *status == "ACTIVE" {
            ""
        } else {
            ", disabled"
        };
        (*openid, format!("{role}{disabled}"))
    });
    let customers = [ALICE, BOB].map(|openid| (openid, "customer".to_owned()));
    for (openid, who) in staff.chain(customers) {
        let token = format!("Authorization: Bearer dev:openid:{openid}");
        eprintln!("  {token:<52} # {who}");
    }
    eprintln!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Gateway;
    use crate::store::sqlite::SqliteStore;

    const SHOP: &str = include_str!("../../../schema.graphql");

    async fn counts(store: &SqliteStore, names: &[CollectionName]) -> Vec<u64> {
        let mut counts = Vec::new();
        for name in names {
            counts.push(store.count(name, &Filter::all()).await.unwrap());
        }
        counts
    }

    #[tokio::test]
    async fn a_shop_that_was_broken_off_is_completed_and_no_other() {
        let model = Model::parse(SHOP).expect("the shop is well formed").model;
        let size = Size::of(700);
        let names = collections(&model).unwrap();
        let [users, items, orders, _] = &names;
        for (stranger, expected) in [(false, vec![500, 200, 700, 5]), (true, vec![500, 1, 0, 0])] {
            let store = SqliteStore::temporary().unwrap();
            store
                .prepare(&Gateway::collection_specs(&model))
                .await
                .unwrap();
            let shop = Shop::generate(size);
            insert(store.as_ref(), users, shop.users).await.unwrap();
            if stranger {
                let item = shop.items[7].clone();
                store.insert(items, vec![item]).await.unwrap();
            } else {
                insert(store.as_ref(), items, shop.items).await.unwrap();
                let half = shop.orders[..BATCH].to_vec();
                insert(store.as_ref(), orders, half).await.unwrap();
            }
            fill(store.as_ref(), &model, size).await.unwrap();
            assert_eq!(counts(&store, &names).await, expected);
        }
    }
}
