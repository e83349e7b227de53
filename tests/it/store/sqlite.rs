//! The embedded store keeps the contract.

use std::sync::Arc;

use cloudbase_graphql::store::sqlite::SqliteStore;

use super::contract::contract;
use super::words::specs;

pub(crate) async fn open() -> Arc<SqliteStore> {
    let store = SqliteStore::temporary().unwrap();
    store.prepare(&specs()).await.unwrap();
    store
}

contract!(crate::store::sqlite::open);
contract!(
    crate::store::sqlite::open,
    exotic: [object_ids_survive, names_of_operators_survive],
);

#[test]
fn answers_are_those_of_the_matcher() {
    super::random::answers_are_those_of_the_matcher(60, open);
}
