//! Users sign in with a password and get an access token, as clients do.
//!
//! Mini-program users sign in by the platform itself, which nobody else can: only an emulator knows such users by
//! passwords.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::cloudbase::client::{Answer, Authentication, Host, Label, Method, Request};
use crate::cloudbase::{self, Client, Secret};

/// Why somebody has no token.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error(transparent)]
    Client(#[from] cloudbase::Error),
    #[error("a user cannot sign in: {0}")]
    Refused(String),
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
}

/// The access token of a user.
///
/// # Errors
/// The environment does not answer, or refuses.
pub async fn sign_in(client: &Client, name: &str, password: &str) -> Result<Secret, SignInError> {
    let body = json!({ "username": name, "password": password });
    let request = Request {
        method: Method::Post,
        target: "/auth/v1/signin".to_owned(),
        host: Host::Gateway,
        headers: Vec::new(),
        body: body.to_string().into(),
        authentication: Authentication::None,
        repeatable: true,
        label: Label {
            operation: "sign in",
            subject: String::new(),
        },
    };
    let tokens = client
        .call(&request, None, |answer| Ok(read(answer)))
        .await?;
    let Tokens { access_token } = tokens.map_err(SignInError::Refused)?;
    Ok(Secret::new(access_token))
}

/// The token, or the refusal in the environment's words.
fn read(answer: &Answer) -> Result<Tokens, String> {
    let refused = || {
        let body: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        let told = body["error_description"].as_str();
        let told = told.unwrap_or("no reason is given");
        format!("status {}: {told}", answer.status)
    };
    match answer.status {
        200..=299 => serde_json::from_slice(&answer.body).map_err(|_| refused()),
        _ => Err(refused()),
    }
}
