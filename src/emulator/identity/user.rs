//! The users of the environment: those of a file, and those who come by
//! themselves (anonymous, custom login).

use std::fmt;

use serde::Deserialize;
use smol_str::SmolStr;

use crate::data::{self, Caller, LoginType, Principal};

/// A user, as rules and the sign-in know them.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// `auth.uid`. A user without one is a mini-program user.
    pub uid: Option<SmolStr>,
    /// `auth.openid`. A user without one is a web user.
    pub openid: Option<SmolStr>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub login_type: LoginType,
}

/// Why a users' file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsersError {
    #[error("the users' file is not understood: {0}")]
    Syntax(String),
    #[error("user {0} has neither `uid` nor `openid`")]
    Nobody(usize),
    #[error("user {at}: `{name}` is no `loginType`; there are {LOGIN_TYPES}")]
    LoginType { at: usize, name: String },
    #[error("two users have the {what} `{value}`")]
    Twice { what: &'static str, value: String },
}

const LOGIN_TYPES: &str = "WECHAT_PUBLIC, WECHAT_OPEN, ANONYMOUS, EMAIL, CUSTOM";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    users: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entry {
    uid: Option<SmolStr>,
    openid: Option<SmolStr>,
    username: Option<String>,
    password: Option<String>,
    login_type: Option<String>,
}

impl User {
    /// Reads a users' file: `{"users": [{"uid", "openid", "username", "password", "loginType"}]}`, all optional but
    /// one of the first two.
    ///
    /// # Errors
    /// It is no such JSON, names nobody, or two users are the same.
    pub fn parse_file(text: &str) -> Result<Vec<Self>, UsersError> {
        let file: File =
            serde_json::from_str(text).map_err(|error| UsersError::Syntax(error.to_string()))?;
        let entries = file.users.into_iter().enumerate();
        let users = entries
            .map(|(at, entry)| entry.into_user(at))
            .collect::<Result<Vec<Self>, UsersError>>()?;
        no_two(&users, "uid", |user| user.uid.as_deref())?;
        no_two(&users, "openid", |user| user.openid.as_deref())?;
        no_two(&users, "username", |user| user.username.as_deref())?;
        Ok(users)
    }

    /// A web user of whom nothing else is known.
    pub(super) fn of_uid(uid: &str, login_type: LoginType) -> Self {
        Self {
            uid: Some(SmolStr::new(uid)),
            openid: None,
            username: None,
            password: None,
            login_type,
        }
    }

    /// `sub` of a token: the uid, or the openid of a user without one.
    pub(super) fn subject(&self) -> &str {
        let subject = self.uid.as_ref().or(self.openid.as_ref());
        subject.map_or("", SmolStr::as_str)
    }

    pub(super) fn is_anonymous(&self) -> bool {
        self.login_type == LoginType::Anonymous
    }

    /// What permissions and rules see.
    pub(super) fn to_caller(&self) -> Caller {
        let principal = match &self.openid {
            Some(openid) => Principal::openid(openid),
            None => Principal::uid(self.subject()),
        };
        Caller::user(data::User {
            principal,
            openid: self.openid.clone(),
            uid: self.uid.clone(),
            login_type: self.login_type.clone(),
        })
    }
}

impl Entry {
    fn into_user(self, at: usize) -> Result<User, UsersError> {
        let given = |id: Option<SmolStr>| id.filter(|id| !id.is_empty());
        let (uid, openid) = (given(self.uid), given(self.openid));
        if uid.is_none() && openid.is_none() {
            return Err(UsersError::Nobody(at));
        }
        let login_type = match self.login_type {
            Some(name) => login_type(&name).ok_or(UsersError::LoginType { at, name })?,
            None if uid.is_none() => LoginType::WechatPublic,
            None if self.username.is_some() => LoginType::Other(SmolStr::new_static("USERNAME")),
            None => LoginType::Custom,
        };
        Ok(User {
            uid,
            openid,
            username: self.username,
            password: self.password,
            login_type,
        })
    }
}

fn login_type(name: &str) -> Option<LoginType> {
    LoginType::DOCUMENTED
        .into_iter()
        .find(|login_type| login_type.as_str() == name)
}

fn no_two(
    users: &[User],
    what: &'static str,
    of: impl Fn(&User) -> Option<&str>,
) -> Result<(), UsersError> {
    let mut values: Vec<&str> = users.iter().filter_map(of).collect();
    values.sort_unstable();
    match values.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(UsersError::Twice {
            what,
            value: pair[0].to_owned(),
        }),
        None => Ok(()),
    }
}

/// Without the password.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("uid", &self.uid)
            .field("openid", &self.openid)
            .field("username", &self.username)
            .field("login_type", &self.login_type)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_web_and_mini_program_users() {
        let text = r#"{"users":[
            {"uid":"u1","username":"ann","password":"p","loginType":"EMAIL"},
            {"openid":"o2"},
            {"uid":"u3","openid":"o3"}]}"#;
        let users = User::parse_file(text).expect("a good file");
        let seen: Vec<_> = users
            .iter()
            .map(|user| {
                let caller = user.to_caller();
                let seen = caller.signed_in().expect("signed in").clone();
                (
                    user.subject().to_owned(),
                    seen.uid,
                    seen.openid,
                    seen.login_type,
                )
            })
            .collect();
        let some = |text: &str| Some(SmolStr::new(text));
        assert_eq!(
            seen,
            [
                ("u1".to_owned(), some("u1"), None, LoginType::Email),
                ("o2".to_owned(), None, some("o2"), LoginType::WechatPublic),
                ("u3".to_owned(), some("u3"), some("o3"), LoginType::Custom),
            ]
        );
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told() {
        for (text, told) in [
            ("[]", "not understood"),
            (
                r#"{"users":[{"uid":"a","nick":"b"}]}"#,
                "unknown field `nick`",
            ),
            (r#"{"users":[{"username":"a"}]}"#, "user 0 has neither"),
            (
                r#"{"users":[{"uid":"a"},{"uid":""}]}"#,
                "user 1 has neither",
            ),
            (
                r#"{"users":[{"uid":"a","loginType":"FAX"}]}"#,
                "`FAX` is no `loginType`",
            ),
            (
                r#"{"users":[{"uid":"a","username":"n"},{"uid":"b","username":"n"}]}"#,
                "two users have the username `n`",
            ),
        ] {
            let error = User::parse_file(text).expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
