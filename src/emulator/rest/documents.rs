//! Reading one document; inserting, changing and removing.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::answer::{self, Refused, Text};
use super::call::Call;
use super::lists::projection;
use crate::cloudbase::Code;
use crate::data::{Object, Order};
use crate::emulator::database::{Find, Modified, Modify, Remove, Selection, Write};
use crate::emulator::failure::{Failure, Result};
use crate::mongo::Update;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Inserted {
    inserted_ids: Vec<Text>,
}

#[derive(Debug, Serialize)]
pub(super) struct Updated {
    matched: u64,
    updated: u64,
    upsert_id: Option<Text>,
    /// The document afterwards, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    doc: Option<Text>,
}

#[derive(Debug, Serialize)]
pub(super) struct Deleted {
    deleted: u64,
}

/// The document itself.
pub(super) async fn read(call: Call) -> answer::Result<Text> {
    let find = Find {
        selection: call.select_named(false)?,
        order: Order::default(),
        skip: 0,
        limit: 1,
        projection: projection(&call.object("projection")?)?,
    };
    let found = call
        .session
        .find(find, call.transaction()?.as_ref())
        .await?;
    match found.first() {
        Some(document) => Ok(Json(answer::document(document))),
        None => Err(not_found(&call).into()),
    }
}

pub(super) async fn insert(call: Call) -> Result<Response, Refused> {
    let documents = call.body.required_objects("data")?;
    let documents = documents.into_iter().cloned().collect();
    let (collection, within) = (call.collection()?, call.transaction()?);
    let inserted = call.session.insert(&collection, documents, within.as_ref());
    let inserted_ids = inserted.await?.iter().map(answer::id).collect();
    Ok((StatusCode::CREATED, Json(Inserted { inserted_ids })).into_response())
}

/// All documents of a condition, or the first.
pub(super) async fn update(call: Call) -> answer::Result<Updated> {
    let selection = call.select(call.body.required_object("query")?)?;
    let many = call.body.flag("multi")?;
    let modified = modify(&call, selection, many).await?;
    Ok(Json(updated(&modified, None)))
}

pub(super) async fn update_one(call: Call) -> answer::Result<Updated> {
    let selection = call.select_named(call.body.flag("upsert")?)?;
    let modified = modify(&call, selection, false).await?;
    if modified.matched == 0 && modified.upserted.is_none() {
        return Err(not_found(&call).into());
    }
    let asked = call.body.flag("returnDoc")?;
    let after = modified.after.as_ref().filter(|_| asked);
    let doc = after.map(|after| answer::document(after.fields()));
    Ok(Json(updated(&modified, doc)))
}

async fn modify(call: &Call, selection: Selection, many: bool) -> Result<Modified> {
    let data = call.body.required_object("data")?;
    let modify = Modify {
        selection,
        many,
        write: write(data, call.body.flag("replaceMode")?, many)?,
        upsert: call.body.flag("upsert")?,
    };
    let (session, within) = (&call.session, call.transaction()?);
    match call.body.flag("returnDoc")? {
        true => session.modify_and_tell(modify, within.as_ref()).await,
        false => session.modify(modify, within.as_ref()).await,
    }
}

/// Operators change a document, a plain object takes its place: with `replaceMode`, and without it too, as the SDK's
/// `set` sends it and as the native command has it.
pub(super) fn write(data: &Object, replace: bool, many: bool) -> Result<Write> {
    let has_operators = data.iter().any(|(name, _)| name.starts_with('$'));
    if has_operators && replace {
        return Err(Failure::invalid(
            "`replaceMode` needs a `data` without operators",
        ));
    }
    if has_operators || (data.is_empty() && !replace) {
        return Ok(Write::Update(Update::parse(data)?));
    }
    if many {
        return Err(Failure::invalid(
            "`multi` needs a `data` of update operators",
        ));
    }
    let mut fields = data.clone();
    fields.remove("_id");
    Ok(Write::Replace(fields))
}

fn updated(modified: &Modified, doc: Option<Text>) -> Updated {
    Updated {
        matched: modified.matched,
        updated: modified.updated,
        upsert_id: modified.upserted.as_ref().map(answer::id),
        doc,
    }
}

pub(super) async fn remove(call: Call) -> answer::Result<Deleted> {
    let selection = call.select(call.body.required_object("query")?)?;
    let many = call.body.flag("multi")?;
    delete(&call, selection, many).await
}

pub(super) async fn remove_one(call: Call) -> answer::Result<Deleted> {
    let selection = call.select_named(false)?;
    delete(&call, selection, false).await
}

async fn delete(call: &Call, selection: Selection, many: bool) -> answer::Result<Deleted> {
    let within = call.transaction()?;
    let remove = Remove { selection, many };
    let deleted = call.session.remove(remove, within.as_ref()).await?;
    Ok(Json(Deleted { deleted }))
}

fn not_found(call: &Call) -> Failure {
    let id = call.part("id");
    Failure::new(
        Code::DocumentNotFound,
        format!("[ResourceNotFound] there is no document `{id}`, or it may not be seen"),
    )
}
