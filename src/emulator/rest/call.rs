//! A request: its sender known, its address and its body read.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use smol_str::SmolStr;

use super::answer::Refused;
use super::members::Members;
use crate::clock::Clock;
use crate::data::{CollectionName, DocId, Object, Value};
use crate::emulator::app::App;
use crate::emulator::database::{Selection, TransactionId};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::http::unread;
use crate::emulator::identity::Signed;
use crate::emulator::session::Session;
use crate::emulator::wire;

/// What addresses call the one instance and the one database that there are.
const DEFAULT: &str = "(default)";

/// See the module.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) session: Session,
    pub(super) body: Members,
    /// The one clock reading of the request, milliseconds since 1970.
    pub(super) now: i64,
    path: HashMap<String, String>,
    query: HashMap<String, String>,
}

impl FromRequest<Arc<App>> for Call {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refused> {
        let (mut parts, body) = request.into_parts();
        let Path(path) = Path::<HashMap<String, String>>::from_request_parts(&mut parts, app)
            .await
            .map_err(|error| Failure::invalid(error.to_string()))?;
        let Query(query) = Query::<HashMap<String, String>>::from_request_parts(&mut parts, app)
            .await
            .map_err(|error| Failure::invalid(error.to_string()))?;
        let request = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(request, app)
            .await
            .map_err(|rejection| unread(&rejection))?;
        let signed = Signed {
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            body: &body,
        };
        let identity = app.identities.of_rest(parts.method.as_str(), signed)?;
        let now = app.clock.now_ms();
        let call = Self {
            session: app.session(identity),
            body: members(&body, now)?,
            now,
            path,
            query,
        };
        call.check_default("instance")?;
        call.check_default("database")?;
        Ok(call)
    }
}

fn members(body: &[u8], now: i64) -> Result<Members> {
    if body.trim_ascii().is_empty() {
        return Ok(Members::default());
    }
    let text = std::str::from_utf8(body)
        .map_err(|error| Failure::invalid(format!("the body is no text: {error}")))?;
    match wire::read_value(text, now)? {
        Value::Object(object) => Ok(Members(object)),
        _ => Err(Failure::invalid("the body needs an object")),
    }
}

impl Call {
    fn check_default(&self, what: &str) -> Result<()> {
        match self.part(what) {
            DEFAULT => Ok(()),
            other => Err(Failure::invalid(format!(
                "the emulator has the {what} `{DEFAULT}` only, not `{other}`"
            ))),
        }
    }

    /// A part of the address.
    pub(super) fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A parameter after the question mark; an empty one counts as not there.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.query.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// A parameter that is an EJSON object; empty if it is not there.
    pub(super) fn object(&self, name: &str) -> Result<Object> {
        match self.parameter(name) {
            Some(text) => wire::read(text, self.now),
            None => Ok(Object::new()),
        }
    }

    /// A parameter that is a whole number.
    pub(super) fn count(&self, name: &str) -> Result<Option<u64>> {
        let count = self.parameter(name).map(str::parse).transpose();
        count.map_err(|_| Failure::invalid(format!("`{name}` needs a whole number, 0 or more")))
    }

    /// The collection of the address.
    pub(super) fn collection(&self) -> Result<CollectionName> {
        let name = self.part("collection");
        CollectionName::parse(name).ok_or_else(|| Failure::no_collection(name))
    }

    /// The transaction that the request is part of.
    pub(super) fn transaction(&self) -> Result<Option<TransactionId>> {
        let text = match self.parameter("transactionId") {
            Some(text) => Some(text),
            None => self.body.text("transactionId")?,
        };
        Ok(text.map(|text| TransactionId(SmolStr::new(text))))
    }

    /// The documents that a condition says.
    pub(super) fn select(&self, condition: &Object) -> Result<Selection> {
        self.session.select(&self.collection()?, condition)
    }

    /// The document that the address names. A text may also spell a number or an object id; not for a write that may
    /// insert, which takes it as it is.
    pub(super) fn select_named(&self, inserts: bool) -> Result<Selection> {
        let text = self.part("id");
        let spelled: Vec<Value> = DocId::spelled_by(text)
            .iter()
            .map(DocId::to_value)
            .collect();
        let id = if inserts || spelled.len() == 1 {
            Value::string(text)
        } else {
            let among = ("$in", Value::Array(spelled));
            Value::Object([among].into_iter().collect())
        };
        self.select(&[("_id", id)].into_iter().collect())
    }
}
