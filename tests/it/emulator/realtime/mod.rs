//! The realtime socket, message by message. (That the official clients take
//! these messages is shown in `conformance`.)

mod begin;
mod lost;
mod rights;
mod running;
mod socket;
mod trouble;
mod writes;

use serde_json::{Value as Json, json};

/// A list of the red documents of a collection, by `n`.
fn red(collection: &str) -> Json {
    json!({"collName": collection, "query": r#"{"team":"red"}"#, "orderBy": {"n": "desc"}})
}

/// A document of the red team.
fn document(id: &str, n: i64) -> Json {
    json!({"_id": id, "team": "red", "n": n})
}
