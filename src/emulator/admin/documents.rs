//! Actions of the newer generation: documents as texts of canonical EJSON.

use super::asked::Asked;
use crate::data::{DocId, Filter, Object, Value};
use crate::emulator::database::{Aggregate, Find, Modify, Remove, Write};
use crate::emulator::failure::{Failure, Result};
use crate::emulator::identity::Identity;
use crate::emulator::wire::{self, number};
use crate::mongo::Update;

/// Rows of an aggregation without a limit of its own.
const ADMIN_ROWS: u64 = 100;
const CLIENT_ROWS: u64 = 20;

pub(super) async fn add_collection(asked: &Asked<'_>) -> Result<Object> {
    let database = asked.session.administer()?;
    let name = asked.collection().map_err(|_| {
        Failure::invalid(
            "the name of a collection begins with a letter and has letters, digits, `_` and `-`",
        )
    })?;
    database.create_collection(&name).await?;
    Ok(Object::from_iter([("message", Value::string("ok"))]))
}

pub(super) async fn insert(asked: &Asked<'_>) -> Result<Object> {
    let documents = asked.documents()?;
    let within = asked.transaction();
    let ids = asked
        .session
        .insert(&asked.collection()?, documents, within.as_ref())
        .await?;
    let ids = ids.iter().map(id_value).collect();
    Ok(data([("insertedIds", Value::Array(ids))]))
}

pub(super) async fn get(asked: &Asked<'_>) -> Result<Object> {
    let (find, within) = (find(asked)?, asked.transaction());
    // Of a list only; and a transaction's own view is not counted.
    let is_counted = asked.text("queryType") == Some("WHERE") && within.is_none();
    let counted = is_counted.then(|| find.selection.clone());
    let (offset, limit) = (number(find.skip), number(find.limit));
    let list = asked.session.find(find, within.as_ref()).await?;
    let mut members =
        Object::from_iter([("offset", offset), ("limit", limit), ("list", texts(&list))]);
    if let Some(selection) = counted {
        let total = asked.session.count(selection).await?;
        members.insert("total", number(total));
    }
    Ok(Object::from_iter([("data", Value::Object(members))]))
}

/// The list that a read of either generation asks for.
pub(super) fn find(asked: &Asked<'_>) -> Result<Find> {
    Ok(Find {
        selection: asked.selection()?,
        order: asked.order()?,
        skip: asked.offset()?,
        limit: asked.limit()?,
        projection: asked.projection()?,
    })
}

pub(super) async fn count(asked: &Asked<'_>) -> Result<Object> {
    let total = asked.session.count(asked.selection()?).await?;
    Ok(data([("total", number(total))]))
}

/// The write that `data` is: with `merge` it has operators, without it replaces.
pub(super) fn change(asked: &Asked<'_>) -> Result<Modify> {
    let data = asked.data()?;
    let write = if asked.flag("merge") {
        Write::Update(Update::parse(&data)?)
    } else {
        Write::Replace(data)
    };
    Ok(Modify {
        selection: asked.selection_to_write()?,
        many: asked.flag("multi"),
        write,
        upsert: asked.flag("upsert"),
    })
}

pub(super) async fn modify(asked: &Asked<'_>) -> Result<Object> {
    let within = asked.transaction();
    let modified = asked
        .session
        .modify(change(asked)?, within.as_ref())
        .await?;
    let upserted = modified.upserted.as_ref().map_or(Value::Null, id_value);
    Ok(data([
        ("updated", number(modified.updated)),
        ("matched", number(modified.matched)),
        ("upsert_id", upserted),
    ]))
}

pub(super) async fn modify_and_return(asked: &Asked<'_>) -> Result<Object> {
    let modify = Modify {
        selection: asked.selection_to_write()?,
        many: false,
        write: Write::Update(Update::parse(&asked.data()?)?),
        upsert: false,
    };
    let within = asked.transaction();
    let modified = asked.session.modify_and_tell(modify, within.as_ref()).await;
    let after = modified?.after;
    let document = after
        .as_ref()
        .map(|document| wire::write(document.fields()));
    // One that was found counts, changed or not.
    Ok(data([
        ("updated", number(document.is_some().into())),
        ("doc", document.map_or(Value::Null, Value::string)),
    ]))
}

pub(super) async fn remove(asked: &Asked<'_>) -> Result<Object> {
    let remove = Remove {
        selection: asked.selection_to_write()?,
        many: asked.flag("multi"),
    };
    let within = asked.transaction();
    let deleted = asked.session.remove(remove, within.as_ref()).await?;
    Ok(data([("deleted", number(deleted))]))
}

pub(super) async fn aggregate(asked: &Asked<'_>) -> Result<Object> {
    let list = rows(asked).await?;
    Ok(data([("list", texts(&list))]))
}

/// The rows of an aggregation of either generation.
pub(super) async fn rows(asked: &Asked<'_>) -> Result<Vec<Object>> {
    let aggregate = Aggregate {
        collection: asked.collection()?,
        pipeline: asked.session.pipeline(&asked.stages()?)?,
        also: Filter::all(),
        limit: match asked.session.identity() {
            Identity::Admin => ADMIN_ROWS,
            Identity::Client(_) => CLIENT_ROWS,
        },
    };
    asked.session.aggregate(aggregate).await
}

/// An answer of these members in `data`.
pub(super) fn data<const N: usize>(members: [(&'static str, Value); N]) -> Object {
    Object::from_iter([("data", Value::Object(Object::from_iter(members)))])
}

pub(super) fn texts(documents: &[Object]) -> Value {
    let texts = documents.iter().map(wire::write);
    Value::Array(texts.map(Value::string).collect())
}

/// Object ids as plain text, as everywhere in answers.
pub(super) fn id_value(id: &DocId) -> Value {
    match id {
        DocId::ObjectId(id) => Value::string(id.to_string()),
        other => other.to_value(),
    }
}
