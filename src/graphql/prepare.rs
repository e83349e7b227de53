//! Documents that were taken in, kept with their skeletons: the second request
//! that sends the same document pays for neither.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::Error;
use super::intake::{Intake, IntakeError, Measure, Taken};
use super::kept::Kept;
use super::skeleton::{self, Skeleton};

/// Memory that all that is kept may take, in bytes, roughly.
const KEPT_MAX: usize = 64 << 20;

/// How many reasons to refuse a document are told and kept: a short one can have thousands.
const ERRORS_MAX: usize = 100;

/// An operation that can be bound.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// Of the whole document.
    pub(crate) measure: Measure,
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
    kept: Mutex<Kept<(Key, Outcome)>>,
}

impl Preparer {
    pub(crate) fn new(intake: Intake) -> Self {
        Self {
            intake,
            hasher: std::hash::RandomState::new(),
            kept: Mutex::new(Kept::new(KEPT_MAX)),
        }
    }

    /// Takes an operation in, or remembers it.
    pub(crate) fn prepare(&self, document: &str, operation: Option<&str>) -> Outcome {
        let hash = self.hasher.hash_one((document, operation));
        if let Some(known) = self.lookup(hash, document, operation) {
            return known;
        }
        let outcome = self.take_in(document, operation);
        let weight = document.len() + weight(&outcome, document.len());
        let key = Key {
            document: document.into(),
            operation: operation.map(Into::into),
        };
        self.lock().put(hash, (key, outcome.clone()), weight);
        outcome
    }

    /// Whether a document could be prepared, whichever of its operations is meant.
    pub(crate) fn check(&self, document: &str) -> Result<(), Vec<Error>> {
        let refused = |errors: Vec<IntakeError>| {
            let errors = errors.into_iter().map(Error::from);
            errors.collect::<Vec<_>>()
        };
        let (document, _) = self.intake.check(document).map_err(refused)?;
        let mut operations = document.operations.iter();
        operations.try_for_each(|(_, operation)| {
            skeleton::build(self.intake.api(), &document, operation).map(|_| ())
        })
    }

    /// The whole key is compared: a hash alone could be another document's.
    fn lookup(&self, hash: u64, document: &str, operation: Option<&str>) -> Option<Outcome> {
        let mut kept = self.lock();
        let (key, outcome) = kept.get(hash)?;
        let same = *key.document == *document && key.operation.as_deref() == operation;
        same.then(|| outcome.clone())
    }

    fn take_in(&self, document: &str, operation: Option<&str>) -> Outcome {
        let refused = |mut errors: Vec<Error>| {
            errors.truncate(ERRORS_MAX);
            Arc::new(errors)
        };
        let taken = self
            .intake
            .take_in(document, operation)
            .map_err(|errors| refused(errors.into_iter().map(Error::from).collect()))?;
        let skeleton = skeleton::build(self.intake.api(), &taken.document, taken.operation())
            .map_err(refused)?;
        Ok(Arc::new(Prepared {
            measure: taken.measure,
            taken: skeleton.introspects.then_some(taken),
            skeleton,
        }))
    }

    /// A panic elsewhere leaves the cache as good as it was.
    fn lock(&self) -> std::sync::MutexGuard<'_, Kept<(Key, Outcome)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The memory an outcome takes, in bytes, roughly; `length` is that of its document.
fn weight(outcome: &Outcome, length: usize) -> usize {
    /// What a parsed document takes for each byte of its text.
    const PARSED: usize = 20;
    match outcome {
        Ok(prepared) => {
            let taken = prepared.taken.as_ref().map_or(0, |_| PARSED * length);
            prepared.skeleton.weight() + taken
        }
        Err(errors) => {
            let texts = errors.iter().map(|error| error.message.len());
            texts.sum::<usize>() + errors.len() * size_of::<Error>()
        }
    }
}
