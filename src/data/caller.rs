//! Who asks: an identity and its staff roles.

use std::collections::BTreeSet;
use std::fmt;

use smol_str::SmolStr;

/// The name of a staff role, such as `support`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Role(SmolStr);

impl Role {
    pub fn new(name: impl Into<SmolStr>) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An identity and the staff roles it holds, includes already followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    pub identity: Identity,
    pub roles: BTreeSet<Role>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Not signed in: rules see `auth == null`.
    None,
    /// Signed in; anonymous login is a login too.
    User(User),
}

/// What rules see as `auth`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User {
    pub principal: Principal,
    /// `auth.openid`: `WeChat` logins only.
    pub openid: Option<SmolStr>,
    /// `auth.uid`: web logins only, absent for mini-program requests.
    pub uid: Option<SmolStr>,
    pub login_type: LoginType,
}

/// `auth.loginType`, with the spelling rules see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LoginType {
    WechatPublic,
    WechatOpen,
    Anonymous,
    Email,
    Custom,
    /// One that the cloud's documentation of rules does not name, in capital letters: `PHONE`, `USERNAME`.
    Other(SmolStr),
}

impl LoginType {
    /// Those that the cloud's documentation of rules names.
    pub const DOCUMENTED: [Self; 5] = [
        LoginType::WechatPublic,
        LoginType::WechatOpen,
        LoginType::Anonymous,
        LoginType::Email,
        LoginType::Custom,
    ];

    pub fn as_str(&self) -> &str {
        match self {
            LoginType::WechatPublic => "WECHAT_PUBLIC",
            LoginType::WechatOpen => "WECHAT_OPEN",
            LoginType::Anonymous => "ANONYMOUS",
            LoginType::Email => "EMAIL",
            LoginType::Custom => "CUSTOM",
            LoginType::Other(name) => name,
        }
    }
}

/// The stable name of an identity, the `_id` of its `roles` document:
/// `openid:<openid>`, `openid:<appid>:<openid>` (resource sharing) or `uid:<uid>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Principal(SmolStr);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a principal is `openid:<openid>`, `openid:<appid>:<openid>` or `uid:<uid>`")]
pub struct PrincipalError;

impl Principal {
    pub fn openid(openid: &str) -> Self {
        Self(SmolStr::new(format!("openid:{openid}")))
    }

    pub fn uid(uid: &str) -> Self {
        Self(SmolStr::new(format!("uid:{uid}")))
    }

    pub fn parse(text: &str) -> Result<Self, PrincipalError> {
        let (kind, name) = text.split_once(':').ok_or(PrincipalError)?;
        let parts: Vec<&str> = name.split(':').collect();
        let fits = match kind {
            "openid" => parts.len() <= 2,
            "uid" => parts.len() == 1,
            _ => false,
        };
        let printable =
            |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic());
        (fits && parts.iter().all(printable))
            .then(|| Self(SmolStr::new(text)))
            .ok_or(PrincipalError)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The user this principal names: the openid (without the appid) or the uid.
    pub fn to_user(&self) -> User {
        let (kind, name) = self.0.split_once(':').unwrap_or(("uid", &self.0));
        let last = SmolStr::new(name.rsplit(':').next().unwrap_or(name));
        let openid = kind == "openid";
        User {
            principal: self.clone(),
            openid: openid.then(|| last.clone()),
            uid: (!openid).then_some(last),
            login_type: if openid {
                LoginType::WechatPublic
            } else {
                LoginType::Custom
            },
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Caller {
    /// Nobody: not signed in, no roles.
    pub fn none() -> Self {
        Self {
            identity: Identity::None,
            roles: BTreeSet::new(),
        }
    }

    pub fn user(user: User) -> Self {
        Self {
            identity: Identity::User(user),
            roles: BTreeSet::new(),
        }
    }

    /// The user that is signed in, if one is.
    pub fn signed_in(&self) -> Option<&User> {
        match &self.identity {
            Identity::None => None,
            Identity::User(user) => Some(user),
        }
    }

    pub fn is_staff(&self) -> bool {
        !self.roles.is_empty()
    }

    /// What `_openid` holds in documents this caller creates: the openid, or the uid of a web caller.
    pub fn owner(&self) -> Option<&SmolStr> {
        let user = self.signed_in()?;
        user.openid.as_ref().or(user.uid.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_name_users() {
        let cases = [
            ("openid:o1", Some("o1"), None),
            ("openid:wx123:o1", Some("o1"), None),
            ("uid:u1", None, Some("u1")),
        ];
        for (text, openid, uid) in cases {
            let principal = Principal::parse(text).expect(text);
            assert_eq!(principal.as_str(), text);
            let user = principal.to_user();
            assert_eq!(user.openid.as_deref(), openid, "{text}");
            assert_eq!(user.uid.as_deref(), uid, "{text}");
            assert_eq!(user.principal, principal);
            let owner = openid.or(uid);
            assert_eq!(Caller::user(user).owner().map(SmolStr::as_str), owner);
        }
        assert_eq!(Principal::parse("openid:o1"), Ok(Principal::openid("o1")));
        assert_eq!(Principal::parse("uid:u1"), Ok(Principal::uid("u1")));
    }

    #[test]
    fn other_texts_name_nobody() {
        for text in [
            "",
            "o1",
            "openid:",
            "openid::o1",
            "openid:o1:",
            "openid:a:b:c",
            "uid:a:b",
            "uid:a b",
            "uid:名",
            "uid:a\n",
            "OPENID:o1",
            " openid:o1",
            "role:admin",
        ] {
            assert_eq!(Principal::parse(text), Err(PrincipalError), "{text:?}");
        }
    }

    #[test]
    fn nobody_owns_nothing() {
        let nobody = Caller::none();
        assert_eq!(nobody.owner(), None);
        assert!(nobody.signed_in().is_none());
        assert!(!nobody.is_staff());
    }

    #[test]
    fn staff_is_who_holds_a_role() {
        let mut caller = Caller::user(Principal::openid("o1").to_user());
        assert!(!caller.is_staff());
        caller.roles.insert(Role::new("support"));
        assert!(caller.is_staff());
    }
}
