//! Who asks: headers, or what a socket's first message says, become a credential.
//!
//! The only place that reads identity from what clients send. Platform headers
//! (`x-wx-*`) are no identity but behind a door that trusts them: a client can send them as well.
//!
//! - `platform.rs`: the platform's headers; `dev.rs`: development tokens; [`crate::identity`]: access tokens of the cloud
//! - `host.rs`: by which name it may be asked

mod dev;
mod host;
mod platform;

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value as Json};

use super::Config;
use super::arrival::Trust;
use crate::data::{PrincipalError, User};
use crate::gateway::Credential;
use crate::identity::{NoTicket, TokenError};

pub use self::dev::dev_user;
pub(super) use self::host::host_fits;
use self::platform::Doubt;
pub use self::platform::Platform;

/// Which proofs of identity a server takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// None: whoever shows a token is refused, everybody else is not signed in.
    #[default]
    Closed,
    /// Development tokens, `Bearer dev:<principal>`, believed without proof: whoever reaches the server is whoever
    /// they say they are. Only for requests that name this machine as their host: a page of some other site that the
    /// developer's browser shows could otherwise make its own name mean this machine, and ask in their name.
    DevOnLoopback,
    /// The same for every host.
    DevAnywhere,
}

impl Auth {
    /// Whether identities are believed without proof.
    pub(super) fn believes(self) -> bool {
        matches!(self, Auth::DevOnLoopback | Auth::DevAnywhere)
    }
}

/// Why a request's proof of identity is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    NotBearer,
    SeveralTokens,
    /// The platform names somebody, and there is a token as well.
    SeveralProofs,
    Platform(Doubt),
    /// No tokens are taken here.
    Unknown,
    NotDev,
    Principal(PrincipalError),
    /// What stands after `;expires=` is no time.
    NoTime,
    Expired,
    /// A staff member's that is signed out.
    SignedOut,
    Token(TokenError),
    Ticket(NoTicket),
    /// A ticket proves somebody else than the request for the socket.
    Disagreement,
}

impl Refused {
    /// Whether the request itself is at fault, since it may mean one or another.
    pub(super) fn is_ambiguous(self) -> bool {
        match self {
            Refused::SeveralProofs => true,
            Refused::Platform(doubt) => doubt.is_ambiguous(),
            _ => false,
        }
    }

    /// How long to wait before trying again, where nothing is known to be wrong with the proof.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Refused::Token(why) => why.retry_after(),
            _ => None,
        }
    }

    /// Whether it is a token that proves nobody here: another one may.
    pub(super) fn is_of_token(&self) -> bool {
        matches!(
            self,
            Refused::Expired | Refused::SignedOut | Refused::Token(_)
        )
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NotBearer => f.write_str("send `Authorization: Bearer <token>`"),
            Refused::SeveralTokens => f.write_str("send one token: one `Authorization`"),
            Refused::SeveralProofs => f.write_str(
                "send one proof: the platform says who asks here, so send no `Authorization`",
            ),
            Refused::Platform(doubt) => doubt.fmt(f),
            Refused::Unknown => f.write_str("this server does not know the token"),
            Refused::NotDev => f.write_str(
                "this server takes development tokens: `Authorization: Bearer dev:<principal>`",
            ),
            Refused::Principal(why) => write!(f, "{why}, or `anonymous:<uid>`"),
            Refused::NoTime => {
                f.write_str("a development token ends with `;expires=<seconds since 1970>`")
            }
            Refused::Expired => f.write_str("the token has expired: come back with a fresh one"),
            Refused::SignedOut => f.write_str("the login is over: sign in again"),
            Refused::Token(why) => why.fmt(f),
            Refused::Ticket(why) => why.fmt(f),
            Refused::Disagreement => {
                f.write_str("the ticket is somebody else's than the request for the socket")
            }
        }
    }
}

/// Where the cloud's SDKs of version 1 put what proves their user, and what stands between its two parts.
const VERSION_ONE: &str = "x-cloudbase-credentials";
const VERSION_ONE_SEPARATOR: &str = "/@@/";

/// Whom the platform names in a request that came by this door, if anybody.
pub(super) fn platform_user(headers: &HeaderMap, trust: &Trust) -> Result<Option<User>, Refused> {
    let Trust::WxPrivate(platform) = trust else {
        return Ok(None);
    };
    match platform.user(headers).map_err(Refused::Platform)? {
        Some(_) if headers.contains_key(header::AUTHORIZATION) => Err(Refused::SeveralProofs),
        user => Ok(user),
    }
}

/// What the headers of a request by this door prove at this moment (`now`: milliseconds since 1970); nothing is fine.
pub(super) async fn credential(
    headers: &HeaderMap,
    trust: &Trust,
    config: &Config,
    now: i64,
) -> Result<Credential, Refused> {
    if let Some(user) = platform_user(headers, trust)? {
        return Ok(Credential {
            user: Some(user),
            ..Credential::default()
        });
    }
    if headers.contains_key(VERSION_ONE) {
        return Err(Refused::Token(TokenError::VersionOne));
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(Credential::default());
    };
    if values.next().is_some() {
        return Err(Refused::SeveralTokens);
    }
    let value = value.to_str().map_err(|_| Refused::NotBearer)?;
    of_token(bearer(value).ok_or(Refused::NotBearer)?, config, now).await
}

/// What the payload of a socket's `connection_init` or `ping` proves; `None` if it has no token. Clients spell it
/// `authorization: "Bearer …"`, `headers: {authorization: "Bearer …"}` or `token: "…"`; null and "" are none. Or it is a
/// ticket, which proves nobody else than the request did.
pub(super) async fn credential_of_payload(
    payload: &Map<String, Json>,
    shown: Shown<'_>,
    config: &Config,
    now: i64,
) -> Result<Option<Credential>, Refused> {
    let proofs = proofs(payload);
    match proofs[..] {
        [] => Ok(None),
        [(value, Kind::Ticket)] => {
            let ticket = value.as_str().ok_or(Refused::Ticket(NoTicket::Forged))?;
            of_ticket(ticket, shown, config, now).map(Some)
        }
        _ if shown.by_platform => Err(Refused::SeveralProofs),
        [(value, kind)] => {
            let text = value.as_str().ok_or(Refused::NotBearer)?;
            let token = match kind {
                Kind::Bearer => bearer(text).ok_or(Refused::NotBearer)?,
                Kind::Token | Kind::Ticket => text,
            };
            of_token(token, config, now).await.map(Some)
        }
        _ => Err(Refused::SeveralTokens),
    }
}

/// Whether a payload has anything that proves somebody, or is meant to.
pub(super) fn shows_proof(payload: &Map<String, Json>) -> bool {
    !proofs(payload).is_empty()
}

/// Everything in a payload that is meant to prove somebody.
fn proofs(payload: &Map<String, Json>) -> Vec<(&Json, Kind)> {
    let mut proofs = Vec::new();
    for (name, value) in payload {
        match value {
            Json::Object(headers) if name == "headers" => {
                let headers = headers.iter().filter(|(name, _)| is_authorization(name));
                proofs.extend(headers.map(|(_, value)| (value, Kind::Bearer)));
            }
            value if is_authorization(name) => proofs.push((value, Kind::Bearer)),
            value if name == "token" => proofs.push((value, Kind::Token)),
            value if name == "ticket" => proofs.push((value, Kind::Ticket)),
            _ => {}
        }
    }
    proofs.retain(|(value, _)| !value.is_null() && value.as_str() != Some(""));
    proofs
}

/// How a payload proves who asks.
#[derive(Clone, Copy)]
enum Kind {
    Bearer,
    Token,
    Ticket,
}

/// What the request for a socket showed already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown<'a> {
    /// Whom its headers prove.
    pub(super) user: Option<&'a User>,
    /// Whether they are the platform's: no token says so again, or otherwise.
    pub(super) by_platform: bool,
}

/// What a ticket proves.
fn of_ticket(
    ticket: &str,
    shown: Shown<'_>,
    config: &Config,
    now: i64,
) -> Result<Credential, Refused> {
    let tickets = config.tickets.as_ref();
    let tickets = tickets.ok_or(Refused::Ticket(NoTicket::Forged))?;
    let credential = tickets.redeem(ticket, now).map_err(Refused::Ticket)?;
    match (shown.user, &credential.user) {
        (Some(shown), Some(user)) if shown.principal != user.principal => {
            Err(Refused::Disagreement)
        }
        _ => Ok(credential),
    }
}

fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str())
}

/// What a token proves.
async fn of_token(token: &str, config: &Config, now: i64) -> Result<Credential, Refused> {
    if token.contains(VERSION_ONE_SEPARATOR) {
        return Err(Refused::Token(TokenError::VersionOne));
    }
    let credential = match (&config.tokens, config.auth.believes()) {
        (_, true) if dev::is_meant(token) => dev::credential(token)?,
        (Some(tokens), _) => tokens.verify(token).await.map_err(Refused::Token)?,
        (None, true) => return Err(Refused::NotDev),
        (None, false) => return Err(Refused::Unknown),
    };
    match credential.until {
        Some(until) if until <= now => Err(Refused::Expired),
        _ => Ok(credential),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::data::{LoginType, Principal, User};

    /// Milliseconds since 1970.
    const NOW: i64 = 1_000_000;

    fn taking(auth: Auth) -> Config {
        Config {
            auth,
            ..Config::default()
        }
    }

    /// Nothing here waits for anybody.
    fn at_once<T>(future: impl Future<Output = T>) -> T {
        future.now_or_never().expect("it is ready")
    }

    fn with(authorization: &[&str], auth: Auth) -> Result<Option<User>, Refused> {
        let mut headers = HeaderMap::new();
        headers.insert("x-wx-openid", "forged".parse().expect("a header value"));
        for value in authorization {
            headers.append(
                header::AUTHORIZATION,
                value.parse().expect("a header value"),
            );
        }
        at_once(credential(&headers, &Trust::BearerOnly, &taking(auth), NOW))
            .map(|credential| credential.user)
    }

    #[test]
    fn platform_headers_are_no_identity() {
        assert_eq!(with(&[], Auth::Closed), Ok(None));
        assert_eq!(with(&[], Auth::DevAnywhere), Ok(None));
    }

    #[test]
    fn dev_tokens_name_the_principal() {
        let alice = with(&["Bearer dev:openid:alice"], Auth::DevOnLoopback)
            .expect("taken")
            .expect("signed in");
        assert_eq!(alice.principal, Principal::openid("alice"));
        assert_eq!(alice.openid.as_deref(), Some("alice"));
        assert_eq!(alice.uid, None);

        let guest = with(&["bearer dev:anonymous:g1"], Auth::DevOnLoopback)
            .expect("taken")
            .expect("signed in");
        assert_eq!(guest.principal, Principal::uid("g1"));
        assert_eq!(guest.uid.as_deref(), Some("g1"));
        assert_eq!(guest.login_type, LoginType::Anonymous);
    }

    #[test]
    fn a_token_that_is_not_understood_is_refused() {
        for (values, auth, why) in [
            (
                &["Bearer dev:openid:alice"][..],
                Auth::Closed,
                Refused::Unknown,
            ),
            (&["Bearer eyJhbGciOi"], Auth::DevOnLoopback, Refused::NotDev),
            (&["Basic YTpi"], Auth::DevOnLoopback, Refused::NotBearer),
            (&["Bearer "], Auth::DevOnLoopback, Refused::NotBearer),
            (
                &["dev:openid:alice"],
                Auth::DevOnLoopback,
                Refused::NotBearer,
            ),
            (
                &["Bearer dev:alice"],
                Auth::DevOnLoopback,
                Refused::Principal(PrincipalError),
            ),
            (
                &["Bearer dev:anonymous:"],
                Auth::DevOnLoopback,
                Refused::Principal(PrincipalError),
            ),
            (
                &["Bearer dev:anonymous:a:b"],
                Auth::DevOnLoopback,
                Refused::Principal(PrincipalError),
            ),
            (
                &["Bearer dev:openid:a", "Bearer dev:openid:b"],
                Auth::DevOnLoopback,
                Refused::SeveralTokens,
            ),
            (
                &["Bearer dev:openid:a;expires=1000"],
                Auth::DevOnLoopback,
                Refused::Expired,
            ),
            (
                &["Bearer dev:openid:a;expires=soon"],
                Auth::DevOnLoopback,
                Refused::NoTime,
            ),
            (
                &["Bearer dev:openid:a;expires=9223372036854775807"],
                Auth::DevOnLoopback,
                Refused::NoTime,
            ),
        ] {
            assert_eq!(with(values, auth), Err(why), "{values:?}");
        }
    }

    #[test]
    fn credentials_of_version_1_are_refused_by_name() {
        let refused = Err(Refused::Token(TokenError::VersionOne));
        for auth in [Auth::Closed, Auth::DevOnLoopback] {
            assert_eq!(with(&["Bearer access/@@/refresh"], auth), refused);
            let mut headers = HeaderMap::new();
            let value = "access/@@/refresh".parse().expect("a header value");
            headers.insert(VERSION_ONE, value);
            let proven = at_once(credential(&headers, &Trust::BearerOnly, &taking(auth), NOW));
            assert_eq!(proven.map(|credential| credential.user), refused);
        }
    }

    #[test]
    fn a_token_may_say_when_it_ends() {
        let token = at_once(of_token(
            "dev:openid:a;expires=1001",
            &taking(Auth::DevAnywhere),
            NOW,
        ));
        let credential = token.expect("it has not expired");
        assert_eq!(credential.until, Some(1_001_000));
        let user = credential.user.expect("signed in");
        assert_eq!(user.principal, Principal::openid("a"));
    }

    #[test]
    fn a_payload_may_have_one_token() {
        let alice = Ok(Some("openid:alice"));
        for (payload, meant) in [
            (r"{}", Ok(None)),
            (r#"{"other": 1}"#, Ok(None)),
            (r#"{"authorization": null, "token": ""}"#, Ok(None)),
            (r#"{"headers": "none"}"#, Ok(None)),
            (r#"{"authorization": "Bearer dev:openid:alice"}"#, alice),
            (r#"{"Authorization": "bearer dev:openid:alice"}"#, alice),
            (r#"{"token": "dev:openid:alice"}"#, alice),
            (
                r#"{"headers": {"Authorization": "Bearer dev:openid:alice"}}"#,
                alice,
            ),
            (r#"{"authorization": 1}"#, Err(Refused::NotBearer)),
            (
                r#"{"authorization": "dev:openid:alice"}"#,
                Err(Refused::NotBearer),
            ),
            (r#"{"token": "eyJhbGciOi"}"#, Err(Refused::NotDev)),
            (
                r#"{"token": "dev:openid:alice", "authorization": "Bearer dev:openid:bob"}"#,
                Err(Refused::SeveralTokens),
            ),
        ] {
            let payload = serde_json::from_str(payload).expect("an object");
            let config = taking(Auth::DevOnLoopback);
            let credential = at_once(credential_of_payload(
                &payload,
                Shown::default(),
                &config,
                NOW,
            ));
            let user = credential.map(|credential| credential.and_then(|it| it.user));
            let meant = meant.map(|name| name.map(|name| dev_user(name).expect("a user")));
            assert_eq!(user, meant, "{payload:?}");
        }
    }
}
