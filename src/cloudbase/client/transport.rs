//! Bytes to the cloud and back, once: connections that are kept, timeouts, a limit on what is read.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{DATE, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Response, Url};
use tokio::time::{Instant, timeout_at};

use super::authenticate::Header;
use super::failure;
use super::hosts;
use super::request::{Answer, Method, Request};
use crate::cloudbase::Limits;
use crate::cloudbase::error::{Error, Result};

/// Who asks.
pub(super) const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// How long a connection is kept that nothing is asked on. When the cloud closes its end is not documented; its own SDK
/// gives up after 4.8 s, so that a request does not meet a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(4);

/// How often the system looks whether the other end of a quiet connection is still there.
const KEEPALIVE: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    attempt_timeout: Duration,
    max_answer: usize,
}

/// An answer, and when the cloud gave it.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) answer: Answer,
    /// The `date` header.
    pub(super) date: Option<String>,
}

impl Transport {
    /// # Errors
    ///
    /// `Unable`: there is no encryption on this machine.
    pub(super) fn new(limits: &Limits) -> Result<Self> {
        let http = reqwest::Client::builder()
            // Proxies would be found in the environment, which only the configuration reads.
            .no_proxy()
            // Credentials go where they were meant to go.
            .redirect(Policy::none())
            .http1_only()
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(limits.max_concurrent)
            .tcp_keepalive(KEEPALIVE)
            .connect_timeout(limits.connect_timeout)
            .build()
            .map_err(|error| Error::Unable(format!("no connections can be made: {error}")))?;
        Ok(Self {
            http,
            attempt_timeout: limits.attempt_timeout,
            max_answer: limits.max_answer,
        })
    }

    /// Sends a request and reads the answer, whatever it is.
    ///
    /// # Errors
    ///
    /// `Unreachable`, `Lost`; `Malformed`: more than is read; `Unable`: a header that cannot be one.
    pub(super) async fn send(
        &self,
        request: &Request,
        url: Url,
        headers: Vec<Header>,
        deadline: Instant,
    ) -> Result<Received> {
        let host = hosts::authority(&url);
        let begun = Instant::now();
        let end = deadline.min(begun + self.attempt_timeout);
        let exchange = self.exchange(request, url, headers, &host);
        let outcome = timeout_at(end, exchange).await;
        outcome.unwrap_or_else(|_| Err(failure::too_slow(&host, end - begun)))
    }

    async fn exchange(
        &self,
        request: &Request,
        url: Url,
        headers: Vec<Header>,
        host: &str,
    ) -> Result<Received> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut sending = self.http.request(method, url).body(request.body.clone());
        for (name, value) in headers {
            sending = sending.header(name, value);
        }
        let sent = sending.send().await;
        let response = sent.map_err(|error| failure::of_connection(&error, host))?;
        let status = response.status().as_u16();
        let date = date(response.headers());
        let body = self.body(response, host).await?;
        Ok(Received {
            answer: Answer { status, body },
            date,
        })
    }

    /// Reads no further than is allowed, whatever the answer says of its length.
    async fn body(&self, mut response: Response, host: &str) -> Result<Bytes> {
        let told = response.content_length().unwrap_or(0);
        if usize::try_from(told).map_or(true, |told| told > self.max_answer) {
            return Err(failure::too_large(self.max_answer));
        }
        let mut body = BytesMut::new();
        loop {
            let next = response.chunk().await;
            let Some(chunk) = next.map_err(|error| failure::of_connection(&error, host))? else {
                return Ok(body.freeze());
            };
            if body.len() + chunk.len() > self.max_answer {
                return Err(failure::too_large(self.max_answer));
            }
            body.extend_from_slice(&chunk);
        }
    }
}

fn date(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(DATE)?.to_str().ok()?.to_owned())
}
