//! Tokens of administrators of the environment, which name no user.
//!
//! The cloud gives them out for its keys (`client_credentials`), signed as users' tokens are. How they look is not
//! documented, so this is a list of what would tell: whatever fits any of it is refused. One that fits none of it gets
//! no more than a user of its `sub` has; if that user is staff, the introspection of the token has its say too.

use serde_json::Value;

use super::claims::Claims;
use super::login_type::normal;

/// Words that no user's token has in its scope, nor as any of the claims below.
const WORDS: [&str; 4] = [
    "administrator",
    "client_credential",
    "client_credentials",
    "service_role",
];

/// Claims that tell how a token came to be, or what its holder is.
const MARKS: [&str; 7] = [
    "grant_type",
    "gty",
    "loginType",
    "provider",
    "role",
    "sub",
    "type",
];

/// Claims that name the program a token was given to: where it is its own subject, there is no user.
const CLIENTS: [&str; 3] = ["aud", "azp", "client_id"];

/// Whether a token is an administrator's. One without a subject is nobody's, which is refused elsewhere.
pub(super) fn is_meant(claims: &Claims) -> bool {
    let subject = claims.text("sub");
    let is_subject = |value: &Value| value.as_str() == subject;
    let is_its_own = |name: &&str| match claims.get(name) {
        Some(Value::Array(all)) => all.iter().any(is_subject),
        Some(value) => is_subject(value),
        None => false,
    };
    let is_marked = |name: &&str| claims.text(name).is_some_and(is_word);
    MARKS.iter().any(is_marked)
        || (subject.is_some() && CLIENTS.iter().any(is_its_own))
        || is_scope(claims.get("scope"))
}

/// Whether a scope (words in a text or a list) is an administrator's.
pub(super) fn is_scope(scope: Option<&Value>) -> bool {
    words(scope).any(is_word)
}

/// The words of a scope.
pub(super) fn words(scope: Option<&Value>) -> impl Iterator<Item = &str> {
    let texts = match scope {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let texts = texts.iter().filter_map(Value::as_str);
    texts.flat_map(str::split_whitespace)
}

fn is_word(text: &str) -> bool {
    WORDS.contains(&normal(text).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_of_an_administrator_is_a_list() {
        for (claims, is_one) in [
            (r#"{"sub":"u1"}"#, false),
            (r#"{"sub":"u1","aud":"shop","client_id":"shop"}"#, false),
            (r#"{"sub":"u1","scope":"","provider":"username"}"#, false),
            (
                r#"{"sub":"u1","scope":"user profile","role":"user"}"#,
                false,
            ),
            (r#"{"sub":"u1","scope":"not_client_credentials"}"#, false),
            (r#"{"sub":"administrator"}"#, true),
            (r#"{"sub":"shop","aud":"shop"}"#, true),
            (r#"{"sub":"shop","aud":["x","shop"]}"#, true),
            (r#"{"sub":"app","aud":"shop","client_id":"app"}"#, true),
            (r#"{"sub":"app","aud":"shop","azp":"app"}"#, true),
            (r#"{"sub":"u1","scope":"client_credentials"}"#, true),
            (r#"{"sub":"u1","scope":"a Client-Credentials b"}"#, true),
            (r#"{"sub":"u1","scope":["a","client_credentials"]}"#, true),
            (r#"{"sub":"u1","provider":"client_credentials"}"#, true),
            (r#"{"sub":"u1","grant_type":"client_credentials"}"#, true),
            (r#"{"sub":"u1","gty":"client-credentials"}"#, true),
            (r#"{"sub":"u1","role":"service_role"}"#, true),
        ] {
            let claims_ = Claims::parse(claims.as_bytes()).expect("claims");
            assert_eq!(is_meant(&claims_), is_one, "{claims}");
        }
    }
}
