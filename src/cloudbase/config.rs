//! Which environment of the cloud, where it is, and with which credentials.

use std::fmt;
use std::time::Duration;

/// What a client of one environment must know.
#[derive(Clone, Debug)]
pub struct Config {
    /// The id of the environment, such as `prod-1a2b3c`.
    pub env: String,
    pub protocol: Protocol,
    /// Such as `ap-shanghai`.
    pub region: String,
    /// The id of the mini program that the environment belongs to, if it belongs to one; the cloud's documentation calls
    /// for it in questions about permissions then (`WxAppId`).
    pub wx_app_id: Option<String>,
    /// Scheme and authority of one server that serves all protocols, such as `http://127.0.0.1:9000` of an emulator.
    /// `None`: the cloud's own hosts.
    pub origin: Option<String>,
    pub credentials: Credentials,
    pub limits: Limits,
}

/// Over which protocol documents are read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// The documented REST gateway; needs an API key.
    #[default]
    Rest,
    /// `/admin`, which the cloud's Node SDK speaks; an API key or a signature of a key pair.
    Admin,
}

/// What proves that we may. Each is asked for where a protocol needs it; the API key goes first.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// A server API key of the environment: its administrator.
    pub api_key: Option<Secret>,
    /// A key pair of the cloud account: signs.
    pub key_pair: Option<KeyPair>,
}

#[derive(Clone, Debug)]
pub struct KeyPair {
    pub id: String,
    pub key: Secret,
    /// Goes with temporary pairs.
    pub session_token: Option<Secret>,
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for a header or a signature, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How much is asked of the upstream at once, and how patiently.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests that are under way at the same time.
    pub max_concurrent: usize,
    /// Requests that begin within a second.
    pub per_second: u32,
    /// Requests that wait for their turn; one more is refused at once.
    pub max_queue: usize,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// How long a call may take with all its attempts, where whoever asks sets no deadline.
    pub deadline: Duration,
    /// Attempts after the first, of what may be tried again.
    pub max_retries: u32,
    /// The largest answer that is read, in bytes.
    pub max_answer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_concurrent: 16,
            per_second: 300,
            max_queue: 1_000,
            connect_timeout: Duration::from_secs(2),
            attempt_timeout: Duration::from_secs(5),
            deadline: Duration::from_secs(10),
            max_retries: 3,
            max_answer: 32 << 20,
        }
    }
}
