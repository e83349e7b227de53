//! Who sends a request: an administrator by key or signature, or a client by
//! a token that this emulator gave it.
//!
//! - `config.rs`, `user.rs`: what an operator says; `signed.rs`: signatures; `grants.rs`: signing in, tokens
//! - `sessions.rs`: who is signed in; `sockets.rs`: signatures for sockets
//! - `jwt.rs`, `signer.rs`, `ticket.rs`: tokens and what they are signed with

mod config;
mod grants;
mod jwt;
mod random;
mod sessions;
mod signed;
mod signer;
mod sockets;
#[cfg(test)]
mod tests;
mod ticket;
mod user;

use std::sync::Arc;

use axum::http::HeaderMap;

pub use self::config::Config;
pub(crate) use self::grants::{Profile, Refusal, Tokens};
use self::sessions::{Holder, Sessions};
use self::signed::{Verifier, header_text};
use self::signer::Signer;
pub(crate) use self::sockets::SignatureError;
use self::sockets::Sockets;
pub use self::ticket::TicketKey;
pub use self::user::User;
use super::failure::{Failure, Result};
use crate::clock::Clock;
use crate::cloudbase::Code;
use crate::cloudbase::signature::{same, tc3};
use crate::data::{self, Caller, LoginType, Principal};

/// Whose right a request has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Credentials of the environment: no permission is asked.
    Admin,
    /// A user of the app, or nobody in particular; permissions and rules decide.
    Client(Caller),
}

/// What a signature of `/admin` or the cloud API is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) path: &'a str,
    /// The raw query, without the question mark.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// Which keys, secrets and users there are; tokens and socket signatures that were given out.
#[derive(Debug)]
pub(crate) struct Identities {
    config: Config,
    /// The environment's name, if only one is served.
    env: Option<String>,
    clock: Arc<dyn Clock>,
    signer: Signer,
    sessions: Sessions,
    sockets: Sockets,
}

impl Identities {
    pub(crate) fn new(config: Config, env: Option<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            config,
            env,
            clock,
            signer: Signer::new(),
            sessions: Sessions::new(),
            sockets: Sockets::new(),
        }
    }

    /// The sender of a request to `/admin` (database.md 4): TC3 or q-sign with a known secret, or `Bearer` and a key.
    /// If neither secrets nor keys are configured, every signature is taken, and every text that is no token.
    ///
    /// # Errors
    /// `SIGN_PARAM_INVALID`, `INVALID_CREDENTIALS`, `MISSING_CREDENTIALS`, and those of [`Identities::of_token`].
    pub(crate) fn of_signed(&self, request: Signed<'_>) -> Result<Identity> {
        let header = header_text(request.headers, "authorization").unwrap_or_default();
        if tc3::Authorization::is_meant(header) {
            self.verifier().admin(request, header)?;
            return Ok(Identity::Admin);
        }
        match bearer(header) {
            Some(token) => self.of_token(Some(token)),
            None => {
                let signed = self.verifier().q_sign(request)?;
                signed.map(|()| Identity::Admin).ok_or_else(missing)
            }
        }
    }

    /// The sender of a request to the cloud API: standard TC3.
    ///
    /// # Errors
    /// As [`Identities::of_signed`].
    pub(crate) fn of_cloud_api(&self, request: Signed<'_>) -> Result<()> {
        let header = header_text(request.headers, "authorization").unwrap_or_default();
        if !tc3::Authorization::is_meant(header) {
            return Err(missing());
        }
        self.verifier().cloud_api(request, "POST", header)
    }

    /// The sender of a request to REST: `Bearer` and a token or key, or a signature as the cloud API has it; neither:
    /// nobody.
    ///
    /// # Errors
    /// As [`Identities::of_signed`].
    pub(crate) fn of_rest(&self, method: &str, request: Signed<'_>) -> Result<Identity> {
        let header = header_text(request.headers, "authorization").unwrap_or_default();
        if tc3::Authorization::is_meant(header) {
            self.verifier().cloud_api(request, method, header)?;
            return Ok(Identity::Admin);
        }
        match bearer(header) {
            None if !header.is_empty() => Err(Failure::new(
                Code::InvalidCredentials,
                "`Authorization` needs `Bearer` and a token, or a signature",
            )),
            token => self.of_token(token),
        }
    }

    /// The holder of a token or key, as REST and `/web` send it; `None` and `""`: nobody, not signed in.
    ///
    /// # Errors
    /// `ACCESS_TOKEN_EXPIRED`, `CHECK_LOGIN_FAILED` for a login that is over, `INVALID_CREDENTIALS` for what is no
    /// token of this emulator and no key.
    pub(crate) fn of_token(&self, token: Option<&str>) -> Result<Identity> {
        let token = token.unwrap_or_default();
        let is_token = |key: &String| same(key, token);
        if token.is_empty() {
            return Ok(Identity::Client(Caller::none()));
        }
        if self.config.api_keys.iter().any(is_token) {
            return Ok(Identity::Admin);
        }
        if self.config.publishable_keys.iter().any(is_token) {
            return Ok(Identity::Client(anonymous_user()));
        }
        if jwt::is_meant(token) {
            return Ok(identity(self.session(token)?.1.holder));
        }
        if self.config.is_credulous() && !token.starts_with(sessions::REFRESH) {
            return Ok(Identity::Admin);
        }
        Err(Failure::new(
            Code::InvalidCredentials,
            "this is neither an access token nor a configured key",
        ))
    }

    /// A text that stands for the identity when a socket logs in.
    pub(crate) fn sign_socket(&self, identity: &Identity) -> String {
        self.sockets.sign(identity.clone(), self.clock.now_ms())
    }

    /// Whose signature it is.
    ///
    /// # Errors
    /// It is none of ours, or it is over.
    pub(crate) fn of_socket(
        &self,
        signature: &str,
    ) -> std::result::Result<Identity, SignatureError> {
        self.sockets.get(signature, self.clock.now_ms())
    }

    fn verifier(&self) -> Verifier<'_> {
        let seconds = || self.clock.now_ms().div_euclid(1000);
        Verifier {
            secrets: &self.config.secrets,
            credulous: self.config.is_credulous(),
            now: self.config.check_signature_age.then(seconds),
        }
    }
}

fn identity(holder: Holder) -> Identity {
    match holder {
        Holder::Admin => Identity::Admin,
        Holder::User(user) => Identity::Client(user.to_caller()),
    }
}

/// Whoever has a publishable key: an anonymous login without a user, so that nothing is theirs.
fn anonymous_user() -> Caller {
    Caller::user(data::User {
        principal: Principal::uid("anonymous"),
        openid: None,
        uid: None,
        login_type: LoginType::Anonymous,
    })
}

/// The token of an `Authorization` header, if it is of that kind.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn missing() -> Failure {
    Failure::new(
        Code::MissingCredentials,
        "the request is not signed, and has no key",
    )
}
