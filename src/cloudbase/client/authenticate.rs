//! What proves that we may: headers for each request, made anew for each attempt.
//!
//! The signatures themselves are in [`crate::cloudbase::signature`].

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Url;

use super::hosts;
use super::request::{Authentication, Request};
use crate::cloudbase::error::{Error, Result};
use crate::cloudbase::signature::tc3::Head;
use crate::cloudbase::signature::{Fields, tc3};
use crate::cloudbase::{Config, Credentials, KeyPair, Secret};

/// Name in lower case and value.
pub(super) type Header = (&'static str, String);

/// The version of the cloud API that all its actions here are of.
const CLOUD_API_VERSION: &str = "2018-06-08";

/// How long a signature of `/admin` is good, in seconds: what the cloud's SDKs ask for.
const EXPIRES: &str = "600";

/// With which of our credentials.
#[derive(Clone, Copy, Debug)]
pub(super) enum Proof<'a> {
    Nothing,
    Bearer(&'a Secret),
    Basic(&'a KeyPair),
    Admin(&'a KeyPair),
    CloudApi(&'a KeyPair, &'static str),
}

impl<'a> Proof<'a> {
    /// # Errors
    ///
    /// `Unable`: the credentials that it takes are not there; the text says what to set.
    pub(super) fn of(authentication: Authentication, credentials: &'a Credentials) -> Result<Self> {
        let key = credentials.api_key.as_ref();
        let pair = credentials.key_pair.as_ref();
        match authentication {
            Authentication::None => Ok(Proof::Nothing),
            Authentication::ApiKey => key.map(Proof::Bearer).ok_or_else(|| {
                unable("no API key of the environment: set `CLOUDBASE_APIKEY`")
            }),
            Authentication::Admin => key.map(Proof::Bearer).or(pair.map(Proof::Admin)).ok_or_else(|| {
                unable("no credentials: set `CLOUDBASE_APIKEY`, or `TENCENTCLOUD_SECRETID` and `TENCENTCLOUD_SECRETKEY`")
            }),
            Authentication::CloudApi { action } => {
                pair.map(|pair| Proof::CloudApi(pair, action)).ok_or_else(no_pair)
            }
            Authentication::Basic => pair.map(Proof::Basic).ok_or_else(no_pair),
        }
    }

    /// Whether it depends on the time.
    pub(super) fn is_signed(&self) -> bool {
        matches!(self, Proof::Admin(_) | Proof::CloudApi(..))
    }
}

fn no_pair() -> Error {
    unable(
        "no key pair of the cloud account, which the cloud API needs: set `TENCENTCLOUD_SECRETID` and `TENCENTCLOUD_SECRETKEY`",
    )
}

fn unable(text: &str) -> Error {
    Error::Unable(text.to_owned())
}

/// All headers of a request, those that authenticate it included. `now` is in seconds since 1970.
///
/// # Errors
///
/// `Unable`: the body cannot be signed.
pub(super) fn headers(
    request: &Request,
    url: &Url,
    user_agent: &str,
    config: &Config,
    proof: Proof<'_>,
    now: i64,
) -> Result<Vec<Header>> {
    let mut headers = plain(request, url, user_agent);
    match proof {
        Proof::Nothing => {}
        Proof::Bearer(key) => {
            headers.push(("authorization", format!("Bearer {}", key.expose())));
        }
        Proof::Basic(pair) => {
            let text = BASE64_STANDARD.encode(format!("{}:{}", pair.id, pair.key.expose()));
            headers.push(("authorization", format!("Basic {text}")));
        }
        // A second ago, as the SDKs have it: a clock that is a little ahead must not sign in the future.
        Proof::Admin(pair) => sign_admin(&mut headers, pair, url, &request.body, now - 1)?,
        Proof::CloudApi(pair, action) => {
            sign_cloud_api(&mut headers, request, url, pair, now);
            headers.extend(of_action(action, config, pair));
        }
    }
    Ok(headers)
}

/// Those that every request has, and its own.
fn plain(request: &Request, url: &Url, user_agent: &str) -> Vec<Header> {
    let mut headers = vec![
        ("host", hosts::authority(url)),
        ("user-agent", user_agent.to_owned()),
    ];
    let typed = request
        .headers
        .iter()
        .any(|(name, _)| *name == "content-type");
    if !typed && !request.body.is_empty() {
        headers.push(("content-type", "application/json".to_owned()));
    }
    headers.extend(request.headers.iter().cloned());
    headers
}

/// Signs what is there, all headers and all members of the body.
fn sign_admin(
    headers: &mut Vec<Header>,
    pair: &KeyPair,
    url: &Url,
    body: &[u8],
    timestamp: i64,
) -> Result<()> {
    let fields = Fields::of_body(body).map_err(|error| Error::Unable(error.to_string()))?;
    let params = fields.names();
    let signed = sorted(headers, |_| true);
    let host = hosts::authority(url);
    let head = head(url, &host, &signed);
    let signature = tc3::sign_admin(pair.key.expose(), timestamp, head, &fields, &params)
        .ok_or_else(|| unable("the body has a member that cannot be signed"))?;
    let names = names(&signed);
    let text = tc3::header(&pair.id, timestamp, Some(&params), &names, &signature);
    // These two are not signed; the cloud refuses a signature that covers them.
    headers.push(("x-timestamp", timestamp.to_string()));
    headers.push(("x-signature-expires", EXPIRES.to_owned()));
    headers.push(("authorization", text));
    Ok(())
}

/// Signs as the cloud's manager SDK does: the bytes of the body, its type and the host without its port.
fn sign_cloud_api(
    headers: &mut Vec<Header>,
    request: &Request,
    url: &Url,
    pair: &KeyPair,
    timestamp: i64,
) {
    let host = url.host_str().unwrap_or_default();
    let mut signed = sorted(headers, |name| matches!(name, "content-type" | "host"));
    for (name, value) in &mut signed {
        if *name == "host" {
            *value = host;
        }
    }
    let head = head(url, host, &signed);
    let method = request.method.as_str();
    let key = pair.key.expose();
    let signature = tc3::sign_cloud_api(key, timestamp, method, head, &request.body);
    let text = tc3::header(&pair.id, timestamp, None, &names(&signed), &signature);
    headers.push(("x-tc-timestamp", timestamp.to_string()));
    headers.push(("authorization", text));
}

/// What is asked for, where and by whom.
fn of_action(action: &str, config: &Config, pair: &KeyPair) -> Vec<Header> {
    let mut headers = vec![
        ("x-tc-action", action.to_owned()),
        ("x-tc-version", CLOUD_API_VERSION.to_owned()),
    ];
    if !config.region.is_empty() {
        headers.push(("x-tc-region", config.region.clone()));
    }
    if let Some(token) = &pair.session_token {
        headers.push(("x-tc-token", token.expose().to_owned()));
    }
    headers
}

fn head<'a>(url: &'a Url, host: &'a str, headers: &'a [(&'a str, &'a str)]) -> Head<'a> {
    Head {
        host,
        path: url.path(),
        query: url.query().unwrap_or_default(),
        headers,
    }
}

/// Those whose names are taken, by name.
fn sorted(headers: &[Header], taken: impl Fn(&str) -> bool) -> Vec<(&str, &str)> {
    let pairs = headers.iter().map(|(name, value)| (*name, value.as_str()));
    let mut pairs: Vec<_> = pairs.filter(|(name, _)| taken(name)).collect();
    pairs.sort_unstable();
    pairs
}

fn names<'a>(headers: &[(&'a str, &str)]) -> Vec<&'a str> {
    headers.iter().map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use serde::Deserialize;

    use super::super::request::{Host, Label, Method};
    use super::*;
    use crate::cloudbase::{Limits, Protocol};

    /// A request that an SDK of the cloud sent, with made-up secrets.
    #[derive(Debug, Deserialize)]
    struct Recorded {
        from: String,
        path: String,
        query: String,
        headers: BTreeMap<String, String>,
        body: String,
    }

    impl Recorded {
        /// Those signed as `/admin` and the cloud API ask for, by SDKs that sign all members of the body; the oldest one
        /// names empty ones too.
        fn all() -> Vec<Self> {
            let lines =
                include_str!("../../../tests/it/emulator/fixtures/signatures.jsonl").lines();
            let all = lines.map(|line| serde_json::from_str(line).expect("a recorded request"));
            let signed = |recorded: &Self| {
                let header = recorded.headers.get("authorization");
                header.is_some_and(|header| tc3::Authorization::is_meant(header))
            };
            all.filter(|recorded: &Self| signed(recorded) && !recorded.from.starts_with("v1"))
                .collect()
        }

        fn header(&self, name: &str) -> &str {
            self.headers.get(name).map_or("", String::as_str)
        }

        /// The request without what is added by us.
        fn request(&self) -> Request {
            let added = [
                "host",
                "user-agent",
                "authorization",
                "x-timestamp",
                "x-signature-expires",
                "x-tc-action",
                "x-tc-version",
                "x-tc-region",
                "x-tc-timestamp",
            ];
            let own = self
                .headers
                .iter()
                .filter(|(name, _)| !added.contains(&name.as_str()));
            let leaked = |name: &String| -> &'static str { name.clone().leak() };
            Request {
                method: Method::Post,
                target: format!("{}?{}", self.path, self.query),
                host: Host::Admin,
                headers: own
                    .map(|(name, value)| (leaked(name), value.clone()))
                    .collect(),
                body: Bytes::from(self.body.clone()),
                authentication: Authentication::Admin,
                repeatable: true,
                label: Label {
                    operation: "find",
                    subject: String::new(),
                },
            }
        }
    }

    fn config() -> Config {
        Config {
            env: "demo-env-1a2b3c".to_owned(),
            protocol: Protocol::Admin,
            region: "ap-shanghai".to_owned(),
            wx_app_id: None,
            origin: None,
            credentials: Credentials::default(),
            limits: Limits::default(),
        }
    }

    fn pair(id: &str) -> KeyPair {
        let key = match id {
            "AKIDFROMENV" => "SecretFromEnv",
            _ => "ExampleSecretKeyNotRealNotRealXX",
        };
        KeyPair {
            id: id.to_owned(),
            key: Secret::new(key),
            session_token: None,
        }
    }

    #[test]
    fn requests_are_signed_as_the_sdks_sign_them() {
        let mut worked_example = false;
        for recorded in Recorded::all() {
            let header = recorded.header("authorization");
            let given = tc3::Authorization::parse(header).expect("a signature");
            let pair = pair(given.secret_id);
            let action: &'static str = recorded.header("x-tc-action").to_owned().leak();
            let stamp = |name: &str| recorded.header(name).parse::<i64>().expect("a timestamp");
            let (proof, now) = match recorded.path.as_str() {
                "/" => (Proof::CloudApi(&pair, action), stamp("x-tc-timestamp")),
                _ => (Proof::Admin(&pair), stamp("x-timestamp") + 1),
            };
            let request = recorded.request();
            let url = Url::parse(&format!(
                "http://{}{}",
                recorded.header("host"),
                request.target
            ));
            let url = url.expect("an address");
            let agent = recorded.header("user-agent");
            let made = headers(&request, &url, agent, &config(), proof, now).expect("it is signed");
            let made: BTreeMap<String, String> = made
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
            assert_eq!(made, recorded.headers, "{}", recorded.from);
            worked_example |= header.ends_with(
                "Signature=6cbacd4e45738059980a44021a73d7e0bcbba18c1743c37f28307cac395eee2c",
            );
        }
        assert!(worked_example);
    }

    #[test]
    fn the_token_of_a_temporary_pair_goes_along() {
        let pair = KeyPair {
            session_token: Some(Secret::new("the-token")),
            ..pair("AKID")
        };
        let headers = of_action("ListTables", &config(), &pair);
        assert!(headers.contains(&("x-tc-token", "the-token".to_owned())));
    }

    #[test]
    fn what_is_missing_is_named() {
        let action = Authentication::CloudApi { action: "A" };
        for (authentication, named) in [
            (Authentication::ApiKey, "CLOUDBASE_APIKEY"),
            (Authentication::Admin, "CLOUDBASE_APIKEY"),
            (Authentication::Admin, "TENCENTCLOUD_SECRETKEY"),
            (action, "TENCENTCLOUD_SECRETID"),
            (Authentication::Basic, "TENCENTCLOUD_SECRETID"),
        ] {
            let credentials = Credentials::default();
            let error = Proof::of(authentication, &credentials).expect_err("there are none");
            assert!(error.to_string().contains(named), "{error}");
        }
        let both = Credentials {
            api_key: Some(Secret::new("k")),
            key_pair: Some(pair("AKID")),
        };
        let proof = Proof::of(Authentication::Admin, &both).expect("there are some");
        assert!(matches!(proof, Proof::Bearer(_)), "the API key goes first");
    }
}
