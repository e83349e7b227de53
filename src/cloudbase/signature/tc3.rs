//! `TC3-HMAC-SHA256`: the cloud API's own way to sign, and the variant of
//! `/admin`, which signs the members of the body one by one, and the host as a
//! part of the address.

use ring::digest::{self, SHA256};
use ring::hmac::{self, HMAC_SHA256};
use time::OffsetDateTime;

use super::fields::{Fields, is_space, may_be_unsigned};
use super::hex;

const ALGORITHM: &str = "TC3-HMAC-SHA256";
const SERVICE: &str = "tcb";
const TERMINATOR: &str = "tc3_request";

/// What a signature is over besides the body.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// With the port, as the `host` header has it.
    pub host: &'a str,
    pub path: &'a str,
    /// The raw query, without the question mark.
    pub query: &'a str,
    /// The headers to sign, names in lower case, sorted by name.
    pub headers: &'a [(&'a str, &'a str)],
}

/// The signature of a request to `/admin`, over the members of the body that are named (in lower case, as
/// `SignedParams` has them) and not empty. `None`: a member is left out that must be signed.
///
/// `timestamp` is in seconds since 1970, as `X-Timestamp` tells it.
pub fn sign_admin(
    secret_key: &str,
    timestamp: i64,
    head: Head<'_>,
    fields: &Fields,
    names: &[&str],
) -> Option<String> {
    let mut payload = digest::Context::new(&SHA256);
    for (name, field) in fields.iter() {
        let text = field.trimmed();
        if text.is_empty() {
            continue;
        }
        if names.contains(&name) {
            payload.update(format!("&{name}={text}\r\n").as_bytes());
        } else if !may_be_unsigned(name) {
            return None;
        }
    }
    let address = format!("//{}{}", head.host, head.path);
    let request = canonical("post", &address, head, &hex(payload.finish().as_ref()));
    Some(sign(secret_key, timestamp, &request))
}

/// The signature of a request to the cloud API, and to REST: over the bytes of the body. The method is signed as it is
/// spelled.
pub fn sign_cloud_api(
    secret_key: &str,
    timestamp: i64,
    method: &str,
    head: Head<'_>,
    body: &[u8],
) -> String {
    let request = canonical(method, head.path, head, &sha256(body));
    sign(secret_key, timestamp, &request)
}

fn canonical(method: &str, address: &str, head: Head<'_>, payload: &str) -> String {
    let line = |(name, value): &(&str, &str)| format!("{name}:{}\n", header_value(name, value));
    let lines: String = head.headers.iter().map(line).collect();
    let names: Vec<&str> = head.headers.iter().map(|(name, _)| *name).collect();
    let query = head.query;
    format!(
        "{method}\n{address}\n{query}\n{lines}\n{}\n{payload}",
        names.join(";")
    )
}

fn header_value(name: &str, value: &str) -> String {
    const FORM: &str = "multipart/form-data";
    match name {
        // The boundary is not signed.
        "content-type" if value.starts_with(FORM) => FORM.to_owned(),
        "content-type" => value.to_owned(),
        _ => value.trim_matches(is_space).to_lowercase(),
    }
}

fn sign(secret_key: &str, timestamp: i64, canonical: &str) -> String {
    let date = date(timestamp);
    let hash = sha256(canonical.as_bytes());
    let text = format!("{ALGORITHM}\n{timestamp}\n{date}/{SERVICE}/{TERMINATOR}\n{hash}");
    let key = format!("TC3{secret_key}");
    let steps = [date.as_str(), SERVICE, TERMINATOR, &text];
    let signature = steps
        .iter()
        .fold(key.into_bytes(), |key, step| mac(&key, step));
    hex(&signature)
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&SHA256, bytes).as_ref())
}

/// The day of a moment, in UTC, as `2026-11-22`; moments that no calendar has are in 1970.
fn date(timestamp: i64) -> String {
    let moment =
        OffsetDateTime::from_unix_timestamp(timestamp).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = moment.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

/// The `Authorization` header of a signed request; `params`: names of members of the body, only on `/admin`.
pub fn header(
    secret_id: &str,
    timestamp: i64,
    params: Option<&[&str]>,
    headers: &[&str],
    signature: &str,
) -> String {
    let date = date(timestamp);
    let params = params.map(|names| format!("SignedParams={}, ", names.join(";")));
    format!(
        "{ALGORITHM} Credential={secret_id}/{date}/{SERVICE}/{TERMINATOR}, {}SignedHeaders={}, Signature={signature}",
        params.unwrap_or_default(),
        headers.join(";"),
    )
}

/// What the `Authorization` header of a signed request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    pub secret_id: &'a str,
    /// Names of members of the body; only on `/admin`.
    pub signed_params: Vec<&'a str>,
    /// Names of headers in lower case.
    pub signed_headers: Vec<&'a str>,
    pub signature: &'a str,
    /// Seconds since 1970, where it is told here and in no header of its own.
    pub timestamp: Option<i64>,
}

impl<'a> Authorization<'a> {
    /// Whether a header is of this kind at all.
    pub fn is_meant(header: &str) -> bool {
        header.starts_with(ALGORITHM)
    }

    /// Reads the header; `None` if it is not one of these.
    pub fn parse(header: &'a str) -> Option<Self> {
        let parts = header.strip_prefix(ALGORITHM)?;
        let part = |name: &str| {
            let mut parts = parts.split(',').map(str::trim);
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        };
        let names = |name: &str| -> Vec<&'a str> {
            let names = part(name).unwrap_or_default().split(';');
            names.filter(|name| !name.is_empty()).collect()
        };
        Some(Self {
            secret_id: part("Credential")?.split('/').next()?,
            signed_params: names("SignedParams"),
            signed_headers: names("SignedHeaders"),
            signature: part("Signature")?,
            timestamp: part("Timestamp").and_then(|seconds| seconds.parse().ok()),
        })
    }
}
