//! One action of the cloud API: a JSON object there, a JSON object back, wrapped in `{"Response": …}`.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cloudbase::client::{Answer, Authentication, Client, Host, Label, Method, Request};
use crate::cloudbase::error::{Error, Refusal, Result};

/// The longest text of the upstream's that goes into an error, in characters.
const MAX_TEXT: usize = 300;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Action {
    pub(super) name: &'static str,
    /// Whether doing it twice is the same as doing it once.
    pub(super) repeatable: bool,
}

impl Action {
    /// One that only looks.
    pub(super) const fn look(name: &'static str) -> Self {
        Self {
            name,
            repeatable: true,
        }
    }

    /// One that changes something.
    pub(super) const fn change(name: &'static str) -> Self {
        Self {
            name,
            repeatable: false,
        }
    }

    /// Asks, and reads the answer as `T`.
    pub(super) async fn call<T: DeserializeOwned>(
        self,
        client: &Client,
        subject: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T> {
        let request = self.request(subject, body)?;
        client
            .call(&request, None, |answer| read(self.name, answer))
            .await
    }

    pub(super) fn request(self, subject: &str, body: &impl Serialize) -> Result<Request> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::Unable(format!("{}: {error}", self.name)))?;
        Ok(Request {
            method: Method::Post,
            target: "/".to_owned(),
            host: Host::CloudApi,
            headers: vec![("content-type", "application/json".to_owned())],
            body: Bytes::from(body),
            authentication: Authentication::CloudApi { action: self.name },
            repeatable: self.repeatable,
            label: Label {
                operation: self.name,
                subject: subject.to_owned(),
            },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    response: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    error: Problem,
    request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Problem {
    code: String,
    #[serde(default)]
    message: String,
}

/// The answer of an action; a refusal comes with status 200 too.
pub(super) fn read<T: DeserializeOwned>(action: &str, answer: &Answer) -> Result<T> {
    let envelope: Envelope = match serde_json::from_slice(&answer.body) {
        Ok(envelope) => envelope,
        // Not from the cloud API itself: whatever stands between us and it has no other words.
        Err(_) if !(200..300).contains(&answer.status) => return Err(of_status(answer.status)),
        Err(error) => return Err(malformed(action, &error)),
    };
    if let Ok(refused) = Refused::deserialize(&envelope.response) {
        return Err(Error::Refused(refused.into()));
    }
    T::deserialize(envelope.response).map_err(|error| malformed(action, &error))
}

fn malformed(action: &str, error: &serde_json::Error) -> Error {
    Error::Malformed(format!("{action}: {error}"))
}

fn of_status(status: u16) -> Error {
    Error::Refused(Refusal {
        code: None,
        word: status.to_string(),
        message: format!("HTTP status {status}"),
        request_id: None,
    })
}

impl From<Refused> for Refusal {
    /// The cloud API's codes are none of the database's.
    fn from(refused: Refused) -> Self {
        let shortened = |text: &str| text.chars().take(MAX_TEXT).collect::<String>();
        Self {
            code: None,
            word: shortened(&refused.error.code),
            message: shortened(&refused.error.message),
            request_id: refused.request_id.as_deref().map(shortened),
        }
    }
}
