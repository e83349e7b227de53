//! Who asks: users of each kind that rules can tell apart, two of the common kinds, so that there is a stranger.

use std::sync::Arc;

use smol_str::SmolStr;

use super::trial::Member;
use crate::data::{Caller, LoginType, Principal, User};

/// Everybody, for a database that knows whom it is told to know.
pub fn cast() -> Vec<Member> {
    let mini = |name: &str, login| user(None, Some(name), login);
    let web = |name: &str, login| user(Some(name), None, login);
    let users = [
        mini("mirror-mini-a", LoginType::WechatPublic),
        mini("mirror-mini-b", LoginType::WechatOpen),
        web("mirror-web-a", LoginType::Custom),
        web("mirror-web-b", LoginType::Email),
        web("mirror-anonymous", LoginType::Anonymous),
        // A web user whose account is bound to a mini-program user.
        user(
            Some("mirror-both-uid"),
            Some("mirror-both-openid"),
            LoginType::Custom,
        ),
    ];
    let nobody = Member {
        name: "nobody".to_owned(),
        caller: Arc::new(Caller::none()),
    };
    users.into_iter().map(Member::of).chain([nobody]).collect()
}

impl Member {
    /// A user without staff roles.
    fn of(user: User) -> Self {
        Self {
            name: format!("{} ({})", user.principal, user.login_type.as_str()),
            caller: Arc::new(Caller::user(user)),
        }
    }
}

fn user(uid: Option<&str>, openid: Option<&str>, login_type: LoginType) -> User {
    User {
        principal: match openid {
            Some(openid) => Principal::openid(openid),
            None => Principal::uid(uid.unwrap_or_default()),
        },
        openid: openid.map(SmolStr::new),
        uid: uid.map(SmolStr::new),
        login_type,
    }
}
