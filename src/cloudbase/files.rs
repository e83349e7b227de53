//! Temporary addresses of stored files.
//!
//! Whoever has an address may read the file until it ends, so addresses are asked for only on behalf of somebody who may
//! read the name, and never logged. They are kept for a while, so that a page that is looked at again costs nothing, and a
//! file that is not there is not asked for again at once.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use lru::LruCache;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tokio::time::Instant;

use super::admin::{Admin, Located};
use super::client::Client;
use super::error::Result;
use super::{Error, FileId};

/// The most files of one request (a hard limit of the cloud).
pub const MAX_FILES: usize = 50;

/// Requests of one call that are under way at the same time.
const PARALLEL: usize = 4;

/// Addresses that are kept.
const MAX_KEPT: NonZeroUsize = NonZeroUsize::new(10_000).expect("more than none");

/// An address is handed out again for at most this long, less [`REST`]: who gets it later has it for less time.
const KEPT: Duration = Duration::from_secs(600);
const REST: Duration = Duration::from_secs(60);

/// How long a file that is not there is not asked for again.
const KEPT_MISSING: Duration = Duration::from_secs(60);

/// Resolves names of files to addresses.
pub struct Files {
    admin: Admin,
    /// Never locked across an await.
    kept: Mutex<LruCache<(FileId, u32), Kept>>,
}

/// What is known of a file, and until when. A failure is not known for long enough to be kept.
#[derive(Clone)]
struct Kept {
    address: Option<String>,
    until: Instant,
}

/// Why a file has no address.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Missing {
    #[error("there is no such file")]
    NotFound,
    #[error("the storage does not let us read it")]
    Forbidden,
    /// It was not asked for.
    #[error("the file is of another environment")]
    Foreign,
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Files {
    pub fn new(client: Arc<Client>) -> Self {
        Self {
            admin: Admin::new(client),
            kept: Mutex::new(LruCache::new(MAX_KEPT)),
        }
    }

    /// For each file, in the order given, an address that is good for at most `max_age` seconds; one that was kept, for
    /// up to nine minutes less. Files of other environments are refused and never asked for.
    pub async fn addresses(
        &self,
        files: &[FileId],
        max_age: u32,
        deadline: Option<Instant>,
    ) -> Vec<Result<String, Missing>> {
        let mut known = HashMap::new();
        let mut unknown = Vec::new();
        for file in files {
            if !known.contains_key(file) {
                let found = self.known(file, max_age);
                if found.is_none() {
                    unknown.push(file.clone());
                }
                known.insert(file.clone(), found.unwrap_or_else(|| Err(unanswered())));
            }
        }
        let batches: Vec<Vec<FileId>> = unknown.chunks(MAX_FILES).map(<[_]>::to_vec).collect();
        let asked = batches
            .into_iter()
            .map(|batch| self.ask(batch, max_age, deadline));
        let mut answers = stream::iter(asked).buffer_unordered(PARALLEL);
        while let Some(answer) = answers.next().await {
            known.extend(answer);
        }
        let of = |file| known.get(file).cloned();
        files
            .iter()
            .map(|file| of(file).unwrap_or_else(|| Err(unanswered())))
            .collect()
    }

    /// What needs no request.
    fn known(&self, file: &FileId, max_age: u32) -> Option<Result<String, Missing>> {
        if file.env != self.admin.client().config().env {
            return Some(Err(Missing::Foreign));
        }
        let mut all = self.kept();
        let kept = all.get(&(file.clone(), max_age))?;
        let is_fresh = Instant::now() < kept.until;
        is_fresh.then(|| kept.address.clone().ok_or(Missing::NotFound))
    }

    async fn ask(
        &self,
        batch: Vec<FileId>,
        max_age: u32,
        deadline: Option<Instant>,
    ) -> Vec<(FileId, Result<String, Missing>)> {
        let answer = self.admin.addresses(&batch, max_age, deadline).await;
        self.understand(&batch, max_age, answer)
    }

    /// What an answer says of each file of a batch. It is told by names, in whatever order; a file that it does not name
    /// is not answered.
    fn understand(
        &self,
        batch: &[FileId],
        max_age: u32,
        answer: Result<Vec<Located>>,
    ) -> Vec<(FileId, Result<String, Missing>)> {
        let located = match answer {
            Ok(located) => located,
            Err(error) => {
                let failed = |file: &FileId| (file.clone(), Err(Missing::Failed(error.clone())));
                return batch.iter().map(failed).collect();
            }
        };
        let by_name: HashMap<&str, &Located> =
            located.iter().map(|one| (one.file.trim(), one)).collect();
        let found = |file: &FileId| {
            let located = by_name.get(file.to_string().as_str()).copied();
            let outcome = located.map_or_else(|| Err(unanswered()), outcome);
            self.keep(file, max_age, &outcome);
            (file.clone(), outcome)
        };
        batch.iter().map(found).collect()
    }

    fn keep(&self, file: &FileId, max_age: u32, outcome: &Result<String, Missing>) {
        let (address, time) = match outcome {
            Ok(address) => {
                let age = Duration::from_secs(max_age.into());
                (Some(address.clone()), age.min(KEPT).saturating_sub(REST))
            }
            Err(Missing::NotFound) => (None, KEPT_MISSING),
            Err(_) => return,
        };
        let until = Instant::now() + time;
        self.kept()
            .put((file.clone(), max_age), Kept { address, until });
    }

    fn kept(&self) -> MutexGuard<'_, LruCache<(FileId, u32), Kept>> {
        // Nothing panics under the lock, and whatever is in it is as good as it was.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the cloud says of one file.
fn outcome(located: &Located) -> Result<String, Missing> {
    match located.code.as_str() {
        "SUCCESS" if !located.address.is_empty() => Ok(encoded(&located.address)),
        "STORAGE_FILE_NONEXIST" => Err(Missing::NotFound),
        "STORAGE_EXCEED_AUTHORITY" => Err(Missing::Forbidden),
        _ => Err(unanswered()),
    }
}

fn unanswered() -> Missing {
    let reason = "it gives no address for a file that it was asked for";
    Missing::Failed(Error::Malformed(reason.to_owned()))
}

/// Addresses come with the names of files as they are, which are no part of an address where they have spaces or other
/// letters than the latin ones. `%` is in no name.
fn encoded(address: &str) -> String {
    const STRANGE: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'<')
        .add(b'>')
        .add(b'\\')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    utf8_percent_encode(address, STRANGE).to_string()
}

/// Without addresses.
impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}
