//! Addresses of stored files.

use serde::{Deserialize, Serialize};

use super::envelope::{self, Call};
use crate::cloudbase::FileId;
use crate::cloudbase::client::{Answer, Label};
use crate::cloudbase::error::Result;

#[derive(Debug, Serialize)]
pub(super) struct Asked {
    file_list: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct Item {
    fileid: String,
    max_age: u32,
}

/// What the cloud says of one file. `Debug` is not derived: whoever holds an address may read the file.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::cloudbase) struct Located {
    #[serde(rename = "fileID")]
    pub(in crate::cloudbase) file: String,
    /// `SUCCESS`, or why not.
    pub(in crate::cloudbase) code: String,
    #[serde(rename = "tempFileURL")]
    pub(in crate::cloudbase) address: String,
}

/// Addresses that are good for so many seconds.
pub(super) fn addresses(files: &[FileId], max_age: u32) -> Call<Asked> {
    let item = |file: &FileId| Item {
        fileid: file.to_string(),
        max_age,
    };
    Call {
        action: "storage.batchGetDownloadUrl",
        members: Asked {
            file_list: files.iter().map(item).collect(),
        },
        repeatable: true,
        label: Label::of("addresses"),
    }
}

/// In any order, and perhaps not of all files.
pub(super) fn read_addresses(answer: &Answer) -> Result<Vec<Located>> {
    envelope::data(answer)?.items("download_list")
}
