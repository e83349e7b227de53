//! Development tokens: whoever shows one is believed without proof.

use smol_str::SmolStr;

use super::Refused;
use crate::data::{LoginType, Principal, PrincipalError, User};
use crate::gateway::Credential;

/// What development tokens begin with, and no other token does.
const PREFIX: &str = "dev:";

pub(super) fn is_meant(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// `dev:<principal>`, or `dev:<principal>;expires=<seconds since 1970>`.
pub(super) fn credential(token: &str) -> Result<Credential, Refused> {
    let name = token.strip_prefix(PREFIX).ok_or(Refused::NotDev)?;
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
        proof: None,
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
