//! The signature that a socket is opened with, and the token that it is asked for with.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Credential;
use super::machine::Login;
use crate::cloudbase::client::{Answer, Authentication, Host, Label, Method, Request};
use crate::cloudbase::refusal::shortened;
use crate::cloudbase::signature::encoded;
use crate::cloudbase::{Client, Code, Error, Refusal, Result, Secret};
use crate::data::Value;

/// Where the cloud's own clients go if the signature names no address.
const PUBLIC_ADDRESS: &str = "wss://tcb-ws.tencentcloudapi.com";

#[derive(Debug)]
pub(super) struct Signer {
    client: Arc<Client>,
    credential: Credential,
    /// The last token. Locked while a new one is asked for, so that this is done once for all sockets.
    token: Mutex<Option<Token>>,
}

#[derive(Clone, Debug)]
struct Token {
    secret: Secret,
    /// When it was given out, and for how long it is good; `None`: that is not known.
    life: Option<(Instant, Duration)>,
}

/// What opens a socket.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) url: String,
    pub(super) login: Login,
}

impl Signer {
    pub(super) fn new(client: Arc<Client>, credential: Credential) -> Self {
        Self {
            client,
            credential,
            token: Mutex::new(None),
        }
    }

    /// Asks for a signature. `renew`: not with the token of last time.
    pub(super) async fn sign(&self, renew: bool) -> Result<Signed> {
        let token = self.token(renew).await?;
        let request = self.request(token.as_ref());
        let origin = self.client.config().origin.as_deref();
        let is_public = origin.is_none();
        let asked = self.client.call(&request, None, |answer: &Answer| {
            let mut signature = signature(answer)?;
            if is_public {
                signature
                    .ws_url
                    .get_or_insert_with(|| PUBLIC_ADDRESS.to_owned());
            }
            signature.signed(origin)
        });
        let mut signed = asked.await?;
        signed.login.life = token.and_then(|token| token.remaining());
        Ok(signed)
    }

    fn request(&self, token: Option<&Token>) -> Request {
        let env = &self.client.config().env;
        let (path, authentication) = match self.credential {
            Credential::ApiKey => ("web", Authentication::ApiKey),
            Credential::ClientCredential | Credential::Ticket { .. } => {
                ("web", Authentication::None)
            }
            Credential::Admin => ("admin", Authentication::Admin),
        };
        let body = json!({
            "action": "auth.wsWebSign",
            "dataVersion": "2020-01-10",
            "env": env,
            "envName": env,
            "runtime": "web",
            "access_token": token.map_or("", |token| token.secret.expose()),
        });
        Request {
            authentication,
            ..post(
                format!("/{path}?env={}", encoded(env)),
                Host::Admin,
                &body,
                "sign",
            )
        }
    }

    async fn token(&self, renew: bool) -> Result<Option<Token>> {
        if matches!(self.credential, Credential::Admin) {
            return Ok(None);
        }
        let mut last = self.token.lock().await;
        match last.as_ref() {
            Some(token) if !renew && token.is_young() => {}
            _ => *last = Some(self.new_token().await?),
        }
        Ok(last.clone())
    }

    async fn new_token(&self) -> Result<Token> {
        let env = encoded(&self.client.config().env);
        let request = match &self.credential {
            Credential::Ticket { key, uid } => {
                let ticket = key.ticket(uid, self.client.clock().now_ms());
                let body = json!({"provider_id": "custom", "ticket": ticket});
                let target = format!("/auth/v1/signin/custom?client_id={env}");
                post(target, Host::Gateway, &body, "sign in")
            }
            Credential::ClientCredential => {
                let target = format!("/auth/v1/token/clientCredential?client_id={env}");
                let body = json!({"grant_type": "client_credentials"});
                Request {
                    authentication: Authentication::Basic,
                    ..post(target, Host::Gateway, &body, "sign in")
                }
            }
            Credential::ApiKey | Credential::Admin => return self.api_key(),
        };
        self.client.call(&request, None, token).await
    }

    fn api_key(&self) -> Result<Token> {
        let key = self.client.credentials().api_key.clone();
        let secret = key.ok_or_else(|| {
            Error::Unable(
                "the realtime socket is to be opened with an API key, and there is none: set one, or another credential"
                    .to_owned(),
            )
        })?;
        Ok(Token { secret, life: None })
    }
}

impl Token {
    fn remaining(&self) -> Option<Duration> {
        let (since, life) = self.life?;
        Some(life.saturating_sub(since.elapsed()))
    }

    /// Whether a socket may still be opened with it, and be used for a while.
    fn is_young(&self) -> bool {
        self.life
            .is_none_or(|(since, life)| since.elapsed() < life / 2)
    }
}

fn post(target: String, host: Host, body: &Json, operation: &'static str) -> Request {
    Request {
        method: Method::Post,
        target,
        host,
        headers: vec![("content-type", "application/json;charset=utf-8".to_owned())],
        body: Bytes::from(body.to_string()),
        authentication: Authentication::None,
        // A second signature or token does no harm.
        repeatable: true,
        label: Label::of(operation),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signature {
    sign_str: String,
    ws_url: Option<String>,
    #[serde(default)]
    secret_version: Json,
    env_id: Option<String>,
}

/// Whether documents may go to this address as anybody on the way can read them: as all the rest does, to the server
/// that all the rest goes to.
fn may_be_plain(url: &str, origin: Option<&str>) -> bool {
    let origin = origin.and_then(|origin| Url::parse(origin).ok());
    let plain = origin.filter(|origin| origin.scheme() == "http");
    let host = plain.and_then(|origin| origin.host_str().map(str::to_owned));
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "ws");
    host.is_some() && url.is_some_and(|url| url.host_str() == host.as_deref())
}

impl Signature {
    /// `origin`: the one server that serves everything, if it is not the cloud.
    fn signed(self, origin: Option<&str>) -> Result<Signed> {
        let url = self
            .ws_url
            .ok_or_else(|| malformed("the signature names no `wsUrl`"))?;
        if !(url.starts_with("wss://") || may_be_plain(&url, origin)) {
            return Err(malformed(
                "the realtime socket's address is neither `wss://…` nor one of the server that is asked by `http`",
            ));
        }
        Ok(Signed {
            url,
            login: Login {
                signature: Secret::new(self.sign_str),
                secret_version: match self.secret_version {
                    Json::String(text) => Value::string(text),
                    other => other.as_i64().map_or(Value::Null, Value::Int),
                },
                env: self.env_id,
                life: None,
            },
        })
    }
}

fn signature(answer: &Answer) -> Result<Signature> {
    #[derive(Deserialize)]
    struct Body {
        data: Option<Signature>,
    }
    refused(answer)?;
    let body: Body = serde_json::from_slice(&answer.body)
        .map_err(|_| malformed("the answer to `auth.wsWebSign` has another form"))?;
    body.data
        .ok_or_else(|| malformed("the answer to `auth.wsWebSign` has no `data`"))
}

fn token(answer: &Answer) -> Result<Token> {
    #[derive(Deserialize)]
    struct Body {
        access_token: String,
        /// Seconds.
        expires_in: Option<u64>,
    }
    refused(answer)?;
    let body: Body = serde_json::from_slice(&answer.body)
        .map_err(|_| malformed("the answer to signing in has no `access_token`"))?;
    let life = body.expires_in.map(Duration::from_secs);
    Ok(Token {
        secret: Secret::new(body.access_token),
        life: life.map(|life| (Instant::now(), life)),
    })
}

/// Both ways that the cloud refuses: with a code beside status 200, or with a status.
fn refused(answer: &Answer) -> Result<()> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Body {
        code: Option<String>,
        message: Option<String>,
        request_id: Option<String>,
        error: Option<String>,
        #[serde(rename = "error_description")]
        error_description: Option<String>,
    }
    let body: Body = serde_json::from_slice(&answer.body).unwrap_or_default();
    let word = body.code.or(body.error).filter(|word| !word.is_empty());
    if answer.status == 200 && word.is_none() {
        return Ok(());
    }
    let word = word.unwrap_or_else(|| answer.status.to_string());
    let message = body
        .message
        .or(body.error_description)
        .unwrap_or_else(|| format!("it answered with status {}", answer.status));
    Err(Error::Refused(Refusal {
        code: Code::parse(&word),
        word: shortened(&word),
        message: shortened(&message),
        request_id: body.request_id.map(|id| shortened(&id)),
    }))
}

fn malformed(text: &str) -> Error {
    Error::Malformed(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_socket_goes_to_the_server_that_is_asked_and_to_no_other() {
        let local = Some("http://127.0.0.1:9000");
        for (url, origin, goes) in [
            ("wss://tcb-ws.tencentcloudapi.com", None, true),
            ("wss://tcb-ws.tencentcloudapi.com", local, true),
            ("ws://127.0.0.1:9001/ws", local, true),
            ("ws://evil.example.com/ws", local, false),
            ("ws://127.0.0.1:9000@evil.example.com/", local, false),
            (
                "ws://127.0.0.1:9000/",
                Some("https://127.0.0.1:9000"),
                false,
            ),
            ("ws://127.0.0.1:9000/", None, false),
            ("http://127.0.0.1:9000/", local, false),
        ] {
            let signature = Signature {
                sign_str: "s".to_owned(),
                ws_url: Some(url.to_owned()),
                secret_version: Json::Null,
                env_id: None,
            };
            assert_eq!(signature.signed(origin).is_ok(), goes, "{url} {origin:?}");
        }
    }
}
