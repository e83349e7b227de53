//! What a client of the socket is told when something is not done: codes of its own, some of which make it sign in again.

use smol_str::SmolStr;

use crate::cloudbase::Code;
use crate::emulator::failure::Failure;
use crate::emulator::identity::SignatureError;

/// A code as the socket spells it, and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: SmolStr,
    pub(super) message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code: SmolStr::new_static(code),
            message: message.into(),
        }
    }

    /// A signature of nobody. The client signs in again.
    pub(super) fn sign_invalid() -> Self {
        let message = "the signature is none that this emulator gave out";
        Self::new("SIGN_INVALID_ERROR", message)
    }

    /// A signature that was somebody's. The client signs in again.
    pub(super) fn sign_expired() -> Self {
        Self::new("SIGN_EXPIRED_ERROR", "the signature has expired")
    }

    /// A login without a signature. The client signs in again.
    pub(super) fn sign_missing() -> Self {
        let message = "a login needs `exMsgData.signStr`, as `auth.wsWebSign` answers it";
        Self::new("SIGN_PARAM_INVALID", message)
    }

    /// Nobody has logged in. The client signs in again.
    pub(super) fn not_logged_in() -> Self {
        Self::new("CHECK_LOGIN_FAILED", "log in before watching")
    }

    /// The end of a watch, as all that follow.
    pub(super) fn denied() -> Self {
        let message = "the collection's permission or security rule does not allow this";
        Self::new("COLLECTION_PERMISSION_DENIED", message)
    }

    pub(super) fn no_query() -> Self {
        let message = "no watch of this `queryID` is kept for this client: watch again";
        Self::new("QUERYID_INVALID_ERROR", message)
    }

    /// The cloud spells the code so.
    pub(super) fn foreign_env(message: String) -> Self {
        Self::new("INVALIID_ENV", message)
    }

    /// The cloud's own code is not known; clients end the watch at any they do not know.
    pub(super) fn too_many_documents(max: usize) -> Self {
        let message = format!("a watch shows at most {max} documents: narrow or limit it");
        Self::new("WATCH_DOCUMENTS_EXCEED_LIMIT", message)
    }

    /// As for documents.
    pub(super) fn too_many_watches(max: usize) -> Self {
        let message = format!("a socket has at most {max} watches: close others first");
        Self::new("WATCH_EXCEED_LIMIT", message)
    }

    /// What somebody who rehearses wants to be told; it may be a code that clients do not know.
    pub(super) fn rehearsed(code: SmolStr) -> Self {
        Self {
            code,
            message: "a fault is set that refuses this".to_owned(),
        }
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::SysErr.as_str(), message)
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidParam.as_str(), message)
    }
}

impl From<SignatureError> for Refusal {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Unknown => Self::sign_invalid(),
            SignatureError::Expired => Self::sign_expired(),
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure.code {
            Code::DatabasePermissionDenied | Code::PermissionDenied => Self::denied(),
            Code::InvalidEnv => Self::foreign_env(failure.message),
            code => Self::new(code.as_str(), failure.message),
        }
    }
}
