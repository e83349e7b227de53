//! What all requests over REST have in common: their address, and EJSON in the body.

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::cloudbase::client::{Authentication, Host, Label, Method, Request};
use crate::cloudbase::database::TransactionId;
use crate::cloudbase::signature::encoded;
use crate::data::ejson::{self, Mode};
use crate::data::{CollectionName, Object};

/// The one database of an environment. The parentheses are not encoded.
const DATABASE: &str = "/v1/database/instances/(default)/databases/(default)";

/// The address of something in the database.
pub(super) fn address(path: &str) -> String {
    format!("{DATABASE}{path}")
}

/// The address of a collection's documents. Names of collections need no encoding.
///
/// No address here names a document: an id is a part of conditions, in which its type is told, and in which any text is
/// as good as any other; proxies rewrite paths such as `a/../b`.
pub(super) fn documents(collection: &CollectionName) -> String {
    address(&format!("/collections/{collection}/documents"))
}

/// A request for an address with parameters; reads.
pub(super) fn get(path: &str, parameters: &[(&str, String)], label: Label) -> Request {
    let pair = |(name, value): &(&str, String)| format!("{name}={}", encoded(value));
    let query: Vec<String> = parameters.iter().map(pair).collect();
    Request {
        method: Method::Get,
        target: format!("{path}?{}", query.join("&")),
        headers: Vec::new(),
        body: Bytes::new(),
        repeatable: true,
        ..bare(label)
    }
}

/// A request with a body; one that changes something.
pub(super) fn send(method: Method, target: String, body: &impl Serialize, label: Label) -> Request {
    let body = serde_json::to_vec(body).expect("texts, numbers and EJSON are JSON");
    Request {
        method,
        target,
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.into(),
        ..bare(label)
    }
}

/// A request that says all in its address.
pub(super) fn post(target: String, label: Label) -> Request {
    Request {
        target,
        ..bare(label)
    }
}

fn bare(label: Label) -> Request {
    Request {
        method: Method::Post,
        target: String::new(),
        host: Host::Gateway,
        headers: Vec::new(),
        body: Bytes::new(),
        authentication: Authentication::ApiKey,
        repeatable: false,
        label,
    }
}

/// An object as EJSON within a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ejson<'a>(pub(super) &'a Object);

impl Serialize for Ejson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = text(self.0);
        let raw = RawValue::from_string(text).expect("EJSON is JSON");
        raw.serialize(serializer)
    }
}

pub(super) fn text(object: &Object) -> String {
    ejson::object_to_string(object, Mode::Canonical)
}

/// The transaction as a member of a body.
pub(super) fn within(transaction: Option<&TransactionId>) -> Option<&str> {
    transaction.map(|TransactionId(id)| id.as_str())
}
