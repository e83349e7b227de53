//! Creating collections.

use serde::Serialize;

use super::call::{address, send};
use crate::cloudbase::answer::Members;
use crate::cloudbase::client::{Answer, Label, Method, Request};
use crate::cloudbase::error::Result;
use crate::cloudbase::refusal;
use crate::data::CollectionName;

pub(super) fn create(collection: &CollectionName) -> Request {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        collection_name: &'a str,
    }
    let body = Body {
        collection_name: collection.as_str(),
    };
    let label = Label::on("create", collection);
    send(Method::Post, address("/collections"), &body, label)
}

pub(super) fn read_created(answer: &Answer) -> Result<()> {
    Members::of(answer).map(drop).map_err(refusal::of_creation)
}
