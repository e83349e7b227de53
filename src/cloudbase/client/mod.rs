//! HTTP to one environment of the cloud, shared by all protocols.
//!
//! A call goes through the breaker, waits for its turn in the limiter, is sent, and is tried again where that is safe and
//! the deadline and the budget of retries leave room.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use super::error::Result;
use super::{Config, Credentials};
use crate::clock::Clock;

/// One request as a protocol made it; signed anew for each attempt.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Without scheme and authority: `/admin?env=e`.
    pub target: String,
    /// Which of the cloud's hosts, where no origin is configured.
    pub host: Host,
    /// Besides `host`, `user-agent` and what authenticates; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    pub authentication: Authentication,
    /// Whether doing it twice is the same as doing it once.
    pub repeatable: bool,
    /// What it is, for logs and metrics: `find orders`. Never values.
    pub label: Label,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// The hosts of the cloud (`ARCHITECTURE.md`, the cloud).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// `{env}.api.tcloudbasegateway.com`
    Gateway,
    /// `{env}.{region}.tcb-api.tencentcloudapi.com`
    Admin,
    /// `tcb.tencentcloudapi.com`
    CloudApi,
}

/// How a request proves that we may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// `Bearer` and the API key.
    ApiKey,
    /// The API key if there is one, else the signature of `/admin`.
    Admin,
    /// The cloud API's signature; needs a key pair.
    CloudApi {
        action: &'static str,
    },
    /// `Basic` with id and key of the pair.
    Basic,
    None,
}

/// What is done to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub operation: &'static str,
    /// A collection, or nothing.
    pub subject: String,
}

/// An answer with its status, whatever that is: protocols say which is a refusal.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

/// What was asked of the upstream since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Requests sent, attempts included.
    pub requests: u64,
    /// Of these, second and further attempts.
    pub retries: u64,
    /// Requests that the limiter or the breaker refused.
    pub refused: u64,
    /// Time that requests were under way, in microseconds, all added up.
    pub waited_us: u64,
}

/// A client of one environment. Cheap to share; dropping it closes its connections.
#[derive(Debug)]
pub struct Client {
    config: Config,
    clock: Arc<dyn Clock>,
}

impl Client {
    /// # Errors
    ///
    /// `Unable`: the configuration lacks something, or the origin is no `http` or `https` address.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self { config, clock })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn credentials(&self) -> &Credentials {
        &self.config.credentials
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Sends a request and reads its answer, with as many attempts as are safe and fit in.
    ///
    /// `deadline`: when whoever asks stops waiting; `None`: the configured one from now.
    ///
    /// # Errors
    ///
    /// That of the last attempt.
    pub async fn call<T>(
        &self,
        request: &Request,
        deadline: Option<Instant>,
        read: impl Fn(&Answer) -> Result<T> + Send + Sync,
    ) -> Result<T> {
        let _ = (request, deadline, read);
        unimplemented!("client helper")
    }

    pub fn statistics(&self) -> Statistics {
        unimplemented!("client helper")
    }
}
