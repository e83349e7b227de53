//! Signing in: what somebody proves becomes a session and its tokens.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::jwt::Jwt;
use super::sessions::{Holder, Session};
use super::user::User;
use super::{Identities, Signed, ticket};
use crate::cloudbase::Code;
use crate::cloudbase::signature::{same, tc3};
use crate::data::LoginType;
use crate::emulator::failure::{Failure, Result as Judged};

/// How long a token of an administrator is good.
const ADMIN_LIFE_MS: i64 = 432_000_000;

/// The longest name of a device.
const MAX_DEVICE: usize = 128;

/// What a client gets that signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Tokens {
    token_type: &'static str,
    pub(crate) access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<String>,
    /// Seconds.
    expires_in: i64,
    scope: &'static str,
    pub(crate) sub: String,
    groups: [&'static str; 0],
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    /// The session.
    jti: String,
    scope: String,
    provider: String,
}

/// What is told of the holder of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Profile {
    sub: String,
    user_id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    providers: [&'static str; 0],
    groups: [&'static str; 0],
    status: &'static str,
}

/// What is told of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Introspection {
    token_type: &'static str,
    client_id: String,
    sub: String,
    scope: String,
}

/// Why somebody is not signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A member that is missing, or of another kind.
    Argument(String),
    /// A ticket or a refresh token that is over, used, or nobody's.
    Grant(String),
    /// No user of that name with that password.
    Password,
    /// No token, or one that is not good here.
    Token(String),
    /// No secret of that id with that key.
    Secret(String),
}

type Result<T, E = Refusal> = std::result::Result<T, E>;

impl Identities {
    /// The anonymous user of a device. `client` names the environment where this emulator serves any.
    pub(crate) fn sign_in_anonymously(&self, device: &str, client: &str) -> Result<Tokens> {
        if device.is_empty() || device.len() > MAX_DEVICE {
            let told = "the header `x-device-id` needs 1 to 128 characters";
            return Err(Refusal::Argument(told.to_owned()));
        }
        let user = self.sessions.anonymous(device);
        Ok(self.begin(Holder::User(user), client))
    }

    /// A user of the users' file.
    pub(crate) fn sign_in(&self, username: &str, password: &str, client: &str) -> Result<Tokens> {
        let knows = |user: &&User| {
            let password_of = user.password.as_deref();
            user.username.as_deref() == Some(username)
                && password_of.is_some_and(|known| same(known, password))
        };
        let user = self.config.users.iter().find(knows);
        let user = user.ok_or(Refusal::Password)?.clone();
        Ok(self.begin(Holder::User(user), client))
    }

    /// The user whom a ticket names, who is made if the users' file has none of that uid.
    pub(crate) fn sign_in_with_ticket(&self, text: &str, client: &str) -> Result<Tokens> {
        if self.config.custom_login.is_none() && !self.config.is_credulous() {
            let told = "tickets cannot be verified: no key of the custom login is configured";
            return Err(Refusal::Grant(told.to_owned()));
        }
        let now = self.clock.now_ms();
        let ticket = ticket::read(text, self.config.custom_login.as_ref(), now)
            .map_err(|told| Refusal::Grant(told.to_owned()))?;
        if self.env.as_ref().is_some_and(|env| *env != ticket.env) {
            let told = "the ticket is for another environment";
            return Err(Refusal::Grant(told.to_owned()));
        }
        let is_named = |user: &&User| user.uid.as_deref() == Some(&ticket.uid);
        let user = self.config.users.iter().find(is_named).cloned();
        let user = user.unwrap_or_else(|| User::of_uid(&ticket.uid, LoginType::Custom));
        let (life, until) = self.lives();
        let life = ticket
            .refresh
            .filter(|life| *life > 0)
            .unwrap_or(life)
            .min(life);
        let until = ticket.expire.unwrap_or(until).min(until);
        Ok(self.begin_for(Holder::User(user), client, life, until))
    }

    /// An administrator, by a secret.
    pub(crate) fn sign_in_with_secret(&self, id: &str, key: &str, client: &str) -> Result<Tokens> {
        self.verifier()
            .pair(id, key)
            .map_err(|failure| Refusal::Secret(failure.message))?;
        Ok(self.begin(Holder::Admin, client))
    }

    /// An administrator, by a signature over the request as the cloud API has it.
    pub(crate) fn sign_in_signed(
        &self,
        request: Signed<'_>,
        header: &str,
        client: &str,
    ) -> Result<Tokens> {
        if !tc3::Authorization::is_meant(header) {
            let told = "`Authorization` needs a secret or a signature";
            return Err(Refusal::Secret(told.to_owned()));
        }
        self.verifier()
            .cloud_api(request, "POST", header)
            .map_err(|failure| Refusal::Secret(failure.message))?;
        Ok(self.begin(Holder::Admin, client))
    }

    /// The next tokens of a session; the refresh token is used up.
    pub(crate) fn refresh(&self, refresh_token: &str, client: &str) -> Result<Tokens> {
        let now = self.clock.now_ms();
        let (name, session, next) = self.sessions.refresh(refresh_token, now).ok_or_else(|| {
            Refusal::Grant("the refresh token is used, over or not one".to_owned())
        })?;
        Ok(self.tokens(&name, &session, Some(next), client))
    }

    /// Ends the session of an access token: neither it nor its refresh token are good any more.
    pub(crate) fn sign_out(&self, token: &str) -> Result<()> {
        let (claims, _) = self.session_of(token)?;
        self.sessions.end(&claims.jti);
        Ok(())
    }

    /// Who holds an access token.
    pub(crate) fn profile(&self, token: &str) -> Result<Profile> {
        let (claims, session) = self.session_of(token)?;
        let (name, username) = match &session.holder {
            Holder::Admin => ("administrator".to_owned(), None),
            Holder::User(user) if user.is_anonymous() => ("anonymous".to_owned(), None),
            Holder::User(user) => {
                let name = user.username.as_deref().unwrap_or(user.subject());
                (name.to_owned(), user.username.clone())
            }
        };
        Ok(Profile {
            user_id: claims.sub.clone(),
            sub: claims.sub,
            name,
            username,
            providers: [],
            groups: [],
            status: "ACTIVE",
        })
    }

    /// What an access token is; `None` if it is not good.
    pub(crate) fn introspect(&self, token: &str) -> Option<Introspection> {
        let (claims, _) = self.session_of(token).ok()?;
        Some(Introspection {
            token_type: "Bearer",
            client_id: claims.aud,
            sub: claims.sub,
            scope: claims.scope,
        })
    }

    /// What access tokens can be verified with, as a JSON web key set.
    pub(crate) fn public_keys(&self) -> Value {
        self.signer.public_keys()
    }

    fn session_of(&self, token: &str) -> Result<(Claims, Session)> {
        let judged = self.session(token);
        judged.map_err(|failure| Refusal::Token(failure.message))
    }

    /// The claims and the session of a token that is ours, not over, and not signed out.
    pub(super) fn session(&self, token: &str) -> Judged<(Claims, Session)> {
        let claims = Jwt::parse(token).and_then(|token| self.signer.verified::<Claims>(&token));
        let claims = claims.ok_or_else(|| {
            let told =
                "the token is not signed by this emulator; a key of this form has to be configured";
            Failure::new(Code::InvalidCredentials, told)
        })?;
        if claims.exp.saturating_mul(1000) <= self.clock.now_ms() {
            let told = "the access token is over";
            return Err(Failure::new(Code::AccessTokenExpired, told));
        }
        match self.sessions.get(&claims.jti) {
            Some(session) => Ok((claims, session)),
            None => Err(Failure::new(Code::CheckLoginFailed, "the login is over")),
        }
    }

    fn begin(&self, holder: Holder, client: &str) -> Tokens {
        let (life, until) = match holder {
            Holder::User(_) => self.lives(),
            Holder::Admin => (ADMIN_LIFE_MS, 0),
        };
        self.begin_for(holder, client, life, until)
    }

    fn begin_for(&self, holder: Holder, client: &str, life: i64, until: i64) -> Tokens {
        let (name, session, refresh_token) = self.sessions.begin(holder, life, until);
        self.tokens(&name, &session, refresh_token, client)
    }

    /// How long an access token is good, and until when a refresh token that is given out now.
    fn lives(&self) -> (i64, i64) {
        let ms = |life: std::time::Duration| i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
        let until = ms(self.config.refresh_token_life).saturating_add(self.clock.now_ms());
        (ms(self.config.access_token_life), until)
    }

    /// Milliseconds that an access token given out now is good: not longer than the login.
    fn life_left(&self, session: &Session) -> i64 {
        match session.holder {
            Holder::Admin => session.access_life,
            Holder::User(_) => {
                let left = session.until.saturating_sub(self.clock.now_ms());
                session.access_life.min(left)
            }
        }
    }

    fn tokens(
        &self,
        name: &str,
        session: &Session,
        refresh_token: Option<String>,
        client: &str,
    ) -> Tokens {
        let env = self.env.as_deref().unwrap_or(client);
        let (sub, scope, provider) = described(&session.holder);
        let iat = self.clock.now_ms().div_euclid(1000);
        // A life of less than a second is one: zero would tell the SDKs that there is no token.
        let expires_in = self.life_left(session).div_euclid(1000).max(1);
        let claims = Claims {
            iss: format!("https://{env}.api.tcloudbasegateway.com"),
            aud: env.to_owned(),
            sub: sub.to_owned(),
            iat,
            exp: iat.saturating_add(expires_in),
            jti: name.to_owned(),
            scope: scope.to_owned(),
            provider,
        };
        Tokens {
            token_type: "Bearer",
            access_token: self.signer.sign(&claims),
            refresh_token,
            expires_in,
            scope,
            sub: claims.sub,
            groups: [],
        }
    }
}

/// `sub`, `scope` and `provider`.
fn described(holder: &Holder) -> (&str, &'static str, String) {
    match holder {
        Holder::Admin => {
            let grant = "client_credentials";
            ("administrator", grant, grant.to_owned())
        }
        Holder::User(user) => {
            let provider = match &user.login_type {
                LoginType::WechatOpen => "wx_open".to_owned(),
                LoginType::WechatPublic => "wx_mp".to_owned(),
                other => other.as_str().to_ascii_lowercase(),
            };
            let scope = if user.is_anonymous() { "anonymous" } else { "" };
            (user.subject(), scope, provider)
        }
    }
}
