//! The server that users sign in at, as far as it is asked anything: small answers, in little time, and no detours.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Client;
use reqwest::redirect::Policy;

/// Long enough for a slow network, short enough for a request to be answered after it.
const TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The largest answer, in bytes. Two keys are about one KiB.
const MAX_ANSWER: usize = 64 << 10;

/// Milliseconds between two lines of the log that tell of trouble.
const QUIET: i64 = 30_000;

#[derive(Debug)]
pub(super) struct Endpoint {
    http: Client,
    base: String,
    /// When the log was last told of trouble, in milliseconds since 1970.
    told: AtomicI64,
}

/// What was answered, and with which status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

impl Endpoint {
    /// # Errors
    /// There is no encryption on this machine.
    pub(super) fn new(base: &str) -> reqwest::Result<Self> {
        let http = Client::builder()
            // Proxies would be found in the environment, which only the configuration reads.
            .no_proxy()
            // Keys come from where they were meant to come from, and tokens go nowhere else.
            .redirect(Policy::none())
            .http1_only()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .build()?;
        Ok(Self {
            http,
            base: base.to_owned(),
            told: AtomicI64::new(i64::MIN),
        })
    }

    /// Asks for a path, in the name of a token if there is one.
    ///
    /// # Errors
    /// Why there is no answer, in words for operators.
    pub(super) async fn get(&self, path: &str, token: Option<&str>) -> Result<Answer, String> {
        let asking = self.http.get(format!("{}{path}", self.base));
        let asking = match token {
            Some(token) => asking.bearer_auth(token),
            None => asking,
        };
        let mut response = asking.send().await.map_err(reason)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(reason)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(format!("the answer is larger than {MAX_ANSWER} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status().as_u16(),
            body: body.freeze(),
        })
    }

    /// Tells the log that something could not be found out, now and then.
    pub(super) fn complain(&self, now: i64, what: &str, why: &str) {
        let told = self.told.load(Ordering::Relaxed);
        let is_due = now < told || now.saturating_sub(told) >= QUIET;
        let ours = || {
            self.told
                .compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed)
        };
        if is_due && ours().is_ok() {
            tracing::warn!(url = self.base, why, "{what}");
        }
    }
}

/// With its causes, and without the address, which the log names by itself.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut reason = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        reason.push_str(": ");
        reason.push_str(&error.to_string());
        cause = error.source();
    }
    reason
}
