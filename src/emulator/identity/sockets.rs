//! Signatures that a socket logs in with: a text for an identity, good for a
//! minute, as often as it is used.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lru::LruCache;

use super::{Identity, random};

/// What the SDKs assume.
const LIFE_MS: i64 = 60_000;

/// The oldest go when there are more.
const MAX: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// Why a signature is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// It was never given out, or so long ago that it is forgotten.
    Unknown,
    /// It was somebody's.
    Expired,
}

#[derive(Debug)]
pub(super) struct Sockets {
    /// With the moment they end. Behind one lock, held for look-ups only.
    signatures: Mutex<LruCache<String, (Identity, i64)>>,
}

impl Sockets {
    pub(super) fn new() -> Self {
        Self {
            signatures: Mutex::new(LruCache::new(MAX)),
        }
    }

    pub(super) fn sign(&self, identity: Identity, now: i64) -> String {
        let signature = random::id();
        let until = now.saturating_add(LIFE_MS);
        let mut signatures = self
            .signatures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        signatures.put(signature.clone(), (identity, until));
        signature
    }

    pub(super) fn get(&self, signature: &str, now: i64) -> Result<Identity, SignatureError> {
        let signatures = self
            .signatures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match signatures.peek(signature) {
            None => Err(SignatureError::Unknown),
            Some((_, until)) if now >= *until => Err(SignatureError::Expired),
            Some((identity, _)) => Ok(identity.clone()),
        }
    }
}
