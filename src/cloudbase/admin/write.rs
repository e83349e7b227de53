//! Inserting, altering, and updating and removing by id.

use serde::Serialize;

use super::envelope::{Call, data};
use super::read::{WHERE, text, within};
use crate::cloudbase::answer::malformed;
use crate::cloudbase::client::{Answer, Label};
use crate::cloudbase::database::Context;
use crate::cloudbase::error::Result;
use crate::data::{CollectionName, DocId, Object};

/// The document of an id, rather than those of a condition.
const DOC: &str = "DOC";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Inserted<'a> {
    collection_name: &'a str,
    data: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
}

pub(super) fn insert<'a>(
    context: &'a Context,
    collection: &'a CollectionName,
    documents: &[Object],
) -> Call<Inserted<'a>> {
    Call {
        action: "database.insertDocument",
        members: Inserted {
            collection_name: collection.as_str(),
            data: documents.iter().map(text).collect(),
            transaction_id: within(context),
        },
        repeatable: false,
        label: Label::on("insert", collection),
    }
}

/// # Errors
///
/// `Malformed` also if it says that another number of documents was inserted than was asked for.
pub(super) fn read_inserted(answer: &Answer, asked: usize) -> Result<()> {
    match data(answer)?.length("insertedIds")? {
        Some(inserted) if inserted != asked => Err(malformed(
            "insertedIds",
            "a list of one id for each document",
        )),
        _ => Ok(()),
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Altered<'a> {
    collection_name: &'a str,
    query_type: &'static str,
    query: String,
    data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
}

/// Updates the first document that matches.
pub(super) fn alter<'a>(
    context: &'a Context,
    collection: &'a CollectionName,
    query: &Object,
    update: &Object,
) -> Call<Altered<'a>> {
    Call {
        action: "database.modifyAndReturnDoc",
        members: Altered {
            collection_name: collection.as_str(),
            query_type: WHERE,
            query: text(query),
            data: text(update),
            transaction_id: within(context),
        },
        repeatable: false,
        label: Label::on("alter", collection),
    }
}

/// The document afterwards.
pub(super) fn read_altered(answer: &Answer) -> Result<Option<Object>> {
    let members = data(answer)?;
    let after = members.document("doc")?;
    match members.count("updated")? {
        Some(updated) if updated > 0 && after.is_none() => Err(malformed("doc", "a document")),
        _ => Ok(after),
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Updated<'a> {
    collection_name: &'a str,
    query_type: &'static str,
    query: String,
    data: String,
    multi: bool,
    /// Whether `data` has operators, rather than being the whole document.
    merge: bool,
    upsert: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
}

pub(super) fn update<'a>(
    context: &'a Context,
    collection: &'a CollectionName,
    id: &DocId,
    update: &Object,
) -> Call<Updated<'a>> {
    Call {
        action: "database.modifyDocument",
        members: Updated {
            collection_name: collection.as_str(),
            query_type: DOC,
            query: text(&named(id)),
            data: text(update),
            multi: false,
            merge: true,
            upsert: false,
            transaction_id: within(context),
        },
        repeatable: false,
        label: Label::on("update", collection),
    }
}

/// Whether there was a document. `None`: it is not said, since `updated` may not count one that was like that before.
pub(super) fn read_updated(answer: &Answer) -> Result<Option<bool>> {
    let members = data(answer)?;
    let updated = members.required_count("updated")? > 0;
    let matched = members.count("matched")?.map(|matched| matched > 0);
    Ok(if updated { Some(true) } else { matched })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Removed<'a> {
    collection_name: &'a str,
    query_type: &'static str,
    query: String,
    multi: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
}

pub(super) fn remove<'a>(
    context: &'a Context,
    collection: &'a CollectionName,
    id: &DocId,
) -> Call<Removed<'a>> {
    Call {
        action: "database.removeDocument",
        members: Removed {
            collection_name: collection.as_str(),
            query_type: DOC,
            query: text(&named(id)),
            multi: false,
            transaction_id: within(context),
        },
        repeatable: false,
        label: Label::on("remove", collection),
    }
}

pub(super) fn read_removed(answer: &Answer) -> Result<bool> {
    Ok(data(answer)?.required_count("deleted")? > 0)
}

/// The condition that only this document matches.
pub(super) fn named(id: &DocId) -> Object {
    Object::from_iter([("_id", id.to_value())])
}
