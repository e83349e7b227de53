//! The demo shop: documents for an empty store, and tokens to look at them with.
//!
//! The one place besides the gateway that writes documents. It does so before a
//! gateway exists, as nobody: a store that holds anything is left as it is.

mod random;
mod shop;
mod words;

use anyhow::{Context, Result, bail};

use self::shop::{ALICE, BOB, STAFF, Shop};
use crate::data::{CollectionName, Document, Filter};
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

/// Fills a store that has no documents in the shop's collections; says what was done.
///
/// # Errors
///
/// If the model is not the shop's, or the store fails.
pub(super) async fn fill(store: &dyn Store, model: &Model, size: Size) -> Result<()> {
    let [users, items, orders, roles] = collections(model)?;
    for collection in [&users, &items, &orders, &roles] {
        let count = store.count(collection, &Filter::all()).await?;
        if count > 0 {
            eprintln!(
                "demo: the store has {count} documents in `{collection}` already, so it is left as it is"
            );
            return Ok(());
        }
    }
    let shop = Shop::generate(size);
    eprintln!(
        "demo: filling the empty store with {} users, {} items and {} orders",
        shop.users.len(),
        shop.items.len(),
        shop.orders.len()
    );
    for (collection, documents) in [
        (users, shop.users),
        (items, shop.items),
        (orders, shop.orders),
        (roles, shop.roles),
    ] {
        insert(store, &collection, documents)
            .await
            .with_context(|| format!("the demo's `{collection}` cannot be written"))?;
    }
    Ok(())
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
