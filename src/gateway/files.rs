//! Where files are that documents name: what the gateway needs to know of a file storage.

use std::fmt::Debug;

use async_trait::async_trait;
use smol_str::SmolStr;

use super::Session;

/// A storage of files. It knows no callers: it is asked only for files whose name the caller may read.
#[async_trait]
pub trait Files: Send + Sync + Debug {
    /// For each name of a file (`cloud://…`), in the order given, an address that is good for about so many seconds.
    async fn addresses(&self, files: &[SmolStr], max_age: u32) -> Vec<Result<String, FileError>>;
}

/// Why a file has no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("there is no such file")]
    NotFound,
    #[error("the file is not for this environment to read")]
    Forbidden,
    #[error("the file storage is not available, try again")]
    Unavailable,
    /// The server has no storage.
    #[error(
        "files have no addresses here: the server has no file storage, run it with `--store cloudbase`"
    )]
    Unconfigured,
}

/// The ages of addresses, in seconds; the cloud takes no others.
pub const MIN_AGE: u32 = 60;
pub const MAX_AGE: u32 = 86_400;

impl Session {
    /// Addresses of files, in the order given, that are good for about so many seconds.
    ///
    /// Whoever has the address may read the file. So `files` must be names that were read from documents that the caller
    /// may see, through their masks: never what a caller said.
    pub async fn addresses(
        &self,
        files: &[SmolStr],
        max_age: u32,
    ) -> Vec<Result<String, FileError>> {
        let max_age = max_age.clamp(MIN_AGE, MAX_AGE);
        match &self.gateway().files {
            Some(storage) => storage.addresses(files, max_age).await,
            None => vec![Err(FileError::Unconfigured); files.len()],
        }
    }
}
