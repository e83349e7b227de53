//! What not every store can keep: each says which of these it does.

use cloudbase_graphql::store::Store;

use super::writes::survives;
use crate::store::words::value;

pub(crate) async fn object_ids_survive(store: &dyn Store) {
    survives(store, value(r#"[{"$oid":"5f0000000000000000000001"}]"#)).await;
}

pub(crate) async fn names_of_operators_survive(store: &dyn Store) {
    survives(store, value(r#"[{"$a":1,"":{}}]"#)).await;
}
