//! Who asks: headers, or what a socket's first message says, become a credential.
//!
//! The only place that reads identity from what clients send. Platform headers
//! (`x-wx-*`) are no identity here: a client can send them as well.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Uri, header};
use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

use crate::data::{LoginType, Principal, PrincipalError, User};
use crate::gateway::Credential;

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
    /// No tokens are taken here.
    Unknown,
    NotDev,
    Principal(PrincipalError),
    /// What stands after `;expires=` is no time.
    NoTime,
    Expired,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NotBearer => f.write_str("send `Authorization: Bearer <token>`"),
            Refused::SeveralTokens => f.write_str("send one token: one `Authorization`"),
            Refused::Unknown => f.write_str("this server does not know the token"),
            Refused::NotDev => f.write_str(
                "this server takes development tokens: `Authorization: Bearer dev:<principal>`",
            ),
            Refused::Principal(why) => write!(f, "{why}, or `anonymous:<uid>`"),
            Refused::NoTime => {
                f.write_str("a development token ends with `;expires=<seconds since 1970>`")
            }
            Refused::Expired => f.write_str("the token has expired: come back with a fresh one"),
        }
    }
}

/// What a request's headers prove at this moment (`now`: milliseconds since 1970); nothing is fine.
pub(super) fn credential(headers: &HeaderMap, auth: Auth, now: i64) -> Result<Credential, Refused> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(Credential::default());
    };
    if values.next().is_some() {
        return Err(Refused::SeveralTokens);
    }
    let value = value.to_str().map_err(|_| Refused::NotBearer)?;
    of_token(bearer(value).ok_or(Refused::NotBearer)?, auth, now)
}

/// What the payload of a socket's `connection_init` or `ping` proves; `None` if it has no token. Clients spell it
/// `authorization: "Bearer …"`, `headers: {authorization: "Bearer …"}` or `token: "…"`; null and "" are none.
pub(super) fn credential_of_payload(
    payload: &Map<String, Json>,
    auth: Auth,
    now: i64,
) -> Result<Option<Credential>, Refused> {
    let mut proofs = Vec::new();
    for (name, value) in payload {
        match value {
            Json::Object(headers) if name == "headers" => {
                let headers = headers.iter().filter(|(name, _)| is_authorization(name));
                proofs.extend(headers.map(|(_, value)| (value, true)));
            }
            value if is_authorization(name) => proofs.push((value, true)),
            value if name == "token" => proofs.push((value, false)),
            _ => {}
        }
    }
    proofs.retain(|(value, _)| !value.is_null() && value.as_str() != Some(""));
    match proofs[..] {
        [] => Ok(None),
        [(value, with_scheme)] => {
            let text = value.as_str().ok_or(Refused::NotBearer)?;
            let token = match with_scheme {
                true => bearer(text).ok_or(Refused::NotBearer)?,
                false => text,
            };
            of_token(token, auth, now).map(Some)
        }
        _ => Err(Refused::SeveralTokens),
    }
}

fn is_authorization(name: &str) -> bool {
    name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str())
}

/// What a token proves.
fn of_token(token: &str, auth: Auth, now: i64) -> Result<Credential, Refused> {
    let credential = match auth {
        Auth::Closed => return Err(Refused::Unknown),
        Auth::DevOnLoopback | Auth::DevAnywhere => dev_credential(token)?,
    };
    match credential.until {
        Some(until) if until <= now => Err(Refused::Expired),
        _ => Ok(credential),
    }
}

/// `dev:<principal>`, or `dev:<principal>;expires=<seconds since 1970>`.
fn dev_credential(token: &str) -> Result<Credential, Refused> {
    let name = token.strip_prefix("dev:").ok_or(Refused::NotDev)?;
    let (name, until) = match name.split_once(";expires=") {
        None => (name, None),
        Some((name, seconds)) => {
            let seconds = seconds.parse::<i64>().ok();
            let until = seconds.and_then(|seconds| seconds.checked_mul(1000));
            (name, Some(until.ok_or(Refused::NoTime)?))
        }
    };
    Ok(Credential {
        user: Some(dev_user(name).map_err(Refused::Principal)?),
        until,
    })
}

/// The user that a development name means: a principal (`openid:demo-alice`,
/// `uid:web-1`) or `anonymous:<uid>`, somebody signed in by anonymous login.
pub fn dev_user(name: &str) -> Result<User, PrincipalError> {
    let Some(uid) = name.strip_prefix("anonymous:") else {
        return Principal::parse(name).map(|principal| principal.to_user());
    };
    let principal = Principal::parse(&format!("uid:{uid}"))?;
    Ok(User {
        principal,
        openid: None,
        uid: Some(SmolStr::new(uid)),
        login_type: LoginType::Anonymous,
    })
}

/// Whether a request may come to a server with this `auth` under the host's name it gives.
pub(super) fn host_fits(headers: &HeaderMap, auth: Auth) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let named = hosts.next().and_then(|host| host.to_str().ok());
    let fits = named.is_some_and(is_this_machine) && hosts.next().is_none();
    auth != Auth::DevOnLoopback || fits
}

/// Whether a page that opens a socket may speak here. Where identities are believed without proof, a page of any other
/// site could say it were a developer: browsers let every page open sockets to this machine, and only tell where it
/// came from. So the page must come from this machine too, or from the host it speaks to. Who sends no `Origin` is no
/// page.
pub(super) fn origin_fits(headers: &HeaderMap, auth: Auth) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return true;
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok());
    let from = origin.as_ref().and_then(Uri::host);
    let to = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let fits = from.is_some_and(|from| is_loopback(from) || to.is_some_and(|to| is_host(from, to)));
    !auth.believes() || (fits && origins.next().is_none())
}

/// Whether a host (without a port) can only be this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Whether a `Host` header (perhaps with a port) names this host.
fn is_host(host: &str, header: &str) -> bool {
    header.parse::<Uri>().is_ok_and(|uri| {
        uri.host()
            .is_some_and(|named| named.eq_ignore_ascii_case(host))
    })
}

/// `localhost` or an address, with or without a port: nothing that a name server decides.
fn is_this_machine(host: &str) -> bool {
    let is_address =
        |text: &str| text.parse::<SocketAddr>().is_ok() || text.parse::<IpAddr>().is_ok();
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost")
        || is_address(host)
        || is_address(host.trim_start_matches('[').trim_end_matches(']'))
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds since 1970.
    const NOW: i64 = 1_000_000;

    fn with(authorization: &[&str], auth: Auth) -> Result<Option<User>, Refused> {
        let mut headers = HeaderMap::new();
        headers.insert("x-wx-openid", "forged".parse().expect("a header value"));
        for value in authorization {
            headers.append(
                header::AUTHORIZATION,
                value.parse().expect("a header value"),
            );
        }
        credential(&headers, auth, NOW).map(|credential| credential.user)
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
    fn a_token_may_say_when_it_ends() {
        let token = of_token("dev:openid:a;expires=1001", Auth::DevAnywhere, NOW);
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
            let credential = credential_of_payload(&payload, Auth::DevOnLoopback, NOW);
            let user = credential.map(|credential| credential.and_then(|it| it.user));
            let meant = meant.map(|name| name.map(|name| dev_user(name).expect("a user")));
            assert_eq!(user, meant, "{payload:?}");
        }
    }

    #[test]
    fn a_page_comes_from_this_machine() {
        for (origin, host, fits) in [
            ("http://localhost:3000", "127.0.0.1:8080", true),
            ("http://127.0.0.1:3000", "localhost:8080", true),
            ("http://[::1]:3000", "localhost:8080", true),
            ("http://192.168.1.5:3000", "192.168.1.5:8080", true),
            ("https://servicewechat.com", "localhost:8080", false),
            ("http://203.0.113.9", "localhost:8080", false),
            ("http://localhost.example.com", "localhost:8080", false),
            ("http://localhost@example.com", "localhost:8080", false),
            ("http://127.0.0.1.example.com", "127.0.0.1:8080", false),
            ("null", "localhost:8080", false),
            ("", "localhost:8080", false),
            ("file://", "localhost:8080", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, origin.parse().expect("a header value"));
            headers.insert(header::HOST, host.parse().expect("a header value"));
            for auth in [Auth::DevOnLoopback, Auth::DevAnywhere] {
                assert_eq!(origin_fits(&headers, auth), fits, "{origin} to {host}");
            }
            assert!(origin_fits(&headers, Auth::Closed));
        }
        assert!(origin_fits(&HeaderMap::new(), Auth::DevOnLoopback));
        let mut two = HeaderMap::new();
        for origin in ["http://localhost", "http://example.com"] {
            two.append(header::ORIGIN, origin.parse().expect("a header value"));
        }
        assert!(!origin_fits(&two, Auth::DevOnLoopback));
    }

    #[test]
    fn on_loopback_the_host_is_this_machine() {
        for (host, fits) in [
            ("127.0.0.1:8080", true),
            ("127.0.0.1", true),
            ("localhost:8080", true),
            ("LOCALHOST", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("example.com", false),
            ("localhost.example.com:8080", false),
            ("127.0.0.1.example.com", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a header value"));
            assert_eq!(host_fits(&headers, Auth::DevOnLoopback), fits, "{host}");
            assert!(host_fits(&headers, Auth::DevAnywhere));
            assert!(host_fits(&headers, Auth::Closed));
        }
        assert!(!host_fits(&HeaderMap::new(), Auth::DevOnLoopback));
        let mut two = HeaderMap::new();
        for host in ["localhost", "example.com"] {
            two.append(header::HOST, host.parse().expect("a header value"));
        }
        assert!(!host_fits(&two, Auth::DevOnLoopback));
    }
}
