//! Who a verified token names.

use serde_json::Value;
use smol_str::SmolStr;

use crate::data::{LoginType, Principal, User};

use super::claims::Claims;
use super::{TokenError, administrator, login_type};

/// The longest uid, in bytes: names of users are kept, and written into logs.
const MAX_UID: usize = 128;

/// The user of an access token.
///
/// # Errors
/// It names none, or an administrator of the environment.
pub(super) fn of(claims: &Claims) -> Result<User, TokenError> {
    if administrator::is_meant(claims) {
        return Err(TokenError::Administrator);
    }
    let uid = claims.text("sub").filter(|uid| uid.len() <= MAX_UID);
    let principal = uid.and_then(|uid| Principal::parse(&format!("uid:{uid}")).ok());
    let (uid, principal) = uid.zip(principal).ok_or(TokenError::Claim("sub"))?;
    Ok(User {
        principal,
        openid: None,
        uid: Some(SmolStr::new(uid)),
        login_type: login_type(claims),
    })
}

/// Whoever may be anonymous is: an anonymous login has the fewest rights.
fn login_type(claims: &Claims) -> LoginType {
    let app_metadata = claims.get("app_metadata");
    let below = app_metadata.and_then(|metadata| metadata.get("provider")?.as_str());
    let names = ["provider", "loginType"].map(|name| claims.text(name));
    let names = names.into_iter().chain([below]).flatten();
    let mut seen = names.map(|name| login_type::of(Some(name)));
    let anonymous = LoginType::Anonymous;
    let says_so = match claims.get("is_anonymous") {
        None | Some(Value::Bool(false)) => false,
        Some(_) => true,
    };
    let is_in_scope = administrator::words(claims.get("scope"))
        .any(|word| word.eq_ignore_ascii_case("anonymous"));
    if says_so || is_in_scope || seen.clone().any(|login_type| login_type == anonymous) {
        return anonymous;
    }
    seen.next().unwrap_or_else(|| login_type::of(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(claims: &str) -> Result<User, TokenError> {
        of(&Claims::parse(claims.as_bytes()).expect("claims"))
    }

    #[test]
    fn whoever_may_be_anonymous_is() {
        for (claims, seen) in [
            (r#"{"sub":"u1"}"#, "UNKNOWN"),
            (r#"{"sub":"u1","provider":"username"}"#, "USERNAME"),
            (r#"{"sub":"u1","loginType":"WECHAT-OPEN"}"#, "WECHAT_OPEN"),
            (
                r#"{"sub":"u1","app_metadata":{"provider":"email"}}"#,
                "EMAIL",
            ),
            (
                r#"{"sub":"u1","provider":"custom","app_metadata":{"provider":"email"}}"#,
                "CUSTOM",
            ),
            (r#"{"sub":"u1","provider":1,"app_metadata":7}"#, "UNKNOWN"),
            (
                r#"{"sub":"u1","provider":"email","is_anonymous":false,"scope":"not_anonymous"}"#,
                "EMAIL",
            ),
            (r#"{"sub":"u1","scope":"anonymous"}"#, "ANONYMOUS"),
            (r#"{"sub":"u1","scope":"user Anonymous"}"#, "ANONYMOUS"),
            (r#"{"sub":"u1","scope":["anonymous"]}"#, "ANONYMOUS"),
            (
                r#"{"sub":"u1","provider":"email","is_anonymous":true}"#,
                "ANONYMOUS",
            ),
            (
                r#"{"sub":"u1","provider":"email","is_anonymous":"no"}"#,
                "ANONYMOUS",
            ),
            (
                r#"{"sub":"u1","provider":"email","loginType":"ANONYMOUS"}"#,
                "ANONYMOUS",
            ),
            (
                r#"{"sub":"u1","provider":"email","app_metadata":{"provider":"anonymous"}}"#,
                "ANONYMOUS",
            ),
        ] {
            let user = person(claims).expect(claims);
            assert_eq!(user.login_type.as_str(), seen, "{claims}");
            assert_eq!(user.principal.as_str(), "uid:u1");
            assert_eq!(user.uid.as_deref(), Some("u1"));
            assert_eq!(user.openid, None);
        }
    }

    #[test]
    fn a_subject_is_a_user() {
        let long = format!(r#"{{"sub":"{}"}}"#, "u".repeat(MAX_UID + 1));
        for claims in [
            "{}",
            r#"{"sub":null}"#,
            r#"{"sub":1}"#,
            r#"{"sub":""}"#,
            r#"{"sub":"a:b"}"#,
            r#"{"sub":"a b"}"#,
            r#"{"sub":"a\nb"}"#,
            r#"{"sub":"名"}"#,
            r#"{"uid":"u1"}"#,
            &long,
        ] {
            assert_eq!(person(claims), Err(TokenError::Claim("sub")), "{claims}");
        }
        let administrator = person(r#"{"sub":"administrator","scope":"client_credentials"}"#);
        assert_eq!(administrator, Err(TokenError::Administrator));
    }
}
