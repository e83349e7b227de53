//! Whom the platform names: the headers that the private link of mini programs (`callContainer`) sets.
//!
//! Pure: headers in, a user out. It is asked only behind a door that nobody else reaches. Even there each header is
//! checked, so that a door which is open by mistake is no easy one: the platform's pages tell to look for
//! `x-wx-source`, and no page says that its public entrance takes these headers off a stranger's request.

use std::collections::BTreeSet;
use std::fmt;

use axum::http::HeaderMap;
use smol_str::SmolStr;

use crate::data::{Principal, User};

const OPENID: &str = "x-wx-openid";
const APPID: &str = "x-wx-appid";
const UNIONID: &str = "x-wx-unionid";
/// The openid in the mini program that asks, where that is not the environment's own (resource sharing).
const FROM_OPENID: &str = "x-wx-from-openid";
const FROM_APPID: &str = "x-wx-from-appid";
const FROM_UNIONID: &str = "x-wx-from-unionid";
const ENV: &str = "x-wx-env";
/// What made the platform call. There is no list of its values, and chains of several are known: that it is there counts.
const SOURCE: &str = "x-wx-source";
/// Set by the extension that tunnels a developer's requests, in the name of whomever the developer likes.
const LOCAL_DEBUG: &str = "x-wx-local-debug";

/// Each of them says that somebody is signed in.
const IDENTITIES: [&str; 5] = [OPENID, UNIONID, FROM_OPENID, FROM_APPID, FROM_UNIONID];

/// How long an openid is; 28 is usual.
const OPENID_LENGTH: std::ops::RangeInclusive<usize> = 20..=64;

/// What the headers must say where they are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// The mini program that the environment belongs to.
    pub appid: SmolStr,
    /// The environment's id.
    pub env: SmolStr,
    /// Other mini programs, whose users may ask too (resource sharing).
    pub sharing_appids: BTreeSet<SmolStr>,
}

/// Why headers that name somebody are not believed. It names headers, never what stands in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Doubt {
    /// It is there twice, or holds several values.
    Several(&'static str),
    Missing(&'static str),
    /// No openid.
    NoOpenid(&'static str),
    LocalDebug,
    OtherApp,
    OtherEnv,
    NotShared,
    /// Openids of two mini programs, of which one does not belong.
    TwoOpenids,
}

impl Doubt {
    /// Whether two readers could understand the request differently.
    pub(super) fn is_ambiguous(self) -> bool {
        matches!(self, Doubt::Several(_))
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the platform's headers are not believed: ")?;
        match self {
            Doubt::Several(name) => write!(f, "`{name}` is there once, with one value"),
            Doubt::Missing(name) => write!(f, "`{name}` is missing"),
            Doubt::NoOpenid(name) => write!(f, "`{name}` holds no openid"),
            Doubt::LocalDebug => f.write_str("they come from local debugging"),
            Doubt::OtherApp => write!(f, "`{APPID}` is not the one of this server"),
            Doubt::OtherEnv => write!(f, "`{ENV}` is not the one of this server"),
            Doubt::NotShared => write!(f, "`{FROM_APPID}` is none that this server shares with"),
            Doubt::TwoOpenids => write!(f, "`{OPENID}` does not go with `{FROM_OPENID}`"),
        }
    }
}

impl Platform {
    /// Whom the headers name, if anybody.
    ///
    /// # Errors
    /// They name somebody and something about them is not as the platform sets them: never somebody who is not signed
    /// in, since that may see more than who is refused.
    pub(in crate::server) fn user(&self, headers: &HeaderMap) -> Result<Option<User>, Doubt> {
        if !IDENTITIES.iter().any(|name| headers.contains_key(*name)) {
            return Ok(None);
        }
        if headers.contains_key(LOCAL_DEBUG) {
            return Err(Doubt::LocalDebug);
        }
        self.check_channel(headers)?;
        let principal = match one(headers, FROM_OPENID)? {
            None => own(headers)?,
            Some(openid) => self.shared(headers, openid)?,
        };
        Ok(Some(principal.to_user()))
    }

    /// That it is the link from this environment's own mini program.
    fn check_channel(&self, headers: &HeaderMap) -> Result<(), Doubt> {
        for name in IDENTITIES {
            one(headers, name)?;
        }
        if only(headers, SOURCE)?.is_none_or(str::is_empty) {
            return Err(Doubt::Missing(SOURCE));
        }
        let appid = one(headers, APPID)?.ok_or(Doubt::Missing(APPID))?;
        let env = one(headers, ENV)?.ok_or(Doubt::Missing(ENV))?;
        if appid != self.appid {
            return Err(Doubt::OtherApp);
        }
        if env != self.env {
            return Err(Doubt::OtherEnv);
        }
        Ok(())
    }

    /// Somebody of another mini program: the same person has an openid in each.
    fn shared(&self, headers: &HeaderMap, openid: &str) -> Result<Principal, Doubt> {
        if headers.contains_key(OPENID) {
            return Err(Doubt::TwoOpenids);
        }
        let appid = one(headers, FROM_APPID)?.ok_or(Doubt::Missing(FROM_APPID))?;
        if !self.sharing_appids.contains(appid) {
            return Err(Doubt::NotShared);
        }
        let openid = checked(openid, FROM_OPENID)?;
        Principal::parse(&format!("openid:{appid}:{openid}"))
            .map_err(|_| Doubt::NoOpenid(FROM_OPENID))
    }
}

/// Somebody of the environment's own mini program.
fn own(headers: &HeaderMap) -> Result<Principal, Doubt> {
    for name in [FROM_APPID, FROM_UNIONID] {
        if headers.contains_key(name) {
            return Err(Doubt::Missing(FROM_OPENID));
        }
    }
    let openid = one(headers, OPENID)?.ok_or(Doubt::Missing(OPENID))?;
    Ok(Principal::openid(checked(openid, OPENID)?))
}

fn checked<'a>(openid: &'a str, name: &'static str) -> Result<&'a str, Doubt> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let fits = OPENID_LENGTH.contains(&openid.len()) && openid.bytes().all(letter);
    fits.then_some(openid).ok_or(Doubt::NoOpenid(name))
}

/// The only value of a header, which is not a list.
fn one<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Doubt> {
    match only(headers, name)? {
        Some(value) if value.contains(',') => Err(Doubt::Several(name)),
        value => Ok(value),
    }
}

/// The only line of a header; one that is no text counts as empty.
fn only<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Doubt> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next();
    match lines.next() {
        Some(_) => Err(Doubt::Several(name)),
        None => Ok(line.map(|line| line.to_str().unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ME: &str = "oAbC-1234567890_abcdefghijkl";
    const OTHER: &str = "oXyZ-0987654321_zyxwvutsrqpo";

    fn platform() -> Platform {
        Platform {
            appid: "wx0123456789abcdef".into(),
            env: "prod-1a2b3c".into(),
            sharing_appids: ["wxfedcba9876543210".into()].into(),
        }
    }

    fn user<'a>(
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Option<User>, Doubt> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: axum::http::HeaderName = name.parse().expect("a header's name");
            map.append(name, value.parse().expect("a header value"));
        }
        platform().user(&map)
    }

    /// What the platform sets, for everybody.
    const CHANNEL: [(&str, &str); 4] = [
        ("x-wx-source", "wx_client"),
        ("x-wx-appid", "wx0123456789abcdef"),
        ("x-wx-env", "prod-1a2b3c"),
        ("x-wx-call-id", "0.1_1767225600000"),
    ];
    const SHARING: [(&str, &str); 2] = [
        ("x-wx-from-openid", OTHER),
        ("x-wx-from-appid", "wxfedcba9876543210"),
    ];

    #[test]
    fn nobody_is_named_without_an_identity() {
        assert_eq!(user([]), Ok(None));
        assert_eq!(user(CHANNEL), Ok(None));
        assert_eq!(user([("x-wx-local-debug", "1")]), Ok(None));
    }

    #[test]
    fn the_platform_names_users_of_the_mini_program_and_of_those_it_shares_with() {
        let own = user(CHANNEL.into_iter().chain([("X-WX-OPENID", ME)]));
        let own = own.expect("believed").expect("signed in");
        assert_eq!(own, Principal::openid(ME).to_user());
        assert_eq!(own.login_type.as_str(), "WECHAT_PUBLIC");
        let shared = user(CHANNEL.into_iter().chain(SHARING));
        let shared = shared.expect("believed").expect("signed in");
        let name = format!("openid:wxfedcba9876543210:{OTHER}");
        assert_eq!(shared.principal.as_str(), name);
        assert_eq!(shared.openid.as_deref(), Some(OTHER));
        let chain = [("x-wx-source", "wx_client,scf"), ("x-wx-openid", ME)];
        assert!(user(CHANNEL[1..].iter().copied().chain(chain)).is_ok());
    }

    /// Each case: what is set instead of, and besides, the channel's headers (`""` takes one off).
    #[test]
    fn headers_that_are_not_as_the_platform_sets_them_name_nobody() {
        let me = ("x-wx-openid", ME);
        for (instead, besides, doubt) in [
            (
                Some(("x-wx-source", None)),
                &[me][..],
                Doubt::Missing(SOURCE),
            ),
            (
                Some(("x-wx-source", Some(""))),
                &[me],
                Doubt::Missing(SOURCE),
            ),
            (Some(("x-wx-appid", None)), &[me], Doubt::Missing(APPID)),
            (Some(("x-wx-env", None)), &[me], Doubt::Missing(ENV)),
            (Some(("x-wx-appid", Some("wx1"))), &[me], Doubt::OtherApp),
            (
                Some(("x-wx-appid", Some(SHARING[1].1))),
                &[me],
                Doubt::OtherApp,
            ),
            (Some(("x-wx-env", Some("prod"))), &[me], Doubt::OtherEnv),
            (None, &[me, CHANNEL[0]], Doubt::Several(SOURCE)),
            (None, &[me, CHANNEL[1]], Doubt::Several(APPID)),
            (None, &[me, CHANNEL[2]], Doubt::Several(ENV)),
            (None, &[me, me], Doubt::Several(OPENID)),
            (None, &[me, ("x-wx-openid", OTHER)], Doubt::Several(OPENID)),
            (
                None,
                &[(
                    "x-wx-openid",
                    "oAbC-1234567890_abcdefgh,oXyZ-0987654321_zyxw",
                )],
                Doubt::Several(OPENID),
            ),
            (None, &[("x-wx-openid", "")], Doubt::NoOpenid(OPENID)),
            (None, &[("x-wx-openid", "short")], Doubt::NoOpenid(OPENID)),
            (
                None,
                &[("x-wx-openid", "openid:with:colons:and:more")],
                Doubt::NoOpenid(OPENID),
            ),
            (None, &[me, ("x-wx-local-debug", "1")], Doubt::LocalDebug),
            (None, &[("x-wx-unionid", "u1")], Doubt::Missing(OPENID)),
            (
                None,
                &[me, ("x-wx-unionid", "a,b")],
                Doubt::Several(UNIONID),
            ),
            (None, &[SHARING[0], SHARING[1], me], Doubt::TwoOpenids),
            (None, &[me, SHARING[1]], Doubt::Missing(FROM_OPENID)),
            (None, &[SHARING[1]], Doubt::Missing(FROM_OPENID)),
            (None, &[SHARING[0]], Doubt::Missing(FROM_APPID)),
            (
                None,
                &[SHARING[0], ("x-wx-from-appid", "wx0123456789abcdef")],
                Doubt::NotShared,
            ),
            (
                None,
                &[SHARING[0], SHARING[0], SHARING[1]],
                Doubt::Several(FROM_OPENID),
            ),
            (
                None,
                &[("x-wx-from-openid", ""), SHARING[1]],
                Doubt::NoOpenid(FROM_OPENID),
            ),
        ] {
            let channel = CHANNEL.iter().filter_map(|&(name, value)| match instead {
                Some((other, instead)) if other == name => Some((name, instead?)),
                _ => Some((name, value)),
            });
            let told = user(channel.chain(besides.iter().copied()));
            assert_eq!(told, Err(doubt), "{instead:?} {besides:?}");
        }
    }

    proptest! {
        /// Whatever the headers hold, a user is somebody whose openid stands in them, and the refusal repeats no value.
        #[test]
        fn nobody_is_made_up(values in proptest::collection::vec("[ -~]{0,70}", 8)) {
            let names = [
                "x-wx-openid", "x-wx-appid", "x-wx-from-openid", "x-wx-from-appid", "x-wx-env", "x-wx-source",
                "x-wx-unionid", "x-wx-openid",
            ];
            let headers = names.into_iter().zip(values.iter().map(String::as_str));
            prop_assert!(user(headers.clone()).is_err());
            let told = user(CHANNEL.into_iter().chain(headers.take(1)));
            match told {
                Ok(named) => {
                    let openid = named.and_then(|user| user.openid);
                    prop_assert_eq!(openid.as_deref(), Some(values[0].as_str()));
                }
                Err(doubt) if values[0].len() > 12 => prop_assert!(!doubt.to_string().contains(&values[0])),
                Err(_) => {}
            }
        }
    }
}
