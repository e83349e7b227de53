//! The database as one of its clients speaks to it: the documented REST gateway, with a user's access token or none.
//!
//! Unlike [`crate::cloudbase::rest`], which an administrator speaks through, conditions go along with writes by id: they
//! are what a client proves its right with.

use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Error, Reply};
use crate::cloudbase::Client;
use crate::cloudbase::client::{Answer, Authentication, Host, Label, Method, Request};
use crate::data::ejson::{self, Mode};
use crate::data::{CollectionName, Direction, Object, Order, Value};

/// A client of the database. Its client's API key is the access token.
#[derive(Clone, Debug)]
pub struct DatabaseClient {
    client: Arc<Client>,
    is_signed_in: bool,
}

const DATABASE: &str = "/v1/database/instances/(default)/databases/(default)/collections";

/// The status of refusals that are about permissions (documented as 401; 403 is left to those in front of the database).
const REFUSALS: [u16; 2] = [401, 403];

/// A document that is not there, or is not for this client.
const NOT_FOUND: u16 = 404;

#[derive(Deserialize)]
struct Rows<'a> {
    #[serde(borrow)]
    list: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Total {
    total: u64,
}

#[derive(Deserialize)]
struct Counted {
    matched: Option<u64>,
    deleted: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    code: String,
    message: String,
}

impl DatabaseClient {
    /// One who signed in: `client` has the access token in place of an API key.
    pub fn signed_in(client: Arc<Client>) -> Self {
        Self {
            client,
            is_signed_in: true,
        }
    }

    /// One who did not.
    pub fn nobody(client: Arc<Client>) -> Self {
        Self {
            client,
            is_signed_in: false,
        }
    }

    pub(super) async fn find(
        &self,
        collection: &CollectionName,
        query: &Object,
        order: &Order,
        limit: u64,
    ) -> Result<Reply<Vec<Object>>, Error> {
        let keys = order.keys.iter().map(|key| {
            let direction = match key.direction {
                Direction::Ascending => "asc",
                Direction::Descending => "desc",
            };
            json!({ "field": key.path.to_string(), "direction": direction })
        });
        let keys: Vec<_> = keys.collect();
        let parameters = format!(
            "query={}&order={}&limit={limit}",
            encoded(&text(query)),
            encoded(&json!(keys).to_string())
        );
        let target = format!("{}?{parameters}", documents(collection));
        self.ask(Method::Get, target, None, "find", rows).await
    }

    pub(super) async fn count(
        &self,
        collection: &CollectionName,
        query: &Object,
    ) -> Result<Reply<u64>, Error> {
        let query = text(query);
        let query = encoded(&query);
        let target = format!("{}?count=true&query={query}", documents(collection));
        let read = |body: &str| serde_json::from_str(body).map(|Total { total }| total).ok();
        self.ask(Method::Get, target, None, "count", read).await
    }

    /// By id alone. `None`: it is not there, or not for this client.
    pub(super) async fn get(
        &self,
        collection: &CollectionName,
        id: &str,
    ) -> Result<Reply<Option<Object>>, Error> {
        let target = format!("{}/{}", documents(collection), encoded(id));
        let read = |body: &str| match ejson::parse_object(body).ok()? {
            // What is told of one that is not there, as far as it was no refusal.
            told if told.contains("code") && !told.contains("_id") => Some(None),
            document => Some(Some(document)),
        };
        self.ask(Method::Get, target, None, "find", read).await
    }

    pub(super) async fn insert(
        &self,
        collection: &CollectionName,
        inserted: &[Object],
    ) -> Result<Reply<()>, Error> {
        let written: Vec<String> = inserted.iter().map(text).collect();
        let body = format!(r#"{{"data":[{}]}}"#, written.join(","));
        let target = documents(collection);
        let done = |_: &str| Some(());
        self.ask(Method::Post, target, Some(body), "insert", done)
            .await
    }

    /// Whether there was such a document.
    pub(super) async fn update(
        &self,
        collection: &CollectionName,
        query: &Object,
        update: &Object,
    ) -> Result<Reply<bool>, Error> {
        let body = format!(
            r#"{{"query":{},"data":{},"multi":true}}"#,
            text(query),
            text(update)
        );
        let target = documents(collection);
        let read = |body: &str| counted(body, |it| it.matched);
        self.ask(Method::Patch, target, Some(body), "update", read)
            .await
    }

    /// Whether there was such a document.
    pub(super) async fn remove(
        &self,
        collection: &CollectionName,
        query: &Object,
    ) -> Result<Reply<bool>, Error> {
        let body = format!(r#"{{"query":{},"multi":true}}"#, text(query));
        let target = format!("{}/remove", documents(collection));
        let read = |body: &str| counted(body, |it| it.deleted);
        self.ask(Method::Post, target, Some(body), "remove", read)
            .await
    }

    async fn ask<T>(
        &self,
        method: Method,
        target: String,
        body: Option<String>,
        operation: &'static str,
        read: impl Fn(&str) -> Option<T> + Send + Sync,
    ) -> Result<Reply<T>, Error> {
        let request = Request {
            method,
            target,
            host: Host::Gateway,
            headers: Vec::new(),
            repeatable: method == Method::Get,
            body: body.unwrap_or_default().into(),
            authentication: match self.is_signed_in {
                true => Authentication::ApiKey,
                false => Authentication::None,
            },
            label: Label {
                operation,
                subject: String::new(),
            },
        };
        let answered = |answer: &Answer| Ok(understood(answer, &read));
        let understood = self.client.call(&request, None, answered).await?;
        understood.ok_or_else(|| Error::Unexpected(format!("the answer to `{operation}`")))
    }
}

fn understood<T>(answer: &Answer, read: impl Fn(&str) -> Option<T>) -> Option<Reply<T>> {
    let body = std::str::from_utf8(&answer.body).ok()?;
    let told = || {
        let Told { code, message } = serde_json::from_str(body).unwrap_or_default();
        format!("{code}: {message}")
    };
    match answer.status {
        200..=299 | NOT_FOUND => read(body).map(Reply::Given),
        status if REFUSALS.contains(&status) => Some(Reply::Refused(told())),
        400..=499 => Some(Reply::Senseless(told())),
        // Of a key that another document has, the database says this with 500.
        _ if body.contains("E11000") => Some(Reply::Senseless(told())),
        _ => None,
    }
}

fn rows(body: &str) -> Option<Vec<Object>> {
    let Rows { list } = serde_json::from_str(body).ok()?;
    let object = |row: &RawValue| ejson::parse_object(row.get()).ok();
    list.into_iter().map(object).collect()
}

fn counted(body: &str, of: fn(&Counted) -> Option<u64>) -> Option<bool> {
    let counted: Counted = serde_json::from_str(body).ok()?;
    // Where nothing is counted nothing was found.
    Some(of(&counted).unwrap_or(0) > 0)
}

fn documents(collection: &CollectionName) -> String {
    format!("{DATABASE}/{collection}/documents")
}

fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

fn text(object: &Object) -> String {
    ejson::object_to_string(object, Mode::Canonical)
}

/// `{$set: …, $unset: …}`
pub(super) fn operators(set: Object, unset: Object) -> Object {
    let named = [("$set", set), ("$unset", unset)];
    let used = named.into_iter().filter(|(_, fields)| !fields.is_empty());
    used.map(|(name, fields)| (name, Value::Object(fields)))
        .collect()
}
