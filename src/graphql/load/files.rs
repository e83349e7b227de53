//! Addresses of the files that documents name: each file once in an operation.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::gateway::{FileError, Session};
use crate::graphql::error::{Code, Error};

/// How many files an operation may ask the addresses of: the storage is asked for fifty at a time.
const FILES_MAX: usize = 5_000;

/// How many ages the addresses of an operation may have: each is a request of its own to the storage, so that a file under
/// a thousand aliases would be a thousand requests.
const AGES_MAX: usize = 4;

/// A file, and for how many seconds its address is to be good.
pub(super) type Asked = (SmolStr, u32);

/// Of the files that were asked for so far, where they are or why that is not known.
#[derive(Default)]
pub(super) struct Addresses(
    /// Filled between levels of the load. Never locked across an await.
    Mutex<FxHashMap<Asked, Result<Arc<str>, FileError>>>,
);

impl Addresses {
    /// Asks for the files that were not asked for before.
    pub(super) async fn load(&self, session: &Session, files: FxHashSet<Asked>) {
        let mut by_age: FxHashMap<u32, Vec<SmolStr>> = FxHashMap::default();
        let mut room = FILES_MAX.saturating_sub(self.lock().len());
        let mut ages: FxHashSet<u32> = self.lock().keys().map(|(_, age)| *age).collect();
        for (file, age) in files {
            if ages.len() < AGES_MAX {
                ages.insert(age);
            }
            let is_welcome = room > 0 && ages.contains(&age);
            if is_welcome && !self.lock().contains_key(&(file.clone(), age)) {
                by_age.entry(age).or_default().push(file);
                room -= 1;
            }
        }
        let asked = by_age.into_iter().map(|(age, files)| async move {
            let found = session.addresses(&files, age).await;
            (age, files, found)
        });
        for (age, files, found) in join_all(asked).await {
            let files = files.into_iter().map(|file| (file, age));
            let found = found.into_iter().map(|one| one.map(Arc::from));
            self.lock().extend(files.zip(found));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(super) fn get(&self, file: &SmolStr, age: u32) -> Result<Arc<str>, Error> {
        let known = self.lock().get(&(file.clone(), age)).cloned();
        match known {
            Some(found) => found.map_err(Error::from),
            None => Err(Error::new(
                Code::LimitExceeded,
                format!(
                    "an operation may ask for the addresses of {FILES_MAX} files and for {AGES_MAX} values of `maxAge`: ask for \
                     smaller pages"
                ),
            )),
        }
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<Asked, Result<Arc<str>, FileError>>> {
        // Nothing panics under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without addresses: they are as good as the files.
impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Addresses({})", self.lock().len())
    }
}
