//! `q-sign`, the way of the oldest Node SDK: HMAC-SHA1 over members of the
//! body and two headers; the signature is itself a member of the body.

use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY};
use ring::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY};

use super::fields::{Fields, encoded};
use super::hex;

/// The headers that are signed.
pub const HEADERS: [&str; 2] = ["user-agent", "x-tcb-source"];

/// The signature of a request to `/admin` over all members of the body but those added afterwards.
///
/// `key_time` is `start;end` in seconds since 1970; `headers` are the values of [`HEADERS`].
pub fn sign(secret_key: &str, key_time: &str, headers: [&str; 2], fields: &Fields) -> String {
    let params = joined(fields.signed().map(|(name, field)| (name, field.plain())));
    let headers = joined(HEADERS.into_iter().zip(headers));
    let request = format!("post\n/admin\n{params}\n{headers}\n");
    let hash = digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, request.as_bytes());
    let hash = hex(hash.as_ref());
    let key = mac(secret_key, key_time);
    mac(&key, &format!("sha1\n{key_time}\n{hash}\n"))
}

fn joined<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}

fn mac(key: &str, text: &str) -> String {
    let key = hmac::Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
    hex(hmac::sign(&key, text.as_bytes()).as_ref())
}

/// What the member `authorization` of a signed body says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    pub secret_id: &'a str,
    /// `start;end` in seconds since 1970.
    pub key_time: &'a str,
    pub signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Reads the text; `None` if it is not one of these.
    pub fn parse(text: &'a str) -> Option<Self> {
        let part = |name: &str| {
            let mut parts = text.split('&');
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        (part("q-sign-algorithm")? == "sha1").then_some(())?;
        Some(Self {
            secret_id: part("q-ak")?,
            key_time: part("q-key-time")?,
            signature: part("q-signature")?,
        })
    }

    /// From when to when it is good, in seconds since 1970.
    pub fn validity(&self) -> Option<(i64, i64)> {
        let (start, end) = self.key_time.split_once(';')?;
        Some((start.parse().ok()?, end.parse().ok()?))
    }
}
