//! The members of a request.
//!
//! Conditions and documents are texts of EJSON in the newer generation and plain members in the older one; both are
//! taken wherever one is expected.

use std::sync::Arc;

use crate::data::{CollectionName, Object, Order, Value};
use crate::emulator::app::App;
use crate::emulator::database::{MAX_ROWS, Selection, TransactionId};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::session::Session;
use crate::emulator::{storage, wire};
use crate::mongo::{self, Projection};

/// Rows of a read that does not say how many.
const USUAL_LIMIT: u64 = 100;

/// One request, from a known sender.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) app: &'a Arc<App>,
    pub(super) session: Session,
    /// This server as the client sees it: `127.0.0.1:9000`.
    pub(super) host: &'a str,
    pub(super) members: &'a Object,
    /// The moment of the request, milliseconds since 1970.
    pub(super) now: i64,
}

impl Asked<'_> {
    pub(super) fn action(&self) -> Result<&str> {
        self.text("action").ok_or_else(|| missing("action"))
    }

    /// What a text member says; an empty one says nothing.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        text(self.members, name)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.members.get(name), Some(Value::Bool(true)))
    }

    pub(super) fn collection(&self) -> Result<CollectionName> {
        let name = self
            .text("collectionName")
            .ok_or_else(|| missing("collectionName"))?;
        // What cannot be a name is no name of a collection that is there.
        CollectionName::parse(name).ok_or_else(|| Failure::no_collection(name))
    }

    pub(super) fn transaction(&self) -> Option<TransactionId> {
        self.text("transactionId")
            .map(|id| TransactionId(id.into()))
    }

    /// The documents that the condition is about; all, if there is none.
    pub(super) fn selection(&self) -> Result<Selection> {
        let condition = self.object("query")?.unwrap_or_default();
        self.session.select(&self.collection()?, &condition)
    }

    /// As [`Self::selection`], for writes: nothing said is not everything. (`{}` is said.)
    pub(super) fn selection_to_write(&self) -> Result<Selection> {
        let condition = self.object("query")?.ok_or_else(|| missing("query"))?;
        self.session.select(&self.collection()?, &condition)
    }

    /// What is written.
    pub(super) fn data(&self) -> Result<Object> {
        match self.members.get("data") {
            Some(Value::Object(plain)) => wire::read_plain(plain.clone(), self.now),
            _ => self.object("data")?.ok_or_else(|| missing("data")),
        }
    }

    /// A member that is an object or the text of one, its server dates read.
    fn object(&self, name: &str) -> Result<Option<Object>> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => wire::read(text, self.now).map(Some),
            Some(Value::Object(object)) => {
                wire::resolve_members(object.clone(), self.now).map(Some)
            }
            Some(other) => Err(Failure::invalid(format!(
                "`{name}` must be an object, found {}",
                other.kind()
            ))),
        }
    }

    /// `{n: -1}`, its text, or the older `[{field, direction}]`.
    pub(super) fn order(&self) -> Result<Order> {
        let keys = match self.members.get("order") {
            Some(Value::Array(keys)) => keys.iter().map(key).collect::<Result<Object>>()?,
            _ => self.object("order")?.unwrap_or_default(),
        };
        Ok(mongo::order(&keys)?)
    }

    pub(super) fn projection(&self) -> Result<Option<Projection>> {
        let fields = self
            .object("projection")?
            .filter(|fields| !fields.is_empty());
        Ok(fields.as_ref().map(Projection::parse).transpose()?)
    }

    pub(super) fn offset(&self) -> Result<u64> {
        self.whole("offset")
    }

    /// How many rows are read.
    pub(super) fn limit(&self) -> Result<u64> {
        Ok(match self.whole("limit")? {
            0 => USUAL_LIMIT,
            limit => limit.min(MAX_ROWS),
        })
    }

    /// A number that is not negative; 0 if there is none.
    fn whole(&self, name: &str) -> Result<u64> {
        let number = match self.members.get(name) {
            None | Some(Value::Null) => Some(0),
            Some(Value::Int(number)) => u64::try_from(*number).ok(),
            Some(_) => None,
        };
        number.ok_or_else(|| Failure::invalid(format!("`{name}` must be a whole number from 0 on")))
    }

    /// `stages: [{stageKey, stageValue}]`, each value a text of EJSON.
    pub(super) fn stages(&self) -> Result<Vec<(String, Value)>> {
        let stages = self.members.get("stages").and_then(Value::as_array);
        let stages = stages.ok_or_else(|| missing("stages"))?;
        stages.iter().map(|stage| self.stage(stage)).collect()
    }

    fn stage(&self, stage: &Value) -> Result<(String, Value)> {
        let stage = stage.as_object();
        let member = |name| stage.and_then(|stage| stage.get(name));
        let key = member("stageKey").and_then(Value::as_str);
        let key = key.ok_or_else(|| missing("stageKey"))?;
        let value = match member("stageValue") {
            Some(Value::String(text)) => wire::read_value(text, self.now)?,
            Some(value) => wire::resolve(value.clone(), self.now)?,
            None => return Err(missing("stageValue")),
        };
        Ok((key.to_owned(), value))
    }

    /// New documents: texts, or plain objects of the older generation.
    pub(super) fn documents(&self) -> Result<Vec<Object>> {
        let documents = self.members.get("data").and_then(Value::as_array);
        let documents = documents.ok_or_else(|| missing("data"))?.iter();
        let read = |document: &Value| match document {
            Value::String(text) => wire::read(text, self.now),
            Value::Object(object) => wire::resolve_members(object.clone(), self.now),
            other => Err(Failure::invalid(format!(
                "a document must be an object or a text of EJSON, found {}",
                other.kind()
            ))),
        };
        documents.map(read).collect()
    }

    /// One new document; its id may stand beside it.
    pub(super) fn document(&self) -> Result<Object> {
        let mut document = self.data()?;
        if let Some(id) = self.members.get("_id")
            && !document.contains("_id")
        {
            document.insert("_id", id.clone());
        }
        Ok(document)
    }

    /// What the storage actions answer.
    pub(super) async fn in_storage(&self, action: &str) -> Result<Object> {
        let origin = format!("http://{}", self.host);
        let identity = self.session.identity();
        let data = storage::act(self.app, identity, &origin, action, self.members).await?;
        Ok(Object::from_iter([("data", Value::Object(data))]))
    }
}

/// One key of the older generation's order.
fn key(key: &Value) -> Result<(String, Value)> {
    let member = |name| key.as_object()?.get(name)?.as_str();
    let direction = match member("direction") {
        Some("asc") => 1,
        Some("desc") => -1,
        _ => {
            return Err(Failure::invalid(
                "the `direction` of an order is `asc` or `desc`",
            ));
        }
    };
    let field = member("field").ok_or_else(|| missing("field"))?;
    Ok((field.to_owned(), Value::Int(direction)))
}

/// What a text member says; an empty one says nothing.
pub(super) fn text<'a>(members: &'a Object, name: &str) -> Option<&'a str> {
    let text = members.get(name)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

fn missing(name: &str) -> Failure {
    Failure::invalid(format!("`{name}` is required"))
}
