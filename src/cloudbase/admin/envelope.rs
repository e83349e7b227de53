//! What all requests to `/admin` have in common: the action and the environment beside the members, and a name for each.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::cloudbase::answer::Members;
use crate::cloudbase::client::{Answer, Authentication, Client, Host, Label, Method, Request};
use crate::cloudbase::error::Result;
use crate::cloudbase::signature::encoded;

/// With what requests name the software that sends them, as the SDKs do.
const SOFTWARE: &str = concat!("cloudbase-graphql/", env!("CARGO_PKG_VERSION"));

/// One action with its members.
#[derive(Debug)]
pub(super) struct Call<T> {
    pub(super) action: &'static str,
    pub(super) members: T,
    /// Whether doing it twice is the same as doing it once.
    pub(super) repeatable: bool,
    pub(super) label: Label,
}

/// From whom requests are, and which number they have.
#[derive(Debug)]
pub(super) struct Sender<'a> {
    pub(super) env: &'a str,
    /// Goes with a temporary key pair, in the body, which the signature covers.
    pub(super) session_token: Option<&'a str>,
    /// Milliseconds since 1970.
    pub(super) now: i64,
    pub(super) number: u64,
}

impl<'a> Sender<'a> {
    pub(super) fn of(client: &'a Client, numbers: &AtomicU64) -> Self {
        let credentials = client.credentials();
        // An API key goes first, and needs nothing else.
        let signs = credentials.api_key.is_none();
        let pair = credentials.key_pair.as_ref().filter(|_| signs);
        let token = pair.and_then(|pair| pair.session_token.as_ref());
        Self {
            env: &client.config().env,
            session_token: token.map(|token| token.expose()),
            now: client.clock().now_ms(),
            number: numbers.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(super) fn request<T: Serialize>(&self, call: Call<T>) -> Request {
        let body = Body {
            action: call.action,
            env_name: self.env,
            session_token: self.session_token,
            members: call.members,
        };
        let body = serde_json::to_vec(&body).expect("texts, numbers and lists are JSON");
        let header = |name, value: &str| (name, value.to_owned());
        Request {
            method: Method::Post,
            target: format!("/admin?env={}&seqId={}", encoded(self.env), self.sequence()),
            host: Host::Admin,
            headers: vec![
                header("content-type", "application/json"),
                ("x-client-timestamp", self.now.to_string()),
                header("x-sdk-version", SOFTWARE),
                // Who called and where it runs, as far as the SDKs know it: nobody, anywhere.
                header("x-tcb-source", ",unknown"),
            ],
            body: body.into(),
            authentication: Authentication::Admin,
            repeatable: call.repeatable,
            label: call.label,
        }
    }

    /// The request's name: the id of its answer ends with it, and so do the cloud's logs.
    fn sequence(&self) -> String {
        format!("{:x}_{:x}", self.now, self.number)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a, T> {
    action: &'static str,
    env_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(flatten)]
    members: T,
}

/// The member `data` of an answer.
pub(super) fn data(answer: &Answer) -> Result<Members<'_>> {
    Members::of(answer)?.object("data")
}
