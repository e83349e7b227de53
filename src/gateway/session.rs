//! One operation's view of the gateway.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::access::{Facts, Settings, UnauthenticatedAccess};
use crate::data::{Caller, Identity};
use crate::model::{Collection, CollectionIx};

use super::error::{Error, Result};
use super::loader::{LoaderKey, ToOne};
use super::mask::{Mask, Verdict};
use super::reader::Reader;
use super::trace::{Costs, Recorder, Trace};
use super::{Closed, Credential, Gateway, Operation};

/// One operation's view of the gateway: a caller, one instant, loaders.
///
/// All that it remembers is forgotten when it writes, so that what follows a write in the same operation sees it.
pub struct Session {
    gateway: Arc<Gateway>,
    caller: Arc<Caller>,
    /// What proved the caller, where that is known.
    credential: Credential,
    /// Milliseconds since 1970: one instant for the whole operation.
    now: i64,
    /// The same for the whole operation, too.
    closed: Closed,
    recorder: Arc<Recorder>,
    reader: Reader,
    /// Never locked across an await.
    memory: Mutex<Memory>,
}

/// What a session found out and need not find out again.
#[derive(Default)]
pub(super) struct Memory {
    /// Documents that rules asked for.
    pub(super) facts: Arc<Facts>,
    /// Decisions that depend on caller, time and policy alone.
    pub(super) rows: HashMap<(CollectionIx, Operation), Verdict>,
    pub(super) masks: HashMap<CollectionIx, Arc<Mask>>,
    pub(super) loaders: HashMap<LoaderKey, ToOne>,
}

impl Session {
    pub(super) fn new(gateway: Arc<Gateway>, caller: Arc<Caller>, closed: Closed) -> Self {
        let recorder = Arc::<Recorder>::default();
        Self {
            now: gateway.clock.now_ms(),
            reader: Reader::new(Arc::clone(&gateway.store), Arc::clone(&recorder)),
            gateway,
            caller,
            credential: Credential::default(),
            closed,
            recorder,
            memory: Mutex::default(),
        }
    }

    /// The same with what proved the caller.
    #[must_use]
    pub fn proven_by(mut self, credential: Credential) -> Self {
        self.credential = credential;
        self
    }

    pub(super) fn credential(&self) -> &Credential {
        &self.credential
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Milliseconds since 1970: the one instant of this operation.
    pub fn now(&self) -> i64 {
        self.now
    }

    pub fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// What was done so far.
    pub fn trace(&self) -> Trace {
        self.recorder.trace()
    }

    /// What that took.
    pub fn costs(&self) -> Costs {
        self.recorder.costs()
    }

    /// Who is not signed in gets nothing, unless the operator lets custom rules decide about them.
    pub(super) fn admit(&self) -> Result<()> {
        let open = self.gateway.config.unauthenticated == UnauthenticatedAccess::CustomRulesOnly;
        match self.caller.identity {
            Identity::None if !open => Err(Error::Unauthenticated),
            _ => Ok(()),
        }
    }

    /// The same for one collection: where it is closed, whoever has no grant is told so, and not what is in it.
    pub(super) fn admit_to(&self, collection: CollectionIx, operation: Operation) -> Result<()> {
        self.admit()?;
        let policy = &self.collection(collection).policy;
        let settings = self.settings(collection);
        if settings.is_closed && policy.is_silent(operation, self.caller(), settings) {
            return Err(self.forbidden(operation, collection));
        }
        Ok(())
    }

    /// The collections that are closed to whoever has no grant.
    pub(super) fn closed(&self) -> &Closed {
        &self.closed
    }

    pub(super) fn collection(&self, ix: CollectionIx) -> &Collection {
        self.gateway.model.collection(ix)
    }

    pub(super) fn settings(&self, collection: CollectionIx) -> Settings {
        Settings {
            unauthenticated: self.gateway.config.unauthenticated,
            is_closed: self.closed.has(collection),
        }
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        // What a panicking thread left behind is a cache: any state of it is a true one.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After a write: what was known may not be true any more.
    pub(super) fn forget(&self) {
        *self.memory() = Memory::default();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("caller", &self.caller)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
