//! Who asks: the headers of a request become a user.
//!
//! The only place that reads identity from a request. Platform headers
//! (`x-wx-*`) are no identity here: a client can send them as well.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};
use smol_str::SmolStr;

use crate::data::{LoginType, Principal, PrincipalError, User};

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
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NotBearer => f.write_str("send `Authorization: Bearer <token>`"),
            Refused::SeveralTokens => f.write_str("send one `Authorization` header"),
            Refused::Unknown => f.write_str("this server does not know the token"),
            Refused::NotDev => f.write_str(
                "this server takes development tokens: `Authorization: Bearer dev:<principal>`",
            ),
            Refused::Principal(why) => write!(f, "{why}, or `anonymous:<uid>`"),
        }
    }
}

/// The user a request proves to come from; `None` if it does not try to.
pub(super) fn user(headers: &HeaderMap, auth: Auth) -> Result<Option<User>, Refused> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Refused::SeveralTokens);
    }
    let token = value
        .to_str()
        .ok()
        .and_then(bearer)
        .ok_or(Refused::NotBearer)?;
    match auth {
        Auth::Closed => Err(Refused::Unknown),
        Auth::DevOnLoopback | Auth::DevAnywhere => {
            let name = token.strip_prefix("dev:").ok_or(Refused::NotDev)?;
            dev_user(name).map(Some).map_err(Refused::Principal)
        }
    }
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

    fn with(authorization: &[&str], auth: Auth) -> Result<Option<User>, Refused> {
        let mut headers = HeaderMap::new();
        headers.insert("x-wx-openid", "forged".parse().expect("a header value"));
        for value in authorization {
            headers.append(
                header::AUTHORIZATION,
                value.parse().expect("a header value"),
            );
        }
        user(&headers, auth)
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
        ] {
            assert_eq!(with(values, auth), Err(why), "{values:?}");
        }
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
