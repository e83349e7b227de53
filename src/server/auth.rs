//! Who asks: the headers of a request become a user.
//!
//! The only place that reads identity from a request. Platform headers
//! (`x-wx-*`) are no identity here: a client can send them as well.

use std::fmt;

use axum::http::{HeaderMap, header};
use smol_str::SmolStr;

use crate::data::{LoginType, Principal, PrincipalError, User};

/// Which proofs of identity a server takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// None: whoever shows a token is refused, everybody else is not signed in.
    #[default]
    Closed,
    /// Development tokens, `Bearer dev:<principal>`, believed without proof. Whoever reaches the server is whoever
    /// they say they are.
    Dev,
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
        Auth::Dev => {
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
        assert_eq!(with(&[], Auth::Dev), Ok(None));
    }

    #[test]
    fn dev_tokens_name_the_principal() {
        let alice = with(&["Bearer dev:openid:alice"], Auth::Dev)
            .expect("taken")
            .expect("signed in");
        assert_eq!(alice.principal, Principal::openid("alice"));
        assert_eq!(alice.openid.as_deref(), Some("alice"));
        assert_eq!(alice.uid, None);

        let guest = with(&["bearer dev:anonymous:g1"], Auth::Dev)
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
            (&["Bearer eyJhbGciOi"], Auth::Dev, Refused::NotDev),
            (&["Basic YTpi"], Auth::Dev, Refused::NotBearer),
            (&["Bearer "], Auth::Dev, Refused::NotBearer),
            (&["dev:openid:alice"], Auth::Dev, Refused::NotBearer),
            (
                &["Bearer dev:alice"],
                Auth::Dev,
                Refused::Principal(PrincipalError),
            ),
            (
                &["Bearer dev:anonymous:"],
                Auth::Dev,
                Refused::Principal(PrincipalError),
            ),
            (
                &["Bearer dev:anonymous:a:b"],
                Auth::Dev,
                Refused::Principal(PrincipalError),
            ),
            (
                &["Bearer dev:openid:a", "Bearer dev:openid:b"],
                Auth::Dev,
                Refused::SeveralTokens,
            ),
        ] {
            assert_eq!(with(values, auth), Err(why), "{values:?}");
        }
    }
}
