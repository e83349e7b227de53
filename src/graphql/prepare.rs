//! Documents that were taken in, kept with their skeletons: the second request
//! that sends the same document pays for neither.

use std::hash::BuildHasher;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use rustc_hash::FxBuildHasher;

use super::error::Error;
use super::intake::{Intake, Taken};
use super::skeleton::{self, Skeleton};

/// How many operations are kept.
const KEPT: NonZeroUsize = NonZeroUsize::new(1_000).expect("not zero");

/// Longer documents are taken in anew each time: the cache must not fill the memory.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// An operation that can be bound.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) skeleton: Skeleton,
    /// For the schema library; only if the operation introspects.
    pub(crate) taken: Option<Taken>,
}

/// An operation, or every reason to refuse it: both are kept.
type Outcome = Result<Arc<Prepared>, Arc<Vec<Error>>>;

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    document: Box<str>,
    operation: Option<Box<str>>,
}

#[derive(Debug)]
pub(crate) struct Preparer {
    intake: Intake,
    hasher: std::hash::RandomState,
    kept: Mutex<LruCache<u64, (Key, Outcome), FxBuildHasher>>,
}

impl Preparer {
    pub(crate) fn new(intake: Intake) -> Self {
        Self {
            intake,
            hasher: std::hash::RandomState::new(),
            kept: Mutex::new(LruCache::with_hasher(KEPT, FxBuildHasher)),
        }
    }

    /// Takes an operation in, or remembers it.
    pub(crate) fn prepare(&self, document: &str, operation: Option<&str>) -> Outcome {
        let hash = self.hasher.hash_one((document, operation));
        if let Some(known) = self.lookup(hash, document, operation) {
            return known;
        }
        let outcome = self.take_in(document, operation);
        if document.len() <= KEPT_BYTES_MAX {
            let key = Key {
                document: document.into(),
                operation: operation.map(Into::into),
            };
            self.lock().put(hash, (key, outcome.clone()));
        }
        outcome
    }

    /// The whole key is compared: a hash alone could be another document's.
    fn lookup(&self, hash: u64, document: &str, operation: Option<&str>) -> Option<Outcome> {
        let mut kept = self.lock();
        let (key, outcome) = kept.get(&hash)?;
        let same = *key.document == *document && key.operation.as_deref() == operation;
        same.then(|| outcome.clone())
    }

    fn take_in(&self, document: &str, operation: Option<&str>) -> Outcome {
        let refused = |errors: Vec<Error>| Arc::new(errors);
        let taken = self
            .intake
            .take_in(document, operation)
            .map_err(|errors| refused(errors.into_iter().map(Error::from).collect()))?;
        let skeleton = skeleton::build(self.intake.api(), &taken.document, taken.operation())
            .map_err(refused)?;
        let taken = skeleton.introspects.then_some(taken);
        Ok(Arc::new(Prepared { skeleton, taken }))
    }

    /// A panic elsewhere leaves the cache as good as it was.
    fn lock(&self) -> std::sync::MutexGuard<'_, LruCache<u64, (Key, Outcome), FxBuildHasher>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
