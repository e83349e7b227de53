//! Addresses of files: signed, for one file, one purpose, and a while.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::Files;
use crate::cloudbase::FileKey;

/// Where files are loaded from and sent to.
pub(super) const PATH: &str = "/_emulator/files/";

/// What an address may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Load,
    /// Uploading it where none is.
    Create,
    /// Uploading it, in place of one that is there.
    Replace,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Purpose::Load => "load",
            Purpose::Create => "create",
            Purpose::Replace => "replace",
        }
    }
}

impl Files {
    /// The signature of an address that is good until this second.
    pub(super) fn sign(&self, purpose: Purpose, key: &FileKey, until: i64) -> String {
        let tag = hmac::sign(&self.key, text(purpose, key, until).as_bytes());
        URL_SAFE_NO_PAD.encode(tag)
    }

    /// Whether the signature is ours and its time is not over.
    pub(super) fn verify(
        &self,
        purpose: Purpose,
        key: &FileKey,
        until: i64,
        signature: &str,
        now_ms: i64,
    ) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        let text = text(purpose, key, until);
        now_ms / 1000 < until && hmac::verify(&self.key, text.as_bytes(), &signature).is_ok()
    }
}

fn text(purpose: Purpose, key: &FileKey, until: i64) -> String {
    format!("{} {until} {key}", purpose.as_str())
}
