//! A directory that is removed with the value that stands for it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::OpenError;

#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    /// Makes a new directory among the system's temporary files.
    pub(super) fn make() -> Result<Self, OpenError> {
        let other = |path: &Path, reason: String| OpenError::Other {
            path: path.to_owned(),
            reason,
        };
        let parent = env::temp_dir();
        let random = getrandom::u64().map_err(|error| other(&parent, error.to_string()))?;
        let path = parent.join(format!("cloudbase-graphql-{random:016x}"));
        fs::create_dir(&path).map_err(|error| other(&path, error.to_string()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a temporary store could not be removed");
        }
    }
}
