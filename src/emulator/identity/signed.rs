//! Whether a request is signed with a secret of the environment.

use std::collections::BTreeMap;

use axum::http::HeaderMap;

use super::Signed;
use crate::cloudbase::Code;
use crate::cloudbase::signature::tc3::Head;
use crate::cloudbase::signature::{Fields, q_sign, same, tc3};
use crate::emulator::failure::{Failure, Result};

/// How long a TC3 signature is good when the request does not say, in seconds.
const EXPIRES: i64 = 600;

/// The secrets, and how strictly they are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verifier<'a> {
    pub(super) secrets: &'a BTreeMap<String, String>,
    /// Whether every signature is taken, as nobody said whom to believe.
    pub(super) credulous: bool,
    /// Seconds since 1970, if the age of signatures counts.
    pub(super) now: Option<i64>,
}

impl Verifier<'_> {
    /// TC3 as on `/admin`.
    pub(super) fn admin(self, request: Signed<'_>, header: &str) -> Result<()> {
        if self.credulous {
            return Ok(());
        }
        let authorization = authorization(header)?;
        let key = self.secret(authorization.secret_id)?;
        let timestamp = timestamp(&authorization, request.headers, "x-timestamp")?;
        self.check_age(timestamp, expires(request.headers))?;
        let headers = signed_headers(&authorization, request.headers)?;
        let head = head(request, &headers);
        let fields = fields(request.body)?;
        let names = &authorization.signed_params;
        let computed = tc3::sign_admin(key, timestamp, head, &fields, names)
            .ok_or_else(|| wrong("a member of the body is not signed"))?;
        compare(&computed, authorization.signature)
    }

    /// TC3 as of the cloud API, and of SDKs that sign requests to REST: these spell the method small, and the first
    /// sign the host without its port.
    pub(super) fn cloud_api(self, request: Signed<'_>, method: &str, header: &str) -> Result<()> {
        if self.credulous {
            return Ok(());
        }
        let authorization = authorization(header)?;
        let key = self.secret(authorization.secret_id)?;
        let timestamp = timestamp(&authorization, request.headers, "x-tc-timestamp")?;
        self.check_age(timestamp, EXPIRES)?;
        let headers = signed_headers(&authorization, request.headers)?;
        let portless: Vec<(&str, &str)> = headers.iter().map(without_port).collect();
        let methods = [method.to_uppercase(), method.to_lowercase()];
        let good = methods.iter().any(|method| {
            [&headers, &portless].into_iter().any(|headers| {
                let head = head(request, headers);
                let computed = tc3::sign_cloud_api(key, timestamp, method, head, request.body);
                same(&computed, authorization.signature)
            })
        });
        if good { Ok(()) } else { Err(differs()) }
    }

    /// q-sign, which is in the body. `None`: it is not there.
    pub(super) fn q_sign(self, request: Signed<'_>) -> Result<Option<()>> {
        let fields = fields(request.body)?;
        let Some(text) = fields.text("authorization") else {
            return Ok(None);
        };
        if self.credulous {
            return Ok(Some(()));
        }
        let authorization = q_sign::Authorization::parse(text)
            .ok_or_else(|| wrong("`authorization` is not understood"))?;
        let key = self.secret(authorization.secret_id)?;
        let (start, end) = authorization
            .validity()
            .ok_or_else(|| wrong("`q-key-time` is not understood"))?;
        self.check_age(start, end.saturating_sub(start))?;
        let headers = q_sign::HEADERS.map(|name| header_text(request.headers, name));
        let [agent, source] = headers.map(Option::unwrap_or_default);
        let computed = q_sign::sign(key, authorization.key_time, [agent, source], &fields);
        compare(&computed, authorization.signature).map(Some)
    }

    /// Whether it is a pair of the environment.
    pub(super) fn pair(self, id: &str, key: &str) -> Result<()> {
        if self.credulous || same(self.secret(id)?, key) {
            return Ok(());
        }
        Err(Failure::new(
            Code::InvalidCredentials,
            "the secret key is not that of the secret id",
        ))
    }

    fn secret(&self, id: &str) -> Result<&str> {
        self.secrets.get(id).map(String::as_str).ok_or_else(|| {
            Failure::new(
                Code::InvalidCredentials,
                "no secret of this id is configured",
            )
        })
    }

    fn check_age(&self, timestamp: i64, expires: i64) -> Result<()> {
        let apart = self
            .now
            .map_or(0, |now| now.saturating_sub(timestamp).saturating_abs());
        if apart > expires {
            return Err(wrong("the signature is over, or the clocks differ"));
        }
        Ok(())
    }
}

fn authorization(header: &str) -> Result<tc3::Authorization<'_>> {
    tc3::Authorization::parse(header).ok_or_else(|| wrong("`Authorization` is not understood"))
}

fn timestamp(
    authorization: &tc3::Authorization<'_>,
    headers: &HeaderMap,
    name: &str,
) -> Result<i64> {
    header_text(headers, name)
        .and_then(|seconds| seconds.parse().ok())
        .or(authorization.timestamp)
        .ok_or_else(|| wrong("the signature has no timestamp"))
}

fn expires(headers: &HeaderMap) -> i64 {
    let seconds = header_text(headers, "x-signature-expires").and_then(|text| text.parse().ok());
    seconds.unwrap_or(EXPIRES).clamp(0, EXPIRES)
}

fn head<'a>(request: Signed<'a>, headers: &'a [(&'a str, &'a str)]) -> Head<'a> {
    Head {
        host: header_text(request.headers, "host").unwrap_or_default(),
        path: request.path,
        query: request.query,
        headers,
    }
}

fn signed_headers<'a>(
    authorization: &tc3::Authorization<'a>,
    headers: &'a HeaderMap,
) -> Result<Vec<(&'a str, &'a str)>> {
    let names = authorization.signed_headers.iter();
    names
        .map(|name| {
            let value =
                header_text(headers, name).ok_or_else(|| wrong("a signed header is not there"))?;
            Ok((*name, value))
        })
        .collect()
}

fn without_port<'a>((name, value): &(&'a str, &'a str)) -> (&'a str, &'a str) {
    match value.rsplit_once(':') {
        Some((host, _)) if *name == "host" => (name, host),
        _ => (name, value),
    }
}

fn fields(body: &[u8]) -> Result<Fields> {
    Fields::of_body(body).map_err(|error| Failure::invalid(error.to_string()))
}

fn compare(computed: &str, given: &str) -> Result<()> {
    if same(computed, given) {
        Ok(())
    } else {
        Err(differs())
    }
}

fn differs() -> Failure {
    wrong("the signature is not that of the request and its secret")
}

fn wrong(message: &str) -> Failure {
    Failure::new(Code::SignParamInvalid, message)
}

/// A header, if it is text.
pub(super) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok()
}
