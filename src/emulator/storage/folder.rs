//! The files on disk. Everything here blocks.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use crate::cloudbase::FileKey;

/// A folder and what lies under it.
#[derive(Debug)]
pub(super) struct Folder {
    directory: PathBuf,
    /// Goes with this value, if nobody named a folder to keep.
    _temporary: Option<TempDir>,
}

impl Folder {
    pub(super) fn open(directory: Option<PathBuf>) -> io::Result<Self> {
        let (directory, temporary) = match directory {
            Some(directory) => (directory, None),
            None => {
                let made = TempDir::with_prefix("cloudbase-graphql-")?;
                (made.path().to_owned(), Some(made))
            }
        };
        fs::create_dir_all(&directory)?;
        Ok(Self {
            // Links on the way are followed once, here; below it none are.
            directory: directory.canonicalize()?,
            _temporary: temporary,
        })
    }

    /// The bytes of a file; `None` if there is none.
    pub(super) fn read(&self, key: &FileKey) -> io::Result<Option<Vec<u8>>> {
        match self.existing(key)? {
            Some(path) => fs::read(path).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn exists(&self, key: &FileKey) -> io::Result<bool> {
        self.existing(key).map(|path| path.is_some())
    }

    /// Writes a file, whole or not at all. `false`: it was there and may not be replaced.
    pub(super) fn write(&self, key: &FileKey, bytes: &[u8], replace: bool) -> io::Result<bool> {
        let path = self.directory.join(key.as_str());
        let parent = path.parent().unwrap_or(&self.directory);
        // Before any is made: nothing is made where a link leads out.
        let there = parent.ancestors().find(|directory| directory.exists());
        self.within(there.unwrap_or(parent))?;
        fs::create_dir_all(parent)?;
        if !replace && self.exists(key)? {
            return Ok(false);
        }
        // Under another name until it is whole; removed if it never is.
        let mut unfinished = NamedTempFile::with_prefix_in(".upload-", parent)?;
        unfinished.write_all(bytes)?;
        unfinished.as_file().sync_all()?;
        if replace {
            unfinished.persist(&path)?;
            return Ok(true);
        }
        // Somebody else may have been faster.
        match unfinished.persist_noclobber(&path) {
            Ok(_) => Ok(true),
            Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(other) => Err(other.error),
        }
    }

    /// `false`: there was none.
    pub(super) fn remove(&self, key: &FileKey) -> io::Result<bool> {
        match self.existing(key)? {
            Some(path) => fs::remove_file(path).map(|()| true),
            None => Ok(false),
        }
    }

    /// Where a file lies, if it does; never outside the folder.
    fn existing(&self, key: &FileKey) -> io::Result<Option<PathBuf>> {
        let path = self.directory.join(key.as_str());
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() => {
                self.within(path.parent().unwrap_or(&self.directory))?;
                Ok(Some(path))
            }
            Ok(_) => Ok(None),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses a directory that a link leads out to.
    fn within(&self, directory: &Path) -> io::Result<()> {
        if directory.canonicalize()?.starts_with(&self.directory) {
            return Ok(());
        }
        Err(io::Error::new(
            ErrorKind::PermissionDenied,
            "a link in the folder of files leads out of it",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> FileKey {
        FileKey::parse(text).expect("a key")
    }

    #[test]
    fn keeps_files_under_their_keys() {
        let folder = Folder::open(None).expect("a temporary folder");
        let file = key("photos/猫 1.png");
        assert_eq!(folder.read(&file).expect("it can be asked"), None);
        assert!(folder.write(&file, b"one", false).expect("written"));
        assert!(!folder.write(&file, b"two", false).expect("refused"));
        assert_eq!(folder.read(&file).expect("read"), Some(b"one".to_vec()));
        assert!(folder.write(&file, b"two", true).expect("written"));
        assert_eq!(folder.read(&file).expect("read"), Some(b"two".to_vec()));
        assert!(!folder.exists(&key("photos")).expect("a folder is no file"));
        assert!(
            !folder
                .exists(&key("photos/猫 1.png/x"))
                .expect("nor is what a file has in it")
        );
        assert!(folder.remove(&file).expect("removed"));
        assert!(!folder.remove(&file).expect("gone"));
    }

    #[test]
    fn a_link_that_leads_out_is_not_followed() {
        let (inside, outside) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        fs::write(outside.path().join("secret"), "s").expect("written");
        std::os::unix::fs::symlink(outside.path(), inside.path().join("out")).expect("linked");
        std::os::unix::fs::symlink(outside.path().join("secret"), inside.path().join("direct"))
            .expect("linked");
        let folder = Folder::open(Some(inside.path().to_owned())).expect("opened");
        assert!(folder.read(&key("out/secret")).is_err());
        assert!(folder.write(&key("out/new"), b"x", true).is_err());
        assert_eq!(folder.read(&key("direct")).expect("no file of ours"), None);
        assert!(!outside.path().join("new").exists());
        assert!(folder.write(&key("out/deep/new"), b"x", true).is_err());
        assert!(!outside.path().join("deep").exists());
    }

    #[test]
    fn what_may_not_replace_takes_nothings_place() {
        let inside = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(Some(inside.path().to_owned())).expect("opened");
        // Not a file when it is looked for, and there all the same when it is put: as if another was faster.
        let link = inside.path().join("link");
        std::os::unix::fs::symlink(inside.path().join("nowhere"), &link).expect("linked");
        assert!(!folder.write(&key("link"), b"x", false).expect("refused"));
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert!(!inside.path().join("nowhere").exists());
    }

    #[test]
    fn a_temporary_folder_goes() {
        let folder = Folder::open(None).expect("a temporary folder");
        let path = folder.directory.clone();
        assert!(path.exists());
        drop(folder);
        assert!(!path.exists());
    }
}
