//! Creating collections.

use serde::Serialize;

use super::envelope::Call;
use crate::cloudbase::answer::Members;
use crate::cloudbase::client::{Answer, Label};
use crate::cloudbase::error::Result;
use crate::cloudbase::refusal;
use crate::data::CollectionName;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created<'a> {
    collection_name: &'a str,
}

pub(super) fn create(collection: &CollectionName) -> Call<Created<'_>> {
    Call {
        action: "database.addCollection",
        members: Created {
            collection_name: collection.as_str(),
        },
        repeatable: false,
        label: Label::on("create", collection),
    }
}

pub(super) fn read_created(answer: &Answer) -> Result<()> {
    Members::of(answer).map(drop).map_err(refusal::of_creation)
}
