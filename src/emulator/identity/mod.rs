//! Who sends a request: an administrator by key or signature, or a client by
//! a token that this emulator gave it.

use axum::http::HeaderMap;

use super::failure::Result;
use crate::data::Caller;

/// Whose right a request has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Credentials of the environment: no permission is asked.
    Admin,
    /// A user of the app, or nobody in particular; permissions and rules decide.
    Client(Caller),
}

/// What a signature of `/admin` or the cloud API is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) path: &'a str,
    /// The raw query, without the question mark.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// Which keys, secrets and users there are; tokens and socket signatures that were given out.
#[derive(Debug)]
pub(crate) struct Identities {
    _todo: (),
}

impl Identities {
    /// The sender of a request to `/admin` (database.md 4): TC3 or q-sign with a known secret, or `Bearer` and a key.
    /// If no secret is configured, every signature is taken; if no key is, every key that is no token of ours.
    pub(crate) fn of_signed(&self, _request: Signed<'_>) -> Result<Identity> {
        unimplemented!("identity helper")
    }

    /// The sender of a request to the cloud API: standard TC3.
    pub(crate) fn of_cloud_api(&self, _request: Signed<'_>) -> Result<()> {
        unimplemented!("identity helper")
    }

    /// The holder of a token or key, as REST and `/web` send it; `None` and `""`: nobody, not signed in.
    pub(crate) fn of_token(&self, _token: Option<&str>) -> Result<Identity> {
        unimplemented!("identity helper")
    }

    /// A text that stands for the identity when a socket logs in.
    pub(crate) fn sign_socket(&self, _identity: &Identity) -> String {
        unimplemented!("identity helper")
    }

    /// Whose signature it is; `None`: not one of ours, or it is over.
    pub(crate) fn of_socket(&self, _signature: &str) -> Option<Identity> {
        unimplemented!("identity helper")
    }
}
