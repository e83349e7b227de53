//! Inserting, and updating and removing by id.
//!
//! A document is named by a condition on its `_id`, as the web SDK does it, so that its type is told: to the address
//! `…/documents/12` a text and a number are the same.

use serde::Serialize;

use super::call::{Ejson, documents, send, within};
use crate::cloudbase::Code;
use crate::cloudbase::answer::{Members, malformed};
use crate::cloudbase::client::{Answer, Label, Method, Request};
use crate::cloudbase::database::Context;
use crate::cloudbase::error::{Error, Result};
use crate::data::{CollectionName, DocId, Object};

pub(super) fn insert(context: &Context, collection: &CollectionName, added: &[Object]) -> Request {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        data: Vec<Ejson<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        transaction_id: Option<&'a str>,
    }
    let body = Body {
        data: added.iter().map(Ejson).collect(),
        transaction_id: within(context.transaction.as_ref()),
    };
    let target = documents(collection);
    send(Method::Post, target, &body, Label::on("insert", collection))
}

/// # Errors
///
/// `Malformed` also if it says that another number of documents was inserted than was asked for.
pub(super) fn read_inserted(answer: &Answer, asked: usize) -> Result<()> {
    match Members::of(answer)?.length("insertedIds")? {
        Some(inserted) if inserted != asked => Err(malformed(
            "insertedIds",
            "a list of one id for each document",
        )),
        _ => Ok(()),
    }
}

pub(super) fn update(
    context: &Context,
    collection: &CollectionName,
    id: &DocId,
    update: &Object,
) -> Request {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        query: Ejson<'a>,
        data: Ejson<'a>,
        multi: bool,
        upsert: bool,
        /// Whether `data` is a whole document; here it has operators.
        replace_mode: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        transaction_id: Option<&'a str>,
    }
    let body = Body {
        query: Ejson(&named(id)),
        data: Ejson(update),
        multi: false,
        upsert: false,
        replace_mode: false,
        transaction_id: within(context.transaction.as_ref()),
    };
    let target = documents(collection);
    send(
        Method::Patch,
        target,
        &body,
        Label::on("update", collection),
    )
}

/// Whether there was a document: `updated` alone does not count one that was like that before.
pub(super) fn read_updated(answer: &Answer) -> Result<bool> {
    let members = found(Members::of(answer))?;
    let Some(members) = members else {
        return Ok(false);
    };
    match members.count("matched")? {
        Some(matched) => Ok(matched > 0),
        None => Ok(members.required_count("updated")? > 0),
    }
}

pub(super) fn remove(context: &Context, collection: &CollectionName, id: &DocId) -> Request {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        query: Ejson<'a>,
        multi: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        transaction_id: Option<&'a str>,
    }
    let body = Body {
        query: Ejson(&named(id)),
        multi: false,
        transaction_id: within(context.transaction.as_ref()),
    };
    let target = format!("{}/remove", documents(collection));
    send(Method::Post, target, &body, Label::on("remove", collection))
}

pub(super) fn read_removed(answer: &Answer) -> Result<bool> {
    match found(Members::of(answer))? {
        Some(members) => Ok(members.required_count("deleted")? > 0),
        None => Ok(false),
    }
}

/// A document that is not there may also be told by a refusal.
fn found(members: Result<Members<'_>>) -> Result<Option<Members<'_>>> {
    match members {
        Err(Error::Refused(refusal)) if refusal.code == Some(Code::DocumentNotFound) => Ok(None),
        members => members.map(Some),
    }
}

fn named(id: &DocId) -> Object {
    Object::from_iter([("_id", id.to_value())])
}
